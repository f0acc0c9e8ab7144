"""Facts of the sync that go onto the bus as notifications: once each, and not before they stand on the deal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lambdas.shared.domain.decision import untold
from lambdas.shared.domain.plan import Fact, Plan
from lambdas.shared.handlers.deal_facts import tell
from tests.unit.handlers.test_settling import Room

DETAIL = {"rule": "invitation_expiring", "priority": "high", "happened": "It ends soon.", "do": "Answer it."}
FACT = Fact("invitation-ends", "task", "It ends", "<p>soon</p>", priority="high", announce=DETAIL)
PLAN = Plan("none", "synced", tell=(FACT, Fact("other", "task", "Other", "<p>other</p>")))


class HubSpot:
    def __init__(self) -> None:
        self.tasks: list[tuple[Any, ...]] = []

    def create_task(self, *task: Any) -> str:
        self.tasks.append(task)
        return f"t{len(self.tasks)}"


@pytest.fixture
def room() -> Room:
    return Room()


def told(room: Room, hubspot: HubSpot) -> None:
    deal = {"id": "500", "archived": False, "properties": {"hubspot_owner_id": "77"}}
    tell(
        PLAN.tell,
        {"link": room.key, "run_id": "r1", "partner": "aws"},
        deal,
        links=room.links,
        hubspot=hubspot,
        audit=room.audit,
        now_ms=1,
    )


def notifications(room: Room) -> list[dict[str, Any]]:
    return [detail for kind, detail in room.announced if kind == "Notification"]


def test_a_told_fact_is_announced_once_however_often_the_run_is_repeated(room: Room):
    hubspot = HubSpot()
    told(room, hubspot)
    room.record(PLAN)
    room.record(PLAN)
    (detail,) = notifications(room)
    assert detail == {
        **DETAIL,
        "fact": "invitation-ends",
        "partner": "aws",
        "deal_id": "500",
        "opportunity_id": None,
        "correlation_id": None,
    }
    assert [task[-1] for task in hubspot.tasks] == ["HIGH", "77"]  # the other one has no priority of its own


def test_what_is_not_on_the_deal_yet_is_not_announced(room: Room):
    room.record(PLAN)
    assert notifications(room) == []
    room.links.tell_begin(room.key, FACT.key)
    room.record(PLAN)
    assert notifications(room) == []


def test_a_run_that_died_in_between_leaves_the_fact_to_the_next_one(room: Room):
    told(room, HubSpot())
    link = room.links.get(room.key)
    assert link is not None
    assert [fact.key for fact in untold(PLAN, link).tell] == ["invitation-ends"]
    room.record(PLAN)
    link = room.links.get(room.key)
    assert link is not None
    assert untold(PLAN, link).tell == ()


def test_a_fact_that_announces_nothing_is_told_as_before(room: Room):
    plain = replace(PLAN, tell=(replace(FACT, announce={}),))
    told(room, HubSpot())
    room.record(plain)
    assert notifications(room) == []
    link = room.links.get(room.key)
    assert link is not None
    assert untold(plain, link).tell == ()
