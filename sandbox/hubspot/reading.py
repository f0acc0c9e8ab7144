"""Records as answers: properties, histories and associations (hubspot.md 3.1, 3.2, 3.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.hubspot.association_table import USER_DEFINED, Spec
from sandbox.hubspot.associations import refuse_unknown_target, singular_pair
from sandbox.hubspot.facts import OBJECT_TYPES, primary_type_id
from sandbox.hubspot.records import Record, Version
from sandbox.hubspot.state import AccountState
from sandbox.hubspot.times import iso


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a caller asked to see. Empty ``properties`` = the object type's default ones."""

    properties: tuple[str, ...] = ()
    with_history: tuple[str, ...] = ()
    associations: tuple[str, ...] = ()


def as_json(state: AccountState, record: Record, wanted: Wanted = Wanted()) -> dict[str, Any]:
    """One record in the vendor's form. Unknown property names are left out; empty values are ``null``."""
    values = record.values()
    document: dict[str, Any] = {
        "id": record.id,
        "properties": {name: values.get(name) for name in _shown(state, record, wanted)},
        "createdAt": iso(record.created_at),
        "updatedAt": iso(record.updated_at),
        "archived": record.archived_at is not None,
        "url": f"https://app.hubspot.com/contacts/{state.portal_id}/record/{OBJECT_TYPES[record.object_type].type_id}/{record.id}",
    }
    if record.archived_at is not None:
        document["archivedAt"] = iso(record.archived_at)
    if wanted.with_history:
        document["propertiesWithHistory"] = _histories(state, record, wanted.with_history)
    tied = _associations(state, record, wanted.associations)
    if tied:
        document["associations"] = tied
    return document


def after_write(state: AccountState, record: Record, written: Sequence[str]) -> dict[str, Any]:
    """The answer to a create or an update: the values written and the default ones."""
    shown = (*OBJECT_TYPES[record.object_type].shown, *written)
    return as_json(state, record, Wanted(properties=shown))


def targets_of(state: AccountState, record: Record, target: str) -> dict[str, set[Spec]]:
    """The records of a type tied to ``record`` that still exist, in id order, with the types."""
    found = state.associations.targets((record.object_type, record.id), target)
    present = {key: specs for key, specs in found.items() if _exists(state, target, key)}
    return dict(sorted(present.items(), key=lambda item: int(item[0])))


def _exists(state: AccountState, kind: str, key: str) -> bool:
    record = state.records[kind].get(key)
    return record is not None and record.archived_at is None and record.merged_into is None


def _shown(state: AccountState, record: Record, wanted: Wanted) -> list[str]:
    kind = OBJECT_TYPES[record.object_type]
    always = (
        "hs_object_id",
        kind.modified,
        "createdate" if kind.name in ("deals", "companies", "contacts") else "hs_createdate",
    )
    names = dict.fromkeys((*(wanted.properties or kind.shown), *always))
    if record.merged_ids:
        names["hs_merged_object_ids"] = None
    return [name for name in names if state.properties[kind.name].find(name)]


def _histories(state: AccountState, record: Record, names: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    histories = {}
    for name in names:
        definition = state.properties[record.object_type].find(name)
        if definition is None:
            continue
        entries = [_entry(version) for version in reversed(record.history.get(name, []))]
        if name in record.system_values():
            entries = [_entry(Version(record.value(name), record.updated_at, record.created_by))]
        if not state.switches.history_newest_first:
            state.random.shuffle(entries)
        histories[name] = entries
    return histories


def _entry(version: Version) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "value": version.value,
        "timestamp": iso(version.at),
        "sourceType": version.actor.source_type,
        "sourceId": version.actor.source_id,
        "sourceLabel": version.actor.label,
    }
    if version.actor.user_id is not None:
        entry["updatedByUserId"] = int(version.actor.user_id)
    return entry


def _associations(state: AccountState, record: Record, words: Sequence[str]) -> dict[str, Any]:
    tied = {}
    for word in words:
        target = refuse_unknown_target(word)
        rows = [
            {"id": key, "type": _type_name(state, record.object_type, target, spec)}
            for key, specs in targets_of(state, record, target).items()
            for spec in sorted(specs)
        ]
        if rows:
            tied[target] = {"results": rows}
    return tied


def _type_name(state: AccountState, source: str, target: str, spec: Spec) -> str:
    if spec[0] == USER_DEFINED:
        return state.associations.labels[spec[1]].name
    pair = singular_pair(source, target)
    if primary_type_id(source, target) is None:
        return pair
    primary = state.associations.known(source, target)[spec] is not None
    if state.switches.unlabelled_company_is_named_so:
        return pair if primary else f"{pair}_unlabeled"
    return f"{pair}_primary" if primary else pair
