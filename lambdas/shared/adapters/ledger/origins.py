"""Which partner wrote a property of a HubSpot record, by a mark of what it wrote (see ``domain.origins``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from lambdas.shared.adapters.ledger.answers import AwsClient
from lambdas.shared.adapters.ledger.table import Refused, Table
from lambdas.shared.domain.origins import Entry, about_to_write, has_written
from lambdas.shared.errors import Retryable

ORIGIN_SORT = "origin"
_PREFIX = "p_"
_MERGED = "m_"
_BETWEEN = " | "
_NOT_YET = "?"
_TRIES = 8

type Change = Callable[[Sequence[Entry], str, Sequence[str]], tuple[Entry, ...]]


class Origins:
    """``Origins(client, table)`` on the ledger. One item a record; runs of several partners may write at once."""

    def __init__(self, client: AwsClient, table: str) -> None:
        self._table = Table(client, table)

    def note(self, kind: str, record_id: str, partner: str, marks: Mapping[str, Sequence[str]]) -> None:
        """``partner`` is about to write these properties of the record (``kind`` is ``deals``, ``companies``, …)."""
        self._change(kind, record_id, partner, marks, about_to_write)

    def settle(self, kind: str, record_id: str, partner: str, marks: Mapping[str, Sequence[str]]) -> None:
        """``partner`` has written them: they take the place of what stood there."""
        self._change(kind, record_id, partner, marks, has_written)

    def of(self, records: Iterable[tuple[str, str]]) -> dict[tuple[str, str], dict[str, tuple[Entry, ...]]]:
        """Property to entries for each of the records (kind, id) that any partner wrote to, or to one that the ledger
        knows to be merged into it."""
        asked = {record: origin_key(*record) for record in records}
        items: dict[str, Mapping[str, Any]] = {}
        wanted, seen = set(asked.values()), set[str]()
        while wanted:
            seen |= wanted
            found = {item["pk"]: item for item in self._table.batch_get((key, ORIGIN_SORT) for key in sorted(wanted))}
            items |= found
            wanted = {old for item in found.values() for old in _merged_into(item)} - seen
        gathered = {record: _gathered(key, items) for record, key in asked.items()}
        return {record: entries for record, entries in gathered.items() if entries}

    def _change(
        self, kind: str, record_id: str, partner: str, marks: Mapping[str, Sequence[str]], change: Change
    ) -> None:
        """Read, and write where nobody else did meanwhile: an entry that was lost would be a value that leaks."""
        if not marks:
            return
        key = origin_key(kind, record_id)
        item = self._table.get(key, ORIGIN_SORT) or {}
        for _ in range(_TRIES):
            before = {_PREFIX + name: item.get(_PREFIX + name) for name in marks}
            after = {
                _PREFIX + name: _text(change(_entries(before[_PREFIX + name]), partner, each))
                for name, each in marks.items()
            }
            changed = {name: text for name, text in after.items() if text != before[name]}
            if not changed:
                return
            answer = self._update(key, before, changed)
            if not isinstance(answer, Refused):
                return
            item = answer.item
        raise Retryable(f"the origins of a record ({kind}) move all the time")

    def _update(self, key: str, before: Mapping[str, Any], changed: Mapping[str, str]) -> Any:
        names = {f"n{number}": name for number, name in enumerate(changed)}
        values = {f"v{number}": text for number, text in enumerate(changed.values())}
        values |= {f"w{number}": before[name] for number, name in enumerate(changed) if before[name] is not None}
        conditions = (
            f"attribute_not_exists(#n{number})" if before[name] is None else f"#n{number} = :w{number}"
            for number, name in enumerate(changed)
        )
        expression = ", ".join(f"#n{number} = :v{number}" for number in range(len(changed)))
        return self._table.update(
            key, ORIGIN_SORT, f"SET {expression}", values, condition=" AND ".join(conditions), names=names
        )


def origin_key(kind: str, record_id: str) -> str:
    """The ``pk`` of a record's item."""
    return f"origin#{kind}#{record_id}"


def merged_names(old_ids: Iterable[str]) -> dict[str, str]:
    """Names for an expression: the attributes by which a record's item tells what was merged into it."""
    return {f"m{number}": _MERGED + old for number, old in enumerate(old_ids)}


def _merged_into(item: Mapping[str, Any]) -> list[str]:
    kind = str(item["pk"]).split("#", 2)[1]
    return [origin_key(kind, name.removeprefix(_MERGED)) for name in item if name.startswith(_MERGED)]


def _gathered(key: str, items: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[Entry, ...]]:
    """The entries of an item and of all that were merged into it, each item once."""
    entries: dict[str, tuple[Entry, ...]] = {}
    waiting, seen = [key], {key}
    while waiting:
        item = items.get(waiting.pop(), {})
        for name in [one for one in item if one.startswith(_PREFIX)]:
            plain = name.removeprefix(_PREFIX)
            entries[plain] = (*entries.get(plain, ()), *_entries(item[name]))
        more = [old for old in _merged_into(item) if old not in seen] if item else []
        waiting += more
        seen |= set(more)
    return entries


def _text(entries: Iterable[Entry]) -> str:
    """``microsoft <mark> <mark> | aws ? <mark>``; before version 1.0.0 one entry was all, in the same form."""
    return _BETWEEN.join(" ".join([wrote, *([] if stands else [_NOT_YET]), *marks]) for wrote, marks, stands in entries)


def _entries(text: Any) -> tuple[Entry, ...]:
    return tuple(_entry(one.split(" ")) for one in str(text).split(_BETWEEN)) if text else ()


def _entry(words: Sequence[str]) -> Entry:
    partner, *marks = words
    return Entry(partner, tuple(one for one in marks if one != _NOT_YET), _NOT_YET not in marks)
