"""The last second before a reserved write: a Wait state counts whole seconds, the write quota does not."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from lambdas.shared.clock import Clock, SystemClock

_MOST_SECONDS = 2.0


@dataclass(frozen=True)
class Turn:
    """Waits until a moment; ``sleep`` and ``clock`` are the machine's own unless a test turns them."""

    clock: Clock = field(default_factory=SystemClock)
    sleep: Callable[[float], None] = time.sleep

    def wait(self, at_ms: int) -> None:
        """Return at ``at_ms`` (epoch milliseconds), at once when it has passed; never longer than two seconds."""
        left = (at_ms - self.clock.now_ms()) / 1000
        if left > 0:
            self.sleep(min(left, _MOST_SECONDS))
