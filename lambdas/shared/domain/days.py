"""HubSpot's dates as calendar days of the account, and back."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, tzinfo


def day_in(text: str, zone: tzinfo) -> date:
    """The day that HubSpot text names: a date, an ISO time or epoch milliseconds, in the account's zone.

    Raises:
        ValueError, OverflowError, OSError: it names none.
    """
    if re.fullmatch(r"-?\d{9,15}", text):
        return datetime.fromtimestamp(int(text) / 1000, zone).date()
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(zone).date()


def noon(day: date, zone: tzinfo) -> str:
    """Midday of a day as HubSpot text, so that neighbouring time zones show the same day."""
    return datetime.combine(day, time(12), tzinfo=zone).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
