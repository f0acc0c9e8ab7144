"""A clock that a test turns."""

from __future__ import annotations


class FakeClock:
    """Stands still until told: ``FakeClock(now_ms)``; ``advance(seconds=…)`` or ``set(now_ms)``."""

    def __init__(self, now_ms: int = 1_790_000_000_000) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> int:
        return self._now_ms

    def advance(self, *, ms: int = 0, seconds: float = 0, hours: float = 0) -> int:
        """Turn it on; the new time."""
        self._now_ms += ms + round(seconds * 1000) + round(hours * 3_600_000)
        return self._now_ms

    def set(self, now_ms: int) -> None:
        self._now_ms = now_ms
