"""Waiting: for a write slot, near or far, and for an acceptance that AWS declines or fails."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from sandbox.local_cloud.interpreter import ExecutionResult
from sandbox.turned import World
from tests.workflow.machines.bench import PLAN, Bench, wake
from tests.workflow.machines.recording import RecordingWorld

CREATE = {**PLAN, "action": "create", "writes": 2, "write_deal": True, "steps": ["S-1"]}
RUNNING = {"state": "running", "task_id": "t"}
DECLINED = {"state": "declined", "task_id": "t"}
INVITATION = {
    "catalog": "Sandbox",
    "title": "Shared harbour",
    "business_problem": "The customer wants to move its ERP to the cloud.",
    "company": "BigCorp",
    "industry": "Gaming",
    "country": "DE",
    "website": "bigcorp.example",
    "target_completion_date": "2027-03-31",
}


def accept(bench: Bench) -> ExecutionResult:
    return bench.run(
        "aws_accept_invitation", json.dumps({"invitation": "engi-1", "why": "poll", "correlation_id": "c-1"})
    )


def slot(verdict: str, wait_seconds: float, not_before: int = 7_000) -> dict[str, Any]:
    return {"verdict": verdict, "wait_seconds": wait_seconds, "not_before": not_before, "spacing_ms": 1000}


def pauses_before(bench: Bench, name: str) -> list[float]:
    """Filled, when ``name`` is called, with the pauses made until then."""
    seen: list[float] = []
    bench.during = lambda called: called == name and seen.extend(bench.pauses)
    return seen


def verdicts_of(world: World) -> list[str]:
    """Grows with every answer of the limiter."""
    verdicts: list[str] = []
    reserve = world.functions["aws.ReserveQuota"]

    def noted(event: Any) -> Any:
        answer = reserve(event)
        verdicts.append(answer["verdict"])
        return answer

    world.functions["aws.ReserveQuota"] = noted
    return verdicts


def test_a_slot_that_is_near_is_waited_for_in_whole_seconds_and_then_written_at() -> None:
    bench = Bench(PlanChanges=CREATE, ReserveQuota=slot("wait", 12.4))
    key = bench.links.open_for_deal("aws", "500", "hubspot")
    before = pauses_before(bench, "CreateOpportunity")
    result = bench.run("sync", wake(key))
    assert (result.status, before, bench.pauses) == ("SUCCEEDED", [12], [12])
    given = dict(bench.payloads)
    assert (given["CreateOpportunity"]["at"], given["CompleteOpportunity"]["at"]) == (7_000, 8_000)
    assert bench.links.get(key).attempts == 0


def test_a_slot_that_is_now_is_not_waited_for() -> None:
    bench = Bench(PlanChanges=CREATE, ReserveQuota=slot("now", 0))
    bench.run("sync", wake(bench.links.open_for_deal("aws", "500", "hubspot")))
    assert "CreateOpportunity" in bench.called()
    assert bench.pauses == []


def test_a_slot_beyond_the_run_postpones_it_to_the_slot_and_nothing_is_written() -> None:
    not_before = int(time.time() * 1000) + 300_000
    bench = Bench(PlanChanges=CREATE, ReserveQuota=slot("later", 0, not_before))
    key = bench.links.open_for_deal("aws", "500", "hubspot")
    result = bench.run("sync", wake(key))
    assert (result.status, result.states[-2:], bench.pauses) == ("SUCCEEDED", ["Wake it then", "Done"], [])
    assert bench.called()[-1] == "ReserveQuota"
    link = bench.links.get(key)
    assert link.due_at == pytest.approx(not_before, abs=5000)
    assert (link.lease_owner, link.attempts, link.last_error["kind"]) == (None, 1, "Quota")
    ((body, delay),) = bench.sqs.queues["InboxUrl"]
    assert (json.loads(body)["link"], delay) == (key, pytest.approx(300, abs=5))


@pytest.mark.parametrize(
    ("taken", "first"), [(30, "wait"), (120, "later")], ids=["waited for by one run", "kept for the run after it"]
)
def test_a_reserved_slot_is_written_at_once_it_has_come_and_not_before(taken: int, first: str) -> None:
    """With the real limiter: others hold the next seconds of the quota."""
    world = World()
    limits = world.settings["partners"]["aws"]["quota"]
    verdicts = verdicts_of(world)
    world.new_deal()
    free_at = world.clock.now_ms() + taken * 1000
    world.parts.quota.reserve("aws#Sandbox", taken, limits["writes_per_second"], limits["writes_per_day"])
    world.run_until_quiet()
    (created,) = [at for name, at in world.central.account.calls if name == "CreateOpportunity"]
    assert free_at <= created <= free_at + 2000
    assert (verdicts[0], verdicts[-1]) == (first, "wait")
    (quota,) = [item for item in world.store.items("ledger") if item["sk"] == "writes"]
    assert sum(quota["used"].values()) == taken + 2, "the kept slot is used, not another one asked for"


@pytest.mark.parametrize("verdict", ["wait", "later"])
def test_an_acceptance_takes_its_turn_like_every_write(verdict: str) -> None:
    not_before = int(time.time() * 1000) + 200_000
    bench = Bench(ReserveQuota=slot(verdict, 9.9, not_before), StartAcceptance=DECLINED)
    before = pauses_before(bench, "StartAcceptance")
    result = accept(bench)
    if verdict == "wait":
        assert (before, bench.called()) == ([9], ["DecideInvitation", "ReserveQuota", "StartAcceptance"])
        assert dict(bench.payloads)["StartAcceptance"]["at"] == not_before
        return
    assert (result.states[-1], bench.called(), bench.pauses) == (
        "Left for the next poll",
        ["DecideInvitation", "ReserveQuota"],
        [],
    )
    ((body, delay),) = bench.sqs.queues["InvitationsUrl"]
    assert json.loads(body) == {"invitation": "engi-1", "why": "slot", "correlation_id": "c-1"}
    assert delay == pytest.approx(200, abs=5)


@pytest.mark.parametrize(
    ("start", "look", "called"),
    [
        (DECLINED, None, ["DecideInvitation", "ReserveQuota", "StartAcceptance"]),
        (RUNNING, DECLINED, ["DecideInvitation", "ReserveQuota", "StartAcceptance", "CheckAcceptance"]),
    ],
    ids=["at once", "by its task"],
)
def test_an_acceptance_that_is_declined_ends_well_and_opens_no_link(start: Any, look: Any, called: list[str]) -> None:
    bench = Bench(StartAcceptance=start, CheckAcceptance=look, OpenLink={"link": "l"})
    result = accept(bench)
    assert (result.status, result.states[-1]) == ("SUCCEEDED", "Not to be accepted")
    assert bench.called() == called
    assert bench.sqs.queues == {}


def test_a_failed_acceptance_is_begun_anew_and_one_deal_comes_of_it() -> None:
    world = RecordingWorld()
    world.central.account.fail_tasks("accept", "InternalError", catalog="Sandbox")
    invitation = world.central.account.send_invitation(**INVITATION)
    world.advance(seconds=20)
    first = world.parts.invitations.get(invitation)
    assert (first.state, first.reason, world.links()) == ("failed", "InternalError", [])
    assert [one.states[-1] for one in world.results] == ["Coming back"]
    world.run_until_quiet()
    second = world.parts.invitations.get(invitation)
    assert second.state == "accepted"
    assert second.token != first.token, "AWS would answer the old token with the failed task"
    (deal,) = world.hubspot.account.records("deals")
    assert world.hubspot.account.values("deals", deal.id)["aws_opportunity_id"] == second.opportunity_id
    assert world.statuses["invitations", "FAILED"] == 0
    assert world.dead_letters() == []


def test_an_acceptance_that_aws_refuses_for_good_leaves_the_reason_and_no_deal() -> None:
    world = RecordingWorld()
    world.central.account.fail_tasks("accept", "InvitationAccessDenied", catalog="Sandbox")
    invitation = world.central.account.send_invitation(**INVITATION)
    world.run_until_quiet()
    assert world.parts.invitations.get(invitation).reason == "InvitationAccessDenied"
    assert [one.states[-1] for one in world.results] == ["Not to be accepted"]
    assert (world.hubspot.account.records("deals"), world.links()) == ([], [])
    assert (world.statuses["invitations", "FAILED"], world.dead_letters()) == (0, [])
