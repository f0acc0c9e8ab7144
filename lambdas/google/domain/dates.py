"""Google's Date, ``{year, month, day}``: a calendar day without a zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any


def to_date(day: date) -> dict[str, int]:
    """The Date of a day."""
    return {"year": day.year, "month": day.month, "day": day.day}


def from_date(value: Mapping[str, Any]) -> date:
    """The day of a Date. ``ValueError`` for one without a year, month or day, or of no calendar."""
    try:
        return date(int(value["year"]), int(value["month"]), int(value["day"]))
    except (KeyError, TypeError):
        raise ValueError("not a whole Date") from None
