"""Reading the audit: chains, heads, days and deals, page by page. For commands, reports and the daily seal; no function
that appends may do any of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

from lambdas.shared.adapters.ledger.answers import AwsClient, named_errors
from lambdas.shared.adapters.ledger.audit import head_from
from lambdas.shared.adapters.ledger.table import Table
from lambdas.shared.adapters.ledger.values import from_attributes, to_attributes
from lambdas.shared.domain.audit_chain import HEAD_SORT, Head, day_keys

DEAL_INDEX = "deal"
DAY_INDEX = "day"
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Active:
    """What one chain did on a day: its last record of that day, and how many there were."""

    chain: str
    seq: int
    hash: str
    expires_at: int
    records: int


class AuditReader:
    """``AuditReader(client, table, ledger)``: the audit table, and the ledger table with the chains' heads (for heads
    only).

    An item that holds what we never store (somebody put it there) comes as its keys alone, so that a check finds it.
    """

    def __init__(self, client: AwsClient, table: str, ledger: str = "") -> None:
        self._client = client
        self._name, self._ledger = table, ledger
        self._records, self._heads = Table(client, table), Table(client, ledger)

    def chain(self, chain: str) -> Iterator[dict[str, Any]]:
        """A chain's records by number, read consistently."""
        return self._query(None, "pk", chain)

    def everything(self) -> Iterator[dict[str, Any]]:
        """All records; those of a chain one after the other, by number (DynamoDB stores them so)."""
        return self._pages("scan", {"TableName": self._name, "ConsistentRead": True})

    def head(self, chain: str) -> Head | None:
        """A chain's head, read consistently."""
        item = self._heads.get(chain, HEAD_SORT)
        return None if item is None else head_from(item)

    def heads(self) -> Iterator[tuple[str, Head]]:
        """All heads."""
        request = {
            "TableName": self._ledger,
            "FilterExpression": "#sk = :sk",
            "ExpressionAttributeNames": {"#sk": "sk"},
            "ExpressionAttributeValues": {":sk": {"S": HEAD_SORT}},
        }
        return ((item["pk"], head_from(item)) for item in self._pages("scan", request))

    def deal(self, deal_id: str, since: int = 0, until: int = 10**14) -> Iterator[dict[str, Any]]:
        """The records of a deal, of all its chains, oldest first; ``since`` to before ``until`` (ms)."""
        return self._whole(self._query(DEAL_INDEX, "deal_id", deal_id, since, until))

    def chains_of_deal(self, deal_id: str) -> set[str]:
        """The keys of the chains that have records of a deal."""
        return {item["pk"] for item in self._query(DEAL_INDEX, "deal_id", deal_id)}

    def day(self, day: str) -> Iterator[dict[str, Any]]:
        """The records of a UTC day (``2026-09-21``), in the order of each of its partitions."""
        for key in day_keys(day):
            yield from self._whole(self._query(DAY_INDEX, "day", key))

    def active(self, day: str) -> Iterator[list[Active]]:
        """The chains with records of that day, partition by partition, each sorted by chain. Only the index is read."""
        for key in day_keys(day):
            found: dict[str, Active] = {}
            for item in self._query(DAY_INDEX, "day", key):
                before = found.get(item["pk"])
                records = 1 + (before.records if before else 0)
                last = before if before and before.seq > item["seq"] else None
                found[item["pk"]] = Active(
                    item["pk"],
                    last.seq if last else item["seq"],
                    last.hash if last else item["hash"],
                    last.expires_at if last else item["expires_at"],
                    records,
                )
            yield sorted(found.values(), key=lambda one: one.chain)

    def _whole(self, found: Iterable[Mapping[str, Any]], at_once: int = _AT_ONCE) -> Iterator[dict[str, Any]]:
        """The records themselves, in the same order; one that has just ended is left out."""
        for part in batched(((item["pk"], item["sk"]) for item in found), at_once, strict=False):
            read = {(item["pk"], item["sk"]): item for item in self._read(part)}
            yield from (read[key] for key in part if key in read)

    def _read(self, keys: Sequence[tuple[str, str]]) -> Iterable[dict[str, Any]]:
        try:
            return self._records.batch_get(keys)
        except (TypeError, ValueError):  # one holds what we never store: each by itself, that one as its keys alone
            return [one for key in keys if (one := self._one(key)) is not None]

    def _one(self, key: tuple[str, str]) -> dict[str, Any] | None:
        with named_errors(f"GetItem {self._name}"):
            answer = self._client.get_item(
                TableName=self._name, Key=to_attributes({"pk": key[0], "sk": key[1]}), ConsistentRead=True
            )
        return _plain(answer["Item"]) if answer.get("Item") else None

    def _query(
        self,
        index: str | None,
        name: str,
        value: str,
        since: int | None = None,
        until: int = 0,
        *,
        page: int | None = None,
    ) -> Iterator[dict[str, Any]]:
        names, values, condition = {"#key": name}, {"key": value}, "#key = :key"
        if since is not None:
            names["#at"] = "at"
            values |= {"since": since, "until": until - 1}
            condition += " AND #at BETWEEN :since AND :until"
        request: dict[str, Any] = {
            "TableName": self._name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": {f":{each}": one for each, one in to_attributes(values).items()},
        }
        request |= {"IndexName": index} if index else {"ConsistentRead": True}
        request |= {} if page is None else {"Limit": page}
        return self._pages("query", request)

    def _pages(self, operation: str, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        while True:
            with named_errors(f"{operation.title()} {request['TableName']}"):
                answer = getattr(self._client, operation)(**request)
            yield from map(_plain, answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            request = {**request, "ExclusiveStartKey": answer["LastEvaluatedKey"]}


def _plain(item: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return from_attributes(item)
    except (TypeError, ValueError):
        return {"pk": item["pk"]["S"], "sk": item["sk"]["S"]}
