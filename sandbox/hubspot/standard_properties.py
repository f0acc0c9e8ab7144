"""The properties that a new account has, as far as a deal sync meets them, and their groups."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from sandbox.hubspot.facts import FACTS, OBJECT_TYPES
from sandbox.hubspot.properties import Option, Property, PropertyRegister, group_json
from sandbox.hubspot.switches import Switches

INDUSTRIES: tuple[str, ...] = tuple(json.loads(files(str(__package__)).joinpath("industries.json").read_text("utf-8")))
GROUPS: dict[str, tuple[str, str]] = {
    "deals": ("dealinformation", "Deal information"),
    "companies": ("companyinformation", "Company information"),
    "contacts": ("contactinformation", "Contact information"),
    "notes": ("note", "Notes"),
    "tasks": ("task", "Tasks"),
}
_TEXTS: dict[str, tuple[str, ...]] = {
    "deals": ("dealname", "hs_next_step", "closed_lost_reason", "closed_won_reason"),
    "companies": (
        "name",
        "domain",
        "country",
        "state",
        "city",
        "zip",
        "address",
        "address2",
        "phone",
        "website",
        "hs_country_code",
        "hs_state_code",
    ),
    "contacts": (
        "firstname",
        "lastname",
        "jobtitle",
        "phone",
        "mobilephone",
        "company",
        "country",
        "state",
        "city",
        "zip",
    ),
    "notes": ("hs_attachment_ids",),
    "tasks": ("hs_task_subject",),
}
_AREAS: dict[str, tuple[str, ...]] = {
    "deals": ("description",),
    "companies": ("description",),
    "contacts": (),
    "notes": ("hs_note_body",),
    "tasks": ("hs_task_body",),
}
_NUMBERS: dict[str, tuple[str, ...]] = {
    "deals": ("amount", "hs_pinned_engagement_id"),
    "companies": ("annualrevenue", "numberofemployees"),
    "contacts": (),
    "notes": (),
    "tasks": (),
}
_DATETIMES: dict[str, tuple[str, ...]] = {
    "deals": ("closedate",),
    "companies": (),
    "contacts": (),
    "notes": ("hs_timestamp",),
    "tasks": ("hs_timestamp", "hs_task_reminders"),
}
_CREATOR = ("hs_object_source", "hs_object_source_id", "hs_object_source_label", "hs_object_source_user_id")
_DEAL_FLAGS = ("hs_is_closed", "hs_is_closed_won", "hs_is_closed_lost")
_CURRENCIES = ("USD", "EUR", "GBP", "CAD", "AUD", "JPY", "CHF", "INR", "SEK", "NOK", "DKK", "BRL", "SGD")


def standard_register(object_type: str, switches: Switches) -> PropertyRegister:
    """The properties of ``object_type`` (plural name) in a new account."""
    name, label = GROUPS[object_type]
    return PropertyRegister(switches, dict(_definitions(object_type)), {name: group_json(name, label, 0)})


@cache
def _definitions(object_type: str) -> Mapping[str, Property]:
    """Made once: tests start accounts by the thousand, and a definition never changes."""
    group, _ = GROUPS[object_type]
    made = [*_plain(object_type, group), *_system(object_type, group), *_special(object_type, group)]
    return {definition.name: definition for definition in made}


def _standard(name: str, group: str, kind: str = "string", field_type: str = "text", **members: Any) -> Property:
    label = name.removeprefix("hs_").replace("_", " ").capitalize()
    return Property(name=name, label=label, group=group, type=kind, field_type=field_type, standard=True, **members)


def _plain(object_type: str, group: str) -> list[Property]:
    return [
        *(_standard(name, group) for name in _TEXTS[object_type]),
        *(_standard(name, group, field_type="textarea") for name in _AREAS[object_type]),
        *(_standard(name, group, "number", "number") for name in _NUMBERS[object_type]),
        *(_standard(name, group, "datetime", "date") for name in _DATETIMES[object_type]),
        _standard("hubspot_owner_id", group, "enumeration", "select"),
    ]


def _system(object_type: str, group: str) -> list[Property]:
    modified = OBJECT_TYPES[object_type].modified
    return [
        _standard("hs_object_id", group, "number", "number", read_only=True),
        _standard("createdate", group, "datetime", "date", read_only=True),
        _standard("hs_createdate", group, "datetime", "date", read_only=True),
        _standard(modified, group, "datetime", "date", read_only=True),
        _standard("hs_merged_object_ids", group, read_only=True),
        *(_standard(name, group, read_only=True) for name in _CREATOR),
    ]


def _special(object_type: str, group: str) -> list[Property]:
    if object_type == "deals":
        return _special_deal(group)
    if object_type == "companies":
        return [_enumeration("industry", group, INDUSTRIES)]
    if object_type == "contacts":
        return [
            _standard("email", group, unique=True),
            _standard("num_unique_conversion_events", group, "number", "number", read_only=True),
        ]
    if object_type == "tasks":
        return [_enumeration(name, group, tuple(values)) for name, values in FACTS["task_enums"].items()]
    return []


def _special_deal(group: str) -> list[Property]:
    options = (Option("true", "True"), Option("false", "False"))
    return [
        _enumeration("hs_priority", group, ("low", "medium", "high")),
        _enumeration("dealtype", group, ("newbusiness", "existingbusiness")),
        _enumeration("deal_currency_code", group, _CURRENCIES),
        _standard("pipeline", group, "enumeration", "select"),
        _standard("dealstage", group, "enumeration", "radio"),
        _standard("hs_deal_stage_probability", group, "number", "number", read_only=True, calculated=True),
        *(
            _standard(name, group, "bool", "calculation_equation", read_only=True, calculated=True, options=options)
            for name in _DEAL_FLAGS
        ),
    ]


def _enumeration(name: str, group: str, values: tuple[str, ...]) -> Property:
    options = tuple(Option(value, value.replace("_", " ").capitalize(), order) for order, value in enumerate(values))
    return _standard(name, group, "enumeration", "select", options=options)
