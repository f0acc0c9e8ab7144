"""HubSpot properties as declared in ``config/hubspot_properties.yaml``: create what is missing, check what is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from config.hubspot_setup import property_definitions, property_group
from config.model import Configuration

OBJECT_TYPES = {"deal": "deals", "company": "companies", "contact": "contacts"}
_AGAIN = (
    "export its values if it has any, archive it in HubSpot's settings (and delete it there for good), then run "
    "`cosell hubspot setup`"
)


@dataclass
class Report:
    """What was created and what is wrong. A property that is there only gains options: values may hang on the rest."""

    created: list[str] = field(default_factory=list)
    gained: dict[str, list[str]] = field(default_factory=dict)
    present: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def set_up(hubspot: Any, configuration: Configuration, *, create: bool = True) -> Report:
    """Create the group and every missing property (unless ``create`` is False); check type and uniqueness of all.

    An option that a property lacks is added, as a new version or a new state may need one.
    """
    report = Report()
    group = property_group(configuration)
    for crm_object, object_type in OBJECT_TYPES.items():
        wanted = property_definitions(configuration, crm_object)
        if not wanted:
            continue
        if create:
            hubspot.create_property_group(object_type, group["name"], group["label"])
            report.created += [f"{crm_object}.{name}" for name in hubspot.create_properties(object_type, wanted)]
        existing = {one["name"]: one for one in hubspot.properties(object_type)}
        for definition in wanted:
            if create and missing_options(definition, existing.get(definition["name"])):
                added = hubspot.add_options(object_type, definition["name"], definition["options"])
                report.gained[f"{crm_object}.{definition['name']}"] = added
                continue
            _judge(crm_object, definition, existing.get(definition["name"]), report)
    return report


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a property, as the rest of a sentence that begins with its name, and what to do."""

    what: str
    do: str


def faults_of(wanted: Mapping[str, Any], found: Mapping[str, Any] | None) -> Iterator[Fault]:
    """How HubSpot's definition of a property falls short of ours; ``found`` is None of one that is not there."""
    if found is None:
        yield Fault("is missing", "run `cosell hubspot setup`")
        return
    if found["type"] != wanted["type"]:
        yield Fault(f"is of type {found['type']}, must be {wanted['type']}", _AGAIN)
    if wanted.get("hasUniqueValue") and not found.get("hasUniqueValue"):
        yield Fault("must have unique values", f"HubSpot sets that only at creation: {_AGAIN}")
    if missing := missing_options(wanted, found):
        yield Fault(f"lacks the options {', '.join(missing)}", "run `cosell hubspot setup`, which adds them")


def missing_options(wanted: Mapping[str, Any], found: Mapping[str, Any] | None) -> list[str]:
    """The options of ours that an enumeration lacks, sorted; none of a property that is missing or of another type."""
    if found is None or found["type"] != wanted["type"]:
        return []
    return sorted({one["value"] for one in wanted.get("options", ())} - {one["value"] for one in found["options"]})


def _judge(crm_object: str, wanted: dict[str, Any], found: dict[str, Any] | None, report: Report) -> None:
    name = f"{crm_object}.{wanted['name']}"
    faults = list(faults_of(wanted, found))
    if faults:
        report.wrong += [f"{name} {fault.what}; {fault.do}" for fault in faults]
    elif name not in report.created:
        report.present.append(name)
