"""An acceptance that AWS may have taken is gone on with until its link is open: no poll lists it any more."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambdas.shared.adapters.ledger import Invitations
from lambdas.shared.errors import Throttled
from sandbox.local_cloud.interpreter import ExecutionResult
from tests.workflow.machines.bench import TABLE, Bench
from tests.workflow.machines.definitions import refused
from tests.workflow.machines.recording import RecordingWorld
from tests.workflow.machines.test_slots_and_acceptances import INVITATION

RUNNING = {"state": "running", "task_id": "t"}
COMPLETE = {"state": "complete", "task_id": "t", "opportunity_id": "O1"}
BODY = {"invitation": "engi-1", "why": "poll", "correlation_id": "c-1"}


def begun(**functions: Any) -> Bench:
    """A bench on which the acceptance has its token already."""
    bench = Bench(**functions)
    Invitations(bench.dynamodb, TABLE, "aws").begin("engi-1", "token-1")
    return bench


def accept(bench: Bench, message_id: str = "m-1", **more: Any) -> ExecutionResult:
    return bench.run("aws_accept_invitation", json.dumps({**BODY, **more}), message_id)


@pytest.mark.parametrize(
    "functions",
    [
        {"ReserveQuota": "Throttled"},
        {"StartAcceptance": "Unauthorized"},
        {"StartAcceptance": RUNNING, "CheckAcceptance": RUNNING},
        {"StartAcceptance": RUNNING, "CheckAcceptance": "Retryable"},
        {"StartAcceptance": COMPLETE, "OpenLink": "Throttled"},
    ],
    ids=["no quota", "not started", "twenty looks", "no look", "no link"],
)
def test_what_was_begun_comes_back_by_itself(functions: dict[str, Any]) -> None:
    bench = begun(**functions)
    result = accept(bench)
    assert (result.status, result.states[-1]) == ("SUCCEEDED", "Coming back")
    ((body, delay),) = bench.sqs.queues["InvitationsUrl"]
    assert json.loads(body) == {"invitation": "engi-1", "why": "again", "correlation_id": "c-1", "waited": 30}
    assert delay == 30
    assert bench.called().count("CheckAcceptance") in (0, 4, 20)


@pytest.mark.parametrize(("waited", "then"), [(30, 60), (480, 900), (900, 900)])
def test_it_comes_back_later_each_time_and_within_a_quarter_of_an_hour(waited: int, then: int) -> None:
    bench = begun(StartAcceptance="Throttled")
    accept(bench, why="again", waited=waited)
    ((body, delay),) = bench.sqs.queues["InvitationsUrl"]
    assert (json.loads(body)["waited"], delay) == (then, then)


def test_what_was_never_begun_is_left_to_the_poll() -> None:
    bench = Bench(StartAcceptance="Throttled")
    assert accept(bench).states[-1] == "Left for the next poll"
    assert bench.sqs.queues == {}
    assert Invitations(bench.dynamodb, TABLE, "aws").get("engi-1") is None


def test_one_message_is_under_way_however_many_polls_find_it_pending() -> None:
    bench = begun(StartAcceptance="Unauthorized")
    ends = [accept(bench, f"m-{number}").states[-1] for number in range(3)]
    assert ends == ["Coming back", "Left for the next poll", "Left for the next poll"]
    assert len(bench.sqs.queues["InvitationsUrl"]) == 1


def test_a_message_that_cannot_be_sent_fails_the_run_and_the_run_after_it_sends_it() -> None:
    bench = begun(StartAcceptance="Throttled")

    def broken(**_request: Any) -> None:
        raise refused("SdkClientException", "SendMessage")

    send, bench.sqs.send_message = bench.sqs.send_message, broken
    assert accept(bench).status == "FAILED"
    bench.sqs.send_message = send
    assert accept(bench).states[-1] == "Coming back", "the same message, received again"
    assert len(bench.sqs.queues["InvitationsUrl"]) == 1


def test_an_unreadable_message_is_on_record_also_when_the_quota_does_not_answer() -> None:
    bench = Bench(ReserveQuota="Throttled")
    result = bench.run("aws_accept_invitation", "not JSON")
    assert (result.status, result.error) == ("FAILED", "Run.QueryEvaluationError")


def test_an_accepted_invitation_whose_link_could_not_be_opened_becomes_a_deal_without_another_acceptance() -> None:
    world = RecordingWorld()
    world.central.account.send_invitation(**INVITATION)
    failures = iter([True] * 4)

    def throttle(_event: Any) -> None:
        if next(failures, False):
            raise Throttled("DynamoDB says slow down")

    world.around("aws.OpenLink", throttle)
    world.run_until_quiet()
    assert len(world.hubspot.account.records("deals")) == 1
    assert world.calls("StartEngagementByAcceptingInvitationTask") == 1
    assert (world.statuses["invitations", "FAILED"], world.dead_letters()) == (0, [])
