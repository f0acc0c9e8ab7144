"""Runs deployed Express machines and keeps what they did: for the pipes, for tests and for a person to look at.

`ExecutionRunner.start` is StartSyncExecution on the machine as it is deployed at that moment (definition, role and
logging configuration from ``DescribeStateMachine``). Every execution is kept in memory (newest first out), appended to
a file of JSON lines, counted in ``AWS/States`` metrics and logged to the configured group as its level and
``includeExecutionData`` say.
"""

from __future__ import annotations

import copy
import json
import threading
import time
from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sandbox.local_cloud.clients import Clients
from sandbox.local_cloud.interpreter import CallService, ExecutionResult, Interpreter, Machine
from sandbox.local_cloud.telemetry import Place, Telemetry

_FATAL = {"ExecutionAborted", "ExecutionFailed", "ExecutionTimedOut"}
_DATA = (
    "input",
    "inputDetails",
    "output",
    "outputDetails",
    "parameters",
    "assignedVariables",
    "assignedVariablesDetails",
)
_REFRESH_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class ExecutionRecord:
    """One execution: the deployed machine's name, what went in and the result."""

    machine: str
    input: Any
    result: ExecutionResult

    @property
    def status(self) -> str:
        """SUCCEEDED, FAILED or TIMED_OUT."""
        return self.result.status

    @property
    def duration_ms(self) -> float:
        """From start to end, in milliseconds."""
        return (self.result.stopped_at - self.result.started_at) * 1000

    def as_dict(self) -> dict[str, Any]:
        """The record as a JSON document."""
        return {
            "machine": self.machine,
            "name": self.result.name,
            "input": self.input,
            "status": self.status,
            "states": self.result.states,
            "error": self.result.error,
            "cause": self.result.cause,
            "output": self.result.output,
            "started_at": self.result.started_at,
            "duration_ms": round(self.duration_ms, 1),
        }


class ExecutionLog:
    """The newest ``keep`` executions, and all of them in ``file`` when one is given.

    The full event history, by far the largest part, is kept for the newest ``keep_events`` only.
    """

    def __init__(self, *, keep: int = 10000, keep_events: int = 500, file: Path | None = None) -> None:
        self._records: deque[ExecutionRecord] = deque(maxlen=keep)
        self._keep_events = keep_events
        self._file = file
        self._changed = threading.Condition()

    def add(self, record: ExecutionRecord) -> None:
        """Keep one."""
        with self._changed:
            self._records.append(record)
            if len(self._records) > self._keep_events:
                old = self._records[-self._keep_events - 1]
                self._records[-self._keep_events - 1] = replace(old, result=replace(old.result, events=[]))
            if self._file is not None:
                with self._file.open("a") as file:
                    file.write(json.dumps(record.as_dict(), default=str) + "\n")
            self._changed.notify_all()

    def find(self, machine: str | None = None, status: str | None = None) -> list[ExecutionRecord]:
        """Executions, oldest first, of machines whose name contains ``machine`` and with that status."""
        with self._changed:
            records = list(self._records)
        return [r for r in records if (not machine or machine in r.machine) and (not status or r.status == status)]


@dataclass(frozen=True, slots=True)
class _Deployed:
    machine: Machine
    definition: str
    log_group: str | None
    log_level: str
    log_data: bool
    read_at: float


class ExecutionRunner:
    """Starts deployed machines in-process."""

    def __init__(self, clients: Clients, engine: Interpreter, telemetry: Telemetry, log: ExecutionLog) -> None:
        self._clients = clients
        self.engine = engine
        self._telemetry = telemetry
        self.log = log
        self._deployed: dict[str, _Deployed] = {}

    def start(self, machine_arn: str, payload: Any, *, name: str | None = None) -> ExecutionResult:
        """Run the deployed machine on ``payload`` to its end; raises ClientError when there is no such machine."""
        deployed = self._read(machine_arn)
        result = self._engine_for(deployed.machine).run(
            deployed.definition, payload, name=name, machine=deployed.machine
        )
        self.log.add(ExecutionRecord(deployed.machine.name, payload, result))
        self._measure(deployed, result)
        self._write_log(deployed, result)
        return result

    def forget(self) -> None:
        """Read every machine again (after a deployment)."""
        self._deployed.clear()

    def _engine_for(self, machine: Machine) -> Interpreter:
        """The engine with service calls going to the machine's own account and region."""
        engine = copy.copy(self.engine)
        place = _place(machine.arn)
        engine.call_service = service_caller(self._clients, place)
        return engine

    def _read(self, arn: str) -> _Deployed:
        known = self._deployed.get(arn)
        if known is not None and time.monotonic() - known.read_at < _REFRESH_SECONDS:
            return known
        answer = self._clients.for_arn("stepfunctions", arn).describe_state_machine(stateMachineArn=arn)
        logging = answer.get("loggingConfiguration", {})
        destinations = [
            destination["cloudWatchLogsLogGroup"]["logGroupArn"].removesuffix(":*").split(":log-group:")[1]
            for destination in logging.get("destinations", [])
        ]
        deployed = _Deployed(
            machine=Machine(arn, answer["roleArn"]),
            definition=answer["definition"],
            log_group=destinations[0] if destinations else None,
            log_level=logging.get("level", "OFF"),
            log_data=bool(logging.get("includeExecutionData", False)),
            read_at=time.monotonic(),
        )
        self._deployed[arn] = deployed
        return deployed

    def _measure(self, deployed: _Deployed, result: ExecutionResult) -> None:
        place = _place(deployed.machine.arn)
        dimensions = {"StateMachineArn": deployed.machine.arn}
        outcome = {"SUCCEEDED": "ExecutionsSucceeded", "FAILED": "ExecutionsFailed", "TIMED_OUT": "ExecutionsTimedOut"}
        for name in ("ExecutionsStarted", outcome[result.status]):
            self._telemetry.metric(place, "AWS/States", name, 1, dimensions=dimensions)
        milliseconds = (result.stopped_at - result.started_at) * 1000
        self._telemetry.metric(
            place, "AWS/States", "ExecutionTime", milliseconds, unit="Milliseconds", dimensions=dimensions
        )

    def _write_log(self, deployed: _Deployed, result: ExecutionResult) -> None:
        if deployed.log_group is None or deployed.log_level == "OFF":
            return
        for event in result.events:
            if _is_logged(event["type"], deployed.log_level):
                line = json.dumps(_log_entry(event, result, deployed.log_data), default=str)
                self._telemetry.log(_place(deployed.machine.arn), deployed.log_group, line)


def service_caller(clients: Clients, place: Place) -> CallService:
    """Answers service tasks with the local cloud's services in ``place``."""

    def call(service: str, action: str, arguments: dict[str, Any]) -> dict[str, Any]:
        return getattr(clients.get(service, region=place.region, account=place.account), action)(**arguments)

    return call


def _place(arn: str) -> Place:
    _, _, _, region, account, *_ = arn.split(":")
    return Place(account, region)


def _is_logged(kind: str, level: str) -> bool:
    if level == "ALL":
        return True
    if level == "FATAL":
        return kind in _FATAL
    return kind in _FATAL or kind == "FailStateEntered" or kind.endswith(("Failed", "TimedOut", "Aborted"))


def _log_entry(event: dict[str, Any], result: ExecutionResult, with_data: bool) -> dict[str, Any]:
    details = next((value for value in event.values() if isinstance(value, dict)), {})
    if not with_data:
        details = {name: value for name, value in details.items() if name not in _DATA}
    return {
        "id": str(event["id"]),
        "type": event["type"],
        "details": details,
        "previous_event_id": str(event["previousEventId"]),
        "event_timestamp": event["timestamp"],
        "execution_arn": result.arn,
    }
