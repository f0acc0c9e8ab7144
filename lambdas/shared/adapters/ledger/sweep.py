"""Reads every item of ledger and runs table, page by page, and takes a person out of it.

The whole tables are read: an index of who is named where would itself be a list of people. A page is one megabyte.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lambdas.shared.adapters.ledger.answers import AwsClient, named_errors
from lambdas.shared.adapters.ledger.runs import KEPT_SECONDS
from lambdas.shared.adapters.ledger.table import Refused, Table
from lambdas.shared.adapters.ledger.values import from_attributes, to_attributes
from lambdas.shared.domain.audit_chain import HEAD_SORT
from lambdas.shared.domain.forgetting import Person, base_without, learned, without
from lambdas.shared.domain.link import BASE_SORT, LINK_SORT, POINTER_SORT
from lambdas.shared.domain.personal import FORGOTTEN
from lambdas.shared.errors import Retryable

type Where = Literal["ledger", "runs"]

RUN_MS = 6 * 60_000
"""A run is over so long after it stored a document. What a younger one has read is the vendors' own word, without the
person already, and it must not be changed under the hands of a run that goes on to write it."""

_SENT = "sent"  # what a create stated, the base of later runs
_ORIGIN = "origin#contacts#"
_OWN = ("subject#", "forget#", "quota#", "watermark#")
_VALUE_FREE = frozenset({LINK_SORT, POINTER_SORT, HEAD_SORT})
_KINDS = {"quarantine#": "quarantine", "dead-letter#": "dead_letters", "failure#": "failures"}
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Found:
    """What was taken out of one item: what kind it is, and the key of the link that it belongs to, or ``""``."""

    kind: str
    link: str = ""


class Sweep:
    """``Sweep(client, ledger, runs)``, the names of the two tables. ``page_items`` limits a page, for tests."""

    def __init__(self, client: AwsClient, ledger: str, runs: str, *, page_items: int | None = None) -> None:
        self._client = client
        self._tables = {"ledger": Table(client, ledger), "runs": Table(client, runs)}
        self._limit = {"Limit": page_items} if page_items else {}

    def page(self, where: Where, start: Iterable[str] = ()) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
        """The items behind ``start`` (a key, empty for the beginning), and the key to go on from, empty at the end."""
        table, key = self._tables[where], tuple(start)
        request: dict[str, Any] = {"TableName": table.name, "ConsistentRead": True, **self._limit}
        if key:
            request["ExclusiveStartKey"] = to_attributes({"pk": key[0], "sk": key[1]})
        with named_errors(f"Scan {table.name}"):
            answer = self._client.scan(**request)
        last = from_attributes(answer.get("LastEvaluatedKey", {}))
        return [from_attributes(item) for item in answer["Items"]], (last["pk"], last["sk"]) if last else ()

    def learn(self, item: Mapping[str, Any], person: Person) -> Person:
        """The person with what this item says of them."""
        return person if _is_free(item) else learned(_readable(item), person)

    def redact(self, where: Where, item: Mapping[str, Any], person: Person, now_ms: int) -> Found | None:
        """Take the person out of the item; None when they are not in it. An item that moves meanwhile is read again."""
        if where == "runs" and item["sk"] != _SENT and not _is_over(item, now_ms):
            return None
        table = self._tables[where]
        if item["pk"] in {f"{_ORIGIN}{subject}" for subject in person.subjects | person.contacts}:
            table.delete(item["pk"], item["sk"])
            return Found("origins")
        for _ in range(_TRIES):
            changed = _changes(where, item, person)
            if not changed:
                return None
            if not self._update(table, item, changed):
                return Found(_kind(where, item), item["pk"] if item["sk"] == BASE_SORT else "")
            item = table.get(item["pk"], item["sk"]) or {"pk": item["pk"], "sk": item["sk"]}
        raise Retryable("an item that names a person moves all the time")

    @staticmethod
    def _update(table: Table, item: Mapping[str, Any], changed: Mapping[str, Any]) -> bool:
        """Whether it was refused, because the item is another by now."""
        names = {f"n{number}": name for number, name in enumerate(changed)}
        values = {f"v{number}": value for number, value in enumerate(changed.values())}
        values |= {f"w{number}": item[name] for number, name in enumerate(changed)}
        answer = table.update(
            item["pk"],
            item["sk"],
            "SET " + ", ".join(f"#n{number} = :v{number}" for number in range(len(changed))),
            values,
            condition=" AND ".join(f"#n{number} = :w{number}" for number in range(len(changed))),
            names=names,
        )
        return isinstance(answer, Refused)


def _is_free(item: Mapping[str, Any]) -> bool:
    """Whether this kind of item holds no value by its contract."""
    return item["sk"] in _VALUE_FREE or item["pk"].startswith(_OWN)


def _is_over(item: Mapping[str, Any], now_ms: int) -> bool:
    return (item.get("expires_at", 0) - KEPT_SECONDS) * 1000 + RUN_MS <= now_ms


def _readable(item: Mapping[str, Any]) -> dict[str, Any]:
    """Its attributes as plain values, a compressed document as what it holds."""
    plain = {name: value for name, value in item.items() if not isinstance(value, bytes)}
    return {**plain, **({"document": _unpacked(item)} if "compressed" in item else {})}


def _unpacked(item: Mapping[str, Any]) -> str:
    return zlib.decompress(item["compressed"]).decode()


def _changes(where: Where, item: Mapping[str, Any], person: Person) -> dict[str, Any]:
    """The attributes that are otherwise without the person."""
    if _is_free(item):
        return {}
    if where == "ledger" and item["sk"] == BASE_SORT and "fields" in item:
        return _base(item, "fields", item["fields"], person)
    if item["sk"] == _SENT and "document" in item:
        return _base(item, "document", item["document"], person)
    found: dict[str, Any] = {}
    if "compressed" in item:
        text = _unpacked(item)
        if (after := without(text, person)) != text:
            found["compressed"] = zlib.compress(after.encode())
    for name, value in item.items():
        if name not in ("pk", "sk") and isinstance(value, (str, list, dict)):
            after = without(value, person)
            if after != value:
                found[name] = FORGOTTEN if after is None else after
    return found


def _base(item: Mapping[str, Any], name: str, text: str, person: Person) -> dict[str, Any]:
    fields = json.loads(text)
    after = base_without(fields, person)
    return {} if after == fields else {name: json.dumps(after, ensure_ascii=False, separators=(",", ":"))}


def _kind(where: Where, item: Mapping[str, Any]) -> str:
    if where == "runs":
        return "run_items"
    if item["sk"] == BASE_SORT:
        return "bases"
    if item["sk"].startswith("seen#"):
        return "seen"
    return next((kind for prefix, kind in _KINDS.items() if item["pk"].startswith(prefix)), "other")
