"""What a rule's ``options`` may hold: each option has one form, whichever transform takes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class OptionType:
    """``fits(value)`` says whether a value has the form, ``words`` what the form is, ``schema`` the same as JSON
    Schema."""

    words: str
    fits: Callable[[Any], bool]
    schema: Mapping[str, Any]


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_map(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and all(isinstance(each, str) for each in value.values())


def _is_pattern(value: Any) -> bool:
    try:
        re.compile(value)
    except (TypeError, re.error):
        return False
    return isinstance(value, str)


_NUMBER = OptionType("a whole number", _is_number, {"type": "integer", "minimum": 0})
_YES_NO = OptionType("true or false", lambda value: isinstance(value, bool), {"type": "boolean"})
_TEXT = OptionType("a text", lambda value: isinstance(value, str), {"type": "string"})

OPTION_TYPES: Mapping[str, OptionType] = {
    "min": _NUMBER,
    "max": _NUMBER,
    "cut": _YES_NO,
    "many": _YES_NO,
    "always": _YES_NO,
    "table": _TEXT,
    "hint": _TEXT,
    "pattern": OptionType("a regular expression", _is_pattern, {"type": "string", "format": "regex"}),
    "map": OptionType(
        "HubSpot value: partner value, for each",
        _is_map,
        {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string"}},
    ),
}
