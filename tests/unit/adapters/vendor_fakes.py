"""Fake transports for the vendor adapters: no sockets, and every request is kept to look at."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from lambdas.shared.adapters.hubspot import HubSpot


class TurnedClock:
    """A clock that tests set."""

    def __init__(self, now_ms: int = 1_790_000_000_000) -> None:
        self.time = now_ms

    def now_ms(self) -> int:
        return self.time


class Request:
    """One request as HubSpot would see it."""

    def __init__(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> None:
        parts = urlsplit(url)
        self.method, self.url, self.path = method, url, parts.path
        self.query = dict(parse_qsl(parts.query))
        self.headers = dict(headers)
        self.body: Any = None if body is None else json.loads(body)


class HubSpotScript:
    """Answers HubSpot requests in the order of ``say``; an exception among the answers is raised."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.tokens: list[bool] = []
        self._answers: list[Any] = []

    def say(self, body: Any = None, status: int = 200, headers: Mapping[str, str] | None = None) -> HubSpotScript:
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        self._answers.append((status, dict(headers or {}), content))
        return self

    def fail(self, error: Exception) -> HubSpotScript:
        self._answers.append(error)
        return self

    def refuse(self, status: int, **body: Any) -> HubSpotScript:
        said = {"status": "error", "message": "Jane Roe <jane@example.com> is wrong", "correlationId": "abc-1"}
        if status == 404:
            said["category"] = "OBJECT_NOT_FOUND"
        return self.say({**said, **body}, status)

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Any:
        self.requests.append(Request(method, url, headers, body))
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def token(self, fresh: bool) -> str:
        self.tokens.append(fresh)
        return "pat-new" if fresh else "pat-old"

    def client(self, clock: TurnedClock | None = None, **options: Any) -> HubSpot:
        return HubSpot(self.token, "https://hubspot.test", self.send, clock or TurnedClock(), **options)

    @property
    def only(self) -> Request:
        assert len(self.requests) == 1
        return self.requests[0]


class _Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_args: Any, **_options: Any) -> Any:
        yield self._body

    def read(self, *_args: Any) -> bytes:
        return self._body


class AwsScript:
    """Answers signed requests of a botocore client in its ``before-send`` hook, where no socket is open yet."""

    def __init__(self, client: Any, service: str = "partnercentral-selling") -> None:
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.raw: list[Any] = []
        self._answers: list[Callable[[Any], Any] | Exception] = []
        client.meta.events.register(f"before-send.{service}.*", self._send)

    def say(self, body: Any = None, status: int = 200, headers: Mapping[str, str] | None = None) -> AwsScript:
        content = body if isinstance(body, bytes) else json.dumps(body if body is not None else {}).encode()

        def answer(request: Any) -> Any:
            from botocore.awsrequest import AWSResponse

            return AWSResponse(request.url, status, {"x-amzn-RequestId": "req-1", **(headers or {})}, _Raw(content))

        self._answers.append(answer)
        return self

    def refuse(self, code: str, status: int = 400, **members: Any) -> AwsScript:
        body = {"__type": f"com.amazonaws.partnercentral#{code}", "Message": "Jane Roe is wrong", **members}
        return self.say(body, status)

    def fail(self, error: Exception) -> AwsScript:
        self._answers.append(error)
        return self

    def _send(self, request: Any, **_options: Any) -> Any:
        target = request.headers.get("X-Amz-Target", b"")
        target = target.decode() if isinstance(target, bytes) else target
        self.requests.append((target.rpartition(".")[2], json.loads(request.body or b"{}")))
        self.raw.append(request)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer(request)
