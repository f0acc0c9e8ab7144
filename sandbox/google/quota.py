"""Calls per minute of one project (fact sheet 3, Quotas): a whole minute at a time, invalid calls count."""

from __future__ import annotations

from collections import Counter

from sandbox.google.errors import ERROR_INFO, ApiError
from sandbox.google.switches import Settings, Switches

_MINUTE_MS = 60_000
_REASON = "rateLimitExceeded"


class QuotaMeter:
    """Counts calls of the current minute."""

    def __init__(self) -> None:
        self._minute = -1
        self._counted: Counter[str] = Counter()

    def take(self, operation: str, now_ms: int, settings: Settings, switches: Switches) -> None:
        """Count a call; over quota it is a 403 with the reason ``rateLimitExceeded``."""
        channel = operation.startswith("opportunities.")
        limit = settings.channel_per_minute if channel else settings.crm_per_minute
        if limit is None:
            return
        if now_ms // _MINUTE_MS != self._minute:
            self._minute = now_ms // _MINUTE_MS
            self._counted.clear()
        key = operation if switches.quota_counts == "method" else operation.rpartition(".")[0]
        self._counted[key] += 1
        if self._counted[key] > limit:
            raise over_quota(switches)


def over_quota(switches: Switches) -> ApiError:
    """The refusal, with its reason where the switch puts it."""
    message = "Quota exceeded for requests per minute"
    if switches.quota_reason_in == "errors":
        return ApiError(403, message, legacy=[{"domain": "usageLimits", "reason": _REASON, "message": message}])
    return ApiError(403, message, details=[{"@type": ERROR_INFO, "reason": _REASON, "domain": "googleapis.com"}])
