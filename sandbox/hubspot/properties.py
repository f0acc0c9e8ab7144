"""Property definitions and groups of one object type (hubspot.md 3.11)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.hubspot.facts import FACTS, LIMITS
from sandbox.hubspot.refusals import Refusal, invalid, not_found
from sandbox.hubspot.switches import Switches
from sandbox.hubspot.times import iso

PURGE_MS = 90 * 24 * 3600 * 1000
FIELD_TYPES: dict[str, tuple[str, ...]] = {
    "string": ("text", "textarea", "html", "file", "phonenumber"),
    "number": ("number", "calculation_equation"),
    "bool": ("booleancheckbox", "calculation_equation"),
    "enumeration": ("select", "radio", "checkbox", "booleancheckbox", "calculation_equation"),
    "date": ("date",),
    "datetime": ("date",),
    "phone_number": ("phonenumber",),
}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_REQUIRED = ("groupName", "name", "label", "type", "fieldType")
_PATCHABLE = (
    "label",
    "description",
    "groupName",
    "type",
    "fieldType",
    "options",
    "displayOrder",
    "hidden",
    "formField",
)


@dataclass(frozen=True, slots=True)
class Option:
    """One value of an enumeration."""

    value: str
    label: str
    display_order: int = -1
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Property:
    """One property definition. ``type`` and ``field_type`` in the vendor's words."""

    name: str
    label: str
    group: str
    type: str = "string"
    field_type: str = "text"
    options: tuple[Option, ...] = ()
    unique: bool = False
    read_only: bool = False
    calculated: bool = False
    standard: bool = False
    sensitive: bool = False
    description: str = ""
    hidden: bool = False
    form_field: bool = False
    display_order: int = -1
    created_at: int = 0
    updated_at: int = 0
    archived_at: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The vendor's form."""
        document: dict[str, Any] = {
            "name": self.name,
            "label": self.label,
            "groupName": self.group,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "options": [
                {"label": o.label, "value": o.value, "displayOrder": o.display_order, "hidden": o.hidden}
                for o in self.options
            ],
            "hasUniqueValue": self.unique,
            "hidden": self.hidden,
            "formField": self.form_field,
            "displayOrder": self.display_order,
            "calculated": self.calculated,
            "externalOptions": False,
            "hubspotDefined": self.standard,
            "archived": self.archived_at is not None,
            "dataSensitivity": "sensitive" if self.sensitive else "non_sensitive",
            "modificationMetadata": {
                "archivable": not self.standard,
                "readOnlyDefinition": self.standard,
                "readOnlyValue": self.read_only,
            },
            "createdAt": iso(self.created_at),
            "updatedAt": iso(self.updated_at),
        }
        return document if self.archived_at is None else {**document, "archivedAt": iso(self.archived_at)}


@dataclass(slots=True)
class PropertyRegister:
    """All properties and groups of one object type. ``now`` arguments are epoch milliseconds."""

    switches: Switches
    properties: dict[str, Property] = field(default_factory=dict)
    groups: dict[str, dict[str, Any]] = field(default_factory=dict)

    def copy(self) -> PropertyRegister:
        """A register of its own with the same properties and groups."""
        return PropertyRegister(
            self.switches, dict(self.properties), {name: {**one} for name, one in self.groups.items()}
        )

    def find(self, name: str) -> Property | None:
        """The live property of that name, or None."""
        found = self.properties.get(name)
        return found if found is not None and found.archived_at is None else None

    def get(self, name: str, archived: bool = False, now: int = 0) -> Property:
        """The property, or 404 ``OBJECT_NOT_FOUND``."""
        found = self.properties.get(name)
        gone = found is None or (found.archived_at is not None) != archived
        if found is None or gone or (found.archived_at is not None and now - found.archived_at > PURGE_MS):
            raise not_found(f"Property {name!r}", "3.11")
        return found

    def live(self) -> list[Property]:
        """All properties that are not archived."""
        return [found for found in self.properties.values() if found.archived_at is None]

    def create(self, body: Mapping[str, Any], now: int) -> Property:
        """Create a property; an archived one of that name comes back as it was, with the new definition."""
        definition = self._parse(body, now)
        found = self.find(definition.name)
        if found is not None:
            raise Refusal(
                409,
                "OBJECT_ALREADY_EXISTS",
                f"Property named '{definition.name}' already exists",
                "3.11",
                sub_category="Properties.PROPERTY_WITH_NAME_EXISTS",
            )
        if definition.unique and sum(p.unique for p in self.live()) >= LIMITS["unique_properties_per_object"]:
            raise invalid(f"At most {LIMITS['unique_properties_per_object']} unique-value properties per object", "3.3")
        self.properties[definition.name] = definition
        return definition

    def update(self, name: str, body: Mapping[str, Any], now: int) -> Property:
        """PATCH: ``options`` replaces the whole list; ``hasUniqueValue`` can only be set at creation."""
        found = self.get(name)
        if "hasUniqueValue" in body and bool(body["hasUniqueValue"]) != found.unique:
            raise invalid("hasUniqueValue can only be set when a property is created", "3.4")
        if found.standard and any(key in body for key in ("type", "fieldType")):
            raise invalid(f"The definition of the standard property {name!r} is read only", "3.11")
        merged = {**found.as_json(), **{key: body[key] for key in _PATCHABLE if key in body}}
        changed = replace(self._parse(merged, now), created_at=found.created_at, standard=found.standard)
        changed = replace(changed, read_only=found.read_only, calculated=found.calculated, unique=found.unique)
        self.properties[name] = changed
        return changed

    def archive(self, name: str, now: int) -> None:
        """Archive a property of one's own; it can be restored for 90 days."""
        found = self.get(name)
        if found.standard:
            raise invalid(f"The standard property {name!r} cannot be archived", "3.11")
        self.properties[name] = replace(found, archived_at=now)

    def create_group(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create a property group from ``{name, label}``."""
        name, label = body.get("name"), body.get("label")
        if not isinstance(name, str) or not isinstance(label, str) or not name or not label:
            raise invalid("A property group needs name and label", "3.11")
        if name in self.groups:
            raise Refusal(409, "OBJECT_ALREADY_EXISTS", f"Property group '{name}' already exists", "3.11")
        self.groups[name] = group_json(name, label, body.get("displayOrder", -1))
        return self.groups[name]

    def _parse(self, body: Mapping[str, Any], now: int) -> Property:
        for key in _REQUIRED:
            if not isinstance(body.get(key), str) or not body[key]:
                raise invalid(f"Some required fields were not set: [{key}]", "3.11")
        name, kind, field_type = body["name"], body["type"], body["fieldType"]
        if not _NAME.fullmatch(name):
            raise invalid(f"Property name {name!r} must be lower-case letters, digits and underscores", "3.11")
        if body["groupName"] not in self.groups:
            raise invalid(f"Property group {body['groupName']!r} does not exist", "3.11")
        _check_types(kind, field_type)
        options = tuple(_option(one) for one in body.get("options") or ())
        self._check_options(kind, field_type, options)
        if body.get("hasUniqueValue") and kind not in ("string", "number"):
            raise invalid(f"A property of type {kind!r} cannot have unique values", "3.4")
        return Property(
            name=name,
            label=body["label"],
            group=body["groupName"],
            type=kind,
            field_type=field_type,
            options=options,
            unique=bool(body.get("hasUniqueValue", False)),
            sensitive=body.get("dataSensitivity", "non_sensitive") != "non_sensitive",
            description=str(body.get("description") or ""),
            hidden=bool(body.get("hidden", False)),
            form_field=bool(body.get("formField", False)),
            display_order=int(body.get("displayOrder", -1)),
            created_at=now,
            updated_at=now,
        )

    def _check_options(self, kind: str, field_type: str, options: tuple[Option, ...]) -> None:
        values = [option.value for option in options]
        if len(set(values)) != len(values):
            raise invalid("Option values must be distinct", "3.11")
        if kind == "enumeration" and not options:
            raise invalid("An enumeration needs options", "3.11")
        if kind == "bool" and self.switches.bool_property_needs_options and sorted(values) != ["false", "true"]:
            raise invalid("A bool property needs the options true and false", "3.11")


def group_json(name: str, label: str, display_order: int = -1) -> dict[str, Any]:
    """A property group in the vendor's form."""
    return {"name": name, "label": label, "displayOrder": display_order, "archived": False}


def _check_types(kind: str, field_type: str) -> None:
    if kind not in FACTS["property_types"]:
        raise invalid(f"Unknown type {kind!r}; allowed: {', '.join(FACTS['property_types'])}", "3.11")
    if field_type not in FACTS["property_field_types"]:
        raise invalid(f"Unknown fieldType {field_type!r}; allowed: {', '.join(FACTS['property_field_types'])}", "3.11")
    if field_type not in FIELD_TYPES[kind]:
        raise invalid(f"Type {kind!r} cannot have fieldType {field_type!r}; allowed: {FIELD_TYPES[kind]}", "3.11")


def _option(given: Any) -> Option:
    if (
        not isinstance(given, Mapping)
        or not isinstance(given.get("label"), str)
        or not isinstance(given.get("value"), str)
    ):
        raise invalid("An option needs label and value", "3.11")
    return Option(given["value"], given["label"], int(given.get("displayOrder", -1)), bool(given.get("hidden", False)))
