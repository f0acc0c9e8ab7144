"""A deal that is shared with Microsoft, through the sync's own functions against the simulated Partner Center."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.shared.errors import Conflict, Retryable, Throttled, Unauthorized
from sandbox.microsoft.switches import Switches
from tests.contract.microsoft.sync_world import World

NOT_LISTED_YET = '{"value": []}'
COSELL = {
    "microsoft_deal_kind": "co-sell",
    "microsoft_share_sellers": "true",
    "microsoft_assistance": "GeneralOrOther",
}


@pytest.fixture
def world() -> World:
    made = World()
    made.share()
    return made


def lose_the_answer(world: World, **fault: Any) -> None:
    world.faults.add("CreateReferral", answer_lost=True, **{"status": 500, **fault})
    with pytest.raises(Retryable):
        world.run()


@pytest.mark.parametrize("switches", [Switches(), Switches.other_readings()], ids=["strict", "other readings"])
@pytest.mark.parametrize("properties", [{}, COSELL], ids=["private", "co-sell"])
def test_a_shared_deal_becomes_one_active_referral_and_the_runs_end(
    switches: Switches, properties: dict[str, str]
) -> None:
    world = World(switches)
    world.share(**properties)
    world.settle()
    referral = world.referral()
    assert (referral["externalReferenceId"], referral["status"]) == ("500", "Active")
    assert (world.shown["microsoft_status"], world.shown["microsoft_substatus"]) == ("Active", "Accepted")
    assert world.shown["microsoft_referral_id"] == referral["id"] == world.link.opportunity_id
    assert (world.shown["microsoft_sync_status"], world.shown["dealstage"]) == ("synced", "qualified")
    assert (world.calls("CreateReferral"), world.hubspot.told) == (1, [])


def test_the_link_knows_our_own_writes_so_that_a_poll_gives_no_notice_of_them(world: World) -> None:
    world.poll()
    world.settle()
    assert (world.poll(), world.notices.messages) == ({"more": False, "count": 0}, [])
    world.account.forget_calls()
    assert world.poll() == {"more": False, "count": 0}
    assert (world.calls("ListReferrals"), sum(world.account.call_counts().values()) - world.calls("Token")) == (1, 1)


def test_what_microsoft_changes_is_polled_over_all_pages_and_each_once(world: World) -> None:
    world.poll()
    for number in range(130):
        world.account.new_incoming_referral(name=f"n{number}")
        world.clock.advance(ms=10)
    assert world.poll()["more"] is True
    assert world.poll()["more"] is False
    told = [each for message in world.notices.take_all() for each in message["opportunities"]]
    assert sorted(told) == sorted(one["id"] for one in world.account.referrals.all())
    world.clock.advance(seconds=60)
    world.account.forget_calls()
    world.poll()
    assert world.calls("ListReferrals") == 1
    assert world.notices.messages == [], "told once, though none has a link yet"


def test_changes_of_both_sides_arrive_and_settle(world: World) -> None:
    world.settle()
    world.edit(amount="60000", dealstage="proposal")
    world.settle()
    assert (world.referral()["details"]["dealValue"], world.referral()["salesStage"]) == (60000, "Propose")
    world.clock.advance(seconds=5)
    world.account.edit_as_microsoft(world.referral()["id"], details={"notes": "Theirs."})
    world.settle()
    assert world.shown["description"] == "Theirs."


def test_a_lost_answer_is_looked_for_and_its_record_adopted_exactly_once(world: World) -> None:
    lose_the_answer(world)
    assert world.link.attempt is not None
    adopted = world.run()
    assert (adopted["outcome"], adopted["again"], adopted["writes"]) == ("adopt", True, 0)
    world.settle()
    assert (world.calls("CreateReferral"), len(world.account.referrals.all())) == (1, 1)
    assert (world.link.opportunity_id, world.link.attempt) == (world.referral()["id"], None)


def test_while_the_lists_may_lag_nothing_is_created_a_second_time(world: World) -> None:
    lose_the_answer(world)
    world.faults.add("ListReferrals", malformed=True, body=NOT_LISTED_YET, count=None)
    for _ in range(3):
        world.clock.advance(seconds=30)
        with pytest.raises(Conflict):
            world.run()
    assert world.calls("CreateReferral") == 1
    world.faults.clear()
    assert world.run()["outcome"] == "adopt"
    world.settle()
    assert world.calls("CreateReferral") == 1


def test_a_create_that_never_reached_microsoft_is_made_once_the_lists_must_show_it(world: World) -> None:
    world.faults.add("CreateReferral", status=503, headers={"Retry-After": "9"})
    with pytest.raises(Retryable):
        world.run()
    with pytest.raises(Conflict):
        world.run()
    world.clock.advance(seconds=121)
    world.settle()
    assert (world.calls("CreateReferral"), len(world.account.referrals.all())) == (2, 1)


@pytest.mark.parametrize(("status", "kind"), [(429, Throttled), (509, Throttled), (403, Unauthorized)])
def test_a_create_that_was_turned_away_is_simply_made_later(world: World, status: int, kind: type[Exception]) -> None:
    world.faults.add("CreateReferral", status=status)
    with pytest.raises(kind):
        world.run()
    assert world.link.attempt is None
    world.settle()
    assert len(world.account.referrals.all()) == 1


def test_somebody_who_is_quicker_is_read_again_and_nothing_of_theirs_is_overwritten(world: World) -> None:
    world.settle()
    identifier = world.referral()["id"]
    world.edit(amount="60000")
    world.wire.before_patch = lambda: world.account.edit_as_microsoft(identifier, details={"notes": "Theirs."})
    world.settle()
    details = world.referral()["details"]
    assert (details["dealValue"], details["notes"], world.shown["description"]) == (60000, "Theirs.", "Theirs.")


def test_a_refusal_names_the_property_and_is_not_sent_for_ever(world: World) -> None:
    error = '{"error": {"code": "invalidRequest", "message": "BigCorp", "target": "CustomerProfile/Name"}}'
    world.faults.add("CreateReferral", status=400, body=error)
    refused = world.run()
    assert (refused["recorded"], refused["again"], world.link.attempt) == ("rejected", False, None)
    assert world.shown["microsoft_sync_status"] == "blocked"
    assert "The company's property name is not taken by Microsoft" in world.shown["microsoft_sync_message"]
    assert world.account.referrals.all() == []


def test_a_deal_that_microsoft_closes_is_told_once_and_moves_where_the_map_says(world: World) -> None:
    world.settle()
    world.account.edit_as_microsoft(world.referral()["id"], status="Closed", substatus="Lost", statusReason="price")
    world.settle()
    world.settle()
    assert (world.shown["microsoft_status"], world.shown["microsoft_substatus"]) == ("Closed", "Lost")
    assert world.shown["dealstage"] == "closedlost"
    assert world.hubspot.told == ["Microsoft's referral was closed: Lost"]


def test_a_close_that_the_map_does_not_know_is_shown_and_told_and_leaves_the_stage(world: World) -> None:
    world.settle()
    world.account.edit_as_microsoft(world.referral()["id"], status="Closed", substatus="Won")
    world.settle()
    assert (world.shown["dealstage"], world.shown["microsoft_substatus"]) == ("qualified", "Won")
    assert world.hubspot.told == ["Microsoft's referral was closed: Won"]


def test_a_deal_that_is_opened_again_is_left_to_a_person_and_microsoft_alone(world: World) -> None:
    world.settle()
    world.edit(dealstage="closedlost")
    world.settle()
    assert (world.referral()["status"], world.referral()["substatus"]) == ("Closed", "Lost")
    writes = world.calls("UpdateReferral")
    world.edit(dealstage="qualified")
    assert world.run()["recorded"] == "conflict"
    world.settle()
    assert (world.shown["microsoft_sync_status"], world.shown["dealstage"]) == ("conflict", "qualified")
    assert world.calls("UpdateReferral") == writes
    world.edit(dealstage="closedlost")
    world.settle()
    assert world.shown["microsoft_sync_status"] == "synced"
