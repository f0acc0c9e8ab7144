"""The items of the fake: tables with ``pk`` and ``sk`` and our indexes, kept in step with every write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.fakes.evaluation import Invalid, Item, number

Key = tuple[str, str]
INDEXES = {
    "due": ("partner", "due_at"),
    "register": ("register", "registered_at"),
    "deal": ("deal_id", "at"),
    "day": ("day", "at"),
}
_TYPES = {"pk": "S", "sk": "S", "partner": "S", "due_at": "N", "register": "S", "registered_at": "N"}


class Items:
    """One table."""

    def __init__(self) -> None:
        self._partitions: dict[str, dict[str, Item]] = {}
        self._indexed: dict[str, dict[str, dict[Key, Any]]] = {name: {} for name in INDEXES}

    def get(self, key: Key) -> Item | None:
        return self._partitions.get(key[0], {}).get(key[1])

    def put(self, key: Key, item: Item) -> None:
        self.delete(key)
        self._partitions.setdefault(key[0], {})[key[1]] = item
        for index, (hash_name, range_name) in INDEXES.items():
            if "S" in item.get(hash_name, ()) and "N" in item.get(range_name, ()):
                self._indexed[index].setdefault(item[hash_name]["S"], {})[key] = number(item[range_name]["N"])

    def delete(self, key: Key) -> None:
        before = self._partitions.get(key[0], {}).pop(key[1], None)
        for index, (hash_name, _) in INDEXES.items():
            if before and "S" in before.get(hash_name, ()):
                self._indexed[index].get(before[hash_name]["S"], {}).pop(key, None)

    def partition(self, index: str | None, value: str) -> list[Item]:
        """The items with this hash key, in range order."""
        if index is None:
            return [item for _, item in sorted(self._partitions.get(value, {}).items())]
        ordered = sorted((position, key) for key, position in self._indexed[index].get(value, {}).items())
        return [item for _, key in ordered if (item := self.get(key)) is not None]

    def ordered(self, index: str) -> list[Item]:
        """The items that an index holds, whatever their hash key, in range order."""
        held = (one for partition in self._indexed[index].values() for one in partition.items())
        ordered = sorted((position, key) for key, position in held)
        return [item for _, key in ordered if (item := self.get(key)) is not None]

    def __iter__(self) -> Iterator[Item]:
        for partition in self._partitions.values():
            yield from (item for _, item in sorted(partition.items()))


def check_types(item: Item) -> None:
    """Keys of the table and of the indexes have one type, and no empty text."""
    for name, kind in _TYPES.items():
        if name in item and (kind not in item[name] or item[name][kind] == ""):
            raise Invalid(f"type mismatch for key {name}: {kind} expected")


def copied(attributes: Any) -> Any:
    """A deep copy of attribute values."""
    if isinstance(attributes, dict):
        return {name: copied(value) for name, value in attributes.items()}
    if isinstance(attributes, list):
        return [copied(each) for each in attributes]
    return attributes
