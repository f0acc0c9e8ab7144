"""Computed fields: what a formula may be made of, checked before anything is deployed.

What evaluates them is ``lambdas/shared/domain/formula.py``; a test holds the tables here to those there.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

NODES = ("Expr", "BinOp", "UnaryOp", "BoolOp", "Compare", "IfExp", "Call", "Name", "Constant")
OPERATORS = ("Add", "Sub", "Mult", "Div", "USub", "UAdd", "Not", "Eq", "NotEq", "Lt", "LtE", "Gt", "GtE")
FUNCTIONS = {"round": (1, 2), "min": (2, 9), "max": (2, 9)}
"""Name to how few and how many arguments."""

COMPUTABLE = frozenset({"money", "whole_number", "size", "plain_text", "literal"})
"""Codecs that take a number as text."""

ALLOWED = (
    "property names",
    "numbers",
    "+ - * /",
    "( )",
    "round(x, places)",
    "min(x, y)",
    "max(x, y)",
    "x if a > b else y",
)
"""In words, for messages and documents."""

_WORDS = (ast.And, ast.Or, ast.Load)
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
_MOST_CHARACTERS = 300
_MOST_DIGITS = 15  # so many are exact in a float, which is how Python reads a number with a point


def names_of(text: str) -> tuple[str, ...]:
    """The properties that a formula names, in order; none of one that cannot be read."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return ()
    named = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    named.sort(key=lambda node: (node.lineno, node.col_offset))
    return tuple(dict.fromkeys(node.id for node in named if node.id not in FUNCTIONS))


def mistakes_in(text: str) -> Iterator[str]:
    """What is wrong with a formula, one sentence each; nothing for a good one."""
    if len(text) > _MOST_CHARACTERS or "\n" in text.strip():
        yield f"a formula is one line of up to {_MOST_CHARACTERS} characters"
        return
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError) as error:
        where = f" at character {error.offset}" if isinstance(error, SyntaxError) and error.offset else ""
        yield f"is no formula{where}"
        return
    yield from dict.fromkeys(_mistakes(text.strip(), tree.body))
    if not names_of(text):
        yield "names no property: a fixed value is a `default`"


def _mistakes(text: str, body: ast.expr) -> Iterator[str]:
    called = {id(node.func) for node in ast.walk(body) if isinstance(node, ast.Call)}
    for node in ast.walk(body):
        if isinstance(node, ast.Call):
            yield from _call(node)
        elif isinstance(node, ast.Constant):
            yield from _constant(ast.get_source_segment(text, node) or "")
        elif isinstance(node, ast.Name):
            if node.id in FUNCTIONS and id(node) not in called:
                yield f"{node.id} is a function and needs ( )"
        elif isinstance(node, (ast.operator, ast.unaryop, ast.cmpop)):
            if type(node).__name__ not in OPERATORS:
                yield f"{type(node).__name__} is no operator that a formula may have"
        elif type(node).__name__ not in NODES and not isinstance(node, _WORDS):
            yield f"{type(node).__name__} may not stand in a formula"


def _call(node: ast.Call) -> Iterator[str]:
    name = node.func.id if isinstance(node.func, ast.Name) else None
    if name not in FUNCTIONS:
        yield f"{name or 'this'} is no function that a formula may call"
        return
    least, most = FUNCTIONS[name]
    if node.keywords or not least <= len(node.args) <= most:
        yield f"{name} takes {least} to {most} values"


def _constant(written: str) -> Iterator[str]:
    if not _NUMBER.fullmatch(written):
        yield f"{written} is no number such as 12 or 0.5"
    elif len(written.replace(".", "")) > _MOST_DIGITS:
        yield f"{written} has more than {_MOST_DIGITS} digits"
