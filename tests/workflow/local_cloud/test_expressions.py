"""What is read off an expression's text, against the library that evaluates all others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.local_cloud.expressions import read
from sandbox.local_cloud.queries import QueryError, evaluate

_DOCUMENTS = (
    {"a": 1, "b": None, "c": [], "d": [[1]], "e": [1], "f": [{"x": 1}, {"x": [2]}], "g": {}, "h": "", "i": 2.0},
    {"a": {"a": {"a": [None, True, {"b": []}]}}, "c": [[], [1, 2]], "f": {"x": 3}, "i": -1.5},
    [{"a": 1}, [2], "three"],
    "text",
    None,
)
_WAYS = (
    "",
    ".a",
    ".b",
    ".c",
    ".d",
    ".e",
    ".f",
    ".f.x",
    ".f[1].x",
    ".f[0]",
    ".g",
    ".h",
    ".i",
    ".a.a",
    ".a.a.a",
    ".c[0]",
)
_WAYS += (
    ".c[0]",
    ".a.a.a[2].b",
    ".d[0]",
    ".d[0][0]",
    "[0]",
    "[0].a",
    "[1]",
    "[1][0]",
    "[9]",
    ".missing",
    ".missing.a",
    ".i[0]",
)


@pytest.mark.parametrize("way", _WAYS)
@pytest.mark.parametrize("document", _DOCUMENTS)
def test_a_plain_way_to_a_value_leads_where_the_library_leads(document: Any, way: str) -> None:
    def told(expression: str) -> str:
        try:
            return json.dumps(evaluate(expression, {"states": {"input": document}, "v": document}, lambda: 0.0))
        except QueryError as error:
            return str(error).replace(expression, "…")

    for plain in (f"$v{way}", f"$states.input{way}"):
        assert told(plain) == told(f"({plain})"), "in parentheses it is the library's"


@pytest.mark.parametrize(
    ("expression", "named"),
    [
        ("$merge([$run, {'x': $states.result.Payload.S}])", {"run": 1, "states": {"result": 3}}),
        ("$states.input = $states . result", {"states": {"input": 2, "result": 3}}),
        ("$exists($states.result)", {"states": {"result": 3}}),
        ("$keys($states)", {"states": {"input": 2, "result": 3}}),
        ("$runs", {}),
    ],
)
def test_only_what_an_expression_names_is_bound(expression: str, named: dict[str, Any]) -> None:
    assert read(expression).named_in({"run": 1, "states": {"input": 2, "result": 3}}) == named
