"""Time as a collaborator, so that a test can turn it."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Anything that tells the time in epoch milliseconds."""

    def now_ms(self) -> int:
        """Now, in milliseconds since 1970 (UTC)."""
        ...


class AtMostEvery:
    """Lets something happen once in ``pause_ms``, in this process."""

    def __init__(self, pause_ms: int) -> None:
        self._pause_ms = pause_ms
        self._last_ms: int | None = None

    def passes(self, now_ms: int) -> bool:
        """Whether it may happen now; if so, it is taken to happen."""
        if self._last_ms is not None and 0 <= now_ms - self._last_ms < self._pause_ms:
            return False
        self._last_ms = now_ms
        return True


class SystemClock:
    """The machine's own clock."""

    def now_ms(self) -> int:
        """Now, in milliseconds since 1970 (UTC)."""
        return time.time_ns() // 1_000_000
