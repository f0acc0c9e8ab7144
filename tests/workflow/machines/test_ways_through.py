"""Whole executions of the real definitions on an in-memory ledger, with plain functions for the Lambdas."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from lambdas.shared.adapters.ledger import DeadLetters, Leases
from tests.workflow.machines.bench import PLAN, TABLE, Bench, wake


@pytest.fixture
def key_of() -> Callable[[Bench], str]:
    return lambda bench: bench.links.open_for_deal("aws", "500", "hubspot")


def test_an_echo_ends_after_the_reads_and_leaves_nothing_due(key_of) -> None:
    bench = Bench()
    key = key_of(bench)
    result = bench.run("sync", wake(key))
    assert result.status == "SUCCEEDED"
    assert sorted(bench.called()) == ["FetchDeal", "FetchOpportunity", "PlanChanges", "RecordOutcome"]
    link = bench.links.get(key)
    assert (link.done, link.due_at, link.lease_owner, link.attempts) == (1, None, None, 0)
    assert bench.waking() == []


def test_a_create_goes_all_the_way(key_of) -> None:
    bench = Bench(PlanChanges={**PLAN, "action": "create", "writes": 2, "write_deal": True, "steps": ["S-1"]})
    result = bench.run("sync", wake(key_of(bench)))
    assert result.status == "SUCCEEDED"
    assert bench.called()[2:] == [
        "PlanChanges",
        "ReserveQuota",
        "CreateOpportunity",
        "CompleteOpportunity",
        "WriteDeal",
        "RecordOutcome",
    ]
    assert dict(bench.payloads)["WriteDeal"]["run"]["opportunity_id"] == "O1"


def test_more_was_asked_for_meanwhile_so_it_is_woken_again(key_of) -> None:
    bench = Bench()
    key = key_of(bench)
    bench.during = lambda name: name == "PlanChanges" and bench.links.raise_wanted(key)
    bench.run("sync", wake(key))
    link = bench.links.get(key)
    assert (link.done, link.wanted) == (1, 2)
    assert link.due_at is not None
    assert bench.waking() == [key]


def test_a_link_that_is_being_worked_on_is_left_alone(key_of) -> None:
    bench = Bench()
    key = key_of(bench)
    Leases(bench.dynamodb, TABLE).take_lease(key, "another run")
    result = bench.run("sync", wake(key))
    assert result.states[-1] == "Somebody else is at work"
    assert bench.called() == []
    assert bench.links.get(key).lease_owner == "another run"


@pytest.mark.parametrize(
    ("body", "error"), [("not JSON", "States.QueryEvaluationError"), (wake("link#aws#d9"), "UnknownLink")]
)
def test_a_poisoned_message_fails_and_is_on_record_under_its_id(body: str, error: str) -> None:
    bench = Bench()
    result = bench.run("sync", body)
    assert (result.status, result.error) == ("FAILED", error.replace("States.", "Run."))
    failure = DeadLetters(bench.dynamodb, TABLE).failure("m-1")
    assert failure["error"] == error
    assert failure["execution"].startswith("arn:aws:states:")


def test_an_unexpected_error_gives_the_lease_back_and_fails(key_of) -> None:
    bench = Bench(PlanChanges="Unexpected")
    key = key_of(bench)
    result = bench.run("sync", wake(key))
    assert (result.status, result.error) == ("FAILED", "Unexpected")
    link = bench.links.get(key)
    assert (link.lease_owner, link.done, link.last_error["kind"]) == (None, 0, "Unexpected")
    assert link.due_at is not None, "the safety net if the message never comes back"


def test_what_cannot_be_done_now_is_postponed_with_a_growing_delay(key_of) -> None:
    bench = Bench(FetchDeal="Retryable")
    key = key_of(bench)
    delays = []
    for _ in range(4):
        result = bench.run("sync", wake(key))
        assert result.states[-2:] == ["Wake it then", "Done"]
        link = bench.links.get(key)
        assert link.last_error["kind"] == "Retryable"
        delays.append(bench.sqs.queues["InboxUrl"][-1][1])
    assert link.attempts == 4
    assert delays[0] <= 5 < delays[3] <= 40


def test_the_repair_that_comes_while_a_run_is_about_to_be_put_off_does_not_wait(key_of) -> None:
    bench = Bench(PlanChanges={**PLAN, "write_deal": True}, WriteDeal="Rejected")
    key = key_of(bench)
    bench.run("sync", wake(key))
    (_, delay) = bench.sqs.queues["InboxUrl"][-1]
    assert delay > 100
    bench.during = lambda name: name == "WriteDeal" and bench.links.raise_wanted(key)
    result = bench.run("sync", wake(key))
    assert result.states[-4:] == ["Postpone", "Is it soon", "Wake it again", "Done"]
    assert not bench.sqs.queues["InboxUrl"][-1][1], "its notice sent no wake-up, since a run was at it"
    assert bench.links.get(key).due_at, "the safety net if that message is lost"


def test_a_moving_opportunity_is_read_again_three_times_and_then_postponed(key_of) -> None:
    bench = Bench(PlanChanges={**PLAN, "action": "update", "writes": 1}, UpdateOpportunity="Conflict")
    result = bench.run("sync", wake(key_of(bench)))
    assert bench.called().count("UpdateOpportunity") == 4
    assert bench.called().count("FetchDeal") == 4
    assert "Postpone" in result.states


def test_a_refusal_is_told_on_the_deal_and_settled(key_of) -> None:
    bench = Bench(PlanChanges={**PLAN, "action": "create", "writes": 1}, CreateOpportunity="Rejected")
    key = key_of(bench)
    bench.run("sync", wake(key))
    assert dict(bench.payloads)["WriteDeal"]["outcome"] == "rejected"
    assert dict(bench.payloads)["RecordOutcome"]["outcome"] == "rejected"
    assert bench.links.get(key).due_at is None, "the fix itself wakes it"


def test_a_far_slot_ends_the_run_and_comes_back(key_of) -> None:
    far = {"verdict": "later", "wait_seconds": 0, "not_before": 4_000_000_000_000, "spacing_ms": 1000}
    bench = Bench(PlanChanges={**PLAN, "action": "create", "writes": 1}, ReserveQuota=far)
    key = key_of(bench)
    result = bench.run("sync", wake(key))
    assert "CreateOpportunity" not in bench.called()
    assert result.states[-2:] == ["Is it soon", "Done"], "too far for a delayed message: the sweep wakes it"
    assert bench.links.get(key).due_at == pytest.approx(4_000_000_000_000, abs=5000)


def test_a_found_record_is_tied_and_both_sides_are_read_once_more(key_of) -> None:
    tied = {"state": "open", "again": True, "look_in": 0, "wake_in": 0}
    bench = Bench(PlanChanges={**PLAN, "outcome": "adopt"}, RecordOutcome=tied)
    key = key_of(bench)
    bench.run("sync", wake(key))
    assert bench.waking() == [key]


def test_an_acceptance_that_runs_is_looked_at_again_and_its_link_opened() -> None:
    looks = iter(
        [{"state": "running", "task_id": "t"}] * 2 + [{"state": "complete", "task_id": "t", "opportunity_id": "O1"}]
    )
    bench = Bench(StartAcceptance={"state": "running", "task_id": "t"}, OpenLink={"link": "l"})
    bench.during = lambda name: name == "CheckAcceptance" and bench.functions.update(CheckAcceptance=next(looks))
    result = bench.run(
        "aws_accept_invitation", json.dumps({"invitation": "engi-1", "why": "partner", "correlation_id": "c"})
    )
    assert result.status == "SUCCEEDED"
    assert bench.called().count("CheckAcceptance") == 3
    assert dict(bench.payloads)["OpenLink"]["opportunity_id"] == "O1"


@pytest.mark.parametrize(("more", "asked"), [(True, 1), (False, 0)])
def test_a_poll_asks_for_the_next_page_only_when_there_is_one(more: bool, asked: int) -> None:
    bench = Bench(ListPage={"more": more, "count": 3})
    result = bench.run("poll", json.dumps({"poll": "aws.opportunities", "correlation_id": "c"}))
    assert result.status == "SUCCEEDED"
    assert len(bench.sqs.bodies("PollQueueUrl")) == asked


def test_a_dead_letter_is_put_on_record_with_what_its_runs_said(key_of) -> None:
    bench = Bench(PlanChanges="Unexpected")
    key = key_of(bench)
    bench.run("sync", wake(key))
    bench.run("dead_letter", wake(key))
    letter = DeadLetters(bench.dynamodb, TABLE).get("m-1")
    assert (letter.error, letter.link, letter.receive_count, letter.queue_url) == (
        "Unexpected",
        key,
        3,
        "SourceQueueUrl",
    )
    assert letter.body == wake(key)
    assert bench.links.get(key).due_at is None, "the sweep leaves it alone"


def test_a_dead_letter_without_link_or_report_is_on_record_all_the_same() -> None:
    bench = Bench()
    bench.run("dead_letter", "not JSON", "m-2")
    letter = DeadLetters(bench.dynamodb, TABLE).get("m-2")
    assert (letter.error, letter.link, letter.body) == ("Unknown", None, "not JSON")
