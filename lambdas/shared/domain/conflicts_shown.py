"""What the deal shows of its conflicts once a run is over, and what the link keeps of that. Pure.

The property is written when a conflict came, went or got other values, and never for its wording alone: a pick counts
by the time at which it was written (``conflict_picks``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lambdas.shared.domain.conflict_picks import PICKED, Pick, Picks, digest_of
from lambdas.shared.domain.documents import text_of
from lambdas.shared.domain.messages import both_values
from lambdas.shared.domain.plan import FieldConflict, Picked
from lambdas.shared.domain.planner import FieldPlan
from lambdas.shared.domain.values import Context

type Remembered = Mapping[str, Mapping[str, str]]
"""The link's ``conflicts_shown``: field to ``{"digest", "side"?, "by"?}``."""


@dataclass(frozen=True, slots=True)
class Shown:
    """``roles`` are texts of status properties (None leaves one alone), ``kept`` is the link's from now on, ``picked``
    what a person decided and this run settles. ``news``: a conflict that the deal did not show with these values."""

    roles: Mapping[str, str | None] = field(default_factory=dict)
    kept: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    picked: tuple[Picked, ...] = ()
    news: bool = False


def show(
    deal: Mapping[str, Any],
    found: Sequence[FieldConflict],
    base: Mapping[str, Any],
    *,
    fields: FieldPlan,
    picks: Picks,
    before: Remembered,
    context: Context,
) -> Shown:
    """Conflicts that were ``found`` without any pick, and ``fields`` as planned with the ``picks`` that count.

    ``base`` and ``before`` are the base and the link's memory before this run.
    """
    still = {each.field for each in fields.conflicts}
    decided = [each for each in found if each.field in picks.chosen and each.field not in still]
    settled = [each for each in decided if _is_settled(each.field, base, fields)]
    held_up = {*fields.blocked, *fields.withdrawn, *(each.field for each in fields.problems)}
    waiting = {
        each.field: _memory(each, picks.chosen[each.field])
        for each in decided
        if each not in settled and each.field in held_up  # else another pick has made it none of the deal's business
    }
    asked = {each.field: {"digest": digest_of(each)} for each in fields.conflicts}
    roles: dict[str, str | None] = {"conflicts": _text(deal, fields.conflicts, asked, before, context)}
    if picks.given and not picks.mistaken and all(before.get(name) == memory for name, memory in waiting.items()):
        roles |= {"conflict_pick": "", "conflict_field_picks": ""}  # the link knows by now what still waits
    known = {name: said.get("digest") for name, said in before.items()}
    return Shown(
        roles,
        {**asked, **waiting},
        tuple(_picked(each, picks.chosen[each.field]) for each in settled),
        news=any(known.get(name) != memory["digest"] for name, memory in asked.items()),
    )


def _is_settled(name: str, base: Mapping[str, Any], fields: FieldPlan) -> bool:
    """Whether the pick is applied by this plan; a lock, a refused value or another field may hold it up."""
    changes = (*fields.opportunity_changes, *fields.deal_changes)
    written = any(change.field == name and change.rule == PICKED for change in changes)
    return written or (name in fields.base and (name not in base or fields.base[name] != base[name]))


def _memory(conflict: FieldConflict, pick: Pick) -> dict[str, str]:
    return {"digest": digest_of(conflict), "side": pick.side, "by": pick.by}


def _picked(conflict: FieldConflict, pick: Pick) -> Picked:
    return Picked(conflict.field, pick.side, pick.by, conflict.deal_value, conflict.opportunity_value)


def _text(
    deal: Mapping[str, Any],
    conflicts: Sequence[FieldConflict],
    asked: Remembered,
    before: Remembered,
    context: Context,
) -> str | None:
    """The property's text, None where it shows these conflicts already."""
    if not conflicts:
        return ""
    name = context.partner["status_properties"].get("conflicts", "")
    there = {field: said for field, said in before.items() if "side" not in said}
    return None if there == asked and text_of(deal, "deal", name) else both_values(conflicts, context.label, {})
