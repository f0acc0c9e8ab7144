"""Who wins when both sides changed the same field since they last agreed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from lambdas.shared.domain.documents import last_entry
from lambdas.shared.domain.field_map import FieldRule, Strategy
from lambdas.shared.domain.field_step import Field
from lambdas.shared.domain.messages import author
from lambdas.shared.domain.plan import FieldConflict, Side
from lambdas.shared.domain.values import Context

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


def found_conflict(
    deal: Mapping[str, Any], rule: FieldRule, known: Field, window: Window, context: Context, *, fits: bool
) -> FieldConflict:
    """The conflict of a field, with who changed what and when as far as both vendors tell."""
    entry = last_entry(deal, rule.reads, context.own_source) if rule.object == "deal" else None
    return FieldConflict(
        rule.name,
        rule.main_property or rule.name,
        known.base_value,
        known.ours,
        known.theirs,
        label=rule.called,
        deal_moved_by=author(entry),
        deal_moved_at=_moment(int(entry["timestamp"]), context) if entry else "",
        opportunity_moved_at=_moment(window.modified_at, context) if window.modified_at else "",
        fits=fits,
    )


def _moment(at_ms: int, context: Context) -> str:
    return datetime.fromtimestamp(at_ms / 1000, context.zone).strftime("%Y-%m-%d %H:%M %Z")
