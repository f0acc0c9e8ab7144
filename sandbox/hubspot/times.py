"""Times as the vendor writes them: ISO 8601 in answers, epoch milliseconds in webhooks."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(maxsize=10_000)  # the same few moments stand in every answer
def iso(ms: int) -> str:
    """Epoch milliseconds as ``2026-11-24T10:00:00.000Z``."""
    moment = datetime.fromtimestamp(ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


def shortest_iso(ms: int) -> str:
    """Like ``iso`` but without milliseconds where they are zero."""
    text = iso(ms)
    return text.replace(".000Z", "Z")


def to_ms(text: str) -> int:
    """Epoch milliseconds of an ISO 8601 text or of digits. Raises ``ValueError``."""
    if text.lstrip("-").isdecimal():
        return int(text)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)
