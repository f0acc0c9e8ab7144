"""The fact sheet's data (``facts.json``) and the object types that the simulator knows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from sandbox.hubspot.refusals import invalid

FACTS: dict[str, Any] = json.loads(files(str(__package__)).joinpath("facts.json").read_text("utf-8"))
LIMITS: dict[str, Any] = FACTS["limits"]


@dataclass(frozen=True, slots=True)
class ObjectType:
    """One kind of record. ``scope`` guards it: notes and tasks go with contacts (hubspot.md 3.9)."""

    name: str
    singular: str
    type_id: str
    scope: str
    modified: str = "hs_lastmodifieddate"
    shown: tuple[str, ...] = ()
    searched: tuple[str, ...] = ()


OBJECT_TYPES: dict[str, ObjectType] = {
    kind.name: kind
    for kind in (
        ObjectType(
            "deals",
            "deal",
            "0-3",
            "deals",
            shown=("amount", "closedate", "dealname", "dealstage", "pipeline"),
            searched=("dealname",),
        ),
        ObjectType("companies", "company", "0-2", "companies", shown=("domain", "name"), searched=("domain", "name")),
        ObjectType(
            "contacts",
            "contact",
            "0-1",
            "contacts",
            modified="lastmodifieddate",
            shown=("email", "firstname", "lastname"),
            searched=("email", "firstname", "lastname"),
        ),
        ObjectType("notes", "note", "0-46", "contacts", shown=(), searched=("hs_note_body",)),
        ObjectType("tasks", "task", "0-27", "contacts", shown=(), searched=("hs_task_subject", "hs_task_body")),
    )
}
_ALIASES = {
    alias: kind.name
    for kind in OBJECT_TYPES.values()
    for alias in (kind.name, kind.singular, kind.type_id, kind.singular.upper())
}


def object_type(word: str) -> ObjectType:
    """The object type behind ``deals``, ``deal`` or ``0-3``. Refuses an unknown one and names those known."""
    name = _ALIASES.get(word)
    if name is None:
        raise invalid(f"Unable to infer object type from: {word}; known: {', '.join(OBJECT_TYPES)}", "1.2")
    return OBJECT_TYPES[name]


def default_type_id(source: str, target: str) -> int | None:
    """The unlabelled association type from one object type (plural name) to another, or None if there is none."""
    return FACTS["association_type_ids"].get(f"{OBJECT_TYPES[source].singular}_to_{OBJECT_TYPES[target].singular}")


def primary_type_id(source: str, target: str) -> int | None:
    """The association type of a primary company, or None where that does not exist."""
    pair = f"{OBJECT_TYPES[source].singular}_to_{OBJECT_TYPES[target].singular}_primary"
    return FACTS["association_type_ids"].get(pair)
