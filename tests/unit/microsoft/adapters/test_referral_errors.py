"""Every status and code of Partner Center as one of our errors."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambdas.microsoft.adapters.referral_errors import failure
from lambdas.shared.errors import (
    Conflict,
    NotFound,
    Rejected,
    Retryable,
    Throttled,
    Unauthorized,
    Unexpected,
)

SECRET = "Jane Roe jane@example.com"


def of(status: int, code: str | None = None, headers: dict[str, str] | None = None, **error: Any) -> Exception:
    body = {"error": {"code": code, "message": SECRET, **error}} if code else {"oops": SECRET}
    return failure("to test", status, headers or {}, json.dumps(body).encode(), 1_000_000)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, "invalidRequest", Rejected),
        (400, "itemNotFound", NotFound),
        (400, "generalException", Rejected),
        (400, None, Unexpected),
        (401, "unAuthorized", Unauthorized),
        (401, None, Unauthorized),
        (403, "accessDenied", Unauthorized),
        (403, "insufficent_claims", Unauthorized),
        (404, "itemNotFound", NotFound),
        (404, "ITEMNOTFOUND", NotFound),
        (404, "generalException", Unexpected),
        (404, None, Unexpected),
        (409, "generalException", Conflict),
        (412, "preconditionFailed", Conflict),
        (412, "resourceModified", Conflict),
        (412, None, Conflict),
        (302, None, Unexpected),
        (418, None, Unexpected),
        (422, "invalidRequest", Rejected),
        (423, "generalException", Retryable),
        (429, None, Throttled),
        (429, "serviceNotAvailable", Throttled),
        (500, "generalException", Retryable),
        (503, "serviceNotAvailable", Retryable),
        (504, None, Retryable),
        (509, None, Throttled),
    ],
)
def test_each_refusal_has_its_class_and_repeats_nothing_of_a_customer(
    status: int, code: str | None, expected: type[Exception]
) -> None:
    error = of(status, code)
    assert type(error) is expected
    assert "Jane" not in str(error)
    assert "jane@" not in str(error)


@pytest.mark.parametrize("inner", ["innerError", "innererror"])
def test_the_inner_code_counts_where_the_outer_says_nothing(inner: str) -> None:
    assert type(of(404, "generalException", **{inner: {"code": "itemNotFound"}})) is NotFound


@pytest.mark.parametrize(
    ("headers", "body", "pause"),
    [
        ({"retry-after": "12"}, {}, 12.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:17:10 GMT"}, {}, 30.0),
        ({}, {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 57 seconds."}, 57.0),
        ({}, {"error": {"code": "tooManyRequests", "message": "Try again in 1 second."}}, 1.0),
        ({"retry-after": "12"}, {"statusCode": 429, "message": "Try again in 57 seconds."}, 12.0),
        ({}, {"statusCode": 429, "message": "no idea"}, None),
    ],
)
def test_a_throttled_call_says_how_long_to_wait_in_either_shape(
    headers: dict[str, str], body: dict[str, Any], pause: float | None
) -> None:
    error = failure("to test", 429, headers, json.dumps(body).encode(), 1_000_000)
    assert isinstance(error, Throttled)
    assert error.retry_after_seconds == pause


def test_a_failing_service_that_names_a_time_may_have_done_its_work_all_the_same() -> None:
    """After ``Throttled`` a create counts as never made, and would be made again."""
    assert type(of(503, "serviceNotAvailable", {"retry-after": "9"})) is Retryable


def test_a_refused_value_names_its_target_and_a_request_id() -> None:
    error = of(400, "invalidRequest", {"request-id": "abc-1"}, target="details.dealValue")
    assert isinstance(error, Rejected)
    assert [each.field for each in error.problems] == ["details.dealValue"]
    assert str(error) == "Microsoft refused to test: 400 invalidRequest, request id abc-1"


def test_a_target_that_is_a_sentence_is_not_repeated() -> None:
    error = of(400, "invalidRequest", target=SECRET)
    assert isinstance(error, Rejected)
    assert [each.field for each in error.problems] == ["referral"]
    assert "Jane" not in error.problems[0].message


def test_a_sign_in_without_second_factor_is_named() -> None:
    assert "multi-factor" in str(of(401, "unauthenticated", innerError={"code": "900421"}))
    assert "Referrals role" in str(of(403, "accessDenied"))
