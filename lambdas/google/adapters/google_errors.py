"""Google's refusals as our error classes, in one table on status and reason.

A message of Google's can repeat what a customer typed: only statuses, reasons and field paths go into ours.
https://cloud.google.com/apis/design/errors
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
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
    Unexpected,
)

BY_ANSWER: Mapping[tuple[int, str], type[CosellError]] = {
    (400, "INVALID_ARGUMENT"): Rejected,
    (400, "FAILED_PRECONDITION"): Rejected,
    (401, ""): Unauthorized,
    (403, "rateLimitExceeded"): Throttled,
    (403, "userRateLimitExceeded"): Throttled,
    (403, "quotaExceeded"): Throttled,
    (403, "RATE_LIMIT_EXCEEDED"): Throttled,
    (403, "RESOURCE_EXHAUSTED"): Throttled,
    (403, ""): Unauthorized,
    (404, "NOT_FOUND"): NotFound,
    (408, ""): Retryable,
    (409, ""): Conflict,
    (429, ""): Throttled,
}
"""By HTTP status, and a reason or Google's status word; ``""`` is any other word.

What is not here is ``Retryable`` from 500 up and ``Unexpected`` below: a 404 that does not say NOT_FOUND is an address
that moved, not a record that is gone.
"""

UNNAMED = "opportunity"
"""The field of a problem when Google named none."""

_SIGN_IN = frozenset({"RefreshError", "DefaultCredentialsError", "OAuthError", "MalformedError"})
_BEFORE_SENDING = _SIGN_IN | {"TransportError"}
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_PATH = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}(?:\[\d{1,4}\])?(?:\.[A-Za-z][A-Za-z0-9_]{0,63}(?:\[\d{1,4}\])?){0,7}")


def failure(what: str, status: int, headers: Mapping[str, str], body: Any) -> CosellError:
    """The error for an answer that is no success; ``what`` completes "Google refused …", ``body`` is its JSON."""
    error = body.get("error") if isinstance(body, dict) else None
    error = error if isinstance(error, dict) else {}
    words = [word for word in (*_reasons(error), _word(error.get("status"))) if word]
    message = f"Google refused {what}: " + " ".join([str(status), *dict.fromkeys(words)])
    found = next((BY_ANSWER[status, word] for word in (*words, "") if (status, word) in BY_ANSWER), None)
    error_class = found or (Retryable if status >= 500 else Unexpected)
    if error_class is Throttled:
        return Throttled(message, _pause(headers))
    if error_class is Rejected:
        return Rejected(message, _problems(error))
    return error_class(message)


def lost(what: str, error: Exception) -> CosellError:
    """The error for a call without an answer, by the kind of exception the session raised.

    google-auth raises ``RefreshError`` when no token is given, ``TransportError`` when it could not ask for one;
    requests' own errors are ``OSError``.
    """
    kinds = {each.__name__ for each in type(error).__mro__}
    name = type(error).__name__
    if kinds & _SIGN_IN and not getattr(error, "retryable", False):
        return Unauthorized(f"Google gave no token {what} ({name}): check the workload identity or key.")
    if isinstance(error, OSError) or kinds & _BEFORE_SENDING:
        without_token = bool(kinds & _BEFORE_SENDING) and not isinstance(error, OSError)
        unsent = without_token or "ConnectTimeout" in kinds
        return Retryable(f"Google could not be reached {what} ({name}).", sent=not unsent)
    return Unexpected(f"The session failed {what} ({name}).")


def _reasons(error: Mapping[str, Any]) -> Iterator[str]:
    for rows in (error.get("details"), error.get("errors")):
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict):
                yield _word(row.get("reason"))


def _problems(error: Mapping[str, Any]) -> list[Problem]:
    details = error.get("details")
    named = [
        str(row["field"])
        for detail in (details if isinstance(details, list) else ())
        if isinstance(detail, dict) and isinstance(detail.get("fieldViolations"), list)
        for row in detail["fieldViolations"]
        if isinstance(row, dict) and _PATH.fullmatch(str(row.get("field")))
    ]
    if not named:
        return [Problem(UNNAMED, "Google did not take what was sent, and did not say which part of it.")]
    return [Problem(field, f"{field} is not taken by Google as it is.") for field in dict.fromkeys(named)]


def _pause(headers: Mapping[str, str]) -> float | None:
    text = next((value for name, value in headers.items() if name.lower() == "retry-after"), "").strip()
    return float(text) if text.isascii() and text.isdigit() else None


def _word(value: Any) -> str:
    return value if isinstance(value, str) and _WORD.fullmatch(value) else ""
