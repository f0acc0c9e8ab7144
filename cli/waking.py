"""Wakes links a few at a time and waits until each is settled, so that live deals are not held up behind them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.domain.link import Link
from lambdas.shared.domain.woken import WAITING, Result, result_of

PATIENCE_MS = 600_000
LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Woken:
    """A link that was woken for ``subject``; ``wanted`` is the generation that settles it, ``at`` when (ms)."""

    subject: Any
    link: str
    wanted: int
    at: int


@dataclass
class Window:
    """At most ``size`` links outstanding. ``inbox(partner)`` is a queue, ``why`` and ``correlation_id`` go into the
    wake-ups. A link of which nothing is heard for ``patience_ms`` leaves the window as ``waiting``; the sweep has it.

    ``settled(woken, result)`` is called once for each.
    """

    links: Any
    inbox: Callable[[str], Any]
    settled: Callable[[Woken, Result], None]
    why: str
    correlation_id: str
    size: int = 20
    patience_ms: int = PATIENCE_MS
    clock: Clock = field(default_factory=SystemClock)
    sleep: Callable[[float], Any] = time.sleep
    _out: list[Woken] = field(default_factory=list)

    @property
    def outstanding(self) -> int:
        """How many are waited for."""
        return len(self._out)

    def room(self) -> None:
        """Wait until another one may be woken."""
        while len(self._out) >= self.size:
            self._look()

    def watch(self, woken: Woken) -> None:
        """Wait for a link that was woken before."""
        self._out.append(woken)

    def send(self, subject: Any, link: Link) -> Woken:
        """Wake a link that a notice was counted on."""
        message = {"link": link.key, "why": self.why, "correlation_id": self.correlation_id}
        self.inbox(link.partner).send(message)
        woken = Woken(subject, link.key, link.wanted, self.clock.now_ms())
        self._out.append(woken)
        return woken

    def drain(self) -> None:
        """Wait until none is outstanding."""
        while self._out:
            self._look()

    def _look(self) -> None:
        if not self.collect():
            self.sleep(LOOK_SECONDS)

    def collect(self) -> int:
        """Take out what is settled by now; how many that were."""
        now = self.clock.now_ms()
        found = self.links.get_many(one.link for one in self._out)
        left, done = [], 0
        for one in self._out:
            link = found.get(one.link)
            if link is not None and link.handed_to is not None:  # its deal or opportunity is another link's now
                taker = self.links.get(link.handed_to)
                left.append(replace(one, link=link.handed_to, wanted=taker.wanted if taker else 0))
                continue
            result = self._result(link, one, now)
            if result is None:
                left.append(one)
            else:
                done += 1
                self.settled(one, result)
        self._out = left
        return done

    def _result(self, link: Link | None, one: Woken, now: int) -> Result | None:
        if link is None:
            return Result(WAITING, "the link is gone")
        result = result_of(link, one.wanted, one.at, now)
        if result is None and now - one.at >= self.patience_ms:
            return Result(WAITING, f"nothing was heard for {self.patience_ms // 60_000} minutes; the sweep has it")
        return result


def in_order(results: Sequence[str], counts: dict[str, int]) -> dict[str, int]:
    """Counts in a fixed order, without zeros."""
    return {name: counts[name] for name in results if counts.get(name)}
