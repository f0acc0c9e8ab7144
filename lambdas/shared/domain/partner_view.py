"""What the link-level decision needs to know of a partner; each partner's room makes one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Protocol

from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.plan import Fact, People
from lambdas.shared.domain.values import Codec, Context
from lambdas.shared.errors import Problem


@dataclass(frozen=True, slots=True)
class OpportunityFacts:
    """An opportunity as the decision sees it.

    ``created_at``: when it came to be (ms), None where it does not say. ``claimed_deal``: the deal id that it names as
    its origin in our CRM. ``shared_with_us``: it came to us from the partner. ``locked``: field names that cannot be
    written now; ``held``: values that a field cannot take now. ``lock_is_final``: the locks will not open by waiting.
    ``associated``: entities tied to it; ``takes_entities``: more may be tied now. ``review_note``: what the partner
    asks of us in its review (untrusted). ``announce_review``: that goes onto the sync bus too, unless the room has a
    rule that announces it. ``shown``: what else the deal shows of it, by role (an empty text clears). ``steps``: writes
    that it waits for, beside its fields and entities; ``problems``: what is wrong with what the deal says of these.
    ``tell``: what else a person hears. ``waits_for``: what a person has to do before anything goes out (a sentence).
    """

    title: str | None = None
    modified_at: int = 0
    created_at: int | None = None
    review_status: str | None = None
    claimed_deal: str | None = None
    shared_with_us: bool = False
    locked: AbstractSet[str] = frozenset()
    held: Mapping[str, AbstractSet[Any]] = field(default_factory=dict)
    lock_is_final: bool = False
    associated: AbstractSet[str] = frozenset()
    takes_entities: bool = True
    review_needs_us: bool = False
    review_note: str | None = None
    announce_review: bool = True
    shown: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    tell: tuple[Fact, ...] = ()
    waits_for: str | None = None
    people: People = field(default_factory=People)


class Partner(Protocol):
    """One partner's part of the decision."""

    name: str
    label: str
    rules: Sequence[FieldRule]
    codecs: Mapping[str, Codec]

    def facts(self, document: Mapping[str, Any]) -> OpportunityFacts:
        """What an opportunity document says."""
        ...

    def create_problems(self, values: Mapping[str, Any], context: Context) -> list[Problem]:
        """Why the partner would not begin an opportunity with these field values."""
        ...

    def entities(
        self, deal: Mapping[str, Any], context: Context, tied: AbstractSet[str] = frozenset()
    ) -> tuple[list[str], list[Problem]]:
        """Ids of the entities (solutions) that belong on the opportunity, and what is wrong with those named.

        ``tied`` are those that it has already; more than the partner takes is a problem too.
        """
        ...

    def is_opportunity_id(self, text: str) -> bool:
        """Whether this may be an id of the partner's."""
        ...

    @property
    def first_review_status(self) -> str | None:
        """The review status of a fresh opportunity."""
        ...
