"""Threads that are used again: a test run starts some ten thousand executions, and a thread of its own costs more."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

Work = Callable[[], None]


class _Hand:
    """One thread, and the lock at which it waits for its next work."""

    def __init__(self, idle: deque[_Hand]) -> None:
        self._idle = idle
        self._work: Work | None = None
        self._given = threading.Lock()
        self._given.acquire()
        threading.Thread(target=self._run, daemon=True).start()

    def give(self, work: Work) -> None:
        self._work = work
        self._given.release()

    def _run(self) -> None:
        while True:
            self._given.acquire()
            work, self._work = self._work, None
            assert work is not None
            work()
            del work  # what it holds, a whole world, must not live until the next one
            self._idle.append(self)


class Hands:
    """As many threads as work at one time."""

    def __init__(self) -> None:
        self._idle: deque[_Hand] = deque()

    def work(self, work: Work) -> None:
        """Have ``work`` done in another thread; it must not raise."""
        try:
            hand = self._idle.pop()
        except IndexError:
            hand = _Hand(self._idle)
        hand.give(work)


HANDS = Hands()
