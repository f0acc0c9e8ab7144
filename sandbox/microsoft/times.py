"""Times on the wire: UTC text with seven fractional digits (fact sheet 2), held inside as epoch milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime

DAY_MS = 86_400_000


def to_text(ms: int, ticks: int = 0) -> str:
    """Epoch milliseconds and up to 9999 ticks of 100 ns -> ``2030-01-10T09:00:00.1234567Z``."""
    instant = datetime.fromtimestamp(ms / 1000, UTC)
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}{ticks % 10_000:04d}Z"


def sort_key(text: str) -> str:
    """UTC text of any precision -> text that sorts by time. ``ValueError`` if it is no UTC datetime."""
    if not text.endswith("Z") or "T" not in text:
        raise ValueError("a UTC datetime ends in Z")
    datetime.fromisoformat(text)
    whole, _, fraction = text[:-1].partition(".")
    return f"{whole}.{fraction:0<7}"


def is_utc(value: object) -> bool:
    """Whether a value is a UTC datetime text."""
    try:
        return isinstance(value, str) and bool(sort_key(value))
    except ValueError:
        return False
