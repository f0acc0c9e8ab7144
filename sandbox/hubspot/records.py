"""One record with the history of every value (hubspot.md 3.2, 3.5)."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.hubspot.actors import Actor
from sandbox.hubspot.facts import OBJECT_TYPES
from sandbox.hubspot.times import iso

CALCULATED = Actor("CALCULATED", "calculated", "Calculated property")


@dataclass(frozen=True, slots=True)
class Version:
    """One value that a property had. ``at`` in epoch milliseconds."""

    value: str
    at: int
    actor: Actor


@dataclass(slots=True)
class Record:
    """A deal, company, contact, note or task. ``history`` is oldest first; ``""`` is the empty value."""

    id: str
    object_type: str
    created_at: int
    updated_at: int
    created_by: Actor
    history: dict[str, list[Version]] = field(default_factory=dict)
    archived_at: int | None = None
    merged_ids: tuple[str, ...] = ()
    merged_into: str | None = None

    def value(self, name: str) -> str:
        """The present value, ``""`` if empty."""
        system = self.system_values()
        if name in system:
            return system[name]
        versions = self.history.get(name)
        return versions[-1].value if versions else ""

    def values(self) -> dict[str, str]:
        """All values that are not empty, the system's own included."""
        own = {name: versions[-1].value for name, versions in self.history.items()}
        return {name: value for name, value in {**own, **self.system_values()}.items() if value != ""}

    def put(self, name: str, value: str, at: int, actor: Actor) -> bool:
        """Set a value. False if it was there already."""
        if self.value(name) == value:
            return False
        self.history.setdefault(name, []).append(Version(value, at, actor))
        return True

    def system_values(self) -> dict[str, str]:
        """The values that the vendor keeps itself."""
        creator = self.created_by
        return {
            "hs_object_id": self.id,
            "createdate": iso(self.created_at),
            "hs_createdate": iso(self.created_at),
            OBJECT_TYPES[self.object_type].modified: iso(self.updated_at),
            "hs_merged_object_ids": ";".join(self.merged_ids),
            "hs_object_source": creator.source_type,
            "hs_object_source_id": creator.source_id,
            "hs_object_source_label": creator.source_type,
            "hs_object_source_user_id": creator.user_id or "",
        }
