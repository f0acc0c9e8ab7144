"""The shipped file for Microsoft, whole lives of deals long: nothing refused, nobody told in vain, the runs end."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

import config
from sandbox.microsoft.switches import Switches
from tests.contract.microsoft.sync_world import World

READINGS = {"strict": Switches, "other readings": Switches.other_readings}
CLOSED = "Microsoft's referral was closed:"


@cache
def shipped() -> Mapping[str, Any]:
    return config.render_settings(config.load(), "sandbox")["partners"]["microsoft"]


@pytest.fixture(params=READINGS)
def world(request: pytest.FixtureRequest) -> World:
    return World(READINGS[request.param](), shipped())


@pytest.mark.parametrize("begins", ["appointmentscheduled", "qualifiedtobuy"])
def test_a_deal_goes_its_way_from_the_first_stage_to_the_last(world: World, begins: str) -> None:
    world.share(dealstage=begins)
    world.settle()
    for stage, sales_stage in (("presentationscheduled", "Develop"), ("contractsent", "Close")):
        world.edit(dealstage=stage)
        world.settle()
        referral = world.referral()
        assert (referral["status"], referral["salesStage"], world.shown["dealstage"]) == ("Active", sales_stage, stage)
    world.edit(dealstage="closedwon")
    world.settle()
    assert (world.referral()["substatus"], world.shown["microsoft_substatus"]) == ("Won", "Won")
    assert (world.shown["microsoft_sync_status"], world.hubspot.told) == ("synced", [])
    assert len(world.account.referrals.all()) == 1


@pytest.mark.parametrize(
    ("answer", "status", "stage"),
    [("accept", "Active", "appointmentscheduled"), ("decline", "Closed", "closedlost")],
)
def test_a_referral_is_answered_and_its_deal_stands_where_the_map_says(
    world: World, answer: str, status: str, stage: str
) -> None:
    world.arrive()
    world.settle()
    assert (world.shown["dealstage"], world.shown["microsoft_sync_status"]) == ("appointmentscheduled", "waiting")
    world.edit(microsoft_acceptance=answer)
    world.settle()
    assert (world.referral()["status"], world.shown["microsoft_status"]) == (status, status)
    assert (world.shown["dealstage"], world.shown["microsoft_sync_status"]) == (stage, "synced")
    assert len(world.hubspot.told) == 1, "the task that asked for the answer"


def test_a_referral_that_nobody_answers_ends_as_a_lost_deal(world: World) -> None:
    world.arrive()
    world.settle()
    world.clock.advance(hours=14 * 24 + 1)
    world.settle()
    assert (world.shown["dealstage"], world.shown["microsoft_substatus"]) == ("closedlost", "Expired")
    assert world.hubspot.told[1:] == [f"{CLOSED} Expired"]


def test_only_people_win_a_deal(world: World) -> None:
    world.share(dealstage="contractsent")
    world.settle()
    world.account.edit_as_microsoft(world.referral()["id"], status="Closed", substatus="Won")
    world.settle()
    assert (world.shown["dealstage"], world.hubspot.told) == ("contractsent", [f"{CLOSED} Won"])
    world.edit(dealstage="closedwon")
    world.settle()
    assert world.shown["microsoft_sync_status"] == "synced"
