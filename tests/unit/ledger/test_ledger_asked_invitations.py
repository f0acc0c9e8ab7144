"""Invitations on deals in the ledger: asked once, answered, taken back, and marks that count while they are open."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.shared.adapters.ledger import Invitations, Links
from sandbox.fakes import FakeClock

FACTS = {"status": "PENDING", "ends_at": 1_893_456_000_000, "kind": "opportunity"}


@pytest.fixture
def invitations(client: Any, table: str, clock: FakeClock) -> Invitations:
    return Invitations(client, table, "aws", clock)


def test_asking_keeps_what_was_begun_and_overrules_what_was_left_alone(invitations: Invitations) -> None:
    invitations.ignore("engi-1", "by hand then")
    invitations.asked("engi-1", "500", FACTS, "m1")
    known = invitations.get("engi-1")
    assert (known.state, known.deal_id, known.ends_at) == ("asked", "500", FACTS["ends_at"])
    invitations.begin("engi-1", "token")
    invitations.asked("engi-1", "500", FACTS, "m1")
    assert invitations.get("engi-1").state == "started"
    assert invitations.ignore("engi-1", "no") is False


def test_an_answer_replaces_the_one_before_and_forgets_its_refusal(invitations: Invitations) -> None:
    invitations.asked("engi-1", "500", FACTS, "m1")
    invitations.answered("engi-1", "link", deal_id="77")
    assert invitations.note("engi-1", refused="deal-tied") is True
    assert invitations.note("engi-1", refused="deal-tied") is False
    invitations.answered("engi-1", "reject", "Other")
    known = invitations.get("engi-1")
    assert (known.answer, known.answer_reason, known.wanted_deal, known.refused) == ("reject", "Other", None, None)


def test_an_answer_can_be_taken_back_until_it_is_acted_on(invitations: Invitations) -> None:
    assert invitations.reopen("engi-1") is False
    invitations.asked("engi-1", "500", FACTS, "m1")
    invitations.answered("engi-1", "accept")
    assert invitations.reopen("engi-1") is True
    invitations.begin("engi-1", "token")
    assert invitations.reopen("engi-1") is False
    invitations.finish("engi-1", "declined", reason="because")
    assert invitations.reopen("engi-1") is True
    known = invitations.get("engi-1")
    assert (known.state, known.token, known.reason) == ("asked", None, None)
    assert invitations.begin("engi-1", "token-2") == "token-2"


def test_marks_count_while_their_opportunity_is_on_no_deal(invitations: Invitations) -> None:
    invitations.asked("engi-1", "500", FACTS, "m1")
    invitations.asked("engi-2", "501", {**FACTS, "kind": "lead"}, "m2")
    assert (invitations.open_marks(), invitations.is_open("engi-2")) == (["m1"], False)
    invitations.expect("engi-2")
    invitations.expect("engi-3")
    assert sorted(invitations.open_marks()) == ["m1", "m2"]
    invitations.close("engi-1")
    assert (invitations.open_marks(), invitations.is_open("engi-1")) == (["m2"], False)


def test_a_decision_about_one_that_was_never_begun_is_kept(invitations: Invitations) -> None:
    invitations.decide("engi-1", "rejected", "Other")
    assert (invitations.get("engi-1").state, invitations.get("engi-1").reason) == ("rejected", "Other")
    assert invitations.note("engi-9", status="EXPIRED") is False


def test_a_deals_link_learns_its_invitation_whoever_opened_it(links: Links) -> None:
    key = links.open_for_deal("aws", "500", "hubspot")
    assert links.open_for_deal("aws", "500", "invitation", "engi-1") == key
    assert links.open_for_deal("aws", "500", "invitation", "engi-2") == key
    assert links.get(key).invitation_id == "engi-1"
    assert links.get(links.open_for_deal("aws", "501", "invitation", "engi-3")).invitation_id == "engi-3"
