"""Merge two records into a new one (hubspot.md 3.6)."""

from __future__ import annotations

from dataclasses import replace

from sandbox.hubspot.actors import Actor
from sandbox.hubspot.changes import Change
from sandbox.hubspot.records import Record, Version
from sandbox.hubspot.refusals import invalid
from sandbox.hubspot.state import AccountState
from sandbox.hubspot.writes import claim_unique, release_unique, touch

MERGEABLE = ("deals", "companies", "contacts")


def merge(state: AccountState, kind: str, primary_id: str, other_id: str, actor: Actor) -> Record:
    """Merge ``other_id`` into ``primary_id``: a new record with a new id, to which the old ids resolve on GET.

    The primary's values win, the other's fill in what is empty. Refuses unknown, archived and already merged ids.
    """
    if kind not in MERGEABLE:
        raise invalid(f"{kind} cannot be merged; allowed: {', '.join(MERGEABLE)}", "3.6")
    if primary_id == other_id:
        raise invalid("A record cannot be merged with itself", "3.6")
    primary = state.find(kind, primary_id, follow_merge=False)
    other = state.find(kind, other_id, follow_merge=False)
    now = state.now()
    merged = Record(str(state.next_id(kind)), kind, primary.created_at, now, primary.created_by)
    merged.merged_ids = tuple(dict.fromkeys([*primary.merged_ids, primary.id, *other.merged_ids, other.id]))
    moved = _fill(merged, primary, other, now, actor)
    state.records[kind][merged.id] = merged
    for old in (primary, other):
        release_unique(state, old)
        old.merged_into = merged.id
        state.index.drop(old)
        _move_associations(state, old, merged)
    claim_unique(state, merged)
    touch(state, merged)
    change = Change("merge", kind, merged.id, now, actor, primary_id=primary.id, merged_ids=(other.id,), moved=moved)
    state.tell(change)
    if state.switches.merge_fires_deletion:
        state.tell(replace(change, kind="deletion", object_id=other.id))
    return merged


def _fill(merged: Record, primary: Record, other: Record, now: int, actor: Actor) -> int:
    merged.history = {name: list(versions) for name, versions in primary.history.items()}
    moved = 0
    for name, versions in other.history.items():
        if versions[-1].value and not merged.value(name):
            merged.history.setdefault(name, []).append(Version(versions[-1].value, now, actor))
            moved += 1
    return moved


def _move_associations(state: AccountState, old: Record, merged: Record) -> None:
    source, target = (old.object_type, old.id), (merged.object_type, merged.id)
    for ref in state.associations.everything_of(source):
        specs = state.associations.between(source, ref)
        state.associations.put(source, ref, set())
        if ref != target:
            state.associations.put(target, ref, specs | state.associations.between(target, ref))
