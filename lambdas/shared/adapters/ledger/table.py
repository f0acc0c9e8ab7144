"""One DynamoDB table with the keys ``pk`` and ``sk``: plain values in and out, named errors, consistent reads.

Expressions write every attribute as ``#name`` (DynamoDB reserves some 570 words) and every value as ``:name``; the
names are filled in here. A refused condition is an answer, not an exception: the caller knows what it means.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.shared.adapters.ledger.answers import PASSING, THROTTLED, AwsClient, code_of, named, named_errors
from lambdas.shared.adapters.ledger.values import from_attributes, to_attributes
from lambdas.shared.errors import Retryable, Throttled

Returns = Literal["NONE", "ALL_NEW", "ALL_OLD", "UPDATED_NEW", "UPDATED_OLD"]
Write = dict[str, Any]
"""One entry of a transaction, made by ``Table.putting``, ``updating`` or ``deleting``."""

REFUSED = "ConditionalCheckFailed"
_NAME = re.compile(r"#(\w+)")
_BATCH = 100
_TRIES = 6
_REASONS_TO_RETRY = frozenset({"TransactionConflict"}) | PASSING
_REASONS_OF_THROTTLING = frozenset({"ThrottlingError", "ProvisionedThroughputExceeded"}) | THROTTLED


@dataclass(frozen=True, slots=True)
class Refused:
    """A condition did not hold. ``item`` is what stands there (empty when nothing does)."""

    item: dict[str, Any]


class Table:
    """``client`` is a low-level DynamoDB client; ``sleep`` waits between quick retries."""

    def __init__(self, client: AwsClient, name: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self.name = name
        self._sleep = sleep

    def get(self, pk: str, sk: str) -> dict[str, Any] | None:
        """The item, read consistently, or None."""
        with named_errors(f"GetItem {self.name}"):
            answer = self._client.get_item(TableName=self.name, Key=_key(pk, sk), ConsistentRead=True)
        return from_attributes(answer["Item"]) if answer.get("Item") else None

    def put(
        self, item: Mapping[str, Any], condition: str | None = None, values: Mapping[str, Any] | None = None
    ) -> Refused | None:
        """Write a whole item; None when written."""
        request = self.putting(item, condition, values)["Put"]
        return self._conditional("put_item", request, lambda answer: None)

    def update(
        self,
        pk: str,
        sk: str,
        expression: str,
        values: Mapping[str, Any] | None = None,
        *,
        condition: str | None = None,
        names: Mapping[str, str] | None = None,
        returns: Returns = "NONE",
    ) -> dict[str, Any] | Refused:
        """Change an item; the attributes that ``returns`` asks for, or Refused."""
        request = self.updating(pk, sk, expression, values, condition=condition, names=names)["Update"]
        request["ReturnValues"] = returns
        return self._conditional("update_item", request, lambda answer: from_attributes(answer.get("Attributes", {})))

    def delete(self, pk: str, sk: str) -> None:
        """Remove an item; fine when there is none."""
        with named_errors(f"DeleteItem {self.name}"):
            self._client.delete_item(TableName=self.name, Key=_key(pk, sk))

    def query(
        self,
        condition: str,
        values: Mapping[str, Any],
        *,
        index: str | None = None,
        limit: int | None = None,
        forward: bool = True,
    ) -> Iterator[dict[str, Any]]:
        """Items that match a key condition, page after page, ``limit`` at most. Indexes are eventually consistent."""
        request: dict[str, Any] = {
            "TableName": self.name,
            "ScanIndexForward": forward,
            "KeyConditionExpression": condition,
            **_placeholders([condition], values, None),
        }
        request |= {"IndexName": index} if index else {"ConsistentRead": True}
        left = limit
        while left is None or left > 0:
            with named_errors(f"Query {self.name}"):
                answer = self._client.query(**request, **({} if left is None else {"Limit": left}))
            yield from (from_attributes(item) for item in answer["Items"])
            left = None if left is None else left - len(answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def scan(
        self,
        condition: str,
        values: Mapping[str, Any],
        *,
        attributes: Sequence[str] = (),
        after: Mapping[str, str] | None = None,
        limit: int = 500,
    ) -> tuple[list[dict[str, Any]], dict[str, str] | None]:
        """One page over the whole table: what fits ``condition`` among ``limit`` items, and where the next page begins
        (``pk`` and ``sk``, None at the end). With ``attributes`` no others. Read eventually consistent, in no order;
        for the operator's command and the census only.
        """
        request: dict[str, Any] = {"TableName": self.name, "FilterExpression": condition, "Limit": limit}
        texts = [condition]
        if attributes:
            request["ProjectionExpression"] = ", ".join(f"#{name}" for name in attributes)
            texts.append(request["ProjectionExpression"])
        request |= _placeholders(texts, values, None)
        if after is not None:
            request["ExclusiveStartKey"] = _key(after["pk"], after["sk"])
        with named_errors(f"Scan {self.name}"):
            answer = self._client.scan(**request)
        following = answer.get("LastEvaluatedKey")
        found = [from_attributes(item) for item in answer["Items"]]
        return found, from_attributes(following) if following else None

    def batch_get(self, keys: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
        """The items that exist among ``(pk, sk)`` keys, in no order, read consistently.

        Keys that DynamoDB leaves unprocessed are asked for again; Throttled when that does not help.
        """
        wanted = [_key(pk, sk) for pk, sk in dict.fromkeys(keys)]
        found: list[dict[str, Any]] = []
        for start in range(0, len(wanted), _BATCH):
            found += self._batch(wanted[start : start + _BATCH])
        return found

    def _batch(self, keys: list[dict[str, Any]]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for attempt in range(_TRIES):
            with named_errors(f"BatchGetItem {self.name}"):
                answer = self._client.batch_get_item(RequestItems={self.name: {"Keys": keys, "ConsistentRead": True}})
            found += [from_attributes(item) for item in answer["Responses"].get(self.name, [])]
            keys = answer.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", [])
            if not keys:
                return found
            self._sleep(_pause(attempt))
        raise Throttled(f"BatchGetItem {self.name}: {len(keys)} keys left unprocessed")

    def transact(self, writes: Sequence[Write]) -> tuple[str, ...]:
        """All writes or none. ``()`` when written; else a code for each write, ``ConditionalCheckFailed`` or ``None``.

        A clash with another transaction is tried again a few times, then Retryable.
        """
        where = f"TransactWriteItems {self.name}"
        reasons: tuple[str, ...] = ()
        for attempt in range(_TRIES):
            try:
                self._client.transact_write_items(TransactItems=list(writes))
            except ClientError as error:
                if code_of(error) != "TransactionCanceledException":
                    raise named(error, where) from None
                reasons = tuple(each.get("Code", "None") for each in error.response.get("CancellationReasons", ()))
            except BotoCoreError as error:
                raise named(error, where) from None
            else:
                return ()
            if REFUSED in reasons:
                return reasons
            if not set(reasons) & (_REASONS_TO_RETRY | _REASONS_OF_THROTTLING):
                raise named(ClientError({"Error": {"Code": "/".join(sorted(set(reasons)))}}, where), where)
            self._sleep(_pause(attempt))
        kind = Throttled if set(reasons) & _REASONS_OF_THROTTLING else Retryable
        raise kind(f"{where}: {', '.join(sorted(set(reasons) - {'None'}))}")

    def putting(
        self, item: Mapping[str, Any], condition: str | None = None, values: Mapping[str, Any] | None = None
    ) -> Write:
        """A put, for ``transact``."""
        return {"Put": {"TableName": self.name, "Item": to_attributes(item), **_condition(condition, values)}}

    def updating(
        self,
        pk: str,
        sk: str,
        expression: str,
        values: Mapping[str, Any] | None = None,
        *,
        condition: str | None = None,
        names: Mapping[str, str] | None = None,
    ) -> Write:
        """An update, for ``transact``."""
        request: Write = {"TableName": self.name, "Key": _key(pk, sk), "UpdateExpression": expression}
        if condition:
            request["ConditionExpression"] = condition
        return {"Update": request | _placeholders([expression, condition or ""], values, names)}

    def deleting(self, pk: str, sk: str) -> Write:
        """A delete, for ``transact``."""
        return {"Delete": {"TableName": self.name, "Key": _key(pk, sk)}}

    def _conditional(self, operation: str, request: Write, read: Callable[[Any], Any]) -> Any:
        if "ConditionExpression" in request:
            request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        try:
            return read(getattr(self._client, operation)(**request))
        except ClientError as error:
            if code_of(error) == "ConditionalCheckFailedException":
                answer: Mapping[str, Any] = error.response
                return Refused(from_attributes(answer.get("Item", {})))
            raise named(error, f"{operation} {self.name}") from None
        except BotoCoreError as error:
            raise named(error, f"{operation} {self.name}") from None


def _key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _condition(condition: str | None, values: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"ConditionExpression": condition, **_placeholders([condition], values, None)} if condition else {}


def _placeholders(
    expressions: Iterable[str], values: Mapping[str, Any] | None, names: Mapping[str, str] | None
) -> dict[str, Any]:
    """The names and values that the expressions mention; ``names`` says what a ``#name`` stands for if not itself."""
    mentioned = sorted({name for text in expressions for name in _NAME.findall(text)})
    answer: dict[str, Any] = {}
    if mentioned:
        answer["ExpressionAttributeNames"] = {f"#{name}": (names or {}).get(name, name) for name in mentioned}
    if values:
        answer["ExpressionAttributeValues"] = {f":{name}": value for name, value in to_attributes(values).items()}
    return answer


def _pause(attempt: int) -> float:
    """Seconds before the next quick try: 10 ms, doubling."""
    return 0.01 * 2**attempt
