"""Property values: which ones are taken, and how they are stored (hubspot.md 3.2, 3.3, 3.9).

A value is text; ``""`` clears. Dates and datetimes are normalised; the caller learns of it, because 2026-09 answers a
warning (hubspot.md 0).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.hubspot.facts import LIMITS
from sandbox.hubspot.properties import Property
from sandbox.hubspot.refusals import Refusal, invalid_value
from sandbox.hubspot.switches import Switches
from sandbox.hubspot.times import iso, shortest_iso, to_ms

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_DAY_MS = 86_400_000
_OPTIONS_ELSEWHERE = ("hubspot_owner_id", "pipeline", "dealstage")


def as_text(prop: str, raw: Any, switches: Switches) -> str:
    """The text of a value as sent. Refuses what is no string (or turns it into one, by switch)."""
    if isinstance(raw, str):
        return raw
    if switches.only_string_values or isinstance(raw, (list, dict)) or raw is None:
        raise invalid_value("INVALID_TYPE", prop, f'The value of property "{prop}" must be a string', "3.2")
    return str(raw).lower() if isinstance(raw, bool) else str(raw)


def stored_form(prop: Property, text: str, before: str, switches: Switches) -> str:
    """The value as it is kept, ``""`` for empty. ``before`` is what a ``;a`` appends to. Raises ``Refusal``."""
    if prop.read_only:
        message = f'"{prop.name}" is a read only property; its value cannot be set'
        raise invalid_value("READ_ONLY_VALUE", prop.name, message, "3.11")
    if text == "":
        return ""
    if len(text) > LIMITS["text_chars"]:
        raise invalid_value("PROPERTY_VALUE_TOO_LONG", prop.name, f'Property "{prop.name}" is too long', "3.3")
    if prop.type == "enumeration":
        return text if prop.name in _OPTIONS_ELSEWHERE else _enumeration(prop, text, before)
    if prop.type == "datetime":
        return _datetime(prop, text, switches)
    plain = _PLAIN.get("email" if prop.name == "email" else prop.type)
    return text if plain is None else plain(prop, text)


def _email(prop: Property, text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise invalid_value("INVALID_EMAIL", prop.name, "Email address is invalid", "3.2")
    return text.lower()


def _enumeration(prop: Property, text: str, before: str) -> str:
    allowed = {option.value for option in prop.options}
    if prop.field_type != "checkbox":
        return _option(prop, text, allowed)
    appended = text.startswith(";")
    parts = [part for part in text.split(";") if part]
    for part in parts:
        _option(prop, part, allowed)
    kept = [part for part in before.split(";") if part] if appended else []
    return ";".join(dict.fromkeys(kept + parts))


def _option(prop: Property, text: str, allowed: set[str]) -> str:
    if text not in allowed:
        message = f"{text} was not one of the allowed options of {prop.name}: {sorted(allowed)}"
        raise invalid_value("INVALID_OPTION", prop.name, message, "3.2")
    return text


def _number(prop: Property, text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise invalid_value("INVALID_INTEGER", prop.name, f'"{prop.name}" was not a valid number', "3.2")
    return text


def _moment(prop: Property, text: str, what: str) -> int:
    try:
        return to_ms(text)
    except ValueError:
        pass
    raise _bad_date(prop, what)


def _bad_date(prop: Property, what: str) -> Refusal:
    return invalid_value("INVALID_DATE", prop.name, f'"{prop.name}" was not a valid {what}', "3.2")


def _date(prop: Property, text: str) -> str:
    ms = _moment(prop, text, "date")
    if text.lstrip("-").isdecimal() and ms % _DAY_MS:
        raise _bad_date(prop, "date: epoch milliseconds must be midnight UTC")
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d}"


def _datetime(prop: Property, text: str, switches: Switches) -> str:
    ms = _moment(prop, text, "datetime")
    return iso(ms) if switches.datetime_form == "millis" else shortest_iso(ms)


def _bool(prop: Property, text: str) -> str:
    return _option(prop, text.lower(), {"true", "false"})


_PLAIN: dict[str, Callable[[Property, str], str]] = {"bool": _bool, "number": _number, "date": _date, "email": _email}
