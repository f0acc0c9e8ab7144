"""The port to a partner's records: what the sync asks of every partner's adapter, in one vocabulary.

Each room has one class that fits ``Opportunities``; the sync's functions know no other way to a partner. Every method
raises the classes of ``lambdas.shared.errors`` and none retries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Read:
    """An opportunity as the partner has it now. ``version`` is ISO 8601 text that sorts, as in ``list_changed``."""

    document: Mapping[str, Any]
    version: str


@dataclass(frozen=True, slots=True)
class Written:
    """What a write made: the opportunity's id and its version afterwards."""

    opportunity_id: str
    version: str


@dataclass(frozen=True, slots=True)
class Step:
    """A further write, as it goes on record: the vendor's operation, and the one change that it makes.

    ``optional``: the sync can do without it, so that its refusal is remembered on the link and shown on the deal, and
    holds up nothing. ``family``: what the link remembers of earlier steps that begin so is forgotten with this one,
    since each takes the place of the one before it (an owner).
    """

    operation: str
    change: Mapping[str, Any]
    optional: bool = False
    family: str | None = None


class Memory(Protocol):
    """What the link remembers of earlier writes, as short texts without a customer's value."""

    @property
    def known(self) -> Sequence[str]:
        """Everything remembered so far."""
        ...

    def remember(self, text: str) -> None:
        """Keep ``text``; stored when this returns."""
        ...

    def forget(self, text: str) -> None:
        """Drop ``text``, which turned out not to be so; fine when it is not known."""
        ...


class Opportunities(Protocol):
    """One partner's records."""

    own_reference: str | None
    """Member of a document that names our deal and that the partner leaves out of its answers at times, if there is
    one: the link remembers it, since a write of the whole record without it would wipe it out."""

    repeatable_create: bool
    """Whether the same create with the same token makes one record however often it is sent. Where it does not, a lost
    answer is followed by looking, for ``create_shows_after_ms``, before anything is created again."""

    create_shows_after_ms: int
    """How long a new record may stay out of the partner's lists. Each round of a poll looks back so far."""

    def read(self, opportunity_id: str) -> Read:
        """The opportunity. ``NotFound`` also for a moment after it was created."""
        ...

    def mark(self, plan: Mapping[str, Any]) -> str | None:
        """What, beside the deal's id, the record of this create is known by afterwards; kept in the attempt."""
        ...

    def find_created(self, attempt: Mapping[str, Any]) -> Sequence[str]:
        """Ids of the records that the create of ``attempt`` (token, at, deal_id, mark) may have made."""
        ...

    def create(self, attempt: Mapping[str, Any], plan: Mapping[str, Any], memory: Memory) -> Written:
        """Create the planned opportunity for the attempt's deal. ``Rejected`` names what has to be put right."""
        ...

    def update(self, current: Mapping[str, Any], plan: Mapping[str, Any]) -> Written:
        """Apply the plan to the document ``current``. ``Conflict``: it has moved since it was read."""
        ...

    def step(self, step: str) -> Step:
        """How one of the plan's ``steps`` goes on record."""
        ...

    def complete(self, opportunity_id: str, step: str) -> None:
        """Do one of the plan's ``steps``; what is done already is a success."""
        ...

    def list_changed(self, since: str, page: str | None) -> Mapping[str, Any]:
        """One page of what changed at or after ``since``: ``{"items": [{"id", "version"}], "next": text or None}``."""
        ...
