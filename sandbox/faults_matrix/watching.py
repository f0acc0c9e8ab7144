"""What an undisturbed run passes: states, and the vendors' operations with the state that makes them."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.faults import Fault
from sandbox.turned import World
from sandbox.turned.baton import Actor
from sandbox.turned.parts import AUDIT
from sandbox.turned.probe import DOORS, Probe
from sandbox.turned.sqs import Message

State = tuple[str, str]
"""A machine's row and one of its states."""
Call = tuple[str, str, str]
"""A vendor, its operation, and where it is called: ``row / state``."""
Record = tuple[str, str]
"""A record of the audit trail: its chain and its sort key."""
_NONE: Mapping[str, Any] = {"TableName": ""}


class Watching(Probe):
    """Notes what is passed. ``effects`` are the calls that a function made, at most, to tables, queues and vendors;
    ``written`` says of each record of the audit trail which execution wrote it."""

    world: World

    def __init__(self) -> None:
        self.passed: Counter[State] = Counter()
        self.effects: Counter[State] = Counter()
        self.calls: Counter[Call] = Counter()
        self.resources: dict[State, str] = {}
        self.written: dict[Record, str] = {}
        self.taken: dict[str, tuple[str, list[Message]]] = {}
        self.log: list[tuple[str, Message]] = []
        self.here = threading.local()

    def watch(self, world: World) -> None:
        """Hear of the vendors' calls, too."""
        self.world = world
        sides = {"hubspot": world.hubspot, **world.sides}
        for vendor, side in sides.items():
            faults: Any = side.faults
            faults.decide = self._deciding(vendor, faults.decide)

    def _deciding(self, vendor: str, rules: Callable[..., Fault | None]) -> Callable[..., Fault | None]:
        def decide(operation: str, body_text: str = "") -> Fault | None:
            place = getattr(self.here, "place", None)
            if place is not None:
                call = (vendor, operation, " / ".join(place))
                self.calls[call] += 1
                fault = self.asked(call)
                if fault is not None:
                    return fault
            return rules(operation, body_text)

        return decide

    def asked(self, call: Call) -> Fault | None:
        """A vendor is asked by a function; what is to go wrong."""
        return None

    def begun(self, actor_name: str, queue: str, messages: list[Message]) -> None:
        """See ``Probe``."""
        self.taken[actor_name] = (queue, messages)
        self.log += [(queue, one) for one in messages]

    def entered(self, actor: Actor, row: str, state: str) -> None:
        """See ``Probe``."""
        self.passed[row, state] += 1

    def task(self, row: str, state: str, resource: str, work: Callable[[], Any]) -> Any:
        """See ``Probe``."""
        self.resources[row, state] = resource
        if row in DOORS:
            self.passed[row, state] += 1
        self.here.place, self.here.effects = (row, state), 0
        try:
            return self.done(row, state, resource, work)
        finally:
            self.effects[row, state] = max(self.effects[row, state], self.here.effects)
            self.here.place = None

    def done(self, row: str, state: str, resource: str, work: Callable[[], Any]) -> Any:
        """Do a task's work."""
        return work()

    def call(self, service: str, action: str, request: Mapping[str, Any], work: Callable[[], Any]) -> Any:
        """See ``Probe``."""
        answer = work()
        for one in request.get("TransactItems", ()):
            if one.get("Put", _NONE)["TableName"] == AUDIT:
                item = one["Put"]["Item"]
                self.written[item["pk"]["S"], item["sk"]["S"]] = self.world.baton.at_work()
        self._affected()
        return answer

    def answered(self, operation: str) -> None:
        """See ``Probe``."""
        self._affected()

    def _affected(self) -> None:
        if getattr(self.here, "place", None) is not None:
            self.here.effects += 1
            self.after_effect(self.here.effects)

    def after_effect(self, number: int) -> None:
        """The running function has done so many things that others may see."""
