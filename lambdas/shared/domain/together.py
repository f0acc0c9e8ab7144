"""Two fields that stand or fall together (``together_with``), such as an amount and its currency. Pure.

Each half says nothing without the other. So where the two sides differ in both halves, one side's pair stands as a
whole: never the amount of one and the currency of the other. Where they agree on one half, the other is decided like
any field.

| the two halves | then |
|---|---|
| one side only moved, or may move | that side's pair goes to the other |
| one half is empty on a side and never had a base | that side is filled with the other's pair |
| both sides moved, be it each in another half | the strategy; by time, the deal's later word of the two counts |
| `manual` | one decision: a pick counts once it was made for both |
| the partner's stands, but lacks a half that it may not lack | the deal's goes out again |
| another partner wrote one half on the deal | both rest; what this partner moved since comes in |
| one is locked, refused, unreadable or missing, or has no place | both wait for it, and the deal says so |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.field_step import Field, Kind, Step
from lambdas.shared.domain.plan import Became, Side

type Unit = tuple[FieldRule, ...]
"""Rules that are decided at once: a single one, or two that stand together."""

type Pair = tuple[Field, Field]

HOLDING: frozenset[Became] = frozenset({"problem", "locked", "withheld", "conflict", "no-place", "waits"})
"""What has become of a field that holds the other one."""

_SIDES: dict[Kind, Side | Literal["apart"]] = {
    "to_partner": "deal",
    "missing": "deal",
    "to_deal": "opportunity",
    "apart": "apart",
}


@dataclass(frozen=True, slots=True)
class Pull:
    """Where two fields go that differ on both sides; ``apart``: both sides have moved."""

    to: Side | Literal["apart"]
    rule: str = ""
    alike: bool = False
    """Both go there by themselves."""


def units(rules: Sequence[FieldRule]) -> list[Unit]:
    """The rules in the order in which they are planned: those without a condition go first."""
    by_name = {rule.name: rule for rule in rules}
    other = {rule.name: by_name[rule.together_with] for rule in rules if rule.together_with in by_name}
    second = {rule.name for rule in other.values()}
    found = [(rule, other[rule.name]) if rule.name in other else (rule,) for rule in rules if rule.name not in second]
    return sorted((tuple(sorted(unit, key=_conditional)) for unit in found), key=_rank)


def _conditional(rule: FieldRule) -> tuple[bool, str]:
    return rule.only_when is not None, rule.name


def _rank(unit: Unit) -> tuple[int, str]:
    """A pair goes before the rules whose condition it may be, and after those that its own conditions name."""
    names = {rule.name for rule in unit}
    outside = any(rule.only_when is not None and rule.only_when.field not in names for rule in unit)
    return (0 if not outside else 1 if len(unit) > 1 else 2), unit[0].name


def is_silent(known: Field, first: Field) -> bool:
    """Whether a half counts for nobody: where its condition names the ``first``, neither side's value there holds."""
    condition = known.rule.only_when
    if condition is None or condition.field != first.rule.name:
        return known.muted
    return not any(condition.holds(value) for value in (first.ours, first.theirs))


def pull(members: Sequence[Field], steps: Sequence[Step]) -> Pull | None:
    """Where the two go that differ in both halves; None: nobody has moved."""
    moving = [one for one in steps if one.kind in _SIDES]
    sides = {_SIDES[one.kind] for one in moving}
    if not sides:
        return None
    filled = {_SIDES[one.kind] for one in moving if one.rule == "fill"}
    if len(sides) == 1:
        return Pull(sides.pop(), moving[0].rule, alike=len(moving) == len(steps))
    if len(filled) == 1:
        return Pull(filled.pop(), "fill")
    if "deal" in sides and all(one.rule.direction == "to_partner" for one in members):
        return Pull("deal", "deal-owned")
    return Pull("apart")


def lacks_a_half(members: Sequence[Field]) -> bool:
    """Whether the partner's pair has no value where it may not be without one."""
    return any(one.theirs is None and one.rule.kept_at_partner and one.rule.direction == "both" for one in members)
