"""Run a state machine definition in-process: real Amazon States Language, your own functions and services.

    engine = Interpreter(invoke_function=invoke, call_service=call)
    result = engine.run(definition_text, {"deal": "500"}, name="run-1")

``invoke_function(name, payload)`` answers a Lambda task (optimized ``lambda:invoke`` and direct function ARNs); an
exception it raises reaches ``Retry`` and ``Catch`` under its class name. `FunctionFailed` carries Lambda's own error
answer, and a ClientError becomes ``Lambda.<code>``. ``call_service(service, action, arguments)`` answers every other
task in boto3's terms (``"dynamodb", "update_item", {…}``) and raises ClientError. Neither needs a cloud: plain Python
functions will do.

The contract: Express semantics. 256 KiB of state at most (``States.DataLimitExceeded``), 5 minutes at most (the
execution is ``TIMED_OUT``, which no ``Catch`` sees), each task called as often as its ``Retry`` says and no oftener.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from sandbox.local_cloud import moto_engine
from sandbox.local_cloud.failures import FunctionFailed

__all__ = ["ExecutionResult", "FunctionFailed", "Interpreter", "Machine", "StateEvent"]

InvokeFunction = Callable[[str, Any], Any]
CallService = Callable[[str, str, dict[str, Any]], dict[str, Any]]
Gate = Callable[[str, str, str, str], None]

EXPRESS_LIMIT_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class StateEvent:
    """One thing that happened to a state: ``entered``, ``exited``, ``retried``, ``caught`` or ``failed``.

    ``at`` is in epoch seconds.
    """

    state: str
    what: str
    at: float


@dataclass(frozen=True, slots=True)
class ExecutionResult:
    """How an execution went. ``status`` is SUCCEEDED, FAILED or TIMED_OUT; ``error`` and ``cause`` as in the API.

    ``history`` holds the states' events in order, ``events`` the full history as GetExecutionHistory shows it.
    """

    status: str
    output: Any
    error: str | None
    cause: str | None
    name: str
    arn: str
    started_at: float
    stopped_at: float
    history: list[StateEvent] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def states(self) -> list[str]:
        """The names of the states in the order they were entered."""
        return [event.state for event in self.history if event.what == "entered"]

    def count(self, state: str, what: str) -> int:
        """How often ``what`` happened to ``state``."""
        return sum(1 for event in self.history if (event.state, event.what) == (state, what))


@dataclass(frozen=True, slots=True)
class Machine:
    """The names that an execution sees in its context object."""

    arn: str = "arn:aws:states:us-east-1:000000000000:stateMachine:local"
    role_arn: str = "arn:aws:iam::000000000000:role/local"

    @property
    def name(self) -> str:
        """The machine's name."""
        return self.arn.rsplit(":", 1)[1]

    def execution_arn(self, name: str) -> str:
        """The ARN of an Express execution."""
        return self.arn.replace(":stateMachine:", ":express:") + f":{name}:{uuid.uuid4()}"


class Interpreter:
    """Runs definitions; safe to use from many threads, one `run` each.

    ``time_scale`` shrinks every ``Wait`` and retry pause (0.01: a hundred times faster); ``slack`` stretches a
    task's time-out.
    ``sleep`` replaces those pauses altogether (a test's turnable clock); time-outs by the machine's clock would have no
    meaning then, and there are none. ``clock`` is what ``$now``, ``$millis`` and
    the context object tell. ``gate(execution_name, state, resource, phase)`` is called around each task's call,
    ``phase`` being ``before`` or ``after``; it may block, which is how tests order what runs at once.
    ``watch(execution_name, state, what)`` hears of every `StateEvent` as it happens.
    """

    def __init__(
        self,
        *,
        invoke_function: InvokeFunction,
        call_service: CallService,
        gate: Gate | None = None,
        watch: Callable[[str, str, str], None] | None = None,
        time_scale: float = 1.0,
        slack: float = 1.0,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] | None = None,
        limit_seconds: float = EXPRESS_LIMIT_SECONDS,
    ) -> None:
        self.invoke_function = invoke_function
        self.call_service = call_service
        self.gate = gate
        self.watch = watch
        self.time_scale = time_scale
        self.slack = slack
        self.clock = clock
        self.sleep = sleep
        self.limit_seconds = limit_seconds

    def run(
        self, definition: str, payload: Any, *, name: str | None = None, machine: Machine | None = None
    ) -> ExecutionResult:
        """Run ``definition`` (JSON text) on ``payload`` to its end; raises ValueError when it cannot be parsed."""
        machine = machine or Machine()
        name = name or str(uuid.uuid4())
        arn = machine.execution_arn(name)
        run = _Run(self, name)
        started = self.clock()
        context = {
            "Execution": {
                "Id": arn,
                "Input": json.loads(json.dumps(payload)),
                "Name": name,
                "RoleArn": machine.role_arn,
                "StartTime": moto_engine.iso(started),
            },
            "StateMachine": {"Id": machine.arn, "Name": machine.name},
        }
        _, _, _, region, account, *_ = machine.arn.split(":")
        status, output, error, cause = moto_engine.run_program(
            definition, context, run, region=region, account=account, limit_seconds=self.limit_seconds
        )
        run.closed = True
        return ExecutionResult(
            status, output, error, cause, name, arn, started, self.clock(), list(run.history), list(run.events)
        )


class _Run:
    """One execution's host: passes calls on, notes what happened."""

    def __init__(self, engine: Interpreter, name: str) -> None:
        self.engine = engine
        self.name = name
        self.closed = False
        self.history: list[StateEvent] = []
        self.events: list[dict[str, Any]] = []
        self.clock = engine.clock
        self.timed, self.slack = engine.sleep is None, engine.slack

    def pause(self, seconds: float, still_running: Callable[[], bool], woken: threading.Event) -> None:
        if self.engine.sleep is not None:
            self.engine.sleep(seconds)
            return
        until = time.monotonic() + seconds * self.engine.time_scale
        while still_running() and (left := until - time.monotonic()) > 0:
            woken.wait(left)

    def invoke_function(self, state: str, name: str, payload: Any) -> Any:
        try:
            return self._gated(state, name, lambda: self.engine.invoke_function(name, payload))
        except (FunctionFailed, ClientError):
            raise
        except Exception as error:
            raise FunctionFailed({"errorType": type(error).__name__, "errorMessage": str(error)}) from error

    def call_service(self, state: str, service: str, action: str, arguments: dict[str, Any]) -> dict[str, Any]:
        resource = f"{service}:{action}"
        return self._gated(state, resource, lambda: self.engine.call_service(service, action, arguments))

    def _gated(self, state: str, resource: str, call: Callable[[], Any]) -> Any:
        gate = self.engine.gate
        if gate is None:
            return call()
        gate(self.name, state, resource, "before")
        try:
            return call()
        finally:
            gate(self.name, state, resource, "after")

    def on_event(self, state: str | None, event: dict[str, Any]) -> None:
        if self.closed:
            return
        self.events.append(event)
        for suffix, what in (("StateEntered", "entered"), ("StateExited", "exited")):
            if event["type"].endswith(suffix):
                name = event[f"state{suffix.removeprefix('State')}EventDetails"]["name"]
                self._note(name, what)

    def on_state(self, state: str, what: str) -> None:
        if not self.closed:
            self._note(state, what)

    def _note(self, state: str, what: str) -> None:
        self.history.append(StateEvent(state, what, self.clock()))
        if self.engine.watch is not None:
            self.engine.watch(self.name, state, what)
