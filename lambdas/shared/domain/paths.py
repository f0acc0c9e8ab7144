"""Reading a partner's document by path: ``A.B.C``, or ``A.Rows[Key=Value].C`` for the row that has Key = Value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

_STEP = re.compile(r"^(?P<name>\w+)(\[(?P<key>\w+)=(?P<value>[^\]]+)\])?$")


@cache
def parse(path: str) -> tuple[tuple[str, str | None, str | None], ...]:
    """The steps of a path as (name, row key, row value). ``ValueError`` if it is no path."""
    steps = []
    for step in path.split("."):
        match = _STEP.match(step)
        if match is None:
            raise ValueError(f"not a path: {path!r}")
        steps.append((match["name"], match["key"], match["value"]))
    return tuple(steps)


def get(document: Mapping[str, Any] | None, path: str) -> Any:
    """What lies at ``path``, or None if nothing does."""
    value: Any = document
    for name, key, wanted in parse(path):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
        if key is not None:
            value = _row(value, key, wanted)
    return value


def _row(rows: Any, key: str, wanted: str | None) -> dict[str, Any] | None:
    if not isinstance(rows, list):
        return None
    return next((row for row in rows if isinstance(row, dict) and str(row.get(key)) == wanted), None)
