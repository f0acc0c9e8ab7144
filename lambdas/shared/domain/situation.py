"""What a decision is made of: one link and both sides as a run found them. Pure data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lambdas.shared.domain.link import Link


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything a decision is made of.

    ``deal_answer`` and ``opportunity_answer`` are what ``fetch_deal`` and ``fetch_opportunity`` returned, ``deal`` and
    ``opportunity`` the documents (None where there is none), ``base`` the base document (``fields``,
    ``opportunity_seen_at``) or None. ``open_creates``: the attempts of our creates at this partner that have no answer
    yet, where the link has no deal.
    ``holder``: another link with a deal, which has the opportunity that this link's deal names or whose orphan was
    found. ``leader``: the link that this link's deal leads to, where that is another one: their deals were merged.
    ``extras``: what else the partner's room reads from the ledger for its decision (``Room.extras``).
    """

    link: Link
    deal_answer: Mapping[str, Any]
    deal: Mapping[str, Any] | None
    opportunity_answer: Mapping[str, Any]
    opportunity: Mapping[str, Any] | None
    base: Mapping[str, Any] | None
    open_creates: Sequence[Mapping[str, Any]] = ()
    holder: Link | None = None
    leader: Link | None = None
    extras: Mapping[str, Any] = field(default_factory=dict)

    @property
    def orphan(self) -> str | None:
        """The opportunity of an earlier create of this link that is not tied yet."""
        answer = self.opportunity_answer
        return str(answer["opportunity_id"]) if answer["opportunity"] == "orphan" else None
