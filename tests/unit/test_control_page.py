"""The page that drives a simulated account says what is wrong with an order, and half an order is none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from sandbox.control import ControlPage, change_settings, members
from sandbox.faults import FaultRules


@dataclass
class Trouble:
    rate: float = 0.0
    pause: int = 1


class Refused(Exception):
    pass


def ask(page: ControlPage, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body)
    answer = page.answer(Request(EnvironBuilder(method=method, path=f"/_sandbox/{path}", data=data).get_environ()))
    return answer.status_code, json.loads(answer.get_data() or "null")


def refuse(_request: Request) -> Any:
    raise Refused("the account does not do that")


def edit(identifier: str, request: Request) -> Any:
    return {"id": {"O1": "O1"}[identifier], **members(request)}


PAGE = ControlPage(
    {("GET", "calls"): lambda _request: [1], ("DELETE", "calls"): lambda _request: None, ("POST", "wrong"): refuse},
    FaultRules(),
    edits={"records/": edit},
    refusals=(Refused,),
)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "said"),
    [
        ("GET", "calls", None, 200, [1]),
        ("DELETE", "calls", None, 204, None),
        ("POST", "records/O1", {"stage": "Won"}, 200, {"id": "O1", "stage": "Won"}),
        ("POST", "records/O2", {}, 404, {"error": "no record O2"}),
        ("POST", "records/O1", [], 400, {"error": "the body must be a JSON object"}),
        ("POST", "wrong", {}, 400, {"error": "the account does not do that"}),
    ],
)
def test_every_order_is_answered(method: str, path: str, body: Any, status: int, said: Any) -> None:
    assert ask(PAGE, method, path, body) == (status, said)


@pytest.mark.parametrize(("method", "path"), [("GET", "records/O1"), ("GET", "nothing")])
def test_what_there_is_not_is_answered_with_what_there_is(method: str, path: str) -> None:
    status, said = ask(PAGE, method, path)
    assert status == 404
    assert said["error"].partition("there are: ")[2].split(", ") == [
        "DELETE /_sandbox/calls",
        "GET /_sandbox/calls",
        "DELETE /_sandbox/faults",
        "GET /_sandbox/faults",
        "POST /_sandbox/faults",
        "POST /_sandbox/records/ID",
        "POST /_sandbox/wrong",
    ]


@pytest.mark.parametrize("wrong", [{"colour": 1}, {"trouble": {"rate": 1.0, "speed": 2}}, {"latency": "slow"}])
def test_a_wrong_setting_changes_none(wrong: Mapping[str, Any]) -> None:
    trouble, latency = Trouble(), [0.0]
    singles = {"latency": lambda value: latency.append(float(value))}
    with pytest.raises(ValueError, match=r"colour|speed|slow"):
        change_settings({"trouble": {"pause": 9}, **wrong}, {"trouble": trouble}, singles)
    assert (trouble, latency) == (Trouble(), [0.0])
    change_settings({"trouble": {"pause": 9}, "latency": 2}, {"trouble": trouble}, singles)
    assert (trouble, latency) == (Trouble(pause=9), [0.0, 2.0])
