"""Checks of fields that stand or fall together (``together_with``): each half has to go the same way as the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from config.base import FieldRule, Partner
from config.errors import Finding
from config.files import PartnerFiles, unknown
from config.source import KeyPath


def check_pairs(
    mine: PartnerFiles, listed: Sequence[FieldRule], where: KeyPath, implied: Sequence[FieldRule] = ()
) -> Iterator[Finding]:
    """Findings of ``together_with`` in a list of rules at ``where``; ``implied`` rules stand beside them."""
    rules = {rule.name: rule for rule in (*implied, *listed)}
    taken = {name for rule in implied if rule.together_with for name in (rule.name, rule.together_with)}
    for index, rule in enumerate(listed):
        if rule.together_with is None:
            continue
        at: KeyPath = (*where, index, "together_with")
        other = rules.get(rule.together_with)
        if other is None or other is rule:
            allowed = [name for name in rules if name != rule.name and name not in taken]
            yield unknown(mine.source, at, "other field", rule.together_with, allowed)
            continue
        for name in (rule.name, other.name):
            if name in taken:
                yield mine.source.finding(at, f"{name!r} stands together with a field already")
        taken |= {rule.name, other.name}
        for message in _unlike(rule, other):
            yield mine.source.finding(at, message)


def _unlike(rule: FieldRule, other: FieldRule) -> Iterator[str]:
    for key in ("object", "direction"):
        ours, theirs = getattr(rule, key), getattr(other, key)
        if ours != theirs:
            yield f"{rule.name!r} has the {key} {ours!r}, and {other.name!r}, with which it stands together, {theirs!r}"
    conditions = [
        None if one.only_when is None or one.only_when.field == two.name else one.only_when
        for one, two in ((rule, other), (other, rule))
    ]
    if conditions[0] != conditions[1]:
        yield f"{rule.name!r} and {other.name!r} have different conditions (only_when): one would go without the other"


def check_strategies(mine: PartnerFiles, implied: Sequence[FieldRule]) -> Iterator[Finding]:
    """Who wins is said once for both: at the field that names the other."""
    rules = {rule.name: rule for rule in (*implied, *mine.base.fields)}
    places = {rule.name: index for index, rule in enumerate(mine.base.fields)}
    for rule in rules.values():
        other = rules.get(rule.together_with or "")
        if other is None:
            continue
        ours, theirs = (_stated(mine.base, one) for one in (rule, other))
        if theirs is not None and theirs != (ours or mine.base.conflict_strategy):
            in_table = other.name in mine.base.conflict_strategies
            at: KeyPath = (
                ("conflict_strategies", other.name) if in_table else ("fields", places[other.name], "strategy")
            )
            message = f"{other.name!r} stands together with {rule.name!r}, whose strategy counts for both: say it there"
            yield mine.source.finding(at, message)


def _stated(partner: Partner, rule: FieldRule) -> str | None:
    return partner.conflict_strategies.get(rule.name, rule.strategy)
