"""A proxy that counts: what the deployed functions ask of AWS and of the vendors, in calls and bytes.

It stands between the functions and the local cloud, or one simulated vendor, and hands everything on as it is. What it
adds in time is why nothing that is timed is measured through it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import urllib3

_HOP_BY_HOP = frozenset({"connection", "transfer-encoding", "content-length", "keep-alive", "content-encoding"})
_SERVICES = {
    "DynamoDB_20120810": "dynamodb",
    "AmazonSQS": "sqs",
    "secretsmanager": "secretsmanager",
    "AWSEvents": "events",
    "TrentService": "kms",
}


@dataclass(frozen=True, slots=True)
class Call:
    """One request that went through. ``service`` is AWS's name of it, or the vendor's; ``asked`` and ``answered`` are
    the bodies where they are JSON."""

    service: str
    operation: str
    bytes_out: int
    bytes_in: int
    asked: Any
    answered: Any


class Meter:
    """Serves on a loopback port until ``stop``; ``target()`` is the address behind it, asked for at each call."""

    def __init__(self, name: str, target: Callable[[], str]) -> None:
        self.name = name
        self.calls: list[Call] = []
        self._target = target
        self._pool = urllib3.PoolManager(maxsize=64, retries=False)
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """What the functions get in the place of the address behind."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        """Close the port."""
        self._server.shutdown()
        self._server.server_close()

    def hand_on(self, method: str, path: str, headers: dict[str, str], body: bytes) -> urllib3.BaseHTTPResponse:
        """Send a request on, and count it with its answer."""
        answer = self._pool.request(
            method, self._target() + path, body=body or None, headers=headers, redirect=False, timeout=120
        )
        service, operation = _what(self.name, method, path, headers, body)
        self.calls.append(Call(service, operation, len(body), len(answer.data), _json(body), _json(answer.data)))
        return answer


def _what(name: str, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[str, str]:
    """Service and operation of a request, from what AWS's protocols say of it, else from its path."""
    folded = {key.lower(): value for key, value in headers.items()}
    prefix, _, operation = folded.get("x-amz-target", "").rpartition(".")
    if operation:
        return _SERVICES.get(prefix, name if name != "aws" else prefix), operation
    action = parse_qs(body.decode("latin-1")).get("Action") if "form" in folded.get("content-type", "") else None
    if action:
        return "sts", action[0]
    return name, f"{method} {path.partition('?')[0]}"


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever asked has gone: it was slow for them, and they ask again."""


def _handler(meter: Meter) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Headers and body in one packet: two would wait for each other (Nagle, delayed acknowledgement).
        wbufsize = -1
        disable_nagle_algorithm = True

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
            headers["Accept-Encoding"] = "identity"
            answer = meter.hand_on(self.command, self.path, headers, body)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in _HOP_BY_HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.data)))
            self.end_headers()
            self.wfile.write(answer.data)
            self.wfile.flush()

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _pass

        def log_message(self, format: str, *args: Any) -> None:
            return

    return Handler
