"""Error names, retries and catches of the state machine language, as the local engine runs them."""

from __future__ import annotations

import importlib.metadata
import threading

import pytest

from sandbox.local_cloud.interpreter import FunctionFailed
from tests.workflow.local_cloud.machines import FUNCTION, Scripted, definition, invoke, named, refusal, run

OK = {"Type": "Succeed", "Output": "{% $states.input %}"}
CAUGHT = {"Error": "{% $states.errorOutput.Error %}"}


def catch(*names: str) -> list[dict]:
    return [{"ErrorEquals": list(names), "Output": CAUGHT, "Next": "Ok"}]


def test_engine_is_the_pinned_one():
    assert importlib.metadata.version("moto") == "5.2.5"


def test_exception_class_name_reaches_catch():
    result = run(definition({"Work": invoke(Catch=catch("Rejected")), "Ok": OK}), function=Scripted(named("Rejected")))
    assert (result.status, result.output) == ("SUCCEEDED", {"Error": "Rejected"})
    assert result.count("Work", "caught") == 1


def test_uncaught_error_fails_the_execution_under_its_name():
    result = run(definition({"Work": invoke()}), function=Scripted(named("Unexpected")))
    assert (result.status, result.error) == ("FAILED", "Unexpected")
    assert "because" in result.cause


def test_lambda_error_answer_is_the_cause():
    failed = FunctionFailed({"errorType": "Sandbox.Timedout", "errorMessage": "Task timed out after 1.00 seconds"})
    result = run(definition({"Work": invoke()}), function=Scripted(failed))
    assert result.error == "Sandbox.Timedout"
    assert "timed out after 1.00" in result.cause


@pytest.mark.parametrize("resource", ["arn:aws:states:::lambda:invoke", FUNCTION])
def test_lambda_throttle_is_named_by_the_service(resource):
    task = invoke(Catch=catch("Lambda.TooManyRequestsException"))
    if resource == FUNCTION:
        task = {**task, "Resource": FUNCTION, "Arguments": "{% $states.input %}", "Output": "{% $states.result %}"}
    result = run(definition({"Work": task, "Ok": OK}), function=Scripted(refusal("TooManyRequestsException", "Invoke")))
    assert result.output == {"Error": "Lambda.TooManyRequestsException"}


def test_direct_function_arn_answers_the_payload_itself():
    task = {"Type": "Task", "Resource": FUNCTION, "Arguments": {"x": 1}, "End": True}
    function = Scripted({"answer": None})
    result = run(definition({"Work": task}), function=function)
    assert result.output == {"answer": None}
    assert function.calls == [(FUNCTION, {"x": 1})]


def test_retry_repeats_the_named_error_until_it_passes():
    retry = [{"ErrorEquals": ["Throttled"], "IntervalSeconds": 1, "MaxAttempts": 3}]
    function = Scripted(named("Throttled"), named("Throttled"), {"done": True})
    result = run(definition({"Work": invoke(Retry=retry)}), function=function)
    assert result.output == {"done": True}
    assert result.count("Work", "retried") == 2


def test_retry_stops_after_max_attempts_and_leaves_other_errors_alone():
    retry = [{"ErrorEquals": ["Throttled"], "MaxAttempts": 2}]
    always = Scripted(named("Throttled"))
    assert run(definition({"Work": invoke(Retry=retry)}), function=always).error == "Throttled"
    assert len(always.calls) == 3
    other = Scripted(named("Conflict"))
    assert run(definition({"Work": invoke(Retry=retry)}), function=other).error == "Conflict"
    assert len(other.calls) == 1


def test_retriers_count_their_attempts_separately():
    retry = [{"ErrorEquals": ["Throttled"], "MaxAttempts": 1}, {"ErrorEquals": ["Retryable"], "MaxAttempts": 1}]
    function = Scripted(named("Throttled"), named("Retryable"), named("Throttled"))
    assert run(definition({"Work": invoke(Retry=retry)}), function=function).error == "Throttled"
    assert len(function.calls) == 3


def _pauses(**retrier) -> list[float]:
    pauses: list[float] = []
    retry = [{"ErrorEquals": ["Throttled"], "MaxAttempts": 4, **retrier}]
    function = Scripted(named("Throttled"))
    run(definition({"Work": invoke(Retry=retry)}), function=function, sleep=pauses.append)
    return pauses


def test_retry_backs_off_up_to_the_cap():
    assert _pauses(IntervalSeconds=1, BackoffRate=3, MaxDelaySeconds=5) == [1, 3, 5, 5]


def test_full_jitter_stays_below_the_interval_and_varies():
    pauses = _pauses(IntervalSeconds=8, BackoffRate=1, JitterStrategy="FULL")
    assert all(0 <= pause <= 8 for pause in pauses)
    assert len(set(pauses)) > 1


def test_retry_counts_do_not_leak_between_concurrent_executions():
    text = definition({"Work": invoke(Retry=[{"ErrorEquals": ["Throttled"], "MaxAttempts": 2}])})
    results: list[str] = []

    def one() -> None:
        results.append(run(text, function=Scripted(named("Throttled"), named("Throttled"), {})).status)

    threads = [threading.Thread(target=one) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == ["SUCCEEDED"] * 20


def test_conditional_check_is_named_by_each_integration():
    arguments = {"TableName": "t", "Key": {"pk": {"S": "1"}}, "UpdateExpression": "SET a = b"}
    for resource, name in (
        ("arn:aws:states:::dynamodb:updateItem", "DynamoDB.ConditionalCheckFailedException"),
        ("arn:aws:states:::aws-sdk:dynamodb:updateItem", "DynamoDb.ConditionalCheckFailedException"),
    ):
        task = {"Type": "Task", "Resource": resource, "Arguments": arguments, "Catch": catch(name), "Next": "Ok"}
        service = Scripted(refusal("ConditionalCheckFailedException"))
        assert run(definition({"Write": task, "Ok": OK}), service=service).output == {"Error": name}


def test_sdk_error_without_a_class_of_its_own_is_the_services():
    task = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sqs:sendMessage", "Arguments": {}, "End": True}
    assert run(definition({"Send": task}), service=Scripted(refusal("NoIdea"))).error == "Sqs.SqsException"


def test_event_bus_refusal_is_named_by_the_service():
    task = {"Type": "Task", "Resource": "arn:aws:states:::events:putEvents", "Arguments": {"Entries": []}, "End": True}
    result = run(definition({"Tell": task}), service=Scripted(refusal("ResourceNotFoundException", "PutEvents")))
    assert result.error == "EventBridge.ResourceNotFoundException"


def test_query_error_in_arguments_of_an_integration_keeps_its_name():
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:getItem",
        "Arguments": {"TableName": "{% $states.input.nothing %}", "Key": {}},
        "Catch": catch("States.QueryEvaluationError"),
        "Next": "Ok",
    }
    assert run(definition({"Read": task, "Ok": OK})).output == {"Error": "States.QueryEvaluationError"}


def test_query_error_in_output_is_caught_too():
    task = invoke(Output="{% $states.result.nothing %}", Catch=catch("States.QueryEvaluationError"))
    assert run(definition({"Work": task, "Ok": OK})).output == {"Error": "States.QueryEvaluationError"}


def test_query_error_fails_the_execution_and_names_the_expression():
    result = run(definition({"Shape": {"Type": "Pass", "Output": "{% $states.input.nothing %}", "End": True}}))
    assert result.error == "States.QueryEvaluationError"
    assert "$states.input.nothing" in result.cause


def test_no_choice_matched_has_its_name():
    choice = {"Type": "Choice", "Choices": [{"Condition": "{% false %}", "Next": "Ok"}]}
    assert run(definition({"Choose": choice, "Ok": OK})).error == "States.NoChoiceMatched"


def test_condition_that_is_neither_true_nor_false_is_an_error():
    choice = {"Type": "Choice", "Choices": [{"Condition": "{% 'yes' %}", "Next": "Ok"}], "Default": "Ok"}
    assert run(definition({"Choose": choice, "Ok": OK})).error == "States.QueryEvaluationError"


def test_fail_state_gives_error_and_cause():
    result = run(
        definition({"Stop": {"Type": "Fail", "Error": "Bad", "Cause": "{% 'it is ' & $states.input.x %}"}}), {"x": 1}
    )
    assert (result.status, result.error, result.cause) == ("FAILED", "Bad", "it is 1")


@pytest.mark.parametrize("inner", ["Rejected", "States.Timeout"])
def test_parallel_catches_the_error_of_a_branch_under_its_name(inner):
    failing = {"Work": invoke()} if inner == "Rejected" else {"Slow": {**invoke(), "TimeoutSeconds": 1}}
    blocked = threading.Event()
    function = Scripted(named("Rejected")) if inner == "Rejected" else (lambda *_: blocked.wait(5))
    parallel = {
        "Type": "Parallel",
        "Branches": [{"StartAt": next(iter(failing)), "States": failing}],
        "Catch": catch(inner),
        "Next": "Ok",
    }
    assert run(definition({"Both": parallel, "Ok": OK}), function=function).output == {"Error": inner}
    blocked.set()


def test_map_catches_the_error_of_an_item_under_its_name():
    states = {"Work": invoke(Arguments={"FunctionName": FUNCTION, "Payload": "{% $states.input.nothing %}"})}
    over = {
        "Type": "Map",
        "Items": "{% [1, 2] %}",
        "ItemProcessor": {"StartAt": "Work", "States": states},
        "Catch": catch("States.QueryEvaluationError"),
        "Next": "Ok",
    }
    assert run(definition({"Each": over, "Ok": OK})).output == {"Error": "States.QueryEvaluationError"}


def test_data_limit_is_not_caught_by_all_but_by_its_name():
    big = Scripted({"text": "x" * 300_000})
    uncaught = run(definition({"Work": invoke(Catch=catch("States.ALL")), "Ok": OK}), function=big)
    assert (uncaught.status, uncaught.error) == ("FAILED", "States.DataLimitExceeded")
    caught = run(definition({"Work": invoke(Catch=catch("States.DataLimitExceeded")), "Ok": OK}), function=big)
    assert caught.output == {"Error": "States.DataLimitExceeded"}


def test_task_timeout_is_caught_and_not_by_task_failed():
    blocked = threading.Event()
    function = lambda *_: blocked.wait(5)  # noqa: E731
    both = [*catch("States.TaskFailed"), *catch("States.Timeout")]
    result = run(definition({"Slow": {**invoke(Catch=both), "TimeoutSeconds": 1}, "Ok": OK}), function=function)
    assert result.output == {"Error": "States.Timeout"}
    blocked.set()


def test_task_failed_catches_a_named_error():
    function = Scripted(named("Anything"))
    assert run(definition({"Work": invoke(Catch=catch("States.TaskFailed")), "Ok": OK}), function=function).output == {
        "Error": "Anything"
    }


def test_execution_timeout_cannot_be_caught():
    wait = {"Wait": {"Type": "Wait", "Seconds": 600, "Next": "Ok"}, "Ok": OK}
    parallel = {
        "Type": "Parallel",
        "Branches": [{"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}}],
        "Catch": catch("States.ALL"),
        "Next": "Ok",
    }
    for text in (definition(wait), definition({"Both": parallel, "Ok": OK})):
        result = run(text, time_scale=1, limit_seconds=0.2)
        assert (result.status, result.error) == ("TIMED_OUT", "States.Timeout")


def test_definitions_own_timeout_ends_the_execution():
    text = definition({"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}, TimeoutSeconds=1)
    assert run(text, time_scale=1).status == "TIMED_OUT"


def test_retry_pause_ends_with_the_execution():
    retry = [{"ErrorEquals": ["Throttled"], "IntervalSeconds": 60, "MaxAttempts": 5}]
    function = Scripted(named("Throttled"))
    result = run(definition({"Work": invoke(Retry=retry)}), function=function, time_scale=1, limit_seconds=0.2)
    assert result.status == "TIMED_OUT"
    assert len(function.calls) == 1


def test_unreadable_definition_is_refused_with_the_reason():
    with pytest.raises(ValueError, match="not a valid definition"):
        run('{"StartAt": "A", "States": {"A": {"Type": "Task"')
