"""How fast a command reads, and how it takes a vendor's word to slow down."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from lambdas.shared.errors import Retryable, Throttled

TRIES = 6
_LONGEST_SECONDS = 60.0


@dataclass
class Pace:
    """``per_second`` turns at most, one after the other. A turn that was not taken is not made up for."""

    per_second: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep
    _next: float = field(default=0.0)

    def turn(self) -> None:
        """Wait until the next turn."""
        now = self.clock()
        if self._next > now:
            self.sleep(self._next - now)
        self._next = max(self._next, now) + 1 / self.per_second

    def patiently[T](self, work: Callable[[], T]) -> T:
        """The answer of ``work``, which takes a turn and is tried again where a vendor throttles or has a passing
        fault; the last error after six tries."""
        for attempt in range(TRIES):
            self.turn()
            try:
                return work()
            except (Throttled, Retryable) as error:
                if attempt == TRIES - 1:
                    raise
                asked = error.retry_after_seconds if isinstance(error, Throttled) else None
                self.sleep(min(_LONGEST_SECONDS, asked or 2.0**attempt))
        raise AssertionError("unreachable")
