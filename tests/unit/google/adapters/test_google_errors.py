"""Every refusal of Google's becomes the right named error, and no customer's value gets into a message."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.google.adapters.google_errors import failure, lost
from lambdas.shared.errors import (
    Conflict,
    CosellError,
    NotFound,
    Rejected,
    Retryable,
    Throttled,
    Unauthorized,
    Unexpected,
    was_not_sent,
)

SECRET = "Contoso Secret Ltd"
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"


def error(code: int, status: str, **more: Any) -> dict[str, Any]:
    return {"error": {"code": code, "status": status, "message": f"{SECRET} is wrong", **more}}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (403, error(403, "PERMISSION_DENIED", errors=[{"reason": "rateLimitExceeded"}]), Throttled),
        (403, error(403, "PERMISSION_DENIED", details=[{"reason": "RATE_LIMIT_EXCEEDED"}]), Throttled),
        (403, error(403, "PERMISSION_DENIED", details=[{"reason": "PARTNER_DETACHED"}]), Unauthorized),
        (403, None, Unauthorized),
        (401, error(401, "UNAUTHENTICATED"), Unauthorized),
        (400, error(400, "INVALID_ARGUMENT"), Rejected),
        (400, None, Unexpected),
        (404, error(404, "NOT_FOUND"), NotFound),
        (404, None, Unexpected),
        (409, error(409, "ABORTED"), Conflict),
        (429, error(429, "RESOURCE_EXHAUSTED"), Throttled),
        (500, error(500, "INTERNAL"), Retryable),
        (503, None, Retryable),
        (504, ["odd"], Retryable),
        (302, None, Unexpected),
    ],
)
def test_status_and_reason_decide(status: int, body: Any, expected: type[CosellError]) -> None:
    found = failure("to read", status, {}, body)
    assert type(found) is expected
    assert SECRET not in str(found)


def test_a_refused_field_is_named_and_its_description_is_not_repeated() -> None:
    rows = [{"field": "opportunityInfo.displayName", "description": SECRET}, {"field": SECRET}]
    found = failure("to create", 400, {}, error(400, "INVALID_ARGUMENT", details=[{"fieldViolations": rows}]))
    assert isinstance(found, Rejected)
    assert [each.field for each in found.problems] == ["opportunityInfo.displayName"]
    assert SECRET not in repr(found.problems)


def test_a_refusal_that_names_no_field_is_about_the_opportunity() -> None:
    found = failure("to create", 400, {}, error(400, "INVALID_ARGUMENT"))
    assert isinstance(found, Rejected)
    assert [each.field for each in found.problems] == ["opportunity"]


def test_the_pause_is_read_from_the_header() -> None:
    found = failure("to read", 429, {"Retry-After": "7"}, None)
    assert isinstance(found, Throttled)
    assert found.retry_after_seconds == 7.0


def test_a_lost_call_is_told_apart_from_a_refused_sign_in() -> None:
    refresh = type("RefreshError", (Exception,), {})
    assert type(lost("to read", ConnectionError(SECRET))) is Retryable
    assert type(lost("to read", type("TransportError", (Exception,), {})())) is Retryable
    assert type(lost("to read", refresh(SECRET))) is Unauthorized
    assert type(lost("to read", type("Later", (refresh,), {"retryable": True})())) is Retryable
    assert type(lost("to read", KeyError(SECRET))) is Unexpected
    assert SECRET not in str(lost("to read", KeyError(SECRET)))


def test_only_a_call_that_certainly_did_not_go_out_says_so() -> None:
    without_token = type("TransportError", (Exception,), {})()
    no_connection = type("ConnectTimeout", (OSError,), {})()
    assert was_not_sent(lost("to create", without_token))
    assert was_not_sent(lost("to create", no_connection))
    assert not was_not_sent(lost("to create", ConnectionError()))
    assert not was_not_sent(lost("to create", TimeoutError()))
