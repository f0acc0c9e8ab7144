"""Create, change, archive and restore records, with every rule that the account holds a writer to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.hubspot.actors import Actor
from sandbox.hubspot.changes import Change
from sandbox.hubspot.record_rules import Prepared, check_create, check_required, derived_values, prepare
from sandbox.hubspot.records import CALCULATED, Record
from sandbox.hubspot.refusals import NoSuchRecord, conflict, invalid
from sandbox.hubspot.state import AccountState

UniqueKey = tuple[str, str, str]  # object type, unique property, value


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did. ``warnings`` as 2026-09 answers them; ``new`` tells an upsert's insert from its update."""

    record: Record
    warnings: list[dict[str, str]] = field(default_factory=list)
    new: bool = False


def create(state: AccountState, kind: str, given: Any, actor: Actor, version: str) -> Written:
    """Create a record from a mapping of property names to text. Raises ``Refusal``."""
    prepared = prepare(state, kind, given, None)
    check_create(state, kind, prepared.values)
    check_required(state, kind, prepared.values, None, version)
    now = state.now()
    record = Record(str(state.next_id(kind)), kind, now, now, actor)
    state.records[kind][record.id] = record
    state.tell(Change("creation", kind, record.id, now, actor))
    _apply(state, record, prepared, actor, fire=state.switches.creation_fires_property_changes)
    return Written(record, prepared.warnings, new=True)


def update(state: AccountState, record: Record, given: Any, actor: Actor, version: str) -> Written:
    """Change values of a record; what is not named stays. Raises ``Refusal``."""
    prepared = prepare(state, record.object_type, given, record)
    check_required(state, record.object_type, prepared.values, record, version)
    _apply(state, record, prepared, actor, fire=True)
    return Written(record, prepared.warnings)


def upsert(state: AccountState, key: UniqueKey, given: Any, actor: Actor, version: str) -> Written:
    """Update the record whose unique property has the value, or create it with it (hubspot.md 3.4)."""
    kind, id_property, value = key
    if not isinstance(given, Mapping):
        raise invalid("Each input needs properties", "3.4")
    if given.get(id_property, value) != value:
        raise invalid(f"id and properties.{id_property} differ", "3.4")
    existing = state.id_by_unique(kind, id_property, value)
    if existing is None:
        return create(state, kind, {**given, id_property: value}, actor, version)
    record = state.records[kind][existing]
    if state.now() - record.created_at < state.switches.upsert_race_window_ms:
        raise conflict(f"Another upsert of this {id_property} is under way", "3.4")
    return update(state, record, {name: text for name, text in given.items() if name != id_property}, actor, version)


def archive(state: AccountState, kind: str, record_id: str, actor: Actor) -> None:
    """Move a record to the recycle bin. Archiving an archived one does nothing; an unknown one is 404."""
    record = state.records[kind].get(record_id)
    if record is None or record.merged_into is not None:
        raise NoSuchRecord(f"Object of type {kind} with id {record_id}", context={"id": [record_id]})
    if record.archived_at is not None:
        return
    record.archived_at = record.updated_at = state.now()
    state.index.drop(record)
    if not state.switches.archived_keep_unique_values:
        release_unique(state, record)
    state.tell(Change("deletion", kind, record_id, record.archived_at, actor))


def restore(state: AccountState, kind: str, record_id: str, actor: Actor) -> Record:
    """Take a record out of the recycle bin (a person's click; there is no API call for it)."""
    record = state.find(kind, record_id, archived=True, follow_merge=False)
    claim_unique(state, record)
    record.archived_at = None
    record.updated_at = state.now()
    state.index.note(record, record.updated_at)
    state.tell(Change("restore", kind, record_id, record.updated_at, actor))
    return record


def privacy_delete(state: AccountState, record: Record, actor: Actor) -> None:
    """GDPR delete of a contact: gone at once, for good."""
    release_unique(state, record)
    state.index.drop(record)
    for kind, key in state.associations.everything_of((record.object_type, record.id)):
        state.associations.put((record.object_type, record.id), (kind, key), set())
    del state.records[record.object_type][record.id]
    state.tell(Change("privacyDeletion", record.object_type, record.id, state.now(), actor))


def touch(state: AccountState, record: Record) -> None:
    """Move the record's modified date to now and let search know in due time."""
    record.updated_at = state.now()
    if record.archived_at is None and record.merged_into is None:
        state.index.note(record, record.updated_at)


def release_unique(state: AccountState, record: Record) -> None:
    """Give the record's unique values free."""
    for (kind, name), holders in state.unique.items():
        if kind == record.object_type and holders.get(record.value(name)) == record.id:
            del holders[record.value(name)]


def claim_unique(state: AccountState, record: Record) -> None:
    """Take the record's unique values (again). Refuses a value that another record holds by now."""
    mine = {p.name: record.value(p.name) for p in state.properties[record.object_type].live() if p.unique}
    for name, value in mine.items():
        if value and state.unique[record.object_type, name].get(value, record.id) != record.id:
            raise conflict(f"Another record has the value of {name} by now", "3.4")
    for name, value in mine.items():
        if value:
            state.unique[record.object_type, name][value] = record.id


def _apply(state: AccountState, record: Record, prepared: Prepared, actor: Actor, *, fire: bool) -> None:
    kind, now = record.object_type, state.now()
    moved = False
    for name, value in prepared.values.items():
        moved = _put(state, record, name, value, actor, fire=fire) or moved
    for name, value in derived_values(state, record).items():
        if record.put(name, value, now, CALCULATED) and state.switches.calculated_properties_fire:
            state.tell(Change("propertyChange", kind, record.id, now, CALCULATED, property_name=name, value=value))
    if moved or state.switches.same_value_moves_updated_at:
        touch(state, record)


def _put(state: AccountState, record: Record, name: str, value: str, actor: Actor, *, fire: bool) -> bool:
    definition = state.properties[record.object_type].get(name)
    before, now = record.value(name), state.now()
    if not record.put(name, value, now, actor):
        return False
    if definition.unique:
        holders = state.unique[record.object_type, name]
        if before:
            holders.pop(before, None)
        if value:
            holders[value] = record.id
    if fire:
        change = Change("propertyChange", record.object_type, record.id, now, actor)
        state.tell(replace(change, property_name=name, value=value, sensitive=definition.sensitive))
    return True
