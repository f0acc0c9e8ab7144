"""Computed fields: a small formula over HubSpot properties, such as ``amount / aws_contract_months``.

Every name is a property and a number, all arithmetic is decimal and exact to 28 digits. simpleeval walks the formula;
here it is left with what ``NODES``, ``OPERATORS`` and ``FUNCTIONS`` name, so that nothing but numbers can come of it.
``config`` checks each formula against the same tables before it is deployed.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation, Overflow, localcontext
from functools import cache
from typing import Any

NODES = (
    "Expr",
    "BinOp",
    "UnaryOp",
    "BoolOp",
    "Compare",
    "IfExp",
    "Call",
    "Name",
    "Constant",
)
"""Kinds of syntax that a formula may have."""

_PRECISION = 28
_MOST_PLACES = 12


class Uncomputable(Exception):
    """The formula gives no number for this deal: ``str(error)`` is the rest of a sentence about it, ``name`` the
    property that is wrong where it is one alone."""

    def __init__(self, message: str, name: str | None = None) -> None:
        super().__init__(message)
        self.name = name


def _divide(number: Decimal, by: Decimal) -> Decimal:
    if by == 0:  # decimal calls nothing by nothing another error than something by nothing
        raise ZeroDivisionError
    return number / by


def _round(number: Decimal, places: Decimal = Decimal(0)) -> Decimal:
    """Half is rounded up, as people do and not to the even digit."""
    if places != places.to_integral_value() or not 0 <= places <= _MOST_PLACES:
        raise Uncomputable(f"rounds to {places} places; allowed are 0 to {_MOST_PLACES}")
    return number.quantize(Decimal(1).scaleb(-int(places)), ROUND_HALF_UP)


OPERATORS: Mapping[type, Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: _divide,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
FUNCTIONS: Mapping[str, Callable[..., Any]] = {"round": _round, "min": min, "max": max}


def compute(text: str, properties: Mapping[str, str]) -> str:
    """The formula's value as digits, ``"2500"`` or ``"0.5"``.

    Args:
        text: the formula.
        properties: the text of every property that it names.

    Raises:
        Uncomputable: a property is no number, something is divided by zero, or the formula is none.
    """
    names = {name: _number(name, said) for name, said in properties.items()}
    with localcontext(Context(prec=_PRECISION, traps=[InvalidOperation, DivisionByZero, Overflow])):
        try:
            value = _evaluator()(text, names)
            if isinstance(value, Decimal):
                return f"{value.normalize():f}" if value else "0"
        except ZeroDivisionError:
            raise Uncomputable("divides by zero") from None
        except ArithmeticError:
            raise Uncomputable("gives a number with too many digits") from None
        except (TypeError, KeyError, ValueError):
            raise Uncomputable("cannot be computed as it is written") from None
    raise Uncomputable("gives yes or no and not a number")


def _number(name: str, said: str) -> Decimal:
    try:
        number = Decimal(said.strip())
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite():
        raise Uncomputable("is not a number", name)
    return number


@cache
def _evaluator() -> Callable[[str, Mapping[str, Decimal]], Any]:
    """simpleeval with nothing but our tables; imported here, since few functions have a computed field."""
    from simpleeval import InvalidExpression, SimpleEval

    kinds = {getattr(ast, name) for name in NODES}

    def evaluate(text: str, names: Mapping[str, Decimal]) -> Any:
        made = SimpleEval(operators=dict(OPERATORS), functions=dict(FUNCTIONS), names=dict(names))
        walks: dict[Any, Any] = dict(made.nodes or {})
        made.nodes = {kind: walk for kind, walk in walks.items() if kind in kinds} | {ast.Constant: _constant}
        try:
            return made.eval(text)
        except (InvalidExpression, SyntaxError):
            raise Uncomputable("is no formula that can be computed") from None

    return evaluate


def _constant(node: ast.Constant) -> Decimal:
    """A number as it is written; ``0.1`` is a tenth here."""
    if type(node.value) not in (int, float):
        raise Uncomputable("has something in it that is neither a property nor a number")
    number = Decimal(str(node.value))
    if not number.is_finite():
        raise Uncomputable("gives a number with too many digits")
    return number
