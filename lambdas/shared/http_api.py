"""What every function behind the operator's REST API has in common: the request read and checked, answers, errors.

Errors are problem details (RFC 9457) with the media type ``application/problem+json``. Beside the standard members
they carry ``errors``, one entry for each thing that is wrong: ``object`` (``query``, ``path``, ``body``, a HubSpot
object), ``property``, ``message``, ``allowed``. docs/openapi.yaml is what callers read; tests hold both to each other.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from lambdas.shared.errors import (
    Conflict,
    CosellError,
    NotFound,
    Problem,
    Rejected,
    Retryable,
    Throttled,
    Unauthorized,
)
from lambdas.shared.runtime import Answer, Event, logger

PROBLEM_TYPES = "urn:cosell-sync:problem:"
DEFAULT_LIMIT, MOST = 20, 100
_BUSY_SECONDS = 5


class HttpProblem(Exception):
    """An answer that is none: ``kind`` names the problem's type, ``errors`` what is wrong one by one."""

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.kind, self.detail = status, kind, detail
        self.errors, self.headers = tuple(errors), headers or {}


@dataclass(frozen=True, slots=True)
class Request:
    """One call. ``query`` has each parameter once; ``caller`` is the ARN that IAM let in."""

    method: str
    resource: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    request_id: str = "none"
    caller: str = "unknown"


@dataclass(frozen=True, slots=True)
class Reply:
    """A good answer: ``body`` becomes JSON, or is text of the ``media_type``."""

    body: Mapping[str, Any] | str
    status: int = 200
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


type Route[C] = Callable[[Request, C], Reply]


def routed[C](routes: Mapping[tuple[str, str], Route[C]]) -> Callable[[Event, C], Answer]:
    """``work`` for ``entry_point``: the route of API Gateway's proxy event (method, resource), and its answer.

    Named errors become problems; ``Unexpected`` and anything unnamed goes through, so that it is seen as a failure of
    the function, and API Gateway answers 502.
    """

    def work(event: Event, collaborators: C) -> Answer:
        try:
            request = _request(event)
            reply = _route(request, routes)(request, collaborators)
        except HttpProblem as problem:
            return _problem(problem)
        except CosellError as error:
            found = _of_error(error)
            if found is None:
                raise
            logger.warning("named error", extra={"error": type(error).__name__, "reason": str(error)})
            return _problem(found)
        return _answer(reply.status, reply.media_type, reply.body, reply.headers)

    return work


def invalid(where: str, name: str, message: str, allowed: Sequence[str] = ()) -> HttpProblem:
    """400 for one parameter: ``where`` is ``query``, ``path`` or ``body``."""
    return HttpProblem(400, "invalid-request", message, [_error(where, name, message, allowed)])


def as_errors(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """``errors`` of a problem answer, from the product's own problems."""
    return [_error(each.object, each.property, each.message, each.allowed) for each in problems]


def check_query(request: Request, allowed: Sequence[str]) -> None:
    """400 for a parameter that the route does not know."""
    for name in request.query:
        if name not in allowed:
            message = f"There is no query parameter {name[:40]!r}."
            raise invalid("query", name[:40], message, allowed)


def limit_of(request: Request, default: int = DEFAULT_LIMIT, most: int = MOST) -> int:
    """How many entries a page is to have: ``default`` unless ``limit`` says so, 1 to ``most``."""
    text = request.query.get("limit")
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= most:
        raise invalid("query", "limit", f"limit must be a whole number from 1 to {most}.")
    return int(text)


def page_token(scope: Mapping[str, Any], after: str) -> str:
    """A token of the page that begins behind ``after``, for the query that ``scope`` (route and filters) describes.

    Its digest is over both. It keeps nothing secret and lets nobody in: whoever computes another token by hand gets
    what the same query, which IAM let through, gives anyway.
    """
    text = json.dumps([_digest([scope, after]), after], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def after_of(request: Request, scope: Mapping[str, Any]) -> str | None:
    """Where the page that ``next`` asks for begins; None for the first. 400 for a token that is none of this query."""
    token = request.query.get("next")
    if token is None:
        return None
    try:
        digest, after = json.loads(base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True))
        if isinstance(after, str) and digest == _digest([scope, after]):
            return after
    except (ValueError, TypeError):
        pass
    raise invalid("query", "next", "next is no token of this query; begin again without it.")


def retry_later(detail: str, kind: str = "unavailable", seconds: int = _BUSY_SECONDS) -> HttpProblem:
    """503 with the time after which to ask again."""
    return HttpProblem(503, kind, detail, headers={"Retry-After": str(seconds)})


def _route[C](request: Request, routes: Mapping[tuple[str, str], Route[C]]) -> Route[C]:
    if (found := routes.get((request.method, request.resource))) is not None:
        return found
    allowed = [method for method, resource in routes if resource == request.resource]
    if allowed:
        detail = f"{request.resource} takes {' and '.join(allowed)}."
        raise HttpProblem(405, "method-not-allowed", detail, headers={"Allow": ", ".join(allowed)})
    raise HttpProblem(404, "no-such-path", "The API has no such path.")


def _request(event: Event) -> Request:
    many = event.get("multiValueQueryStringParameters") or {}
    query = {**(event.get("queryStringParameters") or {})}
    repeated = [name for name, values in many.items() if len(values) > 1]
    body = event.get("body") or ""
    if event.get("isBase64Encoded"):
        body = base64.b64decode(body).decode("utf-8", "replace")
    context = event.get("requestContext") or {}
    request = Request(
        str(event.get("httpMethod", "")),
        str(event.get("resource", "")),
        event.get("pathParameters") or {},
        query,
        str(body),
        str(context.get("requestId", "none")),
        str((context.get("identity") or {}).get("userArn") or "unknown"),
    )
    if repeated:
        raise invalid("query", repeated[0][:40], f"The query parameter {repeated[0][:40]!r} stands there twice.")
    return request


def _of_error(error: CosellError) -> HttpProblem | None:
    """The problem for a named error; None for what is nobody's but ours to put right."""
    text = str(error)
    if isinstance(error, Throttled):
        return retry_later(text, "vendor-busy", max(1, round(error.retry_after_seconds or _BUSY_SECONDS)))
    if isinstance(error, Retryable):
        return retry_later(text)
    if isinstance(error, Rejected):
        return HttpProblem(422, "rejected", text, as_errors(error.problems))
    kinds: Mapping[type[CosellError], tuple[int, str]] = {
        NotFound: (404, "not-found"),
        Conflict: (409, "conflict"),
        Unauthorized: (502, "vendor-refused-us"),
    }
    found = kinds.get(type(error))
    return None if found is None else HttpProblem(*found, text)


def _problem(problem: HttpProblem) -> Answer:
    body: dict[str, Any] = {
        "type": f"{PROBLEM_TYPES}{problem.kind}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "errors": [dict(each) for each in problem.errors],
    }
    return _answer(problem.status, "application/problem+json", body, problem.headers)


def _answer(
    status: int, media_type: str, body: Mapping[str, Any] | str, headers: Mapping[str, str] | None = None
) -> Answer:
    return {
        "statusCode": status,
        "headers": {"Content-Type": media_type, "Cache-Control": "no-store", **(headers or {})},
        "body": body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, separators=(",", ":")),
    }


def _error(where: str, name: str | None, message: str, allowed: Sequence[str]) -> dict[str, Any]:
    return {"object": where, "property": name, "message": message, "allowed": list(allowed)}


def _digest(of: Any) -> str:
    return hashlib.sha256(json.dumps(of, sort_keys=True).encode()).hexdigest()[:16]
