"""GET /audit/records: pages in three formats, tokens, and what a caller gets wrong."""

from __future__ import annotations

import base64
import csv
import io
import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from lambdas.shared.adapters.ledger import Audit, AuditTimeline
from lambdas.shared.errors import Throttled
from lambdas.shared.handlers.api_audit import ROUTES, Collaborators
from lambdas.shared.http_api import PROBLEM_TYPES, routed
from sandbox.fakes import FakeClock, FakeDynamoDb
from tests.unit.api.openapi_document import check_answer, check_schema, event
from tests.unit.domain.domain_support import settings

PATH = "/audit/records"


class Api:
    """The function on an audit in memory; ``step_ms`` is how long it takes to look at a record."""

    def __init__(self) -> None:
        self.dynamodb, self.clock, self.most_bytes, self.step_ms = FakeDynamoDb(), FakeClock(), 5_000_000, 0
        self.largest = 0
        self.audit = Audit(self.dynamodb, "audit", self.clock, ledger="ledger")

    def write(self, number: int, text: str = "x", partner: str = "aws") -> None:
        for each in range(number):
            chain, about = f"link#{partner}#d{each % 5}", {"deal_id": str(each % 5), "partner": partner}
            changes = [
                {"field": "title", "before": None, "after": f"{text} {each}", "winner": "deal", "rule": "create"}
            ]
            self.audit.intent(chain, f"r{each}", operation="UpdateOpportunity", changes=changes, **about)
            self.clock.advance(ms=1)

    def call(self, **query: str) -> Any:
        """Status, body and headers of an answer that is as the document says."""
        answer = routed(ROUTES)(event("GET", PATH, None, query), self._collaborators())
        self.largest = max(self.largest, len(json.dumps(answer)))
        return answer["statusCode"], check_answer("GET", PATH, answer), answer["headers"]

    def pages(self, **query: str) -> list[Any]:
        """Bodies of all pages, by the links from one to the next."""
        found, asked = list[Any](), dict(query)
        while True:
            status, body, headers = self.call(**asked)
            assert status == 200
            found.append(body)
            if "Link" not in headers:
                return found
            target, _, relation = headers["Link"].partition("; ")
            assert relation == 'rel="next"'
            asked = dict(parse_qsl(urlsplit(target.strip("<>")).query))
            assert {name: text for name, text in asked.items() if name != "next"} == query

    def _collaborators(self) -> Collaborators:
        return Collaborators(self._timeline, settings, self.clock, self.most_bytes)

    def _timeline(self, at_once: int) -> Any:
        return _Slow(AuditTimeline(self.dynamodb, "audit", at_once=at_once), self)


class _Slow:
    def __init__(self, timeline: AuditTimeline, api: Api) -> None:
        self._timeline, self._api = timeline, api

    def report(self, *asked: Any) -> Any:
        for step in self._timeline.report(*asked):
            self._api.clock.advance(ms=self._api.step_ms)
            yield step


@pytest.fixture
def api() -> Api:
    return Api()


def test_pages_have_each_record_once_and_in_order(api: Api) -> None:
    api.write(25)
    pages = api.pages(**{"from": "2026-09-21", "limit": "10"})
    assert [len(one["items"]) for one in pages] == [10, 10, 5]
    assert [item["execution"] for one in pages for item in one["items"]] == [f"r{number}" for number in range(25)]
    assert pages[-1]["next"] is None
    assert pages[0]["items"][0]["changes"] == [
        {"field": "title", "before": None, "after": "x 0", "winner": "deal", "rule": "create"}
    ]


def test_the_last_page_may_be_full_and_says_that_it_is_the_last(api: Api) -> None:
    api.write(10)
    api.write(3, partner="google")
    assert [len(one["items"]) for one in api.pages(**{"from": "2026-09-21", "limit": "10", "partner": "aws"})] == [10]


def test_lines_of_json_lead_on_by_link_alone(api: Api) -> None:
    api.write(5)
    pages = api.pages(deal="1", limit="1", format="jsonl")
    assert len(pages) == 1
    pages = api.pages(**{"from": "2026-09-21", "limit": "2", "format": "jsonl"})
    lines = [json.loads(line) for one in pages for line in one.splitlines()]
    assert [one["execution"] for one in lines] == ["r0", "r1", "r2", "r3", "r4"]
    for one in lines:
        check_schema(one, {"$ref": "#/components/schemas/AuditRecord"})


def test_each_page_of_csv_has_the_header_and_no_formula(api: Api) -> None:
    api.write(3, "=cmd|' /C calc'!A0")
    pages = api.pages(**{"from": "2026-09-21", "limit": "2", "format": "csv"})
    rows = [row for one in pages for row in csv.DictReader(io.StringIO(one))]
    assert [one["after"] for one in rows] == [f"'=cmd|' /C calc'!A0 {number}" for number in range(3)]
    assert all(one.startswith("when,partner,deal,") for one in pages)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\x01" * 5_000, id="escaped"),
        pytest.param('"\\' * 3_000, id="quotes"),
        pytest.param("ä" * 8_000, id="umlauts"),
    ],
)
def test_a_page_stays_below_what_lambda_can_answer(api: Api, text: str) -> None:
    """However the runtime writes the answer down; a page of 1,000 such records would have megabytes."""
    api.write(60, text)
    api.most_bytes = 300_000
    for form in ("json", "jsonl", "csv"):
        assert len(api.pages(**{"from": "2026-09-21", "limit": "1000", "format": form})) > 1
        assert 200_000 < api.largest < 303_000


def test_a_record_that_is_more_than_a_page_is_a_page(api: Api) -> None:
    api.write(2, "ä" * 1_000)
    api.most_bytes = 10
    assert [len(one["items"]) for one in api.pages(**{"from": "2026-09-21"})] == [1, 1]


def test_a_page_ends_in_time_though_it_found_nothing(api: Api) -> None:
    api.write(6)
    api.step_ms = 8_000
    pages = api.pages(**{"from": "2026-09-21", "to": "2026-09-21", "partner": "google"})
    assert [one["items"] for one in pages] == [[]] * 4
    api.step_ms = 15_000
    found = api.pages(**{"from": "2026-09-10", "to": "2026-09-21", "limit": "1000"})
    assert [len(one["items"]) for one in found] == [0] * 11 + [1] * 6 + [0, 0]


@pytest.mark.parametrize(
    ("query", "name", "allowed"),
    [
        ({}, "from", ["YYYY-MM-DD"]),
        ({"deal": "x"}, "deal", []),
        ({"deal": "1", "partner": "azure"}, "partner", ["aws", "google", "microsoft"]),
        ({"deal": "1", "field": "titel"}, "field", None),
        ({"from": "2026-9-1"}, "from", ["YYYY-MM-DD"]),
        ({"from": "2026-09-21", "to": "2026-09-20"}, "to", []),
        ({"deal": "1", "format": "xlsx"}, "format", ["json", "jsonl", "csv"]),
        ({"deal": "1", "limit": "1001"}, "limit", []),
        ({"deal": "1", "colour": "red"}, "colour", None),
    ],
)
def test_a_wrong_parameter_is_named_with_what_is_allowed(
    api: Api, query: dict[str, str], name: str, allowed: list[str] | None
) -> None:
    status, body, _ = api.call(**query)
    (error,) = body["errors"]
    assert (status, body["type"], error["object"]) == (400, f"{PROBLEM_TYPES}invalid-request", "query")
    assert error["property"] == name
    assert error["allowed"] == allowed if allowed is not None else "title" in error["allowed"] or name == "colour"


def changed(token: str) -> list[str]:
    """What somebody may make of a token."""
    digest, after = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    moved = json.dumps([digest, after.replace("link#aws", "link#aws#x")]).encode()
    return ["", "x", token[:-3], token + "A", base64.urlsafe_b64encode(moved).decode().rstrip("="), "W10", "bnVsbA"]


def test_a_token_that_was_changed_or_is_another_query_s_is_refused(api: Api) -> None:
    api.write(5)
    token = api.call(**{"from": "2026-09-21", "limit": "1"})[1]["next"]
    for text in changed(token):
        status, body, _ = api.call(**{"from": "2026-09-21", "limit": "1", "next": text})
        assert (status, body["errors"][0]["property"]) == (400, "next"), text
    for other in (
        {"from": "2026-09-20"},
        {"from": "2026-09-21", "deal": "1"},
        {"from": "2026-09-21", "field": "title"},
    ):
        assert api.call(**other, next=token)[0] == 400
    assert api.call(**{"from": "2026-09-21", "format": "csv", "next": token})[0] == 200


def test_a_table_that_is_busy_is_no_failure(api: Api) -> None:
    api.dynamodb.fail("query", "ProvisionedThroughputExceededException")
    status, body, headers = api.call(deal="1")
    assert (status, body["type"]) == (503, f"{PROBLEM_TYPES}vendor-busy")
    assert headers["Retry-After"]
    assert Throttled.__name__ not in body["detail"]
