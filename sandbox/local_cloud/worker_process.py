"""Our end of one `worker` process: starts it, talks to it, ends it."""

from __future__ import annotations

import json
import os
import select
import time
from collections.abc import Mapping
from typing import Any

from sandbox.local_cloud.failures import Died, FunctionFailed, TimedOut
from sandbox.local_cloud.function_code import Function
from sandbox.local_cloud.nursery import Nursery, Spawned, Started

# Only for a start that never ends: on a busy machine many of them may go on at once.
_START_SECONDS = 120.0


class WorkerProcess:
    """One process. Not thread-safe: the pool lends it to one invocation at a time."""

    def __init__(self, function: Function, environment: Mapping[str, str], nursery: Nursery | None = None) -> None:
        self.function = function
        self._buffer = b""
        self._process: Started = nursery.fork(function, environment) if nursery else Spawned(function, environment)
        code = [str(folder) for folder in (*function.native, function.code)]
        layers = [str(layer) for layer in function.layers]
        self._send({"code": code, "layers": layers, "handler": function.handler})
        self.started_ms = 0.0
        self.broken = False

    def wait_until_ready(self) -> list[str]:
        """Returns what the import printed; raises FunctionFailed when the handler cannot be loaded."""
        logs: list[str] = []
        message = self._answer(time.monotonic() + _START_SECONDS, logs)
        if "init_error" in message:
            error = message["init_error"]
            if error["errorType"] in ("ModuleNotFoundError", "ImportError"):
                error = {**error, "errorType": "Runtime.ImportModuleError"}
            raise FunctionFailed(error)
        self.started_ms = message["ready"]
        return logs

    def call(self, event: Any, request_id: str, seconds: float, logs: list[str]) -> dict[str, Any]:
        """The worker's answer (``result`` or ``error``); appends printed lines to ``logs``."""
        deadline = time.time() + seconds
        self._send({"event": event, "request_id": request_id, "arn": self.function.arn, "deadline": deadline})
        return self._answer(time.monotonic() + seconds, logs)

    def stop(self) -> None:
        """End the process."""
        self.broken = True
        self._process.end()
        for pipe in (self._process.requests, self._process.answers):
            try:
                pipe.close()
            except BrokenPipeError:
                continue

    def _send(self, message: dict[str, Any]) -> None:
        try:
            self._process.requests.write(json.dumps(message).encode() + b"\n")
            self._process.requests.flush()
        except BrokenPipeError:
            raise Died from None

    def _answer(self, until: float, logs: list[str]) -> dict[str, Any]:
        while True:
            message = json.loads(self._line(until))
            if "log" not in message:
                return message
            logs.append(message["log"])

    def _line(self, until: float) -> bytes:
        descriptor = self._process.answers.fileno()
        while b"\n" not in self._buffer:
            left = until - time.monotonic()
            if left <= 0 or not select.select([descriptor], [], [], left)[0]:
                raise TimedOut
            chunk = os.read(descriptor, 65536)
            if not chunk:
                raise Died
            self._buffer += chunk
        line, self._buffer = self._buffer.split(b"\n", 1)
        return line
