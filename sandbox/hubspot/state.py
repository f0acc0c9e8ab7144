"""Everything that one simulated account holds, and how records are found in it."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from lambdas.shared.clock import Clock
from sandbox.hubspot.association_table import AssociationTable
from sandbox.hubspot.changes import Change
from sandbox.hubspot.facts import OBJECT_TYPES
from sandbox.hubspot.owners import OwnerRegister
from sandbox.hubspot.pipelines import PipelineRegister
from sandbox.hubspot.properties import PURGE_MS, PropertyRegister
from sandbox.hubspot.records import Record
from sandbox.hubspot.refusals import NoSuchRecord, invalid
from sandbox.hubspot.search_index import SearchIndex
from sandbox.hubspot.standard_properties import standard_register
from sandbox.hubspot.switches import Settings, Switches

FIRST_ID = 9_000_000_001  # beyond 2^31, and the same for every object type: ids are unique per type only (3.2)


@dataclass(slots=True)
class AccountState:
    """The account's data. Hold ``lock`` while reading or writing more than one thing."""

    clock: Clock
    portal_id: int
    app_id: int
    settings: Settings
    switches: Switches
    lock: threading.RLock = field(default_factory=threading.RLock)
    properties: dict[str, PropertyRegister] = field(init=False)
    pipelines: PipelineRegister = field(init=False)
    owners: OwnerRegister = field(default_factory=OwnerRegister)
    records: dict[str, dict[str, Record]] = field(init=False)
    unique: dict[tuple[str, str], dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    associations: AssociationTable = field(default_factory=AssociationTable)
    index: SearchIndex = field(init=False)
    listeners: list[Callable[[Change], None]] = field(default_factory=list)
    random: Random = field(init=False)
    _next: dict[str, int] = field(default_factory=lambda: defaultdict(lambda: FIRST_ID))

    def __post_init__(self) -> None:
        self.properties = {name: standard_register(name, self.switches) for name in OBJECT_TYPES}
        self.records = {name: {} for name in OBJECT_TYPES}
        self.pipelines = PipelineRegister(lambda: self.next_id("pipelines"), self.now(), self.switches)
        self.index = SearchIndex(lambda: self.settings.search_lag_ms)
        self.random = Random(self.settings.seed)

    def now(self) -> int:
        """Epoch milliseconds."""
        return self.clock.now_ms()

    def next_id(self, kind: str) -> int:
        """The next number of that kind of thing."""
        number = self._next[kind]
        self._next[kind] = number + 1
        return number

    def tell(self, change: Change) -> None:
        """Pass a change on to whoever listens (webhooks)."""
        for listener in self.listeners:
            listener(change)

    def find(
        self,
        kind: str,
        key: str,
        id_property: str | None = None,
        *,
        archived: bool = False,
        follow_merge: bool = True,
    ) -> Record:
        """One record by id or by a unique property, or 404 (an archived one only with ``archived``)."""
        record = self.records[kind].get(self._id_of(kind, key, id_property))
        if record is not None and record.merged_into is not None:
            record = self._merged(record) if follow_merge else None
        if record is None or (record.archived_at is not None) != archived or self._purged(record):
            raise NoSuchRecord(f"Object of type {kind} with {id_property or 'id'} {key}", context={"id": [key]})
        return record

    def live(self, kind: str, archived: bool = False) -> list[Record]:
        """All records of a type in id order: those present, or those in the recycle bin."""
        found = [
            r for r in self.records[kind].values() if r.merged_into is None and (r.archived_at is not None) == archived
        ]
        return sorted((r for r in found if not self._purged(r)), key=lambda record: int(record.id))

    def id_by_unique(self, kind: str, id_property: str, value: str) -> str | None:
        """The id of the record that holds a unique value, or None. Refuses a property that is not unique."""
        found = self.properties[kind].find(id_property)
        if found is None or not found.unique:
            message = f"{id_property} cannot be an idProperty: it is no unique-value property of {kind}"
            raise invalid(message, "3.2" if id_property == "hs_object_id" else "3.4")
        return self.unique[kind, id_property].get(value.lower() if id_property == "email" else value)

    def _id_of(self, kind: str, key: str, id_property: str | None) -> str:
        if not id_property:
            return key
        return self.id_by_unique(kind, id_property, key) or ""

    def _merged(self, record: Record) -> Record:
        while record.merged_into is not None:
            record = self.records[record.object_type][record.merged_into]
        return record

    def _purged(self, record: Record) -> bool:
        return record.archived_at is not None and self.now() - record.archived_at > PURGE_MS
