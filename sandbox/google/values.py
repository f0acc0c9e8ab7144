"""Checks of single values. Each takes JSON and returns its canonical form, or raises ``Wrong`` with the reason.

Reasons never repeat the value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date
from typing import Any

from sandbox.google.times import to_ms

_INT64 = 2**63
_INT32 = 2**31
_NANOS = 999_999_999
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class Wrong(ValueError):
    """The value does not fit its type."""


def text(value: Any) -> str:
    """A string."""
    if not isinstance(value, str):
        raise Wrong("must be a string")
    return value


def matching(pattern: str, wanted: str) -> Callable[[Any], str]:
    """A string of this form; empty is taken as absent."""
    compiled = re.compile(pattern)

    def check(value: Any) -> str:
        if text(value) and not compiled.fullmatch(value):
            raise Wrong(f"must be {wanted}")
        return value

    return check


def boolean(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise Wrong("must be true or false")
    return value


def integer(limit: int) -> Callable[[Any], int]:
    """A whole number below ``limit``, as a number or as text."""

    def check(value: Any) -> int:
        is_number = isinstance(value, int) and not isinstance(value, bool)
        if not is_number and not (isinstance(value, str) and re.fullmatch(r"-?\d{1,19}", value)):
            raise Wrong("must be a whole number")
        if not -limit <= int(value) < limit:
            raise Wrong("is out of range")
        return int(value)

    return check


def int64(value: Any) -> str:
    """A 64-bit number; it travels as text."""
    return str(integer(_INT64)(value))


def number(value: Any) -> int | float:
    """A number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Wrong("must be a number")
    return value


def timestamp(value: Any) -> str:
    """RFC 3339 text."""
    try:
        to_ms(text(value))
    except ValueError:
        raise Wrong("must be an RFC 3339 time with a zone") from None
    return value


def members_of(value: Any, allowed: tuple[str, ...]) -> dict[str, Any]:
    """A JSON object of these members; null ones are left out."""
    if not isinstance(value, dict):
        raise Wrong("must be an object")
    unknown = sorted(set(value) - set(allowed))
    if unknown:
        raise Wrong(f"unknown member {unknown[0]}; allowed: {', '.join(allowed)}")
    return {name: member for name, member in value.items() if member is not None}


def calendar_date(value: Any) -> dict[str, int]:
    """``{year, month, day}``, a day that exists."""
    parts = members_of(value, ("year", "month", "day"))
    if any(isinstance(part, bool) or not isinstance(part, int) for part in parts.values()):
        raise Wrong("year, month and day must be whole numbers")
    try:
        date(parts.get("year", 0), parts.get("month", 0), parts.get("day", 0))
    except ValueError:
        raise Wrong("year, month and day must be a day of the calendar") from None
    return parts


def money(value: Any) -> dict[str, Any]:
    """``{currencyCode, units (int64 as text), nanos}``: units and nanos never differ in sign."""
    parts = members_of(value, ("currencyCode", "units", "nanos"))
    currency(parts.get("currencyCode"))
    units = int(int64(parts.get("units", 0)))
    nanos = integer(_INT32)(parts.get("nanos", 0))
    if abs(nanos) > _NANOS:
        raise Wrong("nanos must lie between -999999999 and 999999999")
    if units * nanos < 0:
        raise Wrong("units and nanos must have the same sign")
    return {"currencyCode": parts["currencyCode"], "units": str(units), "nanos": nanos}


def currency(value: Any) -> str:
    """An ISO 4217 code."""
    if not isinstance(value, str) or not re.fullmatch(r"[A-Z]{3}", value):
        raise Wrong("needs a currency code of three capital letters")
    return value


def anything(value: Any) -> dict[str, Any]:
    """An object whose shape is not known."""
    if not isinstance(value, dict):
        raise Wrong("must be an object")
    return value


CHECKS: dict[str, Callable[[Any], Any]] = {
    "string": text,
    "bool": boolean,
    "int32": integer(_INT32),
    "int64": int64,
    "number": number,
    "timestamp": timestamp,
    "date": calendar_date,
    "money": money,
    "currency": currency,
    "object": anything,
    "email": matching(_EMAIL.pattern, "an email address"),
    "e164": matching(r"\+[1-9]\d{1,14}", "a number in E.164 form"),
    "region": matching(r"[A-Z]{2}", "a region code of two capital letters"),
}
