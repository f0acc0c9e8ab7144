"""Where workers come from: a process that has imported what functions of the same code share, and forks.

Most of a cold start is the import of the vendors' libraries (the AWS SDK alone takes a quarter of a second of CPU), and
a world starts some forty functions made of five bundles. A forked worker has these libraries already, what the AWS SDK
reads from its files, and of our own modules those that begin nothing when they are imported; it is in everything else
as it would be after a start of its own: its function's environment and nothing else, none of the function's own
handlers, clients and settings. Only on Linux: elsewhere a fork without a new program is not safe.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, Protocol, cast

from sandbox.local_cloud.failures import Died
from sandbox.local_cloud.function_code import Function

WORKER = Path(__file__).with_name("worker.py")
CAN_FORK = sys.platform == "linux"
# Read by libraries while they are imported, and the same for every function.
SHARED_ENVIRONMENT = {
    "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
    "LANG": "en_US.UTF-8",
    "TZ": ":UTC",
    "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
}
# Other people's modules that handlers import at once or soon; what a bundle does not have is passed over.
_LIBRARIES = (
    "boto3",
    "botocore.httpsession",
    "botocore.retries.standard",
    "aws_lambda_powertools",
    "aws_lambda_powertools.metrics",
    "aws_lambda_powertools.utilities.typing",
    "zoneinfo",
    "google.auth.transport.requests",
    "google.oauth2.service_account",
    "msal",
    "cryptography.x509",
)

# Our own modules that only define, whatever the function: imported they read no environment and make no client.
QUIET = ("lambdas/*/domain/*.py", "lambdas/*/adapters/**/*.py")
# Services of AWS whose descriptions nearly every worker needs; read by the SDK from large files.
_SERVICES = ("dynamodb", "events", "partnercentral-selling", "secretsmanager", "sqs", "sts")


class Started(Protocol):
    """A worker's process: where it takes requests and gives answers, and how it is ended."""

    requests: IO[bytes]
    answers: IO[bytes]

    def end(self) -> None:
        """Kill it and wait until it is gone."""
        ...


class Spawned:
    """A process of its own, from a fresh Python."""

    def __init__(self, function: Function, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environment),
            cwd=function.code,
            start_new_session=True,
        )
        self.requests: IO[bytes] = cast(IO[bytes], self._process.stdin)
        self.answers: IO[bytes] = cast(IO[bytes], self._process.stdout)

    def end(self) -> None:
        """As `Started` says."""
        self._process.kill()
        self._process.wait()


class _Forked:
    """A child of a nursery's process."""

    def __init__(self, nursery: Nursery, number: int, requests: int, answers: int) -> None:
        self._nursery, self._number = nursery, number
        self.requests: IO[bytes] = os.fdopen(requests, "wb")
        self.answers: IO[bytes] = os.fdopen(answers, "rb", buffering=0)

    def end(self) -> None:
        """As `Started` says."""
        self._nursery.end(self._number)


class Nursery:
    """Forks workers of functions that import from the same folders. Safe to use from many threads."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self._channel, theirs = socket.socketpair()
        names = [str(folder) for folder in folders]
        shared = json.dumps({"folders": names, "libraries": _LIBRARIES, "quiet": QUIET, "services": _SERVICES})
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(WORKER), "nursery", shared],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=SHARED_ENVIRONMENT,
            start_new_session=True,
        )
        theirs.close()
        self._lock = threading.Lock()

    def fork(self, function: Function, environment: Mapping[str, str]) -> Started:
        """A new worker; raises Died when the nursery is gone."""
        theirs_in, requests = os.pipe()
        answers, theirs_out = os.pipe()
        order = {"environment": dict(environment), "directory": str(function.code)}
        try:
            number = self._ask(order, theirs_in, theirs_out)
        except Died:
            os.close(requests)
            os.close(answers)
            raise
        finally:
            os.close(theirs_in)
            os.close(theirs_out)
        return _Forked(self, number, requests, answers)

    def end(self, number: int) -> None:
        """End one worker."""
        try:
            self._ask({"end": number})
        except Died:
            return  # and so are all its children

    def stop(self) -> None:
        """Hang up, upon which the nursery ends its workers and itself."""
        with self._lock:
            self._channel.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _ask(self, order: Mapping[str, Any], *descriptors: int) -> int:
        with self._lock:
            try:
                line = json.dumps(order).encode() + b"\n"
                sent = socket.send_fds(self._channel, [line], list(descriptors)) if descriptors else 0
                self._channel.sendall(line[sent:])
                answer = self._channel.recv(64)
            except OSError:
                raise Died from None
        if not answer:
            raise Died
        return int(answer)
