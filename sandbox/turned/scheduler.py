"""What is ready now, what comes next, and one scheduler that decides; the clock turns only here and at the vendors."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator
from typing import Any

from sandbox.turned import letters
from sandbox.turned.executions import Executions
from sandbox.turned.partners import SIDES, Step
from sandbox.turned.parts import LEDGER, NOTICES, POLLS
from sandbox.turned.vendors import HubSpotSide

MINUTE_MS = 60_000
DEALS_POLL = "hubspot.deals"
SCHEDULES = {DEALS_POLL: 15} | {poll: every for side in SIDES.values() for poll, every in side.schedules().items()}
_NOTICES_AT_ONCE = 10


class Scheduler(Executions):
    """Without ``fine`` the first that is ready goes on; with it the dice decide, step by step."""

    dice: random.Random
    hubspot: HubSpotSide

    def __init__(self) -> None:
        super().__init__()
        self.crashes_left = self.options.crashes
        self.scripts: list[Iterator[Any]] = []
        self._next_minute = self.clock.now_ms() // MINUTE_MS + 1
        self._next_sweep = self._next_minute
        self._kept_up: dict[str, int] = {}

    def _steps(self) -> Iterator[Step]:
        """What could happen now, in a fixed order: what comes in before what is begun, so that nothing is starved."""
        for one in self.baton.grantable():
            yield f"{one.actor.name}: {one.label}", lambda one=one: self._grant(one)
        if self.hubspot.sender.ready():
            yield "webhook", lambda: self.hubspot.sender.pump(1)
        for side in self.sides.values():
            yield from side.steps()
        notices = self.sqs.visible(NOTICES)
        if notices:
            many = self.dice.randint(1, _NOTICES_AT_ONCE) if self.options.fine else _NOTICES_AT_ONCE
            yield "route", lambda: self.start_router(notices[:many])
        free = self.options.at_once - len(self.baton.actors)
        if free > 0:
            for queue in self.queues:
                for message in self.sqs.visible(queue)[:free]:
                    start = lambda queue=queue, message=message: self.start_machine(queue, message)  # noqa: E731
                    yield f"receive {queue} {message.message_id}", start
        for number, one in enumerate(self.scripts):
            yield f"script {number}", lambda one=one: self._play(one)

    def _grant(self, stop: Any) -> None:
        self.baton.grant(stop)
        self._collect()

    def _play(self, script: Iterator[Any]) -> None:
        try:
            pause = next(script)
            if pause:
                self.clock.advance(seconds=pause)
        except StopIteration:
            self.scripts.remove(script)

    def _crash(self) -> None:
        alive = [one for one in self.baton.actors if one.stops]
        self.crashes_left -= 1
        victim = self.dice.choice(alive)
        self.trace.append(f"crash {victim.name}")
        self.baton.kill(victim)
        self._collect()

    def step(self) -> bool:
        """Let one thing happen; False when nothing is ready."""
        for side in self.sides.values():
            side.tick()
        steps = list(self._steps() if self.options.fine else itertools.islice(self._steps(), 1))
        if not steps:
            return False
        if self.crashes_left and self.baton.actors and self.dice.random() < 0.04:
            self._crash()
            return True
        name, go = self.dice.choice(steps) if self.options.fine else steps[0]
        if self.options.fine:
            self.trace.append(f"{self.clock.now_ms() % 100_000_000} {name}")
            self.clock.advance(ms=self.dice.randint(1, 40))
        go()
        return True

    def run_ready(self) -> None:
        """Let happen all that needs no time to pass."""
        while self.step():
            pass

    def links(self) -> list[dict[str, Any]]:
        """The link items."""
        return [item for item in self.store.items(LEDGER) if item["sk"] == "link"]

    def next_due(self, partner: str | None = None, *, looks: bool = True) -> int | None:
        """When the first link (of ``partner``) is due; ``looks``: also one that is settled until its plan looks."""
        links = (one for one in self.store.ordered(LEDGER, "due") if one["sk"] == "link")
        wanted = (one for one in links if partner in (None, one["partner"]) and (looks or not _only_looks(one)))
        return next((one["due_at"] for one in wanted), None)

    def _next_moment(self, *, looks: bool = True) -> int | None:
        vendors = [side.next_moment() for side in self.sides.values()]
        moments = [self.baton.next_wake(), self.sqs.next_visible_at(), *vendors]
        if (retry := self.hubspot.sender.next_retry()) is not None:
            moments.append(math.ceil(retry))
        if (letter := letters.next_due(self.store)) is not None and self.options.letters:
            moments.append(max(-(-letter // MINUTE_MS), self.clock.now_ms() // MINUTE_MS + 1) * MINUTE_MS)
        if (due := self.next_due(looks=looks)) is not None:
            moments.append(max(due // MINUTE_MS, self.clock.now_ms() // MINUTE_MS + 1) * MINUTE_MS)  # looks ahead
        return min((one for one in moments if one is not None), default=None)

    def advance(self, seconds: float) -> None:
        """Turn the clock on, firing the schedules of each minute that passes and letting everything happen.

        A sweep of due links that would find none is left out: it would read an index and do nothing.
        """
        until = self.clock.now_ms() + round(seconds * 1000)
        self.run_ready()
        while self.clock.now_ms() < until:
            moment = self._next_moment()
            nearest = [until, *([max(moment, self.clock.now_ms() + 1)] if moment is not None else [])]
            nearest.append(self._next_poll_at())
            self.clock.set(max(self.clock.now_ms(), min(nearest)))
            self._fire_schedules()
            self.run_ready()

    def _next_poll_at(self) -> int:
        return (self._next_minute + (-self._next_minute) % 5) * MINUTE_MS

    def _schedules(self) -> dict[str, int]:
        every = {**SCHEDULES, **dict.fromkeys(letters.POLLS, 1)}
        return {poll: minutes for poll, minutes in every.items() if poll in self.functions}

    def _fire_schedules(self) -> None:
        """Each schedule whose minute has come since it was looked at last, once."""
        minute = self.clock.now_ms() // MINUTE_MS
        passed = range(self._next_minute, minute + 1)
        self._next_minute = max(self._next_minute, minute + 1)
        for poll, every in self._schedules().items():
            if any(one % every == 0 for one in passed) and (not _only_if_due(poll) or self._is_due(poll)):
                self.poll(poll)

    def _is_due(self, poll: str) -> bool:
        if poll in letters.POLLS:
            due = letters.next_due(self.store, poll)
            return due is not None and due <= self.clock.now_ms()
        due = self.next_due(poll.removesuffix(".due"))
        return due is not None and due <= self.clock.now_ms() + MINUTE_MS

    def poll(self, name: str) -> None:
        """What the schedule does."""
        self.parts.queues[POLLS].send({"poll": name, "correlation_id": "schedule"})

    def run_until_quiet(self, hours: float = 24) -> None:
        """Until nothing is under way, no message waits and no link wants work; only due links are swept.

        A link that is settled until its plan wants a look at it does not keep the world from being quiet.
        """
        deadline = self.clock.now_ms() + round(hours * 3_600_000)
        while True:
            self.run_ready()
            moment = self._next_moment(looks=False)
            if moment is None:
                return
            assert moment <= deadline, f"not quiet after {hours} h: {self.unsettled()}"
            self.clock.set(max(moment, self.clock.now_ms()))
            self._keep_up()
            self._sweep_due_links()

    def skip(self, seconds: float) -> None:
        """Turn the clock on with nothing between, then let the due links and what keeps us going have their turn."""
        self.clock.advance(seconds=seconds)
        self._keep_up()
        self.run_ready()
        self._sweep_due_links()
        self.run_until_quiet()

    def _keep_up(self) -> None:
        """The polls without which nothing works after a while, before anything else happens."""
        minute = self.clock.now_ms() // MINUTE_MS
        for poll in (poll for side in self.sides.values() for poll in side.upkeep):
            if minute >= self._kept_up.get(poll, 0):
                self._kept_up[poll] = minute + SCHEDULES[poll]
                self.poll(poll)

    def _sweep_due_links(self) -> None:
        """As the schedule does: once in a minute, if there is something to find."""
        minute = self.clock.now_ms() // MINUTE_MS
        polls = [poll for poll in (*(f"{name}.due" for name in self.sides), *letters.POLLS) if self._is_due(poll)]
        if minute >= self._next_sweep and polls:
            self._next_sweep = minute + 1
            for poll in polls:
                self.poll(poll)

    def sweep(self) -> None:
        """Every poll once, fifteen minutes later, and what comes of it."""
        self.clock.advance(seconds=900)
        for poll in self._schedules():
            if not _only_if_due(poll):
                self.poll(poll)
        self.run_until_quiet()

    def unsettled(self) -> list[dict[str, Any]]:
        """Links that still want work, shortened."""
        names = ("pk", "state", "wanted", "done", "due_at", "lease_owner", "attempts", "last_error")
        return [
            {name: item.get(name) for name in names}
            for item in self.links()
            if not item.get("handed_to") and not _only_looks(item)
            if item.get("due_at") is not None or item["wanted"] != item["done"]
        ]


def _only_if_due(poll: str) -> bool:
    return poll.endswith(".due") or poll in letters.POLLS


def _only_looks(link: dict[str, Any]) -> bool:
    """Settled, and due for no other reason than that its plan wants to look again some day."""
    settled = link["wanted"] == link["done"] and link.get("lease_owner") is None and not link.get("attempts")
    return settled and link.get("attempt") is None and link.get("last_error") is None
