"""Checks of a field map, the same for every partner: names, properties, paths, codecs, enumerations.

What one partner wrote never reaches another. So a rule may name HubSpot's own properties (amount, close date: the deal
is one deal, and its partners see the same), properties that begin with no partner's prefix, and this partner's own. It
may not name a property that begins with another partner's prefix, which holds that partner's ids, statuses and answers;
and what only the partner says (``to_deal``) may be written into its own properties only, where no other one reads it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from config.base import FieldRule
from config.errors import Finding
from config.files import Files, PartnerFiles, unknown
from config.formulas import ALLOWED, COMPUTABLE, mistakes_in, names_of
from config.options import OPTION_TYPES
from config.pair_checks import check_pairs, check_strategies
from config.source import KeyPath


def check_fields(files: Files, mine: PartnerFiles) -> Iterator[Finding]:
    """Findings of ``fields``."""
    implied = mine.room.implied(mine.model)
    yield from check_rules(files, mine, mine.base.fields, ("fields",), implied)
    yield from _written_twice(mine, implied)
    yield from check_strategies(mine, implied)
    names = [rule.name for rule in (*mine.base.fields, *implied)]
    for name in mine.base.conflict_strategies:
        if name not in names:
            yield unknown(mine.source, ("conflict_strategies", name), "field", name, names)


def check_rules(
    files: Files, mine: PartnerFiles, rules: Sequence[FieldRule], where: KeyPath, implied: Sequence[FieldRule] = ()
) -> Iterator[Finding]:
    """Findings of a list of rules at ``where``; ``implied`` rules stand beside them, with names of their own."""
    names = [rule.name for rule in (*rules, *implied) if rule.only_when is None]
    seen = {rule.name for rule in implied}
    for index, rule in enumerate(rules):
        at: KeyPath = (*where, index)
        if rule.name in seen:
            yield mine.source.finding((*at, "name"), f"the name {rule.name!r} is taken", ())
        seen.add(rule.name)
        yield from _properties(files, mine, rule, at)
        if not mine.room.has_path(rule.path, mine.values):
            yield unknown(mine.source, (*at, "path"), "path", rule.path, mine.room.roots(mine.values))
        for key, condition in (("only_when", rule.only_when), ("required_when", rule.required_when)):
            if condition is not None and condition.field not in names:
                yield unknown(mine.source, (*at, key, "field"), "unconditional field", condition.field, names)
        yield from _codec(mine, rule, at)
        yield from _compute(files, mine, rule, at)
        yield from _enum(mine, rule, at)
    yield from check_pairs(mine, rules, where, implied)


def _properties(files: Files, mine: PartnerFiles, rule: FieldRule, at: KeyPath) -> Iterator[Finding]:
    source, allowed = mine.source, files.known(rule.object, mine)
    for position, name in enumerate(rule.properties):
        here: KeyPath = (*at, "properties", position)
        owner = files.owner(name)
        if owner not in (None, mine.room.name):
            message = (
                f"{name!r} belongs to {files.partners[str(owner)].room.label}, and {mine.room.label} never sees it"
            )
            yield source.finding(here, message, allowed)
        elif name not in allowed:
            yield unknown(source, here, f"{rule.object} property", name, allowed)
        elif rule.direction == "to_deal" and owner is None:
            own = [each for each in allowed if files.owner(each) == mine.room.name]
            message = (
                f"other partners may read {name!r}: what {mine.room.label} alone says goes into its own properties"
            )
            yield source.finding(here, message, own)
    if not rule.properties and rule.default is None and rule.compute is None:
        yield source.finding(at, "a field needs properties, a formula (compute), or a default that is sent")
    if rule.object != "deal" and rule.direction != "to_partner":
        message = f"fields of a {rule.object} go one way, since a company is shared between deals"
        yield source.finding((*at, "direction"), message, ["to_partner"])


def _written_twice(mine: PartnerFiles, implied: Sequence[FieldRule]) -> Iterator[Finding]:
    """Two fields that write the same place would undo each other for ever."""
    paths = {rule.path: rule.name for rule in implied}
    writers = {name: rule.name for rule in implied for name in rule.properties}
    for index, rule in enumerate(mine.base.fields):
        if rule.path in paths:
            message = f"{rule.path!r} belongs to the field {paths[rule.path]!r} already"
            yield mine.source.finding(("fields", index, "path"), message)
        paths.setdefault(rule.path, rule.name)
        if rule.direction == "to_partner" or rule.object != "deal":
            continue
        for position, name in enumerate(rule.properties):
            if name in writers:
                message = f"{name!r} is written by the field {writers[name]!r} already"
                yield mine.source.finding(("fields", index, "properties", position), message)
            writers.setdefault(name, rule.name)


def _codec(mine: PartnerFiles, rule: FieldRule, at: KeyPath) -> Iterator[Finding]:
    source, codecs = mine.source, mine.room.codecs
    if rule.codec not in codecs:
        yield unknown(source, (*at, "codec"), "codec", rule.codec, sorted(codecs))
        return
    for option in rule.options:
        if option not in codecs[rule.codec]:
            allowed = sorted(codecs[rule.codec]) or ["none"]
            yield unknown(source, (*at, "options", option), f"option of {rule.codec}", option, allowed)
        elif not OPTION_TYPES[option].fits(rule.options[option]):
            message = f"{rule.options[option]!r} does not fit"
            yield source.finding((*at, "options", option), message, [OPTION_TYPES[option].words])
    if rule.options.get("cut") and "max" not in rule.options:
        yield source.finding((*at, "options"), "what is cut needs to know where: max", ["max"])
    if rule.codec == "pattern" and "pattern" not in rule.options:
        yield source.finding((*at, "options"), "codec pattern needs the option pattern", ["pattern", "hint"])
    if rule.codec in mine.room.needs_enum and rule.enum is None:
        yield source.finding(at, f"codec {rule.codec} needs an enum", mine.room.enum_names(mine.values))
    if "table" in codecs[rule.codec] and rule.options.get("table") not in mine.room.tables:
        yield unknown(source, (*at, "options", "table"), "table", str(rule.options.get("table")), mine.room.tables)


def _compute(files: Files, mine: PartnerFiles, rule: FieldRule, at: KeyPath) -> Iterator[Finding]:
    """Findings of a formula; it goes one way: which of its properties would a partner's change mean?"""
    if rule.compute is None:
        return
    source = mine.source
    if rule.direction != "to_partner":
        message = "what is computed cannot be written back into the properties that it came from"
        yield source.finding((*at, "direction"), message, ["to_partner"])
    if rule.codec not in COMPUTABLE:
        yield unknown(source, (*at, "codec"), "codec of a computed number", rule.codec, sorted(COMPUTABLE))
    yield from formula_findings(files, mine, rule.compute, (*at, "compute"), rule.object)


def formula_findings(
    files: Files, mine: PartnerFiles, text: str, at: KeyPath, crm_object: str = "deal"
) -> Iterator[Finding]:
    """What is wrong with a formula, and with the properties that it names."""
    for mistake in mistakes_in(text):
        yield mine.source.finding(at, f"{text!r}: {mistake}", ALLOWED)
    known = files.known(crm_object, mine)
    types = {each.name: each.type for each in files.properties.properties if each.object == crm_object}
    for name in names_of(text):
        if files.owner(name) not in (None, mine.room.name):
            theirs = files.partners[str(files.owner(name))].room.label
            message = f"{name!r} belongs to {theirs}, and {mine.room.label} never sees it"
            yield mine.source.finding(at, message, known)
        elif name not in known:
            yield unknown(mine.source, at, f"{crm_object} property", name, known)
        elif types.get(name, "number") not in ("number", "string"):
            yield mine.source.finding(at, f"{name!r} is of type {types[name]}, and a formula takes numbers", ["number"])


def _enum(mine: PartnerFiles, rule: FieldRule, at: KeyPath) -> Iterator[Finding]:
    if rule.enum is None:
        return
    values = mine.room.enum_values(rule.enum, mine.values)
    if values is None:
        yield unknown(mine.source, (*at, "enum"), "enum", rule.enum, mine.room.enum_names(mine.values))
        return
    if rule.default is not None and rule.default not in values:
        yield unknown(mine.source, (*at, "default"), rule.enum, rule.default, values)
    mapped = rule.options.get("map")
    for key, value in mapped.items() if isinstance(mapped, dict) else ():
        if value not in values:
            yield unknown(mine.source, (*at, "options", "map", key), rule.enum, str(value), values)
