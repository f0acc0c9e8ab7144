"""A DynamoDB client in memory: the calls of boto3's low-level client that our code and definitions make.

Quick (tens of microseconds a call), thread-safe, strict: an unknown parameter, grammar or reserved word is a loud
error, and the same tests run against moto to hold it to the real semantics. Tables appear when they are first used.

For tests: ``before(operation, hook)`` runs ``hook(request)`` once before the next such call (interleaving),
``fail(operation, code, status)`` makes the next such call fail, ``leave_unprocessed(n)`` makes the next
BatchGetItem leave out n keys, ``calls`` lists the operations in order, ``items(table)`` the plain items.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from lambdas.shared.adapters.ledger.values import from_attributes
from sandbox.fakes import expressions
from sandbox.fakes.evaluation import Expressions, Invalid, Item
from sandbox.fakes.tables import INDEXES, Items, Key, check_types, copied

Request = dict[str, Any]
_NAMED = {"ExpressionAttributeNames", "ExpressionAttributeValues"}
_CONDITIONAL = {"ConditionExpression", "ReturnValuesOnConditionCheckFailure", *_NAMED}
_WRITE = {
    "Put": {"TableName", "Item"} | _CONDITIONAL,
    "Update": {"TableName", "Key", "UpdateExpression"} | _CONDITIONAL,
    "Delete": {"TableName", "Key"} | _CONDITIONAL,
    "ConditionCheck": {"TableName", "Key"} | _CONDITIONAL,
}
_TEXTS = (
    *("ConditionExpression", "UpdateExpression", "KeyConditionExpression", "ProjectionExpression"),
    "FilterExpression",
)
_RETURNS = {"NONE", "ALL_OLD", "ALL_NEW", "UPDATED_NEW", "UPDATED_OLD"}


class _Refused(Exception):
    def __init__(self, item: Item) -> None:
        super().__init__("The conditional request failed")
        self.item = item


class FakeDynamoDb:
    """See the module."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self._tables: dict[str, Items] = {}
        self._lock = threading.RLock()
        self._hooks: dict[str, list[Callable[[Request], Any]]] = {}
        self._faults: dict[str, list[ClientError]] = {}
        self._unprocessed = 0

    def before(self, operation: str, hook: Callable[[Request], Any]) -> None:
        self._hooks.setdefault(operation, []).append(hook)

    def fail(self, operation: str, code: str, status: int = 400, reasons: list[str] | None = None) -> None:
        fault = _error(operation, code, "injected", status)
        if reasons is not None:
            fault.response["CancellationReasons"] = [{"Code": each} for each in reasons]
        self._faults.setdefault(operation, []).append(fault)

    def leave_unprocessed(self, keys: int) -> None:
        self._unprocessed = keys

    def items(self, table: str) -> list[dict[str, Any]]:
        with self._lock:
            return [from_attributes(item) for item in self._tables.get(table, Items())]

    def ordered(self, table: str, index: str) -> Iterator[dict[str, Any]]:
        """The plain items of an index, one by one, in range order."""
        with self._lock:
            found = self._tables.get(table, Items()).ordered(index)
        return map(from_attributes, found)

    def get_item(self, **request: Any) -> dict[str, Any]:
        def run() -> dict[str, Any]:
            _allow(request, {"TableName", "Key", "ConsistentRead", "ProjectionExpression", "ExpressionAttributeNames"})
            _check_placeholders(request)
            item = self._table(request).get(_key(request["Key"]))
            return {} if item is None else {"Item": copied(_projected(item, request))}

        return self._call("get_item", request, run)

    def put_item(self, **request: Any) -> dict[str, Any]:
        return self._write("put_item", "Put", request)

    def update_item(self, **request: Any) -> dict[str, Any]:
        return self._write("update_item", "Update", request)

    def delete_item(self, **request: Any) -> dict[str, Any]:
        return self._write("delete_item", "Delete", request)

    def query(self, **request: Any) -> dict[str, Any]:
        return self._call("query", request, lambda: self._query(request))

    def scan(self, **request: Any) -> dict[str, Any]:
        return self._call("scan", request, lambda: self._scan(request))

    def batch_get_item(self, **request: Any) -> dict[str, Any]:
        return self._call("batch_get_item", request, lambda: self._batch_get(request))

    def transact_write_items(self, **request: Any) -> dict[str, Any]:
        return self._call("transact_write_items", request, lambda: self._transact(request))

    def _call(self, operation: str, request: Request, run: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        for hook in self._hooks.pop(operation, ()):
            hook(request)
        with self._lock:
            self.calls.append(operation)
            if self._faults.get(operation):
                raise self._faults[operation].pop(0)
            try:
                return run()
            except Invalid as error:
                raise _error(operation, "ValidationException", str(error)) from None
            except _Refused as error:
                failed = _error(operation, "ConditionalCheckFailedException", str(error))
                if request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and error.item:
                    failed.response["Item"] = copied(error.item)  # type: ignore[index]
                raise failed from None

    def _table(self, request: Request) -> Items:
        return self._tables.setdefault(request["TableName"], Items())

    def _write(self, operation: str, kind: str, request: Request) -> dict[str, Any]:
        def run() -> dict[str, Any]:
            returns = request.get("ReturnValues", "NONE")
            if returns not in _RETURNS or (kind != "Update" and returns not in ("NONE", "ALL_OLD")):
                raise Invalid(f"ReturnValues {returns} of {kind}")
            write = {name: value for name, value in request.items() if name != "ReturnValues"}
            before, after, paths = self._prepared(kind, write)
            self._store(kind, write, after)
            return _returned(returns, before, after, paths)

        return self._call(operation, request, run)

    def _prepared(self, kind: str, write: Request) -> tuple[Item | None, Item, tuple[Any, ...]]:
        """The item before and after, and the paths changed; _Refused when the condition does not hold."""
        _allow(write, _WRITE[kind])
        _check_placeholders(write)
        expressed = _expressions(write)
        before = self._table(write).get(_written_key(kind, write))
        if (text := write.get("ConditionExpression")) and not expressed.holds(
            expressions.condition(text), before or {}
        ):
            raise _Refused(before or {})
        if kind == "Put":
            check_types(write["Item"])
            return before, copied(write["Item"]), ()
        start = before or dict(write["Key"])
        if kind != "Update":
            return before, start, ()
        after, paths = expressed.updated(expressions.update(write["UpdateExpression"]), start)
        if any(path[0] in ("pk", "sk") for path in paths):
            raise Invalid("cannot update a key attribute")
        check_types(after)
        return before, copied(after), paths

    def _store(self, kind: str, write: Request, item: Item) -> None:
        key = _written_key(kind, write)
        if kind == "Delete":
            self._table(write).delete(key)
        elif kind != "ConditionCheck":
            self._table(write).put(key, item)

    def _transact(self, request: Request) -> dict[str, Any]:
        _allow(request, {"TransactItems", "ClientRequestToken"})
        writes = [next(iter(each.items())) for each in request["TransactItems"]]
        targets = [(write["TableName"], _written_key(kind, write)) for kind, write in writes]
        if not 1 <= len(writes) <= 100 or len(set(targets)) < len(targets):
            raise Invalid("a transaction has 1 to 100 writes, each to another item")
        prepared: list[Item] = []
        reasons: list[dict[str, Any]] = []
        for kind, write in writes:
            try:
                prepared.append(self._prepared(kind, write)[1])
                reasons.append({"Code": "None"})
            except _Refused as error:
                reasons.append({"Code": "ConditionalCheckFailed", "Message": str(error)})
        if len(prepared) < len(writes):
            cancelled = _error("transact_write_items", "TransactionCanceledException", "Transaction cancelled")
            cancelled.response["CancellationReasons"] = reasons  # type: ignore[index]
            raise cancelled
        for (kind, write), item in zip(writes, prepared, strict=True):
            self._store(kind, write, item)
        return {}

    def _batch_get(self, request: Request) -> dict[str, Any]:
        _allow(request, {"RequestItems"})
        answer: dict[str, Any] = {"Responses": {}, "UnprocessedKeys": {}}
        for table, wanted in request["RequestItems"].items():
            _allow(wanted, {"Keys", "ConsistentRead"})
            keys = [_key(each) for each in wanted["Keys"]]
            if not 1 <= len(keys) <= 100 or len(set(keys)) < len(keys):
                raise Invalid("a batch has 1 to 100 different keys")
            left, self._unprocessed = wanted["Keys"][: self._unprocessed], 0
            if left:
                answer["UnprocessedKeys"][table] = {**wanted, "Keys": left}
            found = (self._table({"TableName": table}).get(key) for key in keys[len(left) :])
            answer["Responses"][table] = [copied(item) for item in found if item is not None]
        return answer

    def _query(self, request: Request) -> dict[str, Any]:
        allowed = {"TableName", "IndexName", "KeyConditionExpression", "ScanIndexForward", "ConsistentRead", "Limit"}
        _allow(request, allowed | _NAMED | {"ExclusiveStartKey"})
        _check_placeholders(request)
        index = request.get("IndexName")
        if index and (index not in INDEXES or request.get("ConsistentRead")):
            raise Invalid(f"no consistent read of an index, and no index but {', '.join(INDEXES)}")
        keys = INDEXES[index] if index else ("pk", "sk")
        expressed = _expressions(request)
        node = expressions.condition(request["KeyConditionExpression"])
        partition = self._table(request).partition(index, _hash_value(node, expressed, keys))
        found = [item for item in partition if expressed.holds(node, item)]
        return _page(found, request, {*keys, "pk", "sk"})

    def _scan(self, request: Request) -> dict[str, Any]:
        allowed = {"TableName", "ConsistentRead", "Limit", "FilterExpression", "ProjectionExpression"}
        _allow(request, allowed | _NAMED | {"ExclusiveStartKey"})
        _check_placeholders(request)
        page = _page(list(self._table(request)), request, {"pk", "sk"})
        if text := request.get("FilterExpression"):
            node, expressed = expressions.condition(text), _expressions(request)
            page["Items"] = [item for item in page["Items"] if expressed.holds(node, item)]
        return {**page, "Items": [_projected(item, request) for item in page["Items"]], "Count": len(page["Items"])}


def _projected(item: Item, request: Request) -> Item:
    """The attributes that a projection of whole attributes names."""
    if "ProjectionExpression" not in request:
        return item
    paths = expressions.projection(request["ProjectionExpression"])
    names = [_expressions(request).resolve(path) for path in paths]
    if any(len(path) > 1 for path in names):
        raise expressions.UnknownGrammar("a projection of nested paths")
    return {path[0]: item[path[0]] for path in names if path[0] in item}


def _page(found: list[Item], request: Request, names: set[str]) -> dict[str, Any]:
    if not request.get("ScanIndexForward", True):
        found = found[::-1]
    if start := request.get("ExclusiveStartKey"):
        after = [position for position, item in enumerate(found) if all(item[name] == start[name] for name in names)]
        found = found[after[0] + 1 :] if after else found
    limit = request.get("Limit", len(found) + 1)
    if limit < 1:
        raise Invalid("Limit is at least 1")
    answer: dict[str, Any] = {"Items": [copied(item) for item in found[:limit]], "Count": min(limit, len(found))}
    if len(found) >= limit:
        answer["LastEvaluatedKey"] = {name: found[limit - 1][name] for name in names}
    return answer


def _hash_value(node: Any, expressed: Expressions, keys: tuple[str, str]) -> str:
    """The hash key's value; loud about a key condition that DynamoDB would refuse."""
    parts = [node]
    while parts[-1][0] == "and":
        parts[-1:] = parts[-1][1:]
    names = [expressed.resolve(part[1]) for part in parts]
    if any(part[0] not in ("=", "<", "<=", ">", ">=", "between", "begins_with") for part in parts):
        raise Invalid("a key condition compares keys only")
    by_name = {name[0]: part for name, part in zip(names, parts, strict=True)}
    if by_name.get(keys[0], ("",))[0] != "=" or set(by_name) - set(keys):
        raise Invalid(f"a key condition needs {keys[0]} = …, and may compare {keys[1]}")
    return expressed.operand(by_name[keys[0]][2], {})["S"]


def _returned(returns: str, before: Item | None, after: Item, paths: tuple[Any, ...]) -> dict[str, Any]:
    if returns == "NONE" or (returns.endswith("OLD") and before is None):
        return {}
    source = after if returns.endswith("NEW") else before or {}
    if returns.startswith("UPDATED"):
        if any(len(path) > 1 for path in paths):
            raise expressions.UnknownGrammar(f"{returns} of nested paths")
        source = {path[0]: source[path[0]] for path in paths if path[0] in source}
    return {"Attributes": copied(source)}


def _expressions(request: Mapping[str, Any]) -> Expressions:
    return Expressions(request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {}))


def _check_placeholders(request: Mapping[str, Any]) -> None:
    texts = (request.get(name, "") for name in _TEXTS)
    used = frozenset().union(*(expressions.placeholders(text) for text in texts))
    given = {*request.get("ExpressionAttributeNames", ()), *request.get("ExpressionAttributeValues", ())}
    if given != used:
        raise Invalid(f"placeholders given and not used, or used and not given: {', '.join(sorted(given ^ used))}")


def _allow(request: Mapping[str, Any], names: set[str]) -> None:
    if unknown := set(request) - names:
        raise expressions.UnknownGrammar(f"parameters unknown to the fake: {', '.join(sorted(unknown))}")


def _key(key: Mapping[str, Any]) -> Key:
    if set(key) != {"pk", "sk"}:
        raise Invalid("the provided key element does not match the schema")
    return key["pk"]["S"], key["sk"]["S"]


def _written_key(kind: str, write: Mapping[str, Any]) -> Key:
    key = write["Key"] if kind != "Put" else {name: write["Item"][name] for name in ("pk", "sk")}
    return _key(key)


def _error(operation: str, code: str, message: str, status: int = 400) -> ClientError:
    metadata = {"HTTPStatusCode": status, "RequestId": "fake-request"}
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}
    return ClientError(response, operation)  # type: ignore[arg-type]
