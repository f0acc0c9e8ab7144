"""Referrals that Microsoft sends: a deal in review, an answer by a person or a rule, a warning in time."""

from __future__ import annotations

import pytest

from lambdas.shared.errors import Retryable
from tests.contract.microsoft.sync_world import World

DAY = 86_400_000
WAITS = "Answer a referral from Microsoft by"
EXPIRES = "A referral from Microsoft is about to expire"


@pytest.fixture
def world() -> World:
    made = World()
    made.arrive()
    made.settle()
    return made


def subjects(world: World) -> list[str]:
    """What was told, without days."""
    return [each.rsplit(" ", 1)[0].rstrip(":") for each in world.hubspot.told]


def test_a_referral_becomes_a_deal_in_review_that_says_how_long_it_waits(world: World) -> None:
    assert (world.shown["dealstage"], world.shown["microsoft_sync_status"]) == ("review", "waiting")
    assert (world.shown["microsoft_status"], world.shown["microsoft_substatus"]) == ("New", "Pending")
    assert subjects(world) == [WAITS]
    assert (
        "choose accept or decline in the deal property 'microsoft_acceptance'" in world.shown["microsoft_sync_message"]
    )
    assert world.calls("UpdateReferral") == 0
    made_at = world.clock.now_ms()
    assert made_at + world.run()["wake_in"] * 1000 == pytest.approx(made_at + 10 * DAY, abs=30_000)


def test_a_second_task_warns_once_in_time_and_the_end_is_seen_and_told(world: World) -> None:
    world.clock.advance(ms=world.run()["wake_in"] * 1000)
    warned = world.run()
    world.settle()
    assert subjects(world) == [WAITS, EXPIRES]
    assert warned["wake_in"] * 1000 == pytest.approx(4 * DAY, abs=30_000)
    world.clock.advance(ms=warned["wake_in"] * 1000)
    assert world.run()["wake_in"] == 0
    world.settle()
    assert (world.shown["microsoft_status"], world.shown["microsoft_substatus"]) == ("Closed", "Expired")
    assert world.hubspot.told[2:] == ["Microsoft's referral was closed: Expired"]
    assert world.shown["dealstage"] == "review", "the map has no place for it"


def test_a_person_accepts_and_what_was_held_back_goes_out_in_the_next_run(world: World) -> None:
    world.edit(amount="777")
    assert world.run()["writes"] == 0
    world.edit(microsoft_acceptance="accept")
    accepted, held, *_rest = world.settle()
    assert (accepted["steps"], accepted["action"], accepted["wake_in"]) == (["accept"], "none", 0)
    assert (held["steps"], held["action"]) == ([], "update")
    referral = world.referral()
    assert (referral["status"], referral["substatus"]) == ("Active", "Accepted")
    assert referral["details"]["dealValue"] == 777
    assert (world.shown["dealstage"], world.shown["microsoft_status"]) == ("qualified", "Active")
    assert (world.shown["microsoft_sync_status"], world.shown.get("microsoft_solution_ids")) == ("synced", None)


def test_a_person_declines_and_nobody_is_told_of_it(world: World) -> None:
    world.edit(microsoft_acceptance="decline")
    world.settle()
    assert (world.referral()["status"], world.referral()["substatus"]) == ("Closed", "Declined")
    assert (world.shown["microsoft_status"], world.shown["microsoft_substatus"]) == ("Closed", "Declined")
    assert subjects(world) == [WAITS]
    world.edit(microsoft_acceptance="")
    world.settle()
    assert subjects(world) == [WAITS]


def test_a_word_that_is_no_answer_is_told_on_the_deal_and_nothing_is_answered(world: World) -> None:
    world.edit(microsoft_acceptance="perhaps")
    assert world.run()["problems"] == ["acceptance"]
    world.settle()
    assert world.shown["microsoft_sync_status"] == "blocked"
    assert "Allowed: accept, decline." in world.shown["microsoft_sync_message"]
    assert (world.calls("UpdateReferral"), world.link.state) == (0, "blocked")
    world.edit(microsoft_acceptance="accept")
    world.settle()
    assert world.shown["microsoft_sync_status"] == "synced"


def test_with_accept_all_the_referral_is_accepted_in_the_run_that_makes_its_deal() -> None:
    world = World(referrals="accept-all")
    world.arrive()
    first = world.run()
    assert (first["steps"], first["recorded"], world.referral()["status"]) == (["accept"], "synced", "Active")
    assert world.hubspot.deal is not None
    world.settle()
    assert (world.shown["dealstage"], world.shown["microsoft_status"]) == ("qualified", "Active")
    assert world.hubspot.told == []


def test_an_answer_whose_own_answer_was_lost_counts_as_given(world: World) -> None:
    world.edit(microsoft_acceptance="accept")
    world.faults.add("UpdateReferral", status=500, answer_lost=True)
    with pytest.raises(Retryable):
        world.run()
    world.settle()
    assert (world.referral()["status"], world.shown["microsoft_status"]) == ("Active", "Active")


@pytest.mark.parametrize("answer", ["accept", "decline"])
def test_a_referral_that_ends_between_our_read_and_our_answer_is_read_again(world: World, answer: str) -> None:
    identifier = world.referral()["id"]
    world.edit(microsoft_acceptance=answer)
    world.wire.before_patch = lambda: world.account.edit_as_microsoft(identifier, status="Closed", substatus="Expired")
    world.settle()
    assert (world.referral()["substatus"], world.shown["microsoft_substatus"]) == ("Expired", "Expired")
    assert world.hubspot.told[1:] == ["Microsoft's referral was closed: Expired"]
