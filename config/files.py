"""The parsed files beside their models, as the checks take them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from config.base import Partner
from config.deployment import Stages
from config.errors import Finding
from config.hubspot_model import HubspotProperties
from config.room import Room, Values
from config.source import KeyPath, Source


@dataclass(frozen=True, slots=True)
class PartnerFiles:
    """One partner's files. ``model`` is an instance of the room's model; ``values`` hold the companions' data, too."""

    room: Room
    model: Any
    source: Source
    values: Values
    values_source: Source
    companions: Mapping[str, Source] = field(default_factory=dict)
    """Further files of the partner's by name, empty ones for those that are not there."""

    @property
    def base(self) -> Partner:
        """What all partners have."""
        return self.model


@dataclass(frozen=True, slots=True)
class Files:
    """The parsed files and their models; ``partners`` holds those whose file is there, by name."""

    stages: Stages
    properties: HubspotProperties
    stages_source: Source
    properties_source: Source
    partners: Mapping[str, PartnerFiles]
    _known: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def known(self, crm_object: str, reader: PartnerFiles) -> tuple[str, ...]:
        """Names of an object's properties that a partner may use: HubSpot's own, those of nobody, and its own."""
        key = (crm_object, reader.room.name)
        if key not in self._known:  # every rule of a field map asks
            ours = [each.name for each in self.properties.properties if each.object == crm_object]
            standard = next((names for of, names in self.properties.standard.items() if of == crm_object), [])
            may = (None, reader.room.name)
            self._known[key] = tuple(name for name in (*standard, *ours) if self.owner(name) in may)
        return self._known[key]

    def owner(self, property_name: str) -> str | None:
        """The partner whose prefix begins the name, None for HubSpot's own and for those of no partner."""
        for name, each in self.partners.items():
            if property_name.startswith(each.base.property_prefix):
                return name
        return None


def unknown(source: Source, path: KeyPath, what: str, value: str, allowed: Sequence[str]) -> Finding:
    """A finding that names a value and what would do."""
    return source.finding(path, f"unknown {what} {value!r}", allowed)
