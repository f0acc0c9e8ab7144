"""Plain Python values to DynamoDB's attribute values and back.

boto3 has this too (``boto3.dynamodb.types``), but hands numbers back as Decimal and takes all of boto3's import along;
the ledger holds whole numbers, texts, lists and maps only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SCALARS = ((bool, "BOOL"), (str, "S"), (int, "N"), (bytes, "B"))


def to_attribute(value: Any) -> dict[str, Any]:
    """One attribute value: ``{"S": "x"}`` for ``"x"``. TypeError for a type that the ledger does not hold."""
    if value is None:
        return {"NULL": True}
    if isinstance(value, Mapping):
        return {"M": to_attributes(value)}
    if isinstance(value, (list, tuple)):
        return {"L": [to_attribute(each) for each in value]}
    for kind, letter in _SCALARS:
        if isinstance(value, kind):
            return {letter: str(value) if letter == "N" else value}
    raise TypeError(
        f"cannot store a {type(value).__name__}; allowed: text, whole number, bool, None, bytes, list, mapping"
    )


def to_attributes(item: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """A whole item, or the values of an expression."""
    return {name: to_attribute(value) for name, value in item.items()}


def from_attribute(attribute: Mapping[str, Any]) -> Any:
    """The plain value of one attribute value. A number that is not whole is an error: the ledger has none."""
    ((kind, value),) = attribute.items()
    match kind:
        case "S" | "BOOL":
            return value
        case "N":
            return int(value)
        case "NULL":
            return None
        case "B":
            return bytes(value)
        case "M":
            return from_attributes(value)
        case "L":
            return [from_attribute(each) for each in value]
    raise TypeError(f"cannot read a DynamoDB {kind}; allowed: S, N, BOOL, NULL, B, M, L")


def from_attributes(item: Mapping[str, Any]) -> dict[str, Any]:
    """A whole item in plain values."""
    return {name: from_attribute(attribute) for name, attribute in item.items()}
