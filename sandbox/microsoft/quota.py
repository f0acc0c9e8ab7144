"""Throttling by a sliding window over all calls of the tenant (fact sheet 7)."""

from __future__ import annotations

from collections import deque

from sandbox.microsoft.errors import Throttled
from sandbox.microsoft.switches import Quota, Switches


class QuotaMeter:
    """Counts calls. ``quota`` and the switches may be changed while it runs."""

    def __init__(self, quota: Quota, switches: Switches) -> None:
        self.quota = quota
        self.throttled = 0
        self._switches = switches
        self._times: deque[int] = deque()

    def take(self, now_ms: int) -> None:
        """Count a call or raise ``Throttled`` with the seconds after which one passes."""
        most, window = self.quota.calls, self.quota.window_ms
        while self._times and self._times[0] <= now_ms - window:
            self._times.popleft()
        if most is None or len(self._times) < most:
            self._times.append(now_ms)
            return
        self.throttled += 1
        if self._switches.throttled_calls_count:
            self._times.append(now_ms)
        wait_ms = self._times[len(self._times) - most] + window - now_ms if most else window
        raise Throttled(max(1, -(-wait_ms // 1000)))
