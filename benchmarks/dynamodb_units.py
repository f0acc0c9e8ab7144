"""DynamoDB's request units of a call, by AWS's rules: writes by the kilobyte, reads by four, transactions twice.

An update is charged by the size of the whole item, which its request does not say: ``size_of(table, key)`` does.
Writes to an index are counted where the item has the index's keys, whether the write changed what the index shows or
not: at most so many.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.meter import Call

type Key = tuple[tuple[str, str], ...]
_WRITE_BYTES, _READ_BYTES = 1024, 4096


@dataclass(frozen=True, slots=True)
class Units:
    """Read and write request units, those for indexes among the writes."""

    reads: float = 0.0
    writes: float = 0.0

    def __add__(self, other: Units) -> Units:
        return Units(self.reads + other.reads, self.writes + other.writes)


@dataclass(frozen=True, slots=True)
class Sizes:
    """``size_of(table, key)`` in bytes; ``indexes_of(table, key)``: how many of the table's indexes show the item."""

    size_of: Callable[[str, Key], int]
    indexes_of: Callable[[str, Key], int]


def item_bytes(item: Mapping[str, Mapping[str, Any]]) -> int:
    """DynamoDB's size of an item: names and values in UTF-8, three bytes and one a member for a list or a map."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def key_of(key: Mapping[str, Mapping[str, Any]]) -> Key:
    """A key as something to look up by."""
    return tuple(sorted((name, str(next(iter(value.values())))) for name, value in key.items()))


def units_of(call: Call, sizes: Sizes) -> Units:
    """What one call is charged. One that was refused is charged as if it had gone through, as AWS does it."""
    asked, answered = call.asked, call.answered or {}
    operation = call.operation
    if operation in ("GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems"):
        return _read(operation, asked, answered)
    if operation in ("PutItem", "UpdateItem", "DeleteItem"):
        return _write(operation.removesuffix("Item"), asked, sizes, 1)
    if operation == "BatchWriteItem":
        return _batch_write(asked, sizes)
    if operation == "TransactWriteItems":
        each = (next(iter(one.items())) for one in asked["TransactItems"])
        return sum((_write(kind, one, sizes, 2) for kind, one in each), Units())
    raise ValueError(f"no rule for DynamoDB's {operation}")


def _read(operation: str, asked: Mapping[str, Any], answered: Mapping[str, Any]) -> Units:
    each = 1.0 if asked.get("ConsistentRead") else 0.5
    if operation == "BatchGetItem":
        return _batch_get(asked, answered)
    if operation == "TransactGetItems":
        found = [one.get("Item") or {} for one in answered.get("Responses", ())]
        return Units(reads=sum(2.0 * _steps(item_bytes(one), _READ_BYTES) for one in found))
    items = [answered.get("Item") or {}] if operation == "GetItem" else answered.get("Items", ())
    return Units(reads=each * _steps(sum(item_bytes(one) for one in items), _READ_BYTES))


def _batch_get(asked: Mapping[str, Any], answered: Mapping[str, Any]) -> Units:
    total = 0.0
    for table, wanted in asked["RequestItems"].items():
        each = 1.0 if wanted.get("ConsistentRead") else 0.5
        found = (answered.get("Responses") or {}).get(table, ())
        missing = max(0, len(wanted["Keys"]) - len(found))
        total += each * (sum(_steps(item_bytes(one), _READ_BYTES) for one in found) + missing)
    return Units(reads=total)


def _batch_write(asked: Mapping[str, Any], sizes: Sizes) -> Units:
    total = Units()
    for table, requests in asked["RequestItems"].items():
        for one in requests:
            kind, body = next(iter(one.items()))
            total += _write(kind.removesuffix("Request"), {**body, "TableName": table}, sizes, 1)
    return total


def _write(kind: str, asked: Mapping[str, Any], sizes: Sizes, times: int) -> Units:
    table = asked["TableName"].rpartition("/")[2]
    if kind == "Put":
        size, key = item_bytes(asked["Item"]), key_of({n: asked["Item"][n] for n in ("pk", "sk") if n in asked["Item"]})
    else:
        key = key_of(asked["Key"])
        size = sizes.size_of(table, key)
    own = times * _steps(size, _WRITE_BYTES)
    indexes = 0 if kind == "ConditionCheck" else sizes.indexes_of(table, key)
    return Units(writes=own + times * indexes)


def _steps(size: int, step: int) -> int:
    return max(1, math.ceil(size / step))


_SCALARS: Mapping[str, Callable[[Any], int]] = {
    "S": lambda held: len(held.encode()),
    "N": lambda held: len(held) // 2 + 1,
    "BOOL": lambda _held: 1,
    "NULL": lambda _held: 1,
    "SS": lambda held: sum(len(one.encode()) for one in held),
    "NS": lambda held: sum(len(one) // 2 + 1 for one in held),
    "B": lambda held: len(held) * 3 // 4,  # as base64
    "M": lambda held: 3 + sum(1 + len(name.encode()) + _value_bytes(one) for name, one in held.items()),
    "L": lambda held: 3 + sum(1 + _value_bytes(one) for one in held),
}


def _value_bytes(value: Mapping[str, Any]) -> int:
    kind, held = next(iter(value.items()))
    return _SCALARS[kind](held)
