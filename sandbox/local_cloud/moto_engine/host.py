"""The execution's side of the interpreter: what it asks of the world, and how a mend finds out whom to ask."""

from __future__ import annotations

import datetime
import functools
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Protocol

from sandbox.local_cloud.moto_engine import names as moto

ACTIVE = threading.local()  # .env, .state: what this thread is evaluating, for mends that get neither


class Host(Protocol):
    """What one execution asks of the world around it. Every method may be called from several threads at once.

    ``timed``: time-outs go by the machine's clock; otherwise there are none. ``slack`` stretches those of tasks.
    """

    timed: bool
    slack: float

    def clock(self) -> float:
        """Epoch seconds."""
        ...

    def pause(self, seconds: float, still_running: Callable[[], bool], woken: threading.Event) -> None:
        """Return after ``seconds``, or as soon as ``still_running`` says no (``woken`` is set then)."""
        ...

    def invoke_function(self, state: str, name: str, payload: Any) -> Any:
        """The function's answer; raises `FunctionFailed`, or ClientError for what the Lambda service refuses."""
        ...

    def call_service(self, state: str, service: str, action: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """The answer of boto3's method ``action``; raises ClientError."""
        ...

    def on_event(self, state: str | None, event: dict[str, Any]) -> None:
        """One history event as the Step Functions API shows it (``id``, ``type``, ``timestamp`` and details)."""
        ...

    def on_state(self, state: str, what: str) -> None:
        """``retried``, ``caught`` or ``failed`` happened to ``state``."""
        ...


class HostDetails(moto.details.AWSExecutionDetails):
    """moto hands this object to every frame of an execution, so it can carry the host there."""

    def __init__(self, account: str, region: str, role_arn: str, host: Host) -> None:
        super().__init__(account, region, role_arn)
        self.host = host


def host_of(env: Any) -> Host:
    """The host of the execution that ``env`` belongs to."""
    return env.aws_execution_details.host


class Recorder(moto.event_manager.EventManager):
    """Hands history events to the host instead of keeping them."""

    def __init__(self, host: Host) -> None:
        super().__init__()
        self._host = host

    def add_event(
        self,
        context: Any,
        event_type: Any,
        event_details: Any = None,
        timestamp: Any = None,
        update_source_event_id: bool = True,
    ) -> int:
        """Number the event, tell the host, answer the number."""
        with self._mutex:
            event_id = self._event_id_gen.get()
            event = {
                "id": event_id,
                "previousEventId": context.source_event_id,
                "type": str(getattr(event_type, "value", event_type)),
            }
            context.last_published_event_id = event_id
            if update_source_event_id:
                context.source_event_id = event_id
        event["timestamp"] = iso(self._host.clock())
        self._host.on_event(getattr(ACTIVE, "state", None), {**event, **(event_details or {})})
        return event_id


@functools.lru_cache(maxsize=256)  # events come in bunches, most of all by a turned clock
def iso(epoch: float) -> str:
    """Epoch seconds as the context object and the history write times."""
    return (
        datetime.datetime.fromtimestamp(epoch, datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )


def failure(env: Any, kind: Any, cause: str) -> Exception:
    """An exception that ends the state with the named ``States.…`` error."""
    name = moto.names.StatesErrorName(typ=kind)
    details = {"executionFailedEventDetails": {"error": name.error_name, "cause": cause}}
    return moto.FailureException(
        moto.failure.FailureEvent(
            env=env, error_name=name, event_type=moto.api.HistoryEventType.ExecutionFailed, event_details=details
        )
    )


@contextmanager
def active(env: Any, state: str) -> Generator[None]:
    """Note in this thread what it evaluates, while it does."""
    before = getattr(ACTIVE, "env", None), getattr(ACTIVE, "state", None)
    ACTIVE.env, ACTIVE.state = env, state
    try:
        yield
    finally:
        ACTIVE.env, ACTIVE.state = before
