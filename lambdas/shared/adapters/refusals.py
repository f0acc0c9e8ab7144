"""Reading a vendor's refusal, of which every part is optional. What it means stands in each vendor's own table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any


def object_of(body: bytes) -> Mapping[str, Any]:
    """The JSON object of a body, or an empty one."""
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def object_in(holder: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The JSON object under ``key``, or an empty one."""
    found = holder.get(key)
    return found if isinstance(found, dict) else {}


def pause_in(header: str, now_ms: int) -> float | None:
    """The seconds of a ``Retry-After`` header, which is a number of them or a date; None for neither."""
    text = header.strip()
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now_ms / 1000)
    except (TypeError, ValueError):
        return None
