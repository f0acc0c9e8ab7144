"""Every named error of every task: retried as often as it says, then sent where it says.

Derived from the definitions, so that a new Retry or Catch is tested by being there.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from sandbox.local_cloud.failures import FunctionFailed
from sandbox.local_cloud.interpreter import ExecutionResult, Interpreter
from tests.workflow.machines.definitions import NAMES, alone, load, refused, tasks

BODY = (
    '{"link": "link#aws#d500", "invitation": "engi-1", "poll": "aws.due", "opportunity": "O1",'
    ' "involvement": "Co-Sell", "visibility": "Full", "asked_at": "1", "why": "hubspot", "correlation_id": "c-1"}'
)
MESSAGE = {"messageId": "m-1", "body": BODY, "attributes": {"ApproximateReceiveCount": "3"}}
RUN = {
    "run_id": "run-1",
    "partner": "aws",
    "link": "link#aws#d500",
    "seen": 1,
    "deal_id": "500",
    "correlation_id": "c-1",
}
VARIABLES: dict[str, Any] = {
    "message_id": "m-1",
    "message": MESSAGE,
    "body": BODY,
    "wait": 30,
    "links": [{"groups": ["link#aws#d500"]}],
    "run": {**RUN, "opportunity_id": "O1", "trigger": "hubspot"},
    "leased": True,
    "attempts": 2,
    "again": False,
    "wake_in": 60,
    "rereads": 0,
    "outcome": "synced",
    "deal": {"deal": "current"},
    "opportunity": {"opportunity": "current"},
    "plan": {"action": "create", "outcome": "synced", "writes": 2, "write_deal": True, "steps": ["S-1"]},
    "turn": {"verdict": "now", "wait_seconds": 0, "not_before": 0, "spacing_ms": 0},
    "failure": {"Error": "Boom", "Cause": "because", "error": "Boom", "cause": "because", "execution": "e"},
    "postponed": {"kind": "Throttled", "reason": "busy", "delay": 3},
    "raised": False,
    "invitation": "engi-1",
    "link": "link#aws#d500",
    "involvement": "Co-Sell",
    "visibility": "Full",
    "task": {"state": "running", "task_id": "task-1", "opportunity_id": "O1", "deal_id": "500"},
    "decision": {"do": "reject", "reason": "Other"},
    "looks": 0,
    "page": {"more": True},
}
# Raised by the platform in ways that the local engine cannot be made to show; of SQS's errors it knows but one name.
_PLATFORM = {"States.Timeout", "DynamoDB.SdkClientException", "SQS.AmazonSQSException"}
# What AWS calls everything that SQS refuses, and everything on the way there.
_SQS_NAMES = {"SQS.AmazonSQSException", "SQS.SdkClientException"}
# Messages that nobody else would send.
_NEEDED = {"Send itself a message", "Come back in a moment"}


def errors_of(state: dict[str, Any]) -> list[str]:
    """What it names and can be shown, and one error that it does not name (an SQS call that takes too long)."""
    named = [error for rule in (*state.get("Retry", ()), *state.get("Catch", ())) for error in rule["ErrorEquals"]]
    shown = [each for each in named if each != "States.ALL" and each not in _PLATFORM]
    return list(dict.fromkeys([*shown, "States.Timeout" if "sqs:" in state["Resource"] else "SomethingNobodyNamed"]))


def matching(rules: list[dict[str, Any]], error: str) -> dict[str, Any] | None:
    return next((one for one in rules if error in one["ErrorEquals"] or one["ErrorEquals"] == ["States.ALL"]), None)


CASES = [
    (machine, name, error) for machine in NAMES for name, state in tasks(machine).items() for error in errors_of(state)
]


def play(machine: str, keep: tuple[str, ...], failing: str, error: str) -> tuple[ExecutionResult, Counter[str]]:
    calls: Counter[str] = Counter()

    def function(name: str, _payload: Any) -> Any:
        calls[name] += 1
        if name == failing:
            raise FunctionFailed({"errorType": error, "errorMessage": "as ordered"})
        return {"deal": "current", "opportunity": "current"}

    def service(name: str, action: str, _arguments: Any) -> Any:
        calls[f"{name}:{action}"] += 1
        if error == "States.Timeout":
            raise TimeoutError
        code = error.removeprefix("DynamoDB.").removeprefix("SQS.")
        raise refused(code, action)

    engine = Interpreter(invoke_function=function, call_service=service, sleep=lambda _seconds: None)
    text = alone(
        machine, *keep, variables=VARIABLES, start_input=[MESSAGE] if keep[0] in _FIRST else {"link": "x", **_IN}
    )
    return engine.run(text, {}), calls


_IN = {"poll": "aws.due", "correlation_id": "c-1"}
_FIRST = {"Take the lease", "Decide about the invitation", "Read one page"}


@pytest.mark.parametrize(("machine", "name", "error"), CASES, ids=lambda each: str(each).replace(" ", "-"))
def test_error_is_retried_and_then_caught_as_drawn(machine: str, name: str, error: str) -> None:
    state = tasks(machine)[name]
    inside = name not in load(machine)["States"]
    keep = ("Fetch both sides",) if inside else (name,)
    target = state["Arguments"].get("FunctionName", state["Resource"].removeprefix("arn:aws:states:::"))
    retry, caught = matching(state.get("Retry", []), error), matching(state.get("Catch", []), error)
    service = "FunctionName" not in state["Arguments"]
    result, calls = play(machine, keep, target, error)
    made = sum(count for each, count in calls.items() if ":" in each) if service else calls[target]
    assert made == 1 + (retry["MaxAttempts"] if retry else 0)
    entered = [state for state in result.states if state in _beside(machine, name)]
    if caught is None:
        assert (result.status, entered) == ("FAILED", [name])
    else:
        assert entered == [name, caught["Next"]]


def _beside(machine: str, name: str) -> dict[str, Any]:
    """The states that stand in one row with ``name``: the machine's own, or those of one branch."""
    rows = [load(machine)["States"]]
    rows += [branch["States"] for state in rows[0].values() for branch in state.get("Branches", ())]
    return next(row for row in rows if name in row)


def test_the_generated_cases_leave_no_task_out() -> None:
    every = {(machine, name) for machine in NAMES for name in tasks(machine)}
    assert {(machine, name) for machine, name, _ in CASES} == every
    sends = [error for machine, name, error in CASES if "sqs:" in tasks(machine)[name]["Resource"]]
    sending = [name for machine, name in every if "sqs:" in tasks(machine)[name]["Resource"]]
    assert sorted(sends) == ["SQS.SdkClientException"] * len(sending) + ["States.Timeout"] * len(sending)


@pytest.mark.parametrize("machine", NAMES)
def test_every_message_sent_is_retried_under_the_names_that_aws_uses_and_fails_its_run_only_if_nobody_else_comes(
    machine: str,
) -> None:
    """The poll or the sweep finds what a lost message would have woken, so no error of SQS may end such a run badly.

    Nobody finds an invitation that AWS has accepted, nor a look that was put off: there the run fails, and its own
    message comes again.
    """
    for name, state in tasks(machine).items():
        if "sqs:" in state["Resource"]:
            assert {error for rule in state["Retry"] for error in rule["ErrorEquals"]} >= _SQS_NAMES, name
            assert ["States.ALL"] in [rule["ErrorEquals"] for rule in state["Catch"]], name
            ends = [load(machine)["States"][rule["Next"]]["Type"] for rule in state["Catch"]]
            assert set(ends) == ({"Task"} if name in _NEEDED else {"Succeed"}), name


@pytest.mark.parametrize("machine", NAMES)
def test_every_task_waits_with_jitter_and_a_cap_and_ends_within_its_machine(machine: str) -> None:
    for name, state in tasks(machine).items():
        assert state.get("TimeoutSeconds"), name
        for rule in state.get("Retry", ()):
            assert rule["JitterStrategy"] == "FULL", name
            assert rule["MaxDelaySeconds"] <= 10, name
            assert rule["MaxAttempts"] <= 6, name
    assert load(machine)["TimeoutSeconds"] < 300, "an Express execution ends after five minutes, uncatchably"


@pytest.mark.parametrize("machine", NAMES)
def test_every_function_call_retries_what_passes_by_itself(machine: str) -> None:
    for name, state in tasks(machine).items():
        if "FunctionName" in state["Arguments"]:
            retried = {error for rule in state["Retry"] for error in rule["ErrorEquals"]}
            assert retried >= {
                "Throttled",
                "Retryable",
                "Lambda.TooManyRequestsException",
                "Lambda.ServiceException",
            }, name
            assert not retried & {"Rejected", "Conflict", "NotFound", "Unauthorized", "Unexpected"}, name


@pytest.mark.parametrize("machine", NAMES)
def test_every_state_says_what_it_is_for(machine: str) -> None:
    for name, state in load(machine)["States"].items():
        assert len(state["Comment"]) > 10, name


# What must become of each kind of trouble; the drawing above is only right if it says this.
POLICY = [
    ("sync", "Plan the changes", "Throttled", "Postpone"),
    ("sync", "Create the opportunity", "Rejected", "Write back to the deal"),
    ("sync", "Create the opportunity", "Conflict", "Postpone"),
    ("sync", "Create the opportunity", "Unauthorized", "Postpone"),
    ("sync", "Create the opportunity", "Unexpected", "Note the failure"),
    ("sync", "Update the opportunity", "Conflict", "Read it all again"),
    ("sync", "Update the opportunity", "Rejected", "Write back to the deal"),
    ("sync", "Update the opportunity", "Retryable", "Postpone"),
    ("sync", "Complete the opportunity", "Rejected", "Write back to the deal"),
    ("sync", "Complete the opportunity", "Conflict", "Read it all again"),
    ("sync", "Complete the opportunity", "NotFound", "Read it all again"),
    ("sync", "Write back to the deal", "Retryable", "Postpone"),
    ("sync", "Write back to the deal", "NotFound", "Postpone"),
    ("sync", "Record the outcome", "Conflict", "Somebody took over"),
    ("sync", "Release the lease", "DynamoDB.ConditionalCheckFailedException", "Release and wake again"),
    ("aws_accept_invitation", "Accept the invitation", "Rejected", "Not to be accepted"),
    ("aws_accept_invitation", "Accept the invitation", "Throttled", "Come back later"),
    ("aws_accept_invitation", "Look at the task", "Retryable", "Come back later"),
    ("aws_accept_invitation", "Open the link", "Throttled", "Come back later"),
    ("aws_accept_invitation", "Send itself a message", "SQS.SdkClientException", "Note the failure"),
    ("aws_submit", "Reserve write quota", "Throttled", "Come back later"),
    ("aws_submit", "Start the submission", "Throttled", "Come back later"),
    ("aws_submit", "Start the submission", "Conflict", "Come back later"),
    ("aws_submit", "Start the submission", "Unauthorized", "Come back later"),
    ("aws_submit", "Start the submission", "Unexpected", "Note the failure"),
    ("aws_submit", "Look at the task", "Retryable", "Come back later"),
    ("aws_submit", "Send itself a message", "SQS.SdkClientException", "Note the failure"),
    ("look", "Begin the look", "Throttled", "May it come back"),
    ("look", "Gather what is new", "Throttled", "Let go"),
    ("look", "Gather what is new", "NotFound", "Let go"),
    ("look", "Gather what is new", "Unexpected", "Let go"),
    ("look", "Show it on the deal", "NotFound", "Let go"),
    ("look", "Show it on the deal", "Rejected", "Let go"),
    ("look", "Remember what was seen", "Retryable", "Let go"),
    ("look", "Send itself a message", "SQS.SdkClientException", "Note the failure"),
    ("poll", "Read one page", "Retryable", "Next time then"),
    ("poll", "Read one page", "Unexpected", "Note the failure"),
]


@pytest.mark.parametrize(("machine", "name", "error", "then"), POLICY)
def test_trouble_ends_where_it_should(machine: str, name: str, error: str, then: str) -> None:
    caught = matching(tasks(machine)[name]["Catch"], error)
    assert caught is not None
    assert caught["Next"] == then


@pytest.mark.parametrize(
    ("error", "then"),
    [
        ("Throttled", "Postpone"),
        ("Retryable", "Postpone"),
        ("Unauthorized", "Postpone"),
        ("Unexpected", "Note the failure"),
    ],
)
@pytest.mark.parametrize("failing", ["FetchDeal", "FetchOpportunity"])
def test_a_side_that_cannot_be_read_is_never_taken_for_one_that_has_nothing(
    failing: str, error: str, then: str
) -> None:
    result, _ = play("sync", ("Fetch both sides", "Did both answer"), failing, error)
    assert result.states[-1] == then
    assert "Plan the changes" not in result.states
