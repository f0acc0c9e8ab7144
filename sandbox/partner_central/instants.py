"""Times on the wire: ISO 8601 text in UTC (fact sheet 1.1), held inside as epoch milliseconds."""

from __future__ import annotations

from datetime import UTC, date, datetime

DAY_MS = 86_400_000


def to_text(ms: int) -> str:
    """Epoch milliseconds -> ``2026-05-01T12:00:00.123Z``; whole seconds go without a fraction."""
    instant = datetime.fromtimestamp(ms / 1000, UTC)
    if ms % 1000 == 0:
        return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"


def to_microseconds(text: str) -> int:
    """ISO text -> epoch microseconds, the finest that clients send. ``ValueError`` if it is no such text."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("a timestamp needs a time zone")
    whole = int(instant.replace(microsecond=0).timestamp())
    return whole * 1_000_000 + instant.microsecond


def today(ms: int) -> date:
    """The UTC day of an instant."""
    return datetime.fromtimestamp(ms / 1000, UTC).date()
