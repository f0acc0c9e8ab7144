"""One field, three values, one step: the table in ``planner`` as code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.values import Reading

Kind = Literal["none", "agree", "to_partner", "to_deal", "apart", "missing"]


@dataclass(frozen=True, slots=True)
class Step:
    """What to do with a field; ``value`` is what both sides will say."""

    kind: Kind
    value: Any = None
    rule: str = ""


NOTHING = Step("none")


@dataclass(frozen=True, slots=True)
class Field:
    """What is known of one field. ``muted``: its ``only_when`` does not hold, so the deal says nothing. ``old_base``: a
    base of an earlier version's form, as each side would say it now (``Codec.old_base``)."""

    rule: FieldRule
    reading: Reading
    theirs: Any
    base: Mapping[str, Any]
    muted: bool
    creating: bool
    old_base: tuple[Any, Any] | None = None

    @property
    def has_base(self) -> bool:
        """Whether both sides ever agreed."""
        return self.rule.name in self.base

    @property
    def base_value(self) -> Any:
        """The base as the deal says it, or None."""
        return self.old_base[0] if self.old_base else self.base.get(self.rule.name)

    @property
    def base_there(self) -> Any:
        """The base as the partner says it, or None."""
        return self.old_base[1] if self.old_base else self.base.get(self.rule.name)

    @property
    def rests(self) -> bool:
        """Whether both sides still say what an earlier version took for equal: nothing is written for its sake."""
        return self.old_base == (self.ours, self.theirs)

    @property
    def ours(self) -> Any:
        """What the deal says. One deal value may stand for several of the partner's: then the one that fits."""
        if self.muted:
            return None
        if self.theirs in self.reading.accepts:
            return self.theirs
        if self.has_base and self.base_value in self.reading.accepts:
            return self.base_value
        if self.reading.value is None and self.rule.default is not None:
            return self.base_value  # a silent deal has no opinion where the map states a default
        return self.reading.value


def step(known: Field) -> Step:
    """Decide one field."""
    return NOTHING if known.rests else _step(known)


def _step(known: Field) -> Step:
    rule, ours, theirs = known.rule, known.ours, known.theirs
    if rule.direction == "to_deal":
        return _owned_by_partner(known)
    if known.reading.value is None and theirs is None and rule.default is not None:
        return NOTHING if known.muted else Step("to_partner", rule.default, "default")
    if known.creating:
        return _create(known)
    if ours == theirs:
        return Step("agree", ours) if known.has_base or ours is not None else NOTHING
    if rule.direction == "to_partner":
        return _owned_by_deal(known)
    return _shared(known)


def _create(known: Field) -> Step:
    if known.ours is not None:
        return Step("to_partner", known.ours, "create")
    missing = known.rule.required == "create" and known.reading.value is None
    return Step("missing") if missing else NOTHING


def _owned_by_partner(known: Field) -> Step:
    if known.muted or known.creating:
        return NOTHING
    if known.ours == known.theirs:
        return Step("agree", known.theirs) if known.has_base or known.theirs is not None else NOTHING
    moved = known.theirs != known.base_there if known.has_base else known.theirs is not None
    return Step("to_deal", known.theirs, "partner-owned") if moved else NOTHING


def _owned_by_deal(known: Field) -> Step:
    if not known.has_base and known.ours is not None and known.theirs is not None:
        return Step("apart")
    moved = known.ours != known.base_value if known.has_base else known.ours is not None
    if not moved:
        return NOTHING
    return _write_partner(known, "deal-owned")


def _shared(known: Field) -> Step:
    ours, theirs = known.ours, known.theirs
    if known.muted:
        return _write_partner(known, "condition") if known.has_base and known.base_value is not None else NOTHING
    if not known.has_base:
        if ours is None:
            return Step("to_deal", theirs, "fill")
        return _write_partner(known, "fill") if theirs is None else Step("apart")
    if theirs == known.base_there:
        return _write_partner(known, "only-deal-moved")
    if ours == known.base_value:
        return _write_deal(known)
    return Step("apart")


def _write_partner(known: Field, why: str) -> Step:
    if known.ours is None and known.rule.required != "never" and not known.muted:
        return Step("missing")
    return Step("to_partner", known.ours, why)


def _write_deal(known: Field) -> Step:
    if known.theirs is None and known.rule.kept_at_partner:
        return Step("to_partner", known.ours, "only-opportunity-moved")
    return Step("to_deal", known.theirs, "only-opportunity-moved")
