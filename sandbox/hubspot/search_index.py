"""What search sees: the records as they were some moments ago (hubspot.md 3.7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.hubspot.records import Record


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A record as search knows it."""

    record_id: str
    values: dict[str, str]
    visible_at: int


class SearchIndex:
    """Snapshots by object type and id; each becomes visible ``lag_ms()`` after its change."""

    def __init__(self, lag_ms: Callable[[], int]) -> None:
        self._lag_ms = lag_ms
        self._entries: dict[tuple[str, str], list[Snapshot]] = {}

    def note(self, record: Record, now: int) -> None:
        """Take a new state of a record into the index."""
        key = (record.object_type, record.id)
        snapshot = Snapshot(record.id, record.values(), now + self._lag_ms())
        self._entries[key] = [*_still_needed(self._entries.get(key, []), now), snapshot]

    def drop(self, record: Record) -> None:
        """Archived and merged records never appear."""
        self._entries.pop((record.object_type, record.id), None)

    def visible(self, object_type: str, now: int) -> list[Snapshot]:
        """The newest visible snapshot of every record of a type."""
        found = []
        for (kind, _), entries in self._entries.items():
            seen = [entry for entry in entries if entry.visible_at <= now]
            if kind == object_type and seen:
                found.append(seen[-1])
        return found


def _still_needed(entries: list[Snapshot], now: int) -> list[Snapshot]:
    seen = [entry for entry in entries if entry.visible_at <= now]
    return [*seen[-1:], *(entry for entry in entries if entry.visible_at > now)]
