"""Times and dates on the wire: RFC 3339 in UTC, and {year, month, day} without a zone."""

from __future__ import annotations

from datetime import UTC, datetime


def to_text(ms: int, digits: int) -> str:
    """Epoch milliseconds -> ``2026-05-01T12:00:00.123000000Z`` with 3 or 9 digits of fraction."""
    instant = datetime.fromtimestamp(ms // 1000, UTC)
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}".ljust(digits, "0") + "Z"


def to_ms(text: str) -> int:
    """RFC 3339 text -> epoch milliseconds. ``ValueError`` if it is no such text or has no zone."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("a timestamp needs a time zone")
    return round(instant.timestamp() * 1000)


def day(ms: int) -> dict[str, int]:
    """The UTC day of an instant as a Date."""
    instant = datetime.fromtimestamp(ms // 1000, UTC)
    return {"year": instant.year, "month": instant.month, "day": instant.day}
