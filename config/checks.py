"""Checks across keys and files: every name that refers to something must name something that exists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from zoneinfo import available_timezones

from config import vocabulary
from config.errors import Finding
from config.field_checks import check_fields
from config.files import Files, PartnerFiles, unknown
from config.pipeline_checks import check_inbound, check_pipelines
from config.rooms import ROOMS
from config.source import KeyPath

LOCAL_ACCOUNT = "000000000000"
EXECUTION_SECONDS = 300
UNIQUE_ROLES = ("opportunity_id", "company_key", "invitation_id")
# The company's key is ours and not a partner's: whoever a company came from, it is created once.
COMMON_ROLE = "company_key"


def check(files: Files) -> list[Finding]:
    """Every finding, in file order."""
    general: Sequence[Callable[[Files], Iterator[Finding]]] = (_stages, _partners_on, _names_apart, _properties)
    each: Sequence[Callable[[Files, PartnerFiles], Iterator[Finding]]] = (
        _tag_property,
        _status_properties,
        _shared_notes,
        check_fields,
        check_pipelines,
        check_inbound,
        _of_its_own,
    )
    return [
        *(finding for one in general for finding in one(files)),
        *(finding for mine in files.partners.values() for one in each for finding in one(files, mine)),
    ]


def _of_its_own(files: Files, mine: PartnerFiles) -> Iterator[Finding]:
    return mine.room.check(files, mine)


def _stages(files: Files) -> Iterator[Finding]:
    source = files.stages_source
    currencies = vocabulary.service_enums()["CurrencyCode"]
    for name, stage in files.stages.stages.items():
        if stage.region not in vocabulary.regions():
            yield unknown(source, ("stages", name, "region"), "region", stage.region, vocabulary.regions())
        if stage.queue.visibility_seconds <= EXECUTION_SECONDS and stage.account != LOCAL_ACCOUNT:
            message = f"must be more than {EXECUTION_SECONDS}, or a message comes back while its execution still runs"
            yield source.finding(("stages", name, "queue", "visibility_seconds"), message)
        zone = stage.hubspot.time_zone
        if zone not in _time_zones():
            near = sorted(each for each in _time_zones() if each.startswith(zone[:3]))[:10]
            yield unknown(source, ("stages", name, "hubspot", "time_zone"), "time zone", zone, near or ["UTC"])
        currency = stage.hubspot.company_currency
        if currency is not None and currency not in currencies:
            yield unknown(source, ("stages", name, "hubspot", "company_currency"), "currency", currency, currencies)


@cache
def _time_zones() -> frozenset[str]:
    """Asked once: they are looked for file by file."""
    return frozenset(available_timezones())


def _partners_on(files: Files) -> Iterator[Finding]:
    """A partner that is on has its file, and its block in the stage."""
    source = files.stages_source
    for name, stage in files.stages.stages.items():
        for index, partner in enumerate(stage.partners):
            at: KeyPath = ("stages", name, "partners", index)
            if partner not in ROOMS:
                yield unknown(source, at, "partner", partner, tuple(ROOMS))
            elif partner not in files.partners:
                yield source.finding(at, f"{partner!r} is on, and there is no {partner}.yaml", tuple(files.partners))
            elif getattr(stage, ROOMS[partner].block) is None:
                yield source.finding(at, f"{partner!r} is on, and the stage has no block {ROOMS[partner].block!r}")
            if partner in stage.partners[:index]:
                yield source.finding(at, f"{partner!r} stands here twice")


def _names_apart(files: Files) -> Iterator[Finding]:
    """No two partners have one tag, or prefixes by which a property would belong to both."""
    seen: list[PartnerFiles] = []
    for mine in files.partners.values():
        for other in seen:
            if mine.base.tag.casefold() == other.base.tag.casefold():
                yield mine.source.finding(("tag",), f"{mine.base.tag!r} is the tag of {other.room.label} already")
            ours, theirs = mine.base.property_prefix, other.base.property_prefix
            if ours.startswith(theirs) or theirs.startswith(ours):
                message = f"{ours!r} is taken: properties of {other.room.label} begin with {theirs!r}"
                yield mine.source.finding(("property_prefix",), message)
        seen.append(mine)


def _tag_property(files: Files, mine: PartnerFiles) -> Iterator[Finding]:
    """A tag's property is one that this partner may read, has the value, and says as much of no other partner."""
    where, source = mine.base.tag_property, mine.source
    if where is None:
        return
    known = files.known("deal", mine)
    if where.name not in known:
        yield unknown(source, ("tag_property", "name"), "deal property", where.name, known)
    own = next((each for each in files.properties.properties if (each.object, each.name) == ("deal", where.name)), None)
    if own is not None:
        options = ("true", "false") if own.type == "bool" else tuple(each.value for each in own.options)
        if options and where.value not in options:
            yield unknown(source, ("tag_property", "value"), f"value of {where.name}", where.value, options)
    for other in files.partners.values():
        theirs = other.base.tag_property
        if other is not mine and theirs is not None and (theirs.name, theirs.value) == (where.name, where.value):
            message = f"{where.value!r} in {where.name!r} stands for {other.room.label} already"
            yield source.finding(("tag_property", "value"), message)


def _status_properties(files: Files, mine: PartnerFiles) -> Iterator[Finding]:
    source, roles, named = mine.source, mine.room.roles, mine.base.status_properties
    unique = {each.name for each in files.properties.properties if each.unique}
    for role, name in named.items():
        at: KeyPath = ("status_properties", role)
        allowed = files.known("company" if role == COMMON_ROLE else "deal", mine)
        if role not in roles:
            yield unknown(source, at, "role", role, roles)
        elif name not in allowed:
            yield unknown(source, at, "property", name, allowed)
        elif role != COMMON_ROLE and files.owner(name) != mine.room.name:
            own = [each for each in allowed if files.owner(each) == mine.room.name]
            yield source.finding(at, f"{name!r} is no property of {mine.room.label}'s own", own)
        if role in UNIQUE_ROLES and name not in unique:
            yield source.finding(at, f"{name!r} must be a unique property of ours", sorted(unique))
    for role in roles:
        if role not in named:
            yield source.finding(("status_properties",), f"the role {role!r} is missing", roles)


def _shared_notes(files: Files, mine: PartnerFiles) -> Iterator[Finding]:
    """A note that is shared goes to a property which the partner gets by the field map; else it would go nowhere."""
    notes = mine.base.shared_notes
    rules = (rule for rule in mine.base.fields if rule.object == "deal" and rule.direction != "to_deal")
    sent = sorted({name for rule in rules for name in rule.properties})
    if notes is not None and notes.property not in sent:
        yield unknown(mine.source, ("shared_notes", "property"), "property that is sent", notes.property, sent)
    if notes is not None and notes.mark.casefold() == (notes.own_mark or "").casefold():
        message = f"{notes.own_mark!r} is the mark for all partners already"
        yield mine.source.finding(("shared_notes", "own_mark"), message)


def _properties(files: Files) -> Iterator[Finding]:
    source, seen = files.properties_source, set[tuple[str, str]]()
    for index, each in enumerate(files.properties.properties):
        at: KeyPath = ("properties", index)
        if (each.object, each.name) in seen:
            yield source.finding((*at, "name"), f"the {each.object} property {each.name!r} stands here twice")
        seen.add((each.object, each.name))
        owner = files.owner(each.name)
        if each.enum is not None and owner is None:
            message = f"{each.name!r} begins with no partner's prefix, so there is no vocabulary for an enum"
            prefixes = [mine.base.property_prefix for mine in files.partners.values()]
            yield source.finding((*at, "enum"), message, prefixes)
        elif each.enum is not None and owner is not None:
            mine = files.partners[owner]
            if mine.room.enum_values(each.enum, mine.values) is None:
                yield unknown(source, (*at, "enum"), "enum", each.enum, mine.room.enum_names(mine.values))
        if (each.type == "enumeration") != bool(each.enum or each.options):
            yield source.finding(at, "an enumeration needs options or an enum, and nothing else may have them")
        if each.unique and each.type != "string":
            yield source.finding((*at, "unique"), "only a string can be unique here", ["string"])
