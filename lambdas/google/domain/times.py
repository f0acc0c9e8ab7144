"""Google's timestamps: RFC 3339 in UTC, with any number of decimals."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any


def stamp(text: Any) -> str:
    """A time as text that sorts and compares: always nine decimals. ``ValueError`` for no time."""
    moment = _moment(text)
    found = re.search(r"\.(\d+)", str(text))
    fraction = found[1][:9] if found else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{fraction:0<9}Z"


def epoch_ms(text: Any) -> int:
    """Epoch milliseconds; 0 for nothing. ``ValueError`` for no time."""
    return int(_moment(text).timestamp() * 1000) if text else 0


def from_ms(moment_ms: int) -> str:
    """The stamp of a moment in epoch milliseconds."""
    seconds, rest = divmod(moment_ms, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:03}000000Z"


def _moment(text: Any) -> datetime:
    moment = datetime.fromisoformat(str(text))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
