"""Search: filters, sorting and its limits over what the index shows (hubspot.md 3.3, 3.7)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.hubspot.facts import LIMITS, OBJECT_TYPES, object_type
from sandbox.hubspot.properties import Property
from sandbox.hubspot.reading import targets_of
from sandbox.hubspot.refusals import invalid
from sandbox.hubspot.search_index import Snapshot
from sandbox.hubspot.state import AccountState
from sandbox.hubspot.times import to_ms

OPERATORS = (
    *("EQ", "NEQ", "LT", "LTE", "GT", "GTE", "BETWEEN", "IN", "NOT_IN"),
    *("HAS_PROPERTY", "NOT_HAS_PROPERTY", "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"),
)
Test = Callable[[Snapshot], bool]


def search(state: AccountState, kind: str, body: Mapping[str, Any]) -> tuple[int, list[Snapshot], str | None]:
    """Total, the page of snapshots, and the next ``after``. Raises ``Refusal`` past a limit or on a bad filter."""
    limit, after = _paging(body)
    tests = _tests(state, kind, body.get("filterGroups") or [])
    text = str(body.get("query") or "").lower()
    found = [
        snapshot
        for snapshot in state.index.visible(kind, state.now())
        if (not tests or any(all(test(snapshot) for test in group) for group in tests))
        and _mentions(kind, snapshot, text)
    ]
    ordered = _sorted(state, kind, found, body.get("sorts") or [])
    page = ordered[after : after + limit]
    more = str(after + limit) if after + limit < len(ordered) else None
    return len(ordered), page, more


def _paging(body: Mapping[str, Any]) -> tuple[int, int]:
    limit = body.get("limit", 10)
    if not isinstance(limit, int) or not 1 <= limit <= LIMITS["search_page"]:
        raise invalid(f"limit must be 1 to {LIMITS['search_page']}", "3.3")
    try:
        after = int(body.get("after") or 0)
    except (TypeError, ValueError):
        raise invalid("after must be a number", "3.7") from None
    if after < 0 or after + limit > LIMITS["search_total"]:
        raise invalid(f"Search returns at most {LIMITS['search_total']} results", "3.3")
    return limit, after


def _tests(state: AccountState, kind: str, groups: Any) -> list[list[Test]]:
    if not isinstance(groups, list) or len(groups) > state.switches.search_filter_groups:
        raise invalid(f"At most {state.switches.search_filter_groups} filterGroups", "3.3")
    filters: list[Any] = [group.get("filters") if isinstance(group, Mapping) else None for group in groups]
    if any(not isinstance(one, list) or not one for one in filters):
        raise invalid("Each filter group needs filters", "3.7")
    if any(len(one) > LIMITS["filters_per_group"] for one in filters):
        raise invalid(f"At most {LIMITS['filters_per_group']} filters in a group", "3.3")
    if sum(len(one) for one in filters) > LIMITS["filters_total"]:
        raise invalid(f"At most {LIMITS['filters_total']} filters in all", "3.3")
    return [[_test(state, kind, given) for given in group] for group in filters]


def _test(state: AccountState, kind: str, given: Any) -> Test:
    name = given.get("propertyName") if isinstance(given, Mapping) else None
    operator = given.get("operator") if isinstance(given, Mapping) else None
    if not isinstance(name, str) or operator not in OPERATORS:
        raise invalid(f"A filter needs propertyName and an operator of {', '.join(OPERATORS)}", "3.7")
    if name.startswith("associations."):
        return _association_test(state, kind, name.partition(".")[2], operator, given)
    definition = state.properties[kind].find(name)
    if definition is None:
        raise invalid(f"Unknown property in a filter: {name}", "3.7")
    wanted = _operands(definition, operator, given)
    compare = _COMPARE[operator]
    return lambda snapshot: compare(_key(definition, snapshot.values.get(name, "")), wanted)


def _association_test(state: AccountState, kind: str, word: str, operator: str, given: Mapping[str, Any]) -> Test:
    target = object_type(word).name
    if operator not in ("EQ", "IN", "HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        raise invalid(f"associations.{word} knows EQ, IN, HAS_PROPERTY and NOT_HAS_PROPERTY", "3.7")
    wanted = {str(value) for value in given.get("values") or [given.get("value")]}

    def test(snapshot: Snapshot) -> bool:
        tied = targets_of(state, state.records[kind][snapshot.record_id], target)
        if operator.endswith("HAS_PROPERTY"):
            return bool(tied) == (operator == "HAS_PROPERTY")
        return not wanted.isdisjoint(tied)

    return test


def _operands(definition: Property, operator: str, given: Mapping[str, Any]) -> list[Any]:
    if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        return []
    if operator in ("IN", "NOT_IN"):
        raw = given.get("values")
    elif operator == "BETWEEN":
        raw = [given.get("value"), given.get("highValue")]
    else:
        raw = [given.get("value")]
    if not isinstance(raw, list) or not raw or any(not isinstance(value, (str, int)) for value in raw):
        raise invalid(f"Operator {operator} lacks its value, highValue or values", "3.7")
    if operator in ("IN", "NOT_IN"):  # IN compares with the lower-cased text: an upper-case operand finds nothing
        return [value if definition.type == "string" else _operand(definition, value) for value in raw]
    return [_operand(definition, value) for value in raw]


def _operand(definition: Property, value: Any) -> Any:
    key = _key(definition, str(value))
    if key is None and definition.type in ("number", "date", "datetime"):
        raise invalid(f"{definition.name} cannot be compared with the value given", "3.7")
    return key


def _key(definition: Property, text: str) -> Any:
    """A stored or given value in comparable form; None = empty or not comparable."""
    if text == "":
        return None
    try:
        if definition.type == "number":
            return Decimal(text)
        if definition.type in ("date", "datetime"):
            return Decimal(to_ms(text))
    except (InvalidOperation, ValueError):
        return None
    return text.lower() if definition.type == "string" else text


def _has_token(value: Any, wanted: list[Any]) -> bool:
    pattern = re.escape(str(wanted[0]).lower()).replace(r"\*", ".*")
    tokens = re.split(r"[\s,;@]+", str(value or "").lower())
    return any(re.fullmatch(pattern, token) for token in [*tokens, str(value or "").lower()])


_COMPARE: dict[str, Callable[[Any, list[Any]], bool]] = {
    "EQ": lambda value, wanted: value is not None and value == wanted[0],
    "NEQ": lambda value, wanted: value != wanted[0],
    "LT": lambda value, wanted: value is not None and value < wanted[0],
    "LTE": lambda value, wanted: value is not None and value <= wanted[0],
    "GT": lambda value, wanted: value is not None and value > wanted[0],
    "GTE": lambda value, wanted: value is not None and value >= wanted[0],
    "BETWEEN": lambda value, wanted: value is not None and wanted[0] <= value <= wanted[1],
    "IN": lambda value, wanted: value in wanted,
    "NOT_IN": lambda value, wanted: value is not None and value not in wanted,
    "HAS_PROPERTY": lambda value, _: value is not None,
    "NOT_HAS_PROPERTY": lambda value, _: value is None,
    "CONTAINS_TOKEN": _has_token,
    "NOT_CONTAINS_TOKEN": lambda value, wanted: not _has_token(value, wanted),
}


def _mentions(kind: str, snapshot: Snapshot, text: str) -> bool:
    return not text or any(text in snapshot.values.get(name, "").lower() for name in OBJECT_TYPES[kind].searched)


def _sorted(state: AccountState, kind: str, found: list[Snapshot], sorts: Any) -> list[Snapshot]:
    by_id = sorted(found, key=lambda snapshot: int(snapshot.record_id))
    if not isinstance(sorts, list) or len(sorts) > 1:
        raise invalid("One sort only", "3.7")
    if not sorts:
        return by_id
    name, falling = _sort_order(sorts[0])
    definition = state.properties[kind].find(name)
    if definition is None:
        raise invalid(f"Unknown property in a sort: {name}", "3.7")
    known = [s for s in by_id if _key(definition, s.values.get(name, "")) is not None]
    empty = [s for s in by_id if _key(definition, s.values.get(name, "")) is None]
    known.sort(key=lambda snapshot: _key(definition, snapshot.values[name]), reverse=falling)
    return known + empty


def _sort_order(given: Any) -> tuple[str, bool]:
    if isinstance(given, str):
        return given.lstrip("-"), given.startswith("-")
    if isinstance(given, Mapping) and isinstance(given.get("propertyName"), str):
        return given["propertyName"], given.get("direction") == "DESCENDING"
    raise invalid("A sort needs propertyName", "3.7")
