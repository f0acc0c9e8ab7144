"""Many executions, one baton: threads that run only while the scheduler lets them, one step at a time.

An *actor* is one execution (or one call of the router). It stops at every *gate* (before a task's call, after a
vendor's answer) and at every pause, and goes on when it is granted. While it runs nobody else does, so a run of the
whole world depends on the order of grants alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.turned.hands import HANDS

REST_SECONDS = 300.0  # only for what is stuck: a busy machine may take long over a step


def _closed() -> threading.Lock:
    """A gate for one thread: a bare lock is a good deal cheaper than an Event, and every step of a world passes two."""
    lock = threading.Lock()
    lock.acquire()
    return lock


class Died(Exception):
    """Raised in an actor that was killed: whatever it still tries to call has no effect."""


@dataclass(eq=False, slots=True)
class Stop:
    """A thread of an actor that waits to be granted; ``until`` (ms) when it sleeps."""

    actor: Actor
    label: str
    until: int | None
    granted: threading.Lock = field(default_factory=_closed)


@dataclass(eq=False, slots=True)
class Actor:
    """``live`` is how many of its threads run or wait: as many as a Parallel state has open branches, else one."""

    number: int
    name: str
    live: int = 1
    stops: list[Stop] = field(default_factory=list)
    dead: bool = False
    done: bool = False
    answer: Any = None
    error: BaseException | None = None

    def at_rest(self) -> bool:
        """Nothing in it moves until something is granted."""
        return self.done or (self.live > 0 and len(self.stops) >= self.live)


class Baton:
    """See the module. ``fine``: stop at gates too, not only at pauses."""

    def __init__(self, now_ms: Callable[[], int], fine: bool) -> None:
        self.fine = fine
        self.actors: list[Actor] = []
        self._now_ms = now_ms
        self._lock = threading.Lock()
        self._at_rest = _closed()
        self._awaited = False
        self._mine = threading.local()
        self._number = 0

    def start(self, name: str, work: Callable[[Actor], Any]) -> Actor:
        """Run ``work(actor)`` up to its first stop."""
        self._number += 1
        actor = Actor(self._number, name)
        self.actors.append(actor)

        def body() -> None:
            self.enter(actor)
            try:
                actor.answer = work(actor)
            except BaseException as error:
                actor.error = error
            with self._lock:
                actor.done = True
                self._tell()

        HANDS.work(body)
        self._rest()
        return actor

    def enter(self, actor: Actor) -> None:
        """This thread works for ``actor`` from now on."""
        self._mine.actor = actor

    def at_work(self) -> str:
        """The name of the actor that this thread works for; empty for none."""
        actor = getattr(self._mine, "actor", None)
        return "" if actor is None else actor.name

    def here(self, label: str) -> None:
        """A gate in whatever actor this thread works for; nothing in a thread that works for none."""
        actor = getattr(self._mine, "actor", None)
        if actor is not None:
            self.gate(actor, label)

    def gate(self, actor: Actor, label: str) -> None:
        """Wait to be granted. `Died` when the actor is dead."""
        if self.fine and not actor.dead:
            self._stop(actor, label, None)
        if actor.dead:
            raise Died(actor.name)

    def pause(self, actor: Actor, seconds: float) -> None:
        """Wait until the clock has been turned on so far; a dead actor does not wait."""
        if not actor.dead:
            self._stop(actor, "pause", self._now_ms() + round(seconds * 1000))

    def sleep(self, seconds: float) -> None:
        """A pause of whatever actor this thread works for; nothing in a thread that works for none."""
        actor = getattr(self._mine, "actor", None)
        if actor is not None:
            self.pause(actor, seconds)

    def moved(self, actor: Actor, live: int) -> None:
        """How many threads the actor has now."""
        with self._lock:
            actor.live = live
            self._tell()

    def grantable(self) -> list[Stop]:
        """What could go on now, in a fixed order."""
        now = self._now_ms()
        stops = [stop for actor in self.actors for stop in actor.stops if stop.until is None or stop.until <= now]
        return sorted(stops, key=lambda stop: (stop.actor.number, stop.label))

    def next_wake(self) -> int | None:
        """When the next sleeper wakes."""
        return min(
            (stop.until for actor in self.actors for stop in actor.stops if stop.until is not None), default=None
        )

    def grant(self, stop: Stop) -> None:
        """Let it go on, up to the next stop."""
        self._release(stop)
        self._rest()

    def kill(self, actor: Actor) -> None:
        """The actor stops dead: it runs out without any effect."""
        actor.dead = True
        while not actor.done:
            for stop in list(actor.stops):
                self._release(stop)
            self._rest()

    def finished(self) -> list[Actor]:
        """The actors that came to their end; they are forgotten."""
        ended = [actor for actor in self.actors if actor.done]
        self.actors = [actor for actor in self.actors if not actor.done]
        return ended

    def _release(self, stop: Stop) -> None:
        with self._lock:
            stop.actor.stops.remove(stop)
        stop.granted.release()

    def _stop(self, actor: Actor, label: str, until: int | None) -> None:
        stop = Stop(actor, label, until)
        with self._lock:
            actor.stops.append(stop)
            self._tell()
        stop.granted.acquire()

    def _rest(self) -> None:
        """Wait until every actor stands."""
        with self._lock:
            self._awaited = not self._all_rest()
            if not self._awaited:
                return
        # Twice: of a process that was stopped for a while the first wait is over before anybody could move.
        if not any(self._at_rest.acquire(timeout=REST_SECONDS / 2) for _ in range(2)):
            stuck = [actor.name for actor in self.actors if not actor.at_rest()]
            raise AssertionError(f"these neither stop nor end: {', '.join(stuck)}")

    def _tell(self) -> None:
        """Wake the scheduler if it waits and all stand now; whoever moved calls this, holding the lock."""
        if self._awaited and self._all_rest():
            self._awaited = False
            self._at_rest.release()

    def _all_rest(self) -> bool:
        return all(actor.at_rest() for actor in self.actors)
