"""What the world wants of each partner: a simulated account, and the product's own room on top of it."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

from lambdas.shared.adapters.opportunities import Opportunities
from lambdas.shared.domain.field_map import parse_rules
from lambdas.shared.domain.tags import Tagging
from lambdas.shared.handlers import list_changed_opportunities, list_due_links, route_notices
from sandbox.fakes import FakeClock
from sandbox.faults import FaultRules
from sandbox.turned.options import Options
from sandbox.turned.parts import NOTICES, Function, Parts, bound, inbox_of
from sandbox.turned.sync import sync_functions
from sandbox.turned.wire import Note, Request

Step = tuple[str, Callable[[], Any]]


@dataclass(frozen=True)
class Surroundings:
    """What a side is put into. ``settings`` is the whole settings document."""

    clock: FakeClock
    options: Options
    dice: random.Random
    settings: Mapping[str, Any]
    parts: Parts
    note: Note


class Side(ABC):
    """One partner. ``account`` and ``faults`` are the simulated vendor's, ``opportunities`` the room's adapter."""

    name: ClassVar[str]
    writing: ClassVar[frozenset[str]]
    """The vendor's operations that change a record."""

    polls: ClassVar[Mapping[str, int]] = MappingProxyType({})
    """Polls of this partner alone, beside those that all have, and the minutes between two."""

    upkeep: ClassVar[tuple[str, ...]] = ()
    """Polls without which nothing works after a while, so that they come even where a test lets no others come."""

    machines: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """Queue to state machine, beside the inbox's sync."""

    account: Any
    faults: FaultRules
    opportunities: Opportunities
    plan_run: Callable[..., Any]

    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self.settings = around.settings["partners"][self.name]
        self.rules = parse_rules(self.settings)

    @property
    def inbox(self) -> str:
        """The queue of wake-ups."""
        return inbox_of(self.name)

    @classmethod
    def schedules(cls) -> dict[str, int]:
        """Every poll of the partner, and the minutes between two."""
        return {f"{cls.name}.due": 1, f"{cls.name}.opportunities": 15, **cls.polls}

    def functions(self, announce: Callable[[str, dict[str, Any]], None]) -> dict[str, Function]:
        """Name to function. Those of the sync carry the partner's name before their placeholder."""
        p, around = self.around.parts, self.around
        made = sync_functions(
            p,
            self.opportunities,
            self.plan_run,
            around.settings,
            announce,
            extras=self.extras,
            errands=lambda _partner, kind: p.queues[kind],
        )
        changed = list_changed_opportunities.Collaborators(
            self.name, self.opportunities, p.links, p.watermarks, p.queues[NOTICES], p.clock
        )
        polls = {
            f"{self.name}.due": bound(
                list_due_links.list_due_links, list_due_links.Collaborators(p.links, p.inbox, p.clock)
            ),
            f"{self.name}.opportunities": bound(list_changed_opportunities.list_changed_opportunities, changed),
        }
        return {f"{self.name}.{placeholder}": work for placeholder, work in made.items()} | polls | self.own_functions()

    def extras(self, link: Any) -> Mapping[str, Any]:
        """What else a decision about the link is told (``Room.extras``)."""
        return {}

    def own_functions(self) -> dict[str, Function]:
        """Functions that only this partner has."""
        return {}

    def parts_of(self, queue: str) -> Mapping[str, str]:
        """What the placeholders of the machine of one of ``machines`` stand for, beside what all have."""
        return {}

    def as_routed(self) -> route_notices.Partner:
        """The partner as the router sees it."""
        queue, notes = self.around.parts.queues[self.inbox], bool(self.settings["shared_notes"])
        return route_notices.Partner(self.name, Tagging.of(self.settings), queue, takes_notes=notes)

    def tick(self) -> None:
        """Let time pass at the vendor."""
        return

    def steps(self) -> Iterable[Step]:
        """What could come in from the vendor now."""
        return ()

    def next_moment(self) -> int | None:
        """When the vendor does something by itself that a test waits for."""
        return None

    @abstractmethod
    def documents(self) -> Mapping[str, Mapping[str, Any]]:
        """The partner's records by id, as it has them."""

    @abstractmethod
    def origins(self) -> list[str]:
        """For each record that we made: what tells whose deal it is."""

    @abstractmethod
    def operations(self) -> list[str]:
        """The vendor's operations that were called, in that order."""

    @abstractmethod
    def requests(self) -> list[Request]:
        """What was sent to the vendor."""

    def writes(self) -> Counter[str]:
        """How often each writing operation was called."""
        return Counter(name for name in self.operations() if name in self.writing)
