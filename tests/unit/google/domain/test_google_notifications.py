"""What Google's sync tells goes onto the bus as well, in sentences that hold no value."""

from __future__ import annotations

import json

from tests.unit.google.domain.test_aftermath import TIED, run
from tests.unit.google.google_support import deal, opportunity, plan


def test_a_rejection_is_an_urgent_notification_without_its_reason():
    made = plan(deal(), opportunity(state="REJECTED", stateDescription="Zorgreason"), {})
    (fact,) = (each for each in made.tell if each.key.startswith("review:"))
    assert "Zorgreason" in fact.body
    assert fact.priority == "high"
    assert fact.announce["rule"] == "review_status"
    assert "Zorgreason" not in json.dumps(dict(fact.announce))


def test_a_close_at_google_is_a_notification():
    found = opportunity(state="ACCEPTED", stage="CLOSED")
    told = {each.key: each for each in run(TIED, deal(), found, {}).tell}
    (closed,) = (each for key, each in told.items() if key.startswith("closed-there:"))
    assert closed.announce["rule"] == "opportunity_closed"
