"""What may go wrong on the way of a webhook, on order and repeatable by seed (hubspot.md 1.4)."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

SHUFFLE_MS = 60  # what shuffled events are spread over, so that batches mix
COPY_STEP_MS = 5  # a copy follows a little later, never in the request of the first


@dataclass(frozen=True, slots=True)
class WebhookTrouble:
    """``copies``: how often each event is delivered. ``shuffle``: events of a batch, and batches, in any order.

    ``delay_ms``: the least and the most that an event waits. ``drop``: share of events that never arrive (0 to 1).
    ``max_batch``: events in a request. ``seed`` makes it repeatable.
    """

    copies: int = 1
    shuffle: bool = False
    delay_ms: tuple[int, int] = (0, 0)
    drop: float = 0.0
    max_batch: int = 100
    seed: int = 0

    def __post_init__(self) -> None:
        if self.copies < 1 or not 0 <= self.drop <= 1 or not 1 <= self.max_batch <= 100:
            raise ValueError("trouble needs copies >= 1, drop between 0 and 1, max_batch between 1 and 100")

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any]) -> WebhookTrouble:
        """From plain data. Raises ``ValueError`` naming an unknown key and those allowed."""
        known = [one.name for one in fields(cls)]
        for name in given:
            if name not in known:
                raise ValueError(f"unknown trouble key {name!r}; allowed: {', '.join(known)}")
        members = dict(given)
        if "delay_ms" in members:
            least, most = members["delay_ms"]
            members["delay_ms"] = (int(least), int(most))
        return cls(**members)

    def delays(self, dice: random.Random) -> list[int]:
        """When the copies of one event go out, in ms from now; empty if it is dropped."""
        if self.drop and dice.random() < self.drop:
            return []
        least, most = self.delay_ms
        if self.shuffle:
            most = max(most, least + SHUFFLE_MS)
        step = COPY_STEP_MS if most == least else 0
        return [(dice.randint(least, most) if most > least else least) + number * step for number in range(self.copies)]
