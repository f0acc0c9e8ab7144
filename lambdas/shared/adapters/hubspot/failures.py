"""HubSpot's refusals as our error classes: one table for statuses, one for the rows of a batch.

HubSpot's ``message`` can hold customer data (an e-mail address, a rejected value). Of an error body only category,
codes, property names, scopes and the correlation id go into our messages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from lambdas.shared.adapters.refusals import object_in, object_of, pause_in
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

BY_STATUS: Mapping[int, type[CosellError]] = {
    400: Rejected,
    401: Unauthorized,
    403: Unauthorized,
    404: NotFound,
    408: Retryable,
    409: Conflict,
    422: Rejected,
    423: Retryable,
    429: Throttled,
    477: Throttled,
}
"""Anything else from 500 up is ``Retryable``, the rest ``Unexpected``."""

BY_ROW_CATEGORY: Mapping[str, type[CosellError]] = {
    "CONFLICT": Conflict,
    "INVALID_AUTHENTICATION": Unauthorized,
    "MISSING_SCOPES": Unauthorized,
    "OBJECT_ALREADY_EXISTS": Conflict,
    "OBJECT_NOT_FOUND": NotFound,
    "RATE_LIMITS": Throttled,
    "USER_DOES_NOT_HAVE_PERMISSIONS": Unauthorized,
    "VALIDATION_ERROR": Rejected,
}
"""Any other category of a row is taken for a passing fault: ``Retryable``."""

_PAUSE_BY_POLICY = {"TEN_SECONDLY_ROLLING": 10.0, "TEN_SECONDLY": 10.0, "SECONDLY": 1.0}
_MISSING = {"MISSING_REQUIRED_PROPERTY", "MISSING_CONDITIONAL_REQUIRED_PROPERTY", "REQUIRED_FIELD"}
_MISSING_OBJECT = "OBJECT_NOT_FOUND"
_MISSING_RECORD = "resource not found"
_TAKEN = "CONFLICTING_UNIQUE_VALUE"
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.\-]{0,99}")
_PROPERTY_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")


def failure(
    what: str,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    kind: str = "deal",
    sent: Iterable[str] = (),
    path: str = "",
    now_ms: int = 0,
    zone: tzinfo = UTC,
) -> CosellError:
    """The error for an answer that is no success.

    A 404 is ``NotFound`` only when HubSpot says that the record is missing: by category, or without one in the words
    that it has for a numeric id. A path that HubSpot retired is answered 404 too, and must not be read as "every deal
    was deleted".

    ``what`` says what was being done, ``kind`` is the object for problems, ``sent`` the property names in the request;
    ``path`` is what was asked, its ids are left out; ``headers`` have lower-case names. ``now_ms`` and ``zone`` (the
    account's) place midnight for a spent day quota.
    """
    said = object_of(body)
    error_class = BY_STATUS.get(status) or (Retryable if status >= 500 else Unexpected)
    if error_class is Rejected and not _is_hubspots(said):
        # A proxy's page or a wrong base URL must not be read as the person's mistake.
        error_class = Unexpected
    if error_class is Rejected and _is_taken(said):
        error_class = Conflict
    message = f"HubSpot refused {what}: {_summary(status, said)}"
    if status == 404 and not _calls_it_missing(said):
        return Unexpected(f"{message}. It does not call the record missing; is {_route(path)} still served?")
    if error_class is Throttled:
        return Throttled(message, retry_after(headers, said, now_ms, zone))
    if error_class is Rejected:
        return Rejected(message, problems_of(said, kind, sent))
    if status == 401:
        message += ". The token is wrong, rotated or revoked: set the new one with: cosell secrets set hubspot-token"
    if status == 403:
        message += _scopes(said)
    return error_class(message)


def row_failure(what: str, row: Mapping[str, Any], kind: str = "deal", sent: Iterable[str] = ()) -> CosellError:
    """The error for one entry of a batch answer's ``errors``."""
    error_class = BY_ROW_CATEGORY.get(str(row.get("category")), Retryable)
    message = f"HubSpot refused {what}: {_summary(207, row)}"
    if error_class is Rejected and not _is_taken(row):
        return Rejected(message, problems_of(row, kind, sent))
    return Conflict(message) if error_class is Rejected else error_class(message)


def retry_after(headers: Mapping[str, str], said: Mapping[str, Any], now_ms: int, zone: tzinfo = UTC) -> float | None:
    """Seconds to wait: the ``Retry-After`` header, else what the policy named in a 429 body asks for."""
    header = pause_in(headers.get("retry-after", ""), now_ms)
    if header is not None:
        return header
    policy = said.get("policyName")
    return _until_midnight(now_ms, zone) if policy == "DAILY" else _PAUSE_BY_POLICY.get(str(policy))


def problems_of(said: Mapping[str, Any], kind: str, sent: Iterable[str] = ()) -> list[Problem]:
    """One problem for each property that HubSpot names, in its order, each property once."""
    known = frozenset(sent)
    found: dict[str, Problem] = {}
    for name, code in _named(said, known):
        if name not in found:
            reason = "needs a value" if code in _MISSING else "does not take this value"
            text = f"HubSpot's property {name} of the {kind} {reason}" + (f" ({code})." if code else ".")
            found[name] = Problem(field=name, message=text, object=kind, property=name)
    return list(found.values())


def _named(said: Mapping[str, Any], known: frozenset[str]) -> Iterator[tuple[str, str]]:
    """``(property, code)`` from ``errors[]`` and from the list that older validations put into the message."""
    for error in [*_objects(said.get("errors")), *_objects(_embedded_list(said.get("message")))]:
        code = _word(error.get("code") or error.get("error") or error.get("subCategory"))
        context = object_in(error, "context")
        for key in ("propertyName", "propertyNames", "property", "name"):
            for name in _texts(context.get(key)):
                yield name, code
        for name in _texts(error.get("name")):
            yield name, code
        for name in _texts(error.get("in")):
            # ``in`` may also name a part of the request, so it counts only when it is a property that we sent.
            if name in known:
                yield name, code


def _embedded_list(message: Any) -> Any:
    text = message if isinstance(message, str) else ""
    start = text.find("[{")
    try:
        return json.JSONDecoder().raw_decode(text[start:])[0] if start >= 0 else []
    except ValueError:
        return []


def _route(path: str) -> str:
    """The path without ids: they may be an e-mail address. ``/crm/objects/2026-09/contacts``"""
    return "/".join(path.split("/")[:5]) or "this path"


def _is_hubspots(said: Mapping[str, Any]) -> bool:
    return said.get("status") == "error" or "category" in said or "correlationId" in said


def _calls_it_missing(said: Mapping[str, Any]) -> bool:
    if said.get("category") is not None:
        return said["category"] == _MISSING_OBJECT
    return _is_hubspots(said) and str(said.get("message")).casefold().startswith(_MISSING_RECORD)


def _is_taken(said: Mapping[str, Any]) -> bool:
    text = json.dumps(said)
    return _TAKEN in text or "already has that value" in text


def _scopes(said: Mapping[str, Any]) -> str:
    names: list[str] = []
    for error in _objects(said.get("errors")):
        context = object_in(error, "context")
        for key in ("requiredGranularScopes", "requiredScopes"):
            names += [name for name in context.get(key) or [] if _word(name)]
    return f". The app needs the scopes {', '.join(sorted(set(names)))}" if names else ""


def _summary(status: int, said: Mapping[str, Any]) -> str:
    words = [str(status), *(_word(said.get(key)) for key in ("category", "subCategory", "policyName"))]
    correlation = _word(said.get("correlationId")) or re.sub(r"[^A-Za-z0-9-]", "", str(said.get("correlationId") or ""))
    text = " ".join(word for word in words if word)
    return text + (f", correlation id {correlation[:64]}" if correlation else "")


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _texts(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str) and _PROPERTY_NAME.fullmatch(item)]


def _word(value: Any) -> str:
    return value if isinstance(value, str) and _WORD.fullmatch(value) else ""


def _until_midnight(now_ms: int, zone: tzinfo) -> float:
    now = datetime.fromtimestamp(now_ms / 1000, zone)
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.timestamp() - now.timestamp()
