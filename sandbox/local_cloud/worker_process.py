"""Our end of one `worker` process: starts it, talks to it, ends it."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.local_cloud.failures import FunctionFailed
from sandbox.local_cloud.function_code import Function

_WORKER = Path(__file__).with_name("worker.py")
_START_SECONDS = 30.0


class TimedOut(Exception):
    """The worker did not answer in time."""


class Died(Exception):
    """The worker ended without an answer."""


class WorkerProcess:
    """One process. Not thread-safe: the pool lends it to one invocation at a time."""

    def __init__(self, function: Function, environment: Mapping[str, str]) -> None:
        self.function = function
        self._buffer = b""
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environment),
            cwd=function.code,
            start_new_session=True,
        )
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
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None  # noqa: S101  # opened as a pipe above
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise Died from None

    def _answer(self, until: float, logs: list[str]) -> dict[str, Any]:
        while True:
            message = json.loads(self._line(until))
            if "log" not in message:
                return message
            logs.append(message["log"])

    def _line(self, until: float) -> bytes:
        assert self._process.stdout is not None  # noqa: S101  # opened as a pipe above
        descriptor = self._process.stdout.fileno()
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
