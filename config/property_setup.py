"""HubSpot properties as declared in ``config/hubspot_properties.yaml``: create what is missing, check what is there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from config.hubspot_setup import property_definitions, property_group
from config.model import Configuration

OBJECT_TYPES = {"deal": "deals", "company": "companies", "contact": "contacts"}


@dataclass
class Report:
    """What was created and what is wrong. Wrong properties are never changed: values may hang on them."""

    created: list[str] = field(default_factory=list)
    present: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def set_up(hubspot: Any, configuration: Configuration, *, create: bool = True) -> Report:
    """Create the group and every missing property (unless ``create`` is False); check type and uniqueness of all."""
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
            _judge(crm_object, definition, existing.get(definition["name"]), report)
    return report


def _judge(crm_object: str, wanted: dict[str, Any], found: dict[str, Any] | None, report: Report) -> None:
    name = f"{crm_object}.{wanted['name']}"
    if found is None:
        report.wrong.append(f"{name} is missing; run `cosell hubspot setup`")
        return
    faults = []
    if found["type"] != wanted["type"]:
        faults.append(f"is of type {found['type']}, must be {wanted['type']}")
    if bool(wanted.get("hasUniqueValue")) and not found.get("hasUniqueValue"):
        faults.append("must have unique values; HubSpot sets that only at creation, so archive it and run setup again")
    missing = {one["value"] for one in wanted.get("options", ())} - {one["value"] for one in found.get("options", ())}
    if missing:
        faults.append(f"lacks the options {', '.join(sorted(missing))}")
    if faults:
        report.wrong += [f"{name} {fault}" for fault in faults]
    elif name not in report.created:
        report.present.append(name)
