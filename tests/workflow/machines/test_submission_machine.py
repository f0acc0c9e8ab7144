"""The machine that submits: it follows its task to the end, comes back for what takes longer, and submits once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambdas.aws.domain.submission_reasons import KINDS, passes
from sandbox.local_cloud.interpreter import ExecutionResult
from sandbox.partner_central.switches import TaskPace
from sandbox.turned import Options, World, submissions
from tests.workflow.machines.bench import TABLE, Bench
from tests.workflow.machines.recording import RecordingWorld, with_data

MESSAGE = {
    "link": "link#aws#d500",
    "opportunity": "O1",
    "involvement": "Co-Sell",
    "visibility": "Full",
    "asked_at": "1790000000000",
    "why": "sync",
    "correlation_id": "c-1",
}
RUNNING = {"state": "running", "task_id": "t"}
READY = {
    "aws_use_case": "Migration / Database Migration",
    "aws_delivery_models": "SaaS or PaaS",
    "aws_sales_activities": "Conducted POC / Demo",
    "aws_primary_needs": "Co-Sell - Deal Support",
    "aws_submit": "true",
}
START = "StartEngagementFromOpportunityTask"


def submit(bench: Bench, **more: Any) -> ExecutionResult:
    return bench.run("aws_submit", json.dumps({**MESSAGE, **more}))


def test_a_submission_that_is_done_at_once_ends_there() -> None:
    bench = Bench(StartSubmission={"state": "complete", "task_id": "t"})
    result = submit(bench)
    assert (result.status, result.states[-1], bench.called()) == (
        "SUCCEEDED",
        "Submitted",
        ["ReserveQuota", "StartSubmission"],
    )
    payload = dict(bench.payloads)["StartSubmission"]
    named = ("link", "opportunity", "involvement", "visibility", "asked_at", "why", "at")
    assert {name: payload[name] for name in named} == {
        "link": "link#aws#d500",
        "opportunity": "O1",
        "involvement": "Co-Sell",
        "visibility": "Full",
        "asked_at": "1790000000000",
        "why": "sync",
        "at": 0,
    }
    assert payload["run"]["correlation_id"] == "c-1"
    assert "link" not in dict(bench.payloads)["ReserveQuota"]["run"], "a slot that the link keeps is the sync's"


def test_a_running_task_is_looked_at_until_it_ends() -> None:
    bench = Bench(StartSubmission=RUNNING, CheckSubmission=RUNNING)
    looks = []

    def during(name: str) -> None:
        if name == "CheckSubmission":
            looks.append(name)
            if len(looks) == 6:
                bench.functions["CheckSubmission"] = {"state": "complete", "task_id": "t"}

    bench.during = during
    result = submit(bench)
    assert (result.states[-1], len(looks), bench.pauses) == ("Submitted", 6, [1, 1, 1, 5, 5, 5])


def test_a_task_that_takes_long_comes_back_later_each_time_and_within_its_machine() -> None:
    bench = Bench(StartSubmission=RUNNING, CheckSubmission=RUNNING)
    waits = []
    body: dict[str, Any] = dict(MESSAGE)
    for number in range(7):
        result = bench.run("aws_submit", json.dumps(body), message_id=f"m-{number}")
        assert result.states[-1] == "Coming back"
        text, delay = bench.sqs.queues["SubmissionsUrl"].pop()
        body = json.loads(text)
        waits.append(delay)
        bench.dynamodb.update_item(  # the time until then has passed
            TableName=TABLE,
            Key={"pk": {"S": "submission#aws#O1"}, "sk": {"S": "submission"}},
            UpdateExpression="SET again_at = :zero",
            ExpressionAttributeValues={":zero": {"N": "0"}},
        )
    assert waits == [30, 60, 120, 240, 480, 900, 900]
    assert {**body, "waited": 0} == {**MESSAGE, "why": "again", "waited": 0}
    assert sum(bench.pauses) / 7 < 200


@pytest.mark.parametrize("answer", [{"state": "again", "task_id": "t"}, "Throttled", "Conflict", "Unauthorized"])
def test_what_passes_by_itself_comes_back_once_however_often_it_is_asked_for(answer: Any) -> None:
    bench = Bench(StartSubmission=answer)
    assert submit(bench).states[-1] == "Coming back"
    again = bench.run("aws_submit", json.dumps(MESSAGE), message_id="m-2")
    assert again.states[-1] == "Left for the next look"
    assert len(bench.sqs.bodies("SubmissionsUrl")) == 1


@pytest.mark.parametrize("state", ["refused", "over"])
def test_what_is_not_to_be_submitted_ends_well(state: str) -> None:
    bench = Bench(StartSubmission={"state": state})
    assert submit(bench).states[-1] == "Nothing to submit"
    assert bench.sqs.queues == {}


def test_a_bug_fails_the_run_and_is_noted() -> None:
    bench = Bench(StartSubmission="Unexpected")
    result = submit(bench)
    assert (result.status, result.error) == ("FAILED", "Unexpected")


def test_a_slot_that_is_far_off_is_come_back_for_with_everything_that_was_asked() -> None:
    bench = Bench(ReserveQuota={"verdict": "later", "wait_seconds": 0, "not_before": 0, "spacing_ms": 1000})
    assert submit(bench).states[-1] == "Left for the next look"
    assert bench.sqs.bodies("SubmissionsUrl") == [{**MESSAGE, "why": "slot"}]


# From here on the whole product, on a turned clock.


def world_with_deal(pace: TaskPace | None = None, **deal: str | None) -> tuple[RecordingWorld, str]:
    world = RecordingWorld()
    world.central.account.settings.submit_pace = pace or TaskPace()
    made = world.new_deal(deal={name: text for name, text in {**READY, **deal}.items() if text})
    return world, made.deal_id


def only(world: RecordingWorld) -> Any:
    (opportunity,) = world.opportunities().values()
    return opportunity


@pytest.mark.parametrize("pace", [TaskPace(), TaskPace(delay_ms=20_000, polls=3), TaskPace(delay_ms=200_000)])
def test_a_yes_brings_a_deal_into_aws_s_review_once(pace: TaskPace) -> None:
    world, deal_id = world_with_deal(pace)
    world.run_until_quiet()
    assert only(world).review_status == "Submitted"
    assert (only(world).involvement, only(world).visibility) == ("Co-Sell", "Full")
    shown = world.deal(deal_id)
    assert (shown["aws_review_status"], shown["aws_sync_status"]) == ("Submitted", "waiting")
    assert "review" in shown["aws_sync_message"]
    assert world.calls(START) == 1
    remembered = submissions.of(world.parts).get(only(world).id)
    assert remembered is not None
    assert (remembered.state, remembered.link) == ("complete", f"link#aws#d{deal_id}")
    assert (world.dead_letters(), world.unsettled(), world.unexpected) == ([], [], [])


def test_everything_that_is_missing_is_said_and_the_last_thing_filled_in_submits() -> None:
    world, deal_id = world_with_deal(**dict.fromkeys(("aws_use_case", "aws_delivery_models", "aws_primary_needs")))
    world.run_until_quiet()
    shown = world.deal(deal_id)
    assert (shown["aws_sync_status"], world.calls(START)) == ("blocked", 0)
    for name in ("aws_use_case", "aws_delivery_models", "aws_primary_needs"):
        assert name in shown["aws_sync_message"]
    for name in ("aws_use_case", "aws_delivery_models", "aws_primary_needs"):
        world.hubspot.account.update("deals", deal_id, {name: READY[name]})
        world.run_until_quiet()
    assert (only(world).review_status, world.calls(START)) == ("Submitted", 1)
    assert world.deal(deal_id)["aws_sync_status"] == "waiting"


@pytest.mark.parametrize("reason", KINDS)
def test_a_task_that_fails_is_tried_again_or_told(reason: str) -> None:
    world, deal_id = world_with_deal()
    words = "Quixwords of AWS about the customer"
    world.central.account.fail_tasks("submit", reason, catalog="Sandbox", message=words)
    world.run_until_quiet()
    if passes(reason):
        assert (only(world).review_status, world.calls(START)) == ("Submitted", 2)
    else:
        shown = world.deal(deal_id)
        assert (shown["aws_sync_status"], world.calls(START)) == ("blocked", 1)
        assert reason in shown["aws_sync_message"]
        assert words in shown["aws_sync_message"]
        world.hubspot.account.update("deals", deal_id, {"aws_submit": "false"})
        world.run_until_quiet()
        assert world.deal(deal_id)["aws_sync_status"] == "synced"
        world.hubspot.account.update("deals", deal_id, {"aws_submit": "true"})
        world.run_until_quiet()
        assert (only(world).review_status, world.calls(START)) == ("Submitted", 2)
    assert [words for one in world.results if "Quixwords" in with_data(one)] == []
    assert (world.dead_letters(), world.unsettled(), world.unexpected) == ([], [], [])


@pytest.mark.parametrize("pace", [TaskPace(), TaskPace(delay_ms=200_000)], ids=["quick", "slow"])
def test_a_lost_answer_submits_once(pace: TaskPace) -> None:
    world, deal_id = world_with_deal(pace)
    world.central.faults.add(START, status=500, answer_lost=True, count=6)
    world.run_until_quiet()
    assert (only(world).review_status, len(world.central.account.catalogs["Sandbox"].tasks)) == ("Submitted", 1)
    assert world.deal(deal_id)["aws_review_status"] == "Submitted"
    assert (world.dead_letters(), world.unsettled(), world.unexpected) == ([], [], [])


@pytest.mark.parametrize("seed", [3, 12, 25, 41, 58])
def test_whatever_crashes_is_lost_or_doubled_it_is_submitted_once(seed: int) -> None:
    world = World(Options(seed=seed, fine=True, crashes=2, copies_of_events=(0, 1, 2)))
    account = world.central.account
    account.settings.submit_pace = TaskPace(delay_ms=seed % 3 * 15_000)
    account.fail_tasks("submit", "InternalError", catalog="Sandbox")
    world.central.faults.add(START, status=500, answer_lost=True, count=2)
    world.central.faults.add("ListEngagementFromOpportunityTasks", status=500)
    deal_id = world.new_deal(deal=dict(READY)).deal_id
    world.run_until_quiet()
    world.poll("aws.opportunities")
    world.run_until_quiet()
    (opportunity,) = world.opportunities().values()
    ends = [task.status for task in account.catalogs["Sandbox"].tasks.values()]
    assert (opportunity.review_status, sorted(ends)) == ("Submitted", ["COMPLETE", "FAILED"])
    assert world.deal(deal_id)["aws_sync_status"] == "waiting"
    assert (world.unsettled(), world.unexpected) == ([], [])


def test_an_edit_during_the_review_is_kept_and_sent_when_it_ends() -> None:
    world, deal_id = world_with_deal()
    world.run_until_quiet()
    world.hubspot.account.update("deals", deal_id, {"hs_next_step": "Call them on Monday"})
    world.run_until_quiet()
    assert only(world).document["LifeCycle"].get("NextSteps") is None
    assert "next_steps" in world.deal(deal_id)["aws_sync_message"]
    world.central.account.edit_as_aws(only(world).id, catalog="Sandbox", review_status="Approved")
    world.run_until_quiet()
    assert only(world).document["LifeCycle"]["NextSteps"] == "Call them on Monday"
    shown = world.deal(deal_id)
    assert (shown["aws_review_status"], shown["aws_sync_status"]) == ("Approved", "synced")


def _told(world: RecordingWorld, by_event: bool) -> None:
    """AWS's event comes, or is lost and the sweep finds what it told of."""
    if not by_event:
        world.central.events.clear()
        world.poll("aws.opportunities")
    world.run_until_quiet()


@pytest.mark.parametrize("by_event", [True, False], ids=["by event", "by sweep"])
def test_what_aws_asks_for_is_on_the_deal_and_the_fix_goes_back_by_itself(by_event: bool) -> None:
    world, deal_id = world_with_deal()
    world.run_until_quiet()
    world.central.account.edit_as_aws(
        only(world).id,
        catalog="Sandbox",
        review_status="Action Required",
        review_comments="Say more about the problem.",
        review_status_reason="Other",
    )
    _told(world, by_event)
    shown = world.deal(deal_id)
    assert shown["aws_review_comments"] == "Say more about the problem."
    assert (shown["aws_review_status"], shown["aws_sync_status"]) == ("Action Required", "blocked")
    fix = {"aws_customer_problem": "Forty servers move before the lease ends."}
    world.hubspot.account.update("deals", deal_id, fix)
    world.run_until_quiet()
    assert (only(world).review_status, world.calls(START)) == ("Submitted", 1)
    assert world.deal(deal_id)["aws_sync_status"] == "waiting"
    world.central.account.edit_as_aws(only(world).id, catalog="Sandbox", review_status="Rejected")
    _told(world, by_event)
    shown = world.deal(deal_id)
    assert shown["aws_review_status"] == "Rejected"
    assert "final" in shown["aws_sync_message"]
    assert world.calls(START) == 1
    assert world.unsettled() == []
