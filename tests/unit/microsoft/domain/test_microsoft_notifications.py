"""What Microsoft's sync tells goes onto the bus as well, in sentences that hold no value."""

from __future__ import annotations

import json

import pytest

from tests.unit.microsoft.domain.test_microsoft_decisions import DAY, closed
from tests.unit.microsoft.microsoft_support import deal, incoming, run

CREATED = 1_789_862_400_000
"""2026-09-20, when the referral of the tests was made."""


@pytest.mark.parametrize(
    ("days", "rule", "priority"), [(9, "referral_waits", "normal"), (10, "referral_expiring", "high")]
)
def test_a_referral_without_an_answer_is_announced_and_urgent_before_it_expires(days: int, rule: str, priority: str):
    (fact,) = run(deal(dealstage="review"), incoming(), {}, now_ms=CREATED + days * DAY).tell
    assert (fact.announce["rule"], fact.announce["priority"], fact.priority) == (rule, priority, priority)
    assert fact.announce["do"] == "Accept or decline it on the deal."


def test_a_closed_referral_is_announced_without_its_reason():
    referral = closed(incoming(), "Lost", statusReason="Zorgreason")
    facts = run(deal(dealstage="review"), referral, {"stage": "Active/Accepted"}).tell
    (fact,) = (each for each in facts if each.key == "referral-closed")
    assert "Zorgreason" in fact.body
    assert "Zorgreason" not in json.dumps(dict(fact.announce))
    assert fact.announce["rule"] == "referral_closed"
