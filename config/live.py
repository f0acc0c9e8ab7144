"""The configuration against a HubSpot account as it is: every pipeline, stage, property and picklist option that does
not fit, where it stands in which file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from config.base import FieldRule
from config.checks import COMMON_ROLE
from config.errors import Finding
from config.files import Files, PartnerFiles
from config.formulas import names_of
from config.property_setup import OBJECT_TYPES, faults_of
from config.source import KeyPath

_NUMBERS = frozenset({"money", "whole_number", "amount", "size"})
_DATES = frozenset({"close_date", "closing_time", "day"})
_PICKED = frozenset({"choice", "choices", "enum", "needs", "table", "industries"})


@dataclass(frozen=True, slots=True)
class Misfit:
    """``error``: it does not work; ``warning``: it works, and some deals will not. ``do`` is what puts it right."""

    level: Literal["error", "warning"]
    finding: Finding
    do: str

    def __str__(self) -> str:
        return f"{self.finding}\n    {self.level}: {self.do}"

    def as_dict(self) -> dict[str, Any]:
        """JSON form."""
        found = self.finding
        told = {"level": self.level, "file": found.file, "line": found.line, "key": found.key, "what": found.message}
        return {**told, "allowed": list(found.allowed), "do": self.do}


@dataclass(frozen=True, slots=True)
class Live:
    """An account: ``pipelines`` by id, each stage's label by id; HubSpot's definitions of properties by object and
    name."""

    pipelines: Mapping[str, Mapping[str, str]]
    properties: Mapping[str, Mapping[str, Mapping[str, Any]]]

    @classmethod
    def of(cls, pipelines: Sequence[Mapping[str, Any]], properties: Mapping[str, Sequence[Mapping[str, Any]]]) -> Live:
        """From HubSpot's answers; ``properties`` by object (deal, company, contact)."""
        return cls(
            {str(each["id"]): _stages(each) for each in pipelines},
            {kind: {str(each["name"]): each for each in rows} for kind, rows in properties.items()},
        )


def read_live(hubspot: Any) -> Live:
    """Ask HubSpot; four calls."""
    properties = {kind: hubspot.properties(plural) for kind, plural in OBJECT_TYPES.items()}
    return Live.of(hubspot.pipelines(), properties)


def misfits(files: Files, partners: Sequence[str], live: Live, wanted: Mapping[str, Any]) -> Iterator[Misfit]:
    """Everything that does not fit, for the ``partners`` that are on.

    ``wanted`` holds by object the definitions of the properties that we create (``property_definitions``).
    """
    for name in partners:
        mine = files.partners[name]
        yield from pipeline_misfits(mine, live)
        yield from field_misfits(files, mine, live)
        yield from option_misfits(mine, live)
    yield from own_misfits(files, live, wanted)


def pipeline_misfits(mine: PartnerFiles, live: Live) -> Iterator[Misfit]:
    """Pipelines and stages that HubSpot does not have, and stages of HubSpot that no line names."""
    for pipeline, table in mine.base.pipelines.items():
        at: KeyPath = ("pipelines", pipeline)
        if pipeline not in live.pipelines:
            do = f"correct it in {mine.source.file}; HubSpot has {', '.join(live.pipelines)}"
            yield _error(mine, at, f"HubSpot has no pipeline {pipeline}", do, live.pipelines)
            continue
        there = live.pipelines[pipeline]
        for stage in table.stages:
            if stage not in there:
                what = f"HubSpot has no stage {stage} in the pipeline {pipeline}"
                do = f"correct it in {mine.source.file}, deploy; HubSpot has {', '.join(there)}"
                yield _error(mine, (*at, "stages", stage), what, do, there)
        for stage, label in there.items():
            if stage not in table.stages:
                what = f"the stage {stage} ({label}) of HubSpot stands for nothing"
                do = f"add {stage} under stages there, deploy; deals in it are blocked until then"
                yield _warning(mine, at, what, do)
    inbound = mine.base.inbound
    if inbound.stage not in live.pipelines.get(inbound.pipeline, ()):
        what = f"HubSpot has no stage {inbound.stage} in a pipeline {inbound.pipeline}"
        do = f"correct it in {mine.source.file}, deploy; deals of opportunities that come to us cannot be made"
        yield _error(mine, ("inbound",), what, do)


def named_properties(files: Files, mine: PartnerFiles) -> Iterator[tuple[KeyPath, str, str]]:
    """Where, object and name of every property that the partner's file names."""
    for at, rule in _rules(mine):
        yield from (((*at, "properties", index), str(rule.object), name) for index, name in enumerate(rule.properties))
        yield from (((*at, "compute"), str(rule.object), name) for name in _formula(rule))
    for rule in mine.room.implied(mine.model):
        yield from (((_whence(rule),), str(rule.object), name) for name in rule.reads)
    for role, name in mine.base.status_properties.items():
        yield ("status_properties", role), "company" if role == COMMON_ROLE else "deal", name
    if mine.base.tag_property is not None:
        yield ("tag_property", "name"), "deal", mine.base.tag_property.name
    if mine.base.shared_notes is not None:
        yield ("shared_notes", "property"), "deal", mine.base.shared_notes.property


def field_misfits(files: Files, mine: PartnerFiles, live: Live) -> Iterator[Misfit]:
    """Properties that HubSpot does not have, or has of a type from which nothing can be read."""
    ours = {(str(each.object), each.name) for each in files.properties.properties}
    told: set[tuple[str, str]] = set()
    for at, kind, name in named_properties(files, mine):
        if kind not in live.properties or name in live.properties[kind] or (kind, name) in told:
            continue
        told.add((kind, name))
        do = "cosell hubspot setup" if (kind, name) in ours else f"correct {mine.source.file}, deploy"
        yield _error(mine, at, f"HubSpot's {kind} has no property {name}", do)
    for at, rule in _rules(mine):
        definition = live.properties.get(str(rule.object), {}).get(rule.properties[0] if rule.properties else "")
        if definition is not None and (wanted := _types(rule)) and definition.get("type") not in wanted:
            what = f"HubSpot's {rule.properties[0]} is of type {definition.get('type')}, which {rule.codec} cannot read"
            do = "name another property, or another codec"
            yield _error(mine, (*at, "properties", 0), what, do, sorted(wanted))


def option_misfits(mine: PartnerFiles, live: Live) -> Iterator[Misfit]:
    """Options that the file names and HubSpot does not offer, and options of HubSpot that stand for nothing."""
    for at, rule in _rules(mine):
        options = _options(live, str(rule.object), rule.properties[0]) if rule.properties else None
        if rule.codec not in _PICKED or options is None:
            continue
        yield from _picklist(mine, at, rule, options)
    where = mine.base.tag_property
    options = _options(live, "deal", where.name) if where is not None else None
    if where is not None and options is not None and where.value not in options:
        what = f"HubSpot's {where.name} has no option {where.value}"
        yield _error(mine, ("tag_property", "value"), what, "add the option in HubSpot, or name another", options)


def _picklist(mine: PartnerFiles, at: KeyPath, rule: FieldRule, options: Mapping[str, str]) -> Iterator[Misfit]:
    name, stated = rule.properties[0], rule.options.get("map")
    table = rule.options.get("table")
    listed: Mapping[str, Any] = getattr(mine.model, table) if table else stated or {}
    where: KeyPath = (table,) if table else (*at, "options", "map")
    for value in listed:
        if value not in options:
            what = f"HubSpot's {name} has no option {value}"
            yield _error(mine, (*where, value), what, "correct the value, or take the line out", options)
    members = mine.room.enum_values(rule.enum, mine.values) if rule.enum else None
    known = {*listed, *(members or ())}
    for value, label in options.items():
        if value not in known:
            what = f"the option {value} ({label}) of HubSpot's {name} stands for nothing"
            do = f"say what it is at {mine.room.label}: {mine.source.file}, deploy; a deal that has it is blocked"
            yield _warning(mine, where if listed else at, what, do)


def own_misfits(files: Files, live: Live, wanted: Mapping[str, Any]) -> Iterator[Misfit]:
    """Properties of ours that are missing, or otherwise than they were declared."""
    places = {(str(each.object), each.name): index for index, each in enumerate(files.properties.properties)}
    for kind, definitions in wanted.items():
        for definition in definitions:
            found = live.properties.get(kind, {}).get(definition["name"])
            at: KeyPath = ("properties", places[kind, definition["name"]])
            for fault in faults_of(definition, found):
                finding = files.properties_source.finding(at, f"HubSpot's {kind}.{definition['name']} {fault.what}")
                yield Misfit("error", finding, fault.do)


def _rules(mine: PartnerFiles) -> Iterator[tuple[KeyPath, FieldRule]]:
    yield from ((("fields", index), rule) for index, rule in enumerate(mine.base.fields))
    lead = getattr(mine.model, "lead", None)
    if lead is not None and lead.enabled:
        yield from ((("lead", "fields", index), rule) for index, rule in enumerate(lead.fields))


def _formula(rule: FieldRule) -> Sequence[str]:
    return names_of(rule.compute) if rule.compute else ()


def _whence(rule: FieldRule) -> str:
    """The key that stands for an implied rule; AWS's ``spend`` is the only one."""
    return "spend" if rule.name.startswith(("spend_", "contract_")) else rule.name


def _types(rule: FieldRule) -> frozenset[str]:
    if rule.codec in _NUMBERS:
        return frozenset({"number", "string"})
    if rule.codec in _DATES:
        return frozenset({"date", "datetime"})
    return frozenset({"enumeration"}) if rule.codec == "choices" else frozenset()


def _options(live: Live, kind: str, name: str) -> dict[str, str] | None:
    """Value to label of the options that a person may pick; None for no picklist."""
    definition = live.properties.get(kind, {}).get(name)
    if definition is None or definition.get("type") != "enumeration":
        return None
    shown = [each for each in definition.get("options") or () if not each.get("hidden")]
    return {str(each["value"]): str(each.get("label", "")) for each in shown}


def _stages(pipeline: Mapping[str, Any]) -> dict[str, str]:
    return {str(each["id"]): str(each.get("label", "")) for each in pipeline.get("stages", ())}


def _error(mine: PartnerFiles, at: KeyPath, what: str, do: str, allowed: Any = ()) -> Misfit:
    return Misfit("error", mine.source.finding(at, what, tuple(allowed)), do)


def _warning(mine: PartnerFiles, at: KeyPath, what: str, do: str) -> Misfit:
    return Misfit("warning", mine.source.finding(at, what), do)
