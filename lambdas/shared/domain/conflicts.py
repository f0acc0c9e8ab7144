"""Who wins when both sides changed the same field since they last agreed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lambdas.shared.domain.field_map import Strategy
from lambdas.shared.domain.plan import Side

Verdict = tuple[Side | Literal["nobody"], str]


@dataclass(frozen=True, slots=True)
class Window:
    """The time in which the opportunity's change was made: after ``seen_at`` (we read the old value then), and not
    after ``modified_at`` (the record's own last stamp). Epoch ms; vendors stamp records, not fields."""

    seen_at: int = 0
    modified_at: int = 0


def settle(strategy: Strategy, deal_moved_at: int | None, window: Window) -> Verdict:
    """The winning side and the rule that says so; ``nobody`` for ``manual``.

    Last-write-wins: HubSpot's history gives the deal's moment exactly, the opportunity's is only known as a
    window. A deal change after the window is later, one before it is earlier. Inside it nobody can tell: that is a
    tie, and the opportunity stands, because its record was stamped last and because HubSpot keeps the overwritten
    value in the property's history while the partner keeps nothing. The same where the deal's moment is unknown.
    """
    if strategy == "hubspot-wins":
        return "deal", strategy
    if strategy == "partner-wins":
        return "opportunity", strategy
    if strategy == "manual":
        return "nobody", strategy
    if deal_moved_at is not None and deal_moved_at > window.modified_at:
        return "deal", "last-write-wins"
    tie = deal_moved_at is None or deal_moved_at > window.seen_at
    return "opportunity", "last-write-wins (tie)" if tie else "last-write-wins"
