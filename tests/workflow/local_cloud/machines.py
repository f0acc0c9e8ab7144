"""Small definitions and collaborators for the engine's guard tests."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

from sandbox.local_cloud.interpreter import ExecutionResult, Interpreter

FUNCTION = "arn:aws:lambda:eu-central-1:111111111111:function:work"


def definition(states: dict[str, Any], start: str | None = None, **more: Any) -> str:
    """A JSONata definition of these states, beginning with the first."""
    return json.dumps({"QueryLanguage": "JSONata", "StartAt": start or next(iter(states)), "States": states, **more})


def invoke(**more: Any) -> dict[str, Any]:
    """A task state that invokes the function with the state's input."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": FUNCTION, "Payload": "{% $states.input %}"},
        "Output": "{% $states.result.Payload %}",
        **({} if "Next" in more else {"End": True}),
        **more,
    }


def refusal(code: str, operation: str = "UpdateItem", status: int = 400) -> ClientError:
    """What boto3 raises when a service refuses."""
    metadata = {"HTTPStatusCode": status, "RequestId": "r-1"}
    return ClientError({"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": metadata}, operation)  # type: ignore[arg-type]


def named(name: str) -> Exception:
    """An exception whose class has this name, as a handler's would."""
    return type(name, (Exception,), {})("because")


class Scripted:
    """Answers calls from a list; an exception in the list is raised."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.calls: list[tuple[Any, ...]] = []

    def __call__(self, *arguments: Any) -> Any:
        self.calls.append(arguments)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def run(
    text: str, payload: Any = None, *, function: Any = None, service: Any = None, **options: Any
) -> ExecutionResult:
    """Run a definition a hundred times faster than it asks."""
    options.setdefault("time_scale", 0.01)
    engine = Interpreter(invoke_function=function or Scripted({}), call_service=service or Scripted({}), **options)
    return engine.run(text, {} if payload is None else payload)
