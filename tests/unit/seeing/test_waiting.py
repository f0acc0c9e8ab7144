"""How long a change waits, and under whose id: kept on the link from the first notice to the run that answers it."""

from __future__ import annotations

import pytest

from lambdas.shared.adapters.ledger import WriteQuota
from lambdas.shared.domain.link import Notice
from lambdas.shared.domain.plan import FieldChange, Plan
from lambdas.shared.errors import Problem
from lambdas.shared.handlers.list_due_links import Collaborators as Sweep
from lambdas.shared.handlers.list_due_links import list_due_links
from lambdas.shared.handlers.reserve_quota import Collaborators as Quota
from lambdas.shared.handlers.reserve_quota import reserve_quota
from lambdas.shared.runtime import take_counted
from tests.unit.handlers.test_route_notices import HubSpot, World, change, webhook
from tests.unit.handlers.test_settling import Room

WRITES = Plan(
    "update",
    "synced",
    opportunity_changes=(FieldChange("amount", "1", "2", "deal", "only-deal-moved"),),
    status="synced",
)
ECHO = Plan("none", "synced", status="synced")


@pytest.fixture
def room() -> Room:
    return Room()


def test_the_first_notice_counts_until_a_run_has_answered_it(room: Room) -> None:
    began = room.clock.now_ms()
    room.clock.advance(seconds=90)
    room.links.raise_many([room.key], Notice("c-2", began + 50_000))
    link = room.links.get(room.key)
    assert link is not None
    assert (link.wanted_at, link.wanted) == (began, 2)
    take_counted()
    room.record(WRITES, seen=2)
    assert take_counted()["SyncLatency"] == 90_000
    link = room.links.get(room.key)
    assert link is not None
    assert (link.wanted_at, link.correlation_id, link.status) == (None, None, "synced")


def test_a_notice_that_comes_during_the_run_waits_from_then_on(room: Room) -> None:
    room.clock.advance(seconds=10)
    room.links.raise_many([room.key])
    room.record(WRITES, seen=1)
    link = room.links.get(room.key)
    assert link is not None
    assert link.wanted_at == room.clock.now_ms()


def test_an_echo_is_no_change_that_anybody_waited_for(room: Room) -> None:
    room.clock.advance(seconds=10)
    take_counted()
    room.record(ECHO)
    assert "SyncLatency" not in take_counted()
    link = room.links.get(room.key)
    assert link is not None
    assert link.wanted_at is None


def test_problems_are_counted_by_what_kind_they_are(room: Room) -> None:
    problem = Problem("amount", "is empty")
    take_counted()
    room.record(Plan("none", "blocked", problems=(problem, problem), status="blocked"))
    assert take_counted()["ProblemsFound"] == 2
    refusal = {"rejection": {"reason": "no", "problems": [problem.as_dict()], "fields": ["amount"]}}
    room.record(WRITES, "rejected", refusal)
    assert take_counted()["ProblemsFound"] == 1
    link = room.links.get(room.key)
    assert link is not None
    assert link.status == "blocked"


def test_a_webhook_s_time_and_id_are_on_the_links_that_it_opens_and_raises() -> None:
    world = World(HubSpot({"500": "Acme #AWS"}))
    received = world.clock.now_ms() - 4_000
    world.route(webhook(change(), received_at=received))
    link = world.links.get("link#aws#d500")
    assert link is not None
    assert (link.wanted_at, link.correlation_id) == (received, "c-1")
    world.route(webhook(change(), correlation_id="c-2", received_at=received + 1_000))
    link = world.links.get("link#aws#d500")
    assert link is not None
    assert (link.wanted_at, link.correlation_id, link.wanted) == (received, "c-1", 2)


def test_the_router_says_which_links_a_notice_woke(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    World(HubSpot({"500": "Acme #AWS"})).route(webhook(change(), correlation_id="c-9"))
    (line,) = [one.__dict__ for one in caplog.records if one.getMessage() == "links woken"]
    assert (line["partner"], line["links"]) == ("aws", ["link#aws#d500"])
    assert "Acme" not in str(line)


def test_a_sweep_wakes_under_the_id_of_the_notice_that_waits(room: Room) -> None:
    room.links.raise_many([room.key], Notice("c-7"))
    room.clock.advance(seconds=900)
    list_due_links(
        {"poll": "aws.due", "correlation_id": "sweep-1"}, Sweep(room.links, lambda _: room.inbox, room.clock)
    )
    assert [one["correlation_id"] for one in room.inbox.messages] == ["c-7"]


@pytest.mark.parametrize(("writes", "share"), [((2,), 50.0), ((2, 2), 100.0), ((4, 1), 100.0)])
def test_the_share_of_the_day_s_writes_is_told(room: Room, writes: tuple[int, ...], share: float) -> None:
    limits = {"aws": {"quota": {"writes_per_second": 1000, "writes_per_day": 4}, "catalog": "AWS"}}
    c = Quota(WriteQuota(room.dynamodb, "ledger", room.clock), room.links, limits, room.clock)
    found = 0.0
    for number in writes:
        take_counted()
        reserve_quota({"run": {"run_id": "x", "partner": "aws"}, "writes": number}, c)
        found = take_counted()["QuotaUsed"]
    assert found == share
