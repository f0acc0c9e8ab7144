"""Data in the state machine language: JSONata, variables, the context object, Map, Parallel and Wait, run locally."""

from __future__ import annotations

import itertools
import json
import threading

import pytest

from sandbox.local_cloud.interpreter import Interpreter, Machine
from sandbox.local_cloud.queries import QueryError, evaluate
from tests.workflow.local_cloud.machines import FUNCTION, Scripted, definition, invoke, run

NOON = 1790000000.25


def value(expression: str, **bindings):
    return evaluate(expression, bindings, lambda: NOON)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("$partition([1, 2, 3, 4, 5], 2)", [[1, 2], [3, 4], [5]]),
        ("$range(0, 10, 5)", [0, 5, 10]),
        ("$hash('a', 'MD5')", "0cc175b9c0f1b6a831c399e269772661"),
        ("$parse('{\"a\": null}')", {"a": None}),
        ("$random() < 1", True),
        ("$length($uuid())", 36),
        ("$millis()", 1790000000250),
        ("$now()", "2026-09-21T14:13:20.250Z"),
        ("$string(10 / 2)", "5"),
        ("10 / 4", 2.5),
        ("$exists($value.there)", True),
        ("$value.there = null", True),
        ("$exists($value.missing)", False),
        ("$merge([$value, {'x': 1}])", {"there": None, "x": 1}),
        ("$value.missing ? 1 : 2", 2),
    ],
)
def test_queries_answer_as_step_functions_does(expression, expected):
    assert value(expression, value={"there": None}) == expected


@pytest.mark.parametrize("expression", ["$value.missing", "$eval('1')", "$sum(['a'])", "a b", "function($x){$x}"])
def test_query_that_cannot_answer_is_an_error_naming_it(expression):
    with pytest.raises(QueryError) as error:
        value(expression, value={})
    assert expression in str(error.value)


def test_random_with_a_seed_repeats():
    assert value("$random(7)") == value("$random(7)") != value("$random(8)")


def test_text_survives_assign_with_quotes_and_newlines():
    text = 'say "hi"\n{% \\ %}'
    states = {
        "Keep": {"Type": "Pass", "Assign": {"kept": "{% $states.input.text %}", "plain": 'a"b\nc'}, "Next": "Give"},
        "Give": {
            "Type": "Pass",
            "Output": {"kept": "{% $kept %}", "plain": "{% $plain %}", "raw": 'q"\u00e9'},
            "End": True,
        },
    }
    assert run(definition(states), {"text": text}).output == {"kept": text, "plain": 'a"b\nc', "raw": 'q"é'}


def test_null_stays_null_through_input_arguments_and_output():
    function = Scripted({"back": None})
    result = run(definition({"Work": invoke()}), {"nothing": None}, function=function)
    assert function.calls == [(FUNCTION, {"nothing": None})]
    assert result.output == {"back": None}


def test_assign_sees_the_values_before_it():
    states = {
        "One": {"Type": "Pass", "Assign": {"n": 1}, "Next": "Two"},
        "Two": {"Type": "Pass", "Assign": {"n": "{% $n + 1 %}", "before": "{% $n %}"}, "Next": "Give"},
        "Give": {"Type": "Pass", "Output": "{% [$n, $before] %}", "End": True},
    }
    assert run(definition(states)).output == [2, 1]


def test_catch_assigns_the_error_and_keeps_other_variables():
    task = invoke(
        Catch=[
            {
                "ErrorEquals": ["States.ALL"],
                "Assign": {
                    "why": "{% $states.errorOutput.Error %}",
                    "what": "{% $parse($states.errorOutput.Cause).errorMessage %}",
                },
                "Next": "Give",
            }
        ],
        Next="Give",
    )
    states = {"Work": task, "Give": {"Type": "Pass", "Output": "{% $why & ': ' & $what %}", "End": True}}
    assert run(definition(states), function=Scripted(KeyError("x"))).output == "KeyError: 'x'"


def test_context_object_names_the_execution_the_state_and_the_machine():
    output = {
        "id": "{% $states.context.Execution.Id %}",
        "name": "{% $states.context.Execution.Name %}",
        "start": "{% $states.context.Execution.StartTime %}",
        "input": "{% $states.context.Execution.Input %}",
        "state": "{% $states.context.State.Name %}",
        "entered": "{% $states.context.State.EnteredTime %}",
        "machine": "{% $states.context.StateMachine.Name %}",
    }
    machine = Machine("arn:aws:states:eu-central-1:111111111111:stateMachine:sync", "arn:aws:iam::111111111111:role/r")
    engine = Interpreter(invoke_function=Scripted({}), call_service=Scripted({}), clock=lambda: NOON)
    text = definition({"Here": {"Type": "Pass", "Output": output, "End": True}})
    seen = engine.run(text, {"a": 1}, name="run-1", machine=machine).output
    assert seen.pop("id").startswith("arn:aws:states:eu-central-1:111111111111:express:sync:run-1:")
    assert seen == {
        "name": "run-1",
        "start": "2026-09-21T14:13:20.250Z",
        "input": {"a": 1},
        "state": "Here",
        "entered": "2026-09-21T14:13:20.250Z",
        "machine": "sync",
    }


def test_retry_count_is_in_the_context():
    function = Scripted(KeyError("x"), {})
    arguments = {"FunctionName": FUNCTION, "Payload": {"attempt": "{% $states.context.State.RetryCount %}"}}
    text = definition({"Work": invoke(Arguments=arguments, Retry=[{"ErrorEquals": ["KeyError"]}])})
    run(text, function=function)
    assert [call[1]["attempt"] for call in function.calls] == [0, 1]


def test_wait_takes_its_seconds_from_a_query():
    pauses: list[float] = []
    text = definition({"Hold": {"Type": "Wait", "Seconds": "{% $states.input.wait %}", "End": True}})
    assert run(text, {"wait": 42}, sleep=pauses.append).output == {"wait": 42}
    assert pauses == [42]


def test_parallel_gives_the_outputs_in_order_and_branches_see_outer_variables():
    def branch(n: int) -> dict:
        return {
            "StartAt": f"B{n}",
            "States": {f"B{n}": {"Type": "Pass", "Output": f"{{% $base + {n} %}}", "End": True}},
        }

    states = {
        "Base": {"Type": "Pass", "Assign": {"base": 10}, "Next": "Both"},
        "Both": {"Type": "Parallel", "Branches": [branch(1), branch(2)], "End": True},
    }
    assert run(definition(states)).output == [11, 12]


def test_parallel_branches_run_at_once():
    both = threading.Barrier(2, timeout=60)
    branches = [{"StartAt": name, "States": {name: invoke()}} for name in ("Deal", "Opportunity")]
    text = definition({"Both": {"Type": "Parallel", "Branches": branches, "End": True}})
    result = run(text, function=lambda *_: {"at": min(1, both.wait())})
    assert result.status == "SUCCEEDED"


@pytest.mark.parametrize("limit", [1, 3])
def test_map_keeps_to_its_concurrency_and_the_order(limit):
    running, most = itertools.count(), []
    lock = threading.Lock()
    now = [0]

    def function(_name, item):
        next(running)
        with lock:
            now[0] += 1
            most.append(now[0])
        threading.Event().wait(0.02)
        with lock:
            now[0] -= 1
        return item * 2

    over = {
        "Type": "Map",
        "Items": "{% $states.input.items %}",
        "MaxConcurrency": limit,
        "ItemProcessor": {"StartAt": "Work", "States": {"Work": invoke()}},
        "End": True,
    }
    result = run(definition({"Each": over}), {"items": [1, 2, 3, 4, 5, 6]}, function=function)
    assert result.output == [2, 4, 6, 8, 10, 12]
    assert max(most) == limit


def test_map_over_nothing_gives_nothing():
    over = {
        "Type": "Map",
        "Items": "{% [] %}",
        "ItemProcessor": {"StartAt": "Work", "States": {"Work": invoke()}},
        "End": True,
    }
    assert run(definition({"Each": over})).output == []


def test_item_selector_sees_the_item_and_its_index():
    over = {
        "Type": "Map",
        "Items": "{% ['a', 'b'] %}",
        "ItemSelector": {"v": "{% $states.context.Map.Item.Value %}", "i": "{% $states.context.Map.Item.Index %}"},
        "ItemProcessor": {"StartAt": "Same", "States": {"Same": {"Type": "Pass", "End": True}}},
        "End": True,
    }
    assert run(definition({"Each": over})).output == [{"v": "a", "i": 0}, {"v": "b", "i": 1}]


def test_service_tasks_are_asked_in_boto3s_terms():
    service = Scripted({"MessageId": "m", "ResponseMetadata": {}})
    arguments = {"QueueUrl": "q", "MessageBody": {"link": "{% $states.input.link %}"}}
    task = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Arguments": arguments, "End": True}
    assert run(definition({"Wake": task}), {"link": "l1"}, service=service).output == {"MessageId": "m"}
    ((service_name, action, sent),) = service.calls
    assert (service_name, action, sent["QueueUrl"]) == ("sqs", "send_message", "q")
    assert json.loads(sent["MessageBody"]) == {"link": "l1"}


def test_choice_assigns_and_goes_on():
    choice = {
        "Type": "Choice",
        "Choices": [{"Condition": "{% $states.input.n > 1 %}", "Assign": {"big": True}, "Next": "Give"}],
        "Default": "Give",
        "Assign": {"big": False},
    }
    text = definition({"Choose": choice, "Give": {"Type": "Pass", "Output": "{% $big %}", "End": True}})
    assert [run(text, {"n": n}).output for n in (2, 1)] == [True, False]


def test_gate_sees_every_call_before_and_after():
    seen: list[tuple[str, ...]] = []
    run(definition({"Work": invoke()}), gate=lambda *call: seen.append(call[1:]))
    assert seen == [("Work", FUNCTION, "before"), ("Work", FUNCTION, "after")]


def test_gate_can_order_two_executions():
    order: list[str] = []
    first_is_in, second_is_done = threading.Event(), threading.Event()

    def gate(name, _state, _resource, phase):
        if name == "first" and phase == "before":
            first_is_in.set()
            assert second_is_done.wait(60)

    engine = Interpreter(invoke_function=lambda _name, who: order.append(who), call_service=Scripted({}), gate=gate)
    text = definition(
        {
            "Work": invoke(
                Arguments={"FunctionName": FUNCTION, "Payload": "{% $states.context.Execution.Name %}"}, Output="x"
            )
        }
    )
    first = threading.Thread(target=lambda: engine.run(text, {}, name="first"))
    first.start()
    assert first_is_in.wait(60)
    engine.run(text, {}, name="second")
    second_is_done.set()
    first.join()
    assert order == ["second", "first"]


def test_history_tells_the_states_in_order():
    states = {"One": {"Type": "Pass", "Next": "Two"}, "Two": {"Type": "Succeed"}}
    result = run(definition(states))
    assert result.states == ["One", "Two"]
    assert [event["type"] for event in result.events][-1] == "ExecutionSucceeded"
