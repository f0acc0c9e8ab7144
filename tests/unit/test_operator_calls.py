"""``cosell solutions`` and ``cosell submit``: signed calls, all pages, and problems as a person reads them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.awsrequest import AWSRequest

import cli.operator_calls
import cli.solutions
import cli.submit
from cli.main import UserError, main
from cli.operator_calls import api_url, call, part
from cli.stage import Place

OUTPUTS = {"OperatorApiUrl": "https://abc123.execute-api.eu-central-1.amazonaws.com/v1"}
KEYS = {"region_name": "eu-central-1", "aws_access_key_id": "AKID", "aws_secret_access_key": "none"}
PLACE = Place("dev", OUTPUTS, KEYS)


class Api:
    """Answers one after the other; ``asked`` are the requests."""

    def __init__(self, *answers: tuple[int, Any]) -> None:
        self.answers = list(answers)
        self.asked: list[AWSRequest] = []

    def __call__(self, request: AWSRequest) -> tuple[int, str]:
        self.asked.append(request)
        status, body = self.answers.pop(0)
        return status, body if isinstance(body, str) else json.dumps(body)


def problem(status: int, detail: str, *errors: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return status, {"type": "urn:x", "title": "T", "status": status, "detail": detail, "errors": list(errors)}


def test_a_call_is_signed_for_the_api_in_the_stage_s_region() -> None:
    api = Api((200, {"x": 1}))
    assert call(PLACE, "GET", f"/solutions/{part('S-1/2')}", {"q": "a b", "next": None}, send=api) == {"x": 1}
    (request,) = api.asked
    assert request.url == f"{OUTPUTS['OperatorApiUrl']}/solutions/S-1%2F2?q=a%20b"
    assert "/eu-central-1/execute-api/aws4_request" in request.headers["Authorization"]


def test_on_the_local_cloud_it_is_reached_by_the_loopback_address() -> None:
    place = Place("sandbox", OUTPUTS, {**KEYS, "endpoint_url": "http://127.0.0.1:4566"})
    assert api_url(place) == "http://127.0.0.1:4566/_aws/execute-api/abc123/v1"


def test_a_problem_is_told_with_every_error_and_what_is_allowed() -> None:
    one = {"object": "deal", "property": "aws_use_case", "message": "Is empty.", "allowed": ["Database"]}
    two = {"object": "company", "property": "zip", "message": "Is empty.", "allowed": []}
    with pytest.raises(UserError) as caught:
        call(PLACE, "POST", "/deals/1/submit", send=Api(problem(422, "Not ready.", one, two)))
    assert str(caught.value).splitlines() == [
        "Not ready. (422 T)",
        "  deal aws_use_case: Is empty. Allowed: Database.",
        "  company zip: Is empty.",
    ]


@pytest.mark.parametrize("answer", [(403, {"message": "Forbidden"}), (502, "<html>"), (500, [1])])
def test_an_answer_that_is_no_problem_is_told_too(answer: tuple[int, Any]) -> None:
    with pytest.raises(UserError, match=str(answer[0])):
        call(PLACE, "GET", "/solutions", send=Api(answer))


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Any:
    def answering(*answers: tuple[int, Any]) -> Api:
        api = Api(*answers)
        monkeypatch.setattr(cli.operator_calls, "_send", api)
        for module in (cli.solutions, cli.submit):
            monkeypatch.setattr(module, "place_of", lambda _stage: PLACE)
        return api

    return answering


def row(number: int) -> dict[str, Any]:
    return {"id": f"S-{number}", "name": "Mover", "category": "Software", "status": "Active"}


def test_all_pages_are_listed(here: Any, capsys: pytest.CaptureFixture[str]) -> None:
    api = here((200, {"items": [row(1)], "next": "t"}), (200, {"items": [row(2)], "next": None}))
    assert main(["solutions", "list", "--status", "Active"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["S-1", "S-2"]
    assert [str(one.url).rpartition("?")[2] for one in api.asked] == [
        "limit=100&status=Active",
        "limit=100&status=Active&next=t",
    ]


def test_a_match_shows_its_reasons(here: Any, capsys: pytest.CaptureFixture[str]) -> None:
    match = {"solution": row(1), "score": 44, "reasons": ["+44: because"], "chosen": True}
    automatic = {"on": False, "off": "It is off.", "minimum_score": 40, "at_most": 10}
    here((200, {"deal": "500", "matches": [match], "associated": ["S-9"], "automatic": automatic}))
    assert main(["solutions", "match", "500"]) == 0
    shown = capsys.readouterr().out
    assert " 44  S-1  Mover  (chosen)" in shown
    assert "+44: because" in shown
    assert shown.endswith("Associated: S-9\nIt is off.\n")


def test_a_submission_says_what_happens(here: Any, capsys: pytest.CaptureFixture[str]) -> None:
    here((202, {"deal": "500", "link": "l", "opportunity_id": None, "state": "accepted", "next": ["It goes."]}))
    assert main(["submit", "500"]) == 0
    assert capsys.readouterr().out == "Deal 500 will be submitted (no opportunity yet).\n  It goes.\n"


@pytest.mark.parametrize(
    "wrong", [["solutions", "match"], ["solutions", "list", "x"], ["solutions", "search"], ["solutions", "show"]]
)
def test_wrong_usage_is_told(here: Any, wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    here()
    assert main(wrong) == 1
    assert "takes" in capsys.readouterr().err
