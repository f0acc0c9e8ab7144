"""What DynamoDB's expressions mean for one item. Items are maps of attribute values and are never changed in place."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sandbox.fakes.expressions import Node, Update

Item = dict[str, Any]


class Invalid(Exception):
    """DynamoDB's ValidationException."""


class Expressions:
    """One request's names and values."""

    def __init__(self, names: Mapping[str, str], values: Mapping[str, Any]) -> None:
        self.names = names
        self.values = values

    def resolve(self, path: Node) -> tuple[Any, ...]:
        """A path with its placeholders filled in."""
        return tuple(self._name(step) if isinstance(step, str) and step[0] == "#" else step for step in path[1])

    def _name(self, placeholder: str) -> str:
        if placeholder not in self.names:
            raise Invalid(f"expression attribute name {placeholder} is not defined")
        return self.names[placeholder]

    def operand(self, node: Node, item: Item) -> Any:
        """An operand's attribute value, or None for an attribute that is not there."""
        match node[0]:
            case "value":
                if node[1] not in self.values:
                    raise Invalid(f"expression attribute value {node[1]} is not defined")
                return self.values[node[1]]
            case "path":
                return find(item, self.resolve(node))
            case "if_not_exists":
                there = self.operand(node[1], item)
                return self.operand(node[2], item) if there is None else there
            case "list_append":
                return {"L": self._needed(node[1], item, "L") + self._needed(node[2], item, "L")}
        left, right = (number(self._needed(each, item, "N")) for each in node[1:])
        return {"N": str(left + right if node[0] == "+" else left - right)}

    def _needed(self, node: Node, item: Item, kind: str) -> Any:
        found = self.operand(node, item)
        if found is None:
            raise Invalid("the provided expression refers to an attribute that does not exist in the item")
        if kind not in found:
            raise Invalid(f"an operand in the update expression has an incorrect data type, {kind} is wanted")
        return found[kind]

    def holds(self, node: Node, item: Item) -> bool:
        """Whether a condition holds for an item (``{}`` where there is none)."""
        match node:
            case ("and", left, right):
                return self.holds(left, item) and self.holds(right, item)
            case ("or", left, right):
                return self.holds(left, item) or self.holds(right, item)
            case ("not", inner):
                return not self.holds(inner, item)
            case ("attribute_exists", path):
                return find(item, self.resolve(path)) is not None
            case ("attribute_not_exists", path):
                return find(item, self.resolve(path)) is None
        first, *others = node[1:]
        rest = others[0] if node[0] == "in" else others
        return compare(node[0], self.operand(first, item), [self.operand(each, item) for each in rest])

    def updated(self, change: Update, item: Item) -> tuple[Item, tuple[tuple[Any, ...], ...]]:
        """The changed item, and the paths changed. Every right side sees the item as it was."""
        sets = [(self.resolve(path), self._assigned(value, item)) for path, value in change.sets]
        sets += [(self.resolve(path), self._added(path, value, item)) for path, value in change.adds]
        removes = [self.resolve(path) for path in change.removes]
        paths = (*(path for path, _ in sets), *removes)
        check_overlap(paths)
        for path, value in sets:
            item = with_value(item, path, value)
        for path in sorted(removes, key=lambda path: [-step if isinstance(step, int) else 0 for step in path]):
            item = with_value(item, path, None)
        return item, paths

    def _assigned(self, node: Node, item: Item) -> Any:
        found = self.operand(node, item)
        if found is None:
            raise Invalid("the provided expression refers to an attribute that does not exist in the item")
        return found

    def _added(self, path: Node, value: Node, item: Item) -> Any:
        more = number(self._needed(value, item, "N"))
        there = find(item, self.resolve(path))
        if there is not None and "N" not in there:
            raise Invalid("ADD of a number to something else")
        return {"N": str((number(there["N"]) if there else 0) + more)}


def number(text: str) -> Any:
    """A number as int where it is whole."""
    value = Decimal(text)
    return int(value) if value == value.to_integral_value() else value


def find(item: Item, path: tuple[Any, ...]) -> Any:
    """The attribute value at a path, or None."""
    there: Any = item.get(path[0])
    for step in path[1:]:
        if there is None:
            return None
        if isinstance(step, int):
            elements = there.get("L", ())
            there = elements[step] if step < len(elements) else None
        else:
            there = there.get("M", {}).get(step)
    return there


def with_value(item: dict[Any, Any], path: tuple[Any, ...], value: Any) -> dict[Any, Any]:
    """A copy of the item with the value at the path set, or removed when it is None."""
    first, *rest = path
    changed = dict(item)
    if not rest:
        changed.pop(first, None) if value is None else changed.__setitem__(first, value)
        return changed
    there = item.get(first)
    kind = "L" if isinstance(rest[0], int) else "M"
    if there is None or kind not in there:
        raise Invalid("the document path provided in the update expression is invalid for update")
    if kind == "M":
        changed[first] = {"M": with_value(there["M"], tuple(rest), value)}
    else:
        changed[first] = {"L": _list_with(there["L"], tuple(rest), value)}
    return changed


def _list_with(elements: list[Any], path: tuple[Any, ...], value: Any) -> list[Any]:
    mapped = with_value(dict(enumerate(elements)), path, value)
    return [mapped[position] for position in sorted(mapped)]


def check_overlap(paths: tuple[tuple[Any, ...], ...]) -> None:
    """Two paths of one update may not touch."""
    for position, path in enumerate(paths):
        for other in paths[position + 1 :]:
            shared = min(len(path), len(other))
            if path[:shared] == other[:shared]:
                raise Invalid(f"two document paths overlap with each other: {path}, {other}")


def compare(operator: str, left: Any, others: list[Any]) -> bool:
    """A comparison or function of attribute values; one that is not there makes it false."""
    if left is None or any(other is None for other in others):
        if operator == "<>":
            raise AssertionError("<> with a missing attribute reads differently everywhere: say attribute_exists too")
        return False
    match operator:
        case "=":
            return same(left, others[0])
        case "<>":
            return not same(left, others[0])
        case "in":
            return any(same(left, other) for other in others)
        case "contains":
            return contains(left, others[0])
        case "begins_with":
            return "S" in left and left["S"].startswith(others[0]["S"])
    return ordered(operator, left, others)


def ordered(operator: str, left: Any, others: list[Any]) -> bool:
    """<, <=, >, >= and BETWEEN of numbers, texts or bytes; different types are never in order."""
    ((kind, raw),) = left.items()
    if kind not in ("N", "S", "B") or any(kind not in other for other in others):
        return False
    value, *bounds = (number(each) if kind == "N" else each for each in (raw, *(other[kind] for other in others)))
    bound = bounds[0]
    outcomes = {"<": value < bound, "<=": value <= bound, ">": value > bound, ">=": value >= bound}
    return outcomes[operator] if operator != "between" else bound <= value <= bounds[1]


def same(left: Any, right: Any) -> bool:
    """Equality; 1 and 1.0 are the same number."""
    if "N" in left and "N" in right:
        return number(left["N"]) == number(right["N"])
    return left == right


def contains(whole: Any, part: Any) -> bool:
    """A text in a text, or an element of a list."""
    if "S" in whole:
        return "S" in part and part["S"] in whole["S"]
    return any(same(each, part) for each in whole.get("L", ()))
