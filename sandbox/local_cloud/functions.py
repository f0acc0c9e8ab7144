"""Runs deployed functions in worker processes: what Lambda is to the state machines, the API and the queues.

A worker is one execution environment (`worker`): a bare Python with the function's bundle and layers on its path,
nothing of this repository's environment, serving one invocation at a time. Workers start when an invocation finds none
free, up to ``workers_per_function``; beyond that invocations wait their turn, unless ``concurrency_limit`` says to
refuse (``TooManyRequestsException``, as in an account with a concurrency of 10).

A handler's exception is raised as `FunctionFailed` with ``errorType`` naming its class. A time-out ends the worker and
is ``Sandbox.Timedout``; a worker that dies is ``Runtime.ExitError``; code that cannot be imported is
``Runtime.ImportModuleError``.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from sandbox.local_cloud.failures import Died, FunctionFailed, TimedOut
from sandbox.local_cloud.function_code import CodeStore, Function
from sandbox.local_cloud.nursery import CAN_FORK, SHARED_ENVIRONMENT, Nursery
from sandbox.local_cloud.worker_process import WorkerProcess

LogSink = Callable[[Function, list[str]], None]
OnDone = Callable[[Function, float, str | None], None]


@dataclass(slots=True)
class FunctionCounters:
    """What one function did. Durations in milliseconds, of the handler alone."""

    invocations: int = 0
    cold_starts: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    throttles: int = 0
    durations_ms: deque[float] = field(default_factory=lambda: deque(maxlen=10000))
    cold_start_ms: deque[float] = field(default_factory=lambda: deque(maxlen=1000))


class _Slots:
    """The workers of one function: free ones, and how many there are."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.free: list[WorkerProcess] = []
        self.count = 0
        self.changed = threading.Condition()


class FunctionPool:
    """Invokes deployed functions by name or ARN; safe to use from many threads.

    ``overrides`` are environment variables that win over the function's own (endpoints of the local cloud and of the
    simulated vendors). ``fork``: workers come from a `nursery` where this machine can do that, instead of importing
    everything themselves. Time-outs are ``slack`` times as long as declared. ``log_sink(function, lines)`` gets what
    each invocation printed, ``on_done(function, milliseconds, error)`` how it went, unless it was invoked as
    ``measured_elsewhere``.
    """

    def __init__(
        self,
        store: CodeStore,
        *,
        overrides: Mapping[str, str] | None = None,
        workers_per_function: int = 4,
        concurrency_limit: int | None = None,
        fork: bool = True,
        slack: float = 1.0,
        log_sink: LogSink | None = None,
        on_done: OnDone | None = None,
    ) -> None:
        self._store = store
        self._batches: deque[dict[str, Any]] = deque(maxlen=5000)
        self.overrides = dict(overrides or {})
        self.workers_per_function = workers_per_function
        self.concurrency_limit = concurrency_limit
        self._log_sink = log_sink
        self._on_done = on_done
        self._slots: dict[str, _Slots] = {}
        self._lock = threading.Lock()
        self._running = 0
        self._workers: set[WorkerProcess] = set()
        self._fork = fork and CAN_FORK
        self._slack = slack
        self._nurseries: dict[tuple[Path, ...], Nursery] = {}
        self.counters: defaultdict[str, FunctionCounters] = defaultdict(FunctionCounters)

    def invoke(self, name: str, event: Any, *, measured_elsewhere: bool = False) -> Any:
        """The handler's answer to ``event``; raises FunctionFailed, or ClientError TooManyRequestsException."""
        slots = self._slots_of(name)
        if isinstance(event, dict) and "Records" in event:
            self._batches.append(event)
        counters = self.counters[slots.function.name]
        self._enter(counters)
        logs: list[str] = []
        failed: str | None = None
        began = time.perf_counter()
        try:
            worker = self._take(slots, counters, logs)
            try:
                return self._call(worker, event, counters, logs)
            finally:
                self._give_back(slots, worker)
        except FunctionFailed as error:
            failed = str(error.payload.get("errorType"))
            counters.errors[failed] += 1
            raise
        finally:
            self._leave()
            if self._on_done and not measured_elsewhere:
                self._on_done(slots.function, (time.perf_counter() - began) * 1000, failed)
            if logs and self._log_sink:
                self._log_sink(slots.function, logs)

    def batches(self) -> list[dict[str, Any]]:
        """The newest batches of messages that a function was given, oldest first."""
        return list(self._batches)

    def warm(self, name: str) -> None:
        """Start one worker of a function that has none, as provisioned concurrency would."""
        slots = self._slots_of(name)
        with slots.changed:
            if slots.count:
                return
            slots.count += 1
        try:
            worker = self._start(slots.function, self.counters[slots.function.name], [])
        except BaseException:
            with slots.changed:
                slots.count -= 1
                slots.changed.notify()
            raise
        self._give_back(slots, worker)

    def cold(self) -> None:
        """End every idle worker, so that the next invocation of each function starts one."""
        for slots in list(self._slots.values()):
            with slots.changed:
                workers, slots.free = slots.free, []
                slots.count -= len(workers)
                slots.changed.notify_all()
            for worker in workers:
                worker.stop()

    def stop(self) -> None:
        """End every worker, busy ones too."""
        with self._lock:
            workers, nurseries = list(self._workers), list(self._nurseries.values())
            self._nurseries.clear()
        for worker in workers:
            worker.stop()
        for nursery in nurseries:
            nursery.stop()

    def forget(self) -> None:
        """Read every function's configuration and code again (after a deployment)."""
        self.cold()
        with self._lock:
            self._slots.clear()

    def _slots_of(self, name: str) -> _Slots:
        slots = self._slots.get(name)
        if slots is None:
            function = self._store.read(name)
            with self._lock:
                slots = self._slots.setdefault(function.arn, _Slots(function))
                self._slots[name] = slots
        return slots

    def _enter(self, counters: FunctionCounters) -> None:
        with self._lock:
            if self.concurrency_limit is not None and self._running >= self.concurrency_limit:
                counters.throttles += 1
                answer: Any = {
                    "Error": {"Code": "TooManyRequestsException", "Message": "Rate Exceeded."},
                    "ResponseMetadata": {"HTTPStatusCode": 429, "RequestId": str(uuid.uuid4())},
                }
                raise ClientError(answer, "Invoke")
            self._running += 1
            counters.invocations += 1

    def _leave(self) -> None:
        with self._lock:
            self._running -= 1

    def _take(self, slots: _Slots, counters: FunctionCounters, logs: list[str]) -> WorkerProcess:
        with slots.changed:
            while not slots.free and slots.count >= self.workers_per_function:
                slots.changed.wait()
            if slots.free:
                return slots.free.pop()
            slots.count += 1
        try:
            return self._start(slots.function, counters, logs)
        except BaseException:
            with slots.changed:
                slots.count -= 1
                slots.changed.notify()
            raise

    def _start(self, function: Function, counters: FunctionCounters, logs: list[str]) -> WorkerProcess:
        began = time.perf_counter()
        try:
            worker = WorkerProcess(function, self._environment(function), self._nursery_of(function))
        except Died:
            raise FunctionFailed(_exit_error("the process that workers are forked from has ended")) from None
        with self._lock:
            self._workers = {known for known in self._workers if not known.broken} | {worker}
        try:
            logs += worker.wait_until_ready()
        except (Died, TimedOut):
            worker.stop()
            raise FunctionFailed(_exit_error("the worker ended or hung while it imported the handler")) from None
        except FunctionFailed:
            worker.stop()
            raise
        counters.cold_starts += 1
        counters.cold_start_ms.append((time.perf_counter() - began) * 1000)
        return worker

    def _nursery_of(self, function: Function) -> Nursery | None:
        if not self._fork:
            return None
        folders = (*function.native, function.code, *function.layers)
        with self._lock:
            if folders not in self._nurseries:
                self._nurseries[folders] = Nursery(folders)
            return self._nurseries[folders]

    def _give_back(self, slots: _Slots, worker: WorkerProcess) -> None:
        with slots.changed:
            if worker.broken:
                slots.count -= 1
            else:
                slots.free.append(worker)
            slots.changed.notify()

    def _call(self, worker: WorkerProcess, event: Any, counters: FunctionCounters, logs: list[str]) -> Any:
        request_id = str(uuid.uuid4())
        began = time.perf_counter()
        try:
            answer = worker.call(event, request_id, worker.function.timeout * self._slack, logs)
        except TimedOut:
            worker.stop()
            message = f"RequestId: {request_id} Error: Task timed out after {worker.function.timeout:.2f} seconds"
            raise FunctionFailed({"errorType": "Sandbox.Timedout", "errorMessage": message}) from None
        except Died:
            worker.stop()
            raise FunctionFailed(
                _exit_error(f"RequestId: {request_id} Error: Runtime exited without an answer")
            ) from None
        finally:
            counters.durations_ms.append((time.perf_counter() - began) * 1000)
        if "error" in answer:
            raise FunctionFailed({**answer["error"], "requestId": request_id})
        return answer["result"]

    def _environment(self, function: Function) -> dict[str, str]:
        return {
            **SHARED_ENVIRONMENT,
            "AWS_REGION": function.region,
            "AWS_DEFAULT_REGION": function.region,
            "AWS_ACCESS_KEY_ID": function.account,
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
            "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group,
            "AWS_LAMBDA_LOG_STREAM_NAME": f"local/[$LATEST]{uuid.uuid4().hex}",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "LAMBDA_TASK_ROOT": str(function.code),
            "_HANDLER": function.handler,
            **function.environment,
            **self.overrides,
        }


def _exit_error(message: str) -> dict[str, Any]:
    return {"errorType": "Runtime.ExitError", "errorMessage": message}
