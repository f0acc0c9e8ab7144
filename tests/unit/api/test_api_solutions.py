"""GET /solutions, /solutions/search, /solutions/{id}: pages, filters, and what a caller gets wrong."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from lambdas.aws.domain.solutions import Catalogue, Solution
from lambdas.aws.handlers.api_solutions import ROUTES, Collaborators
from lambdas.shared.errors import Retryable, Throttled
from lambdas.shared.http_api import PROBLEM_TYPES, routed
from sandbox.fakes import FakeClock
from tests.unit.api.openapi_document import check_answer, event
from tests.unit.handlers.partner_room import Vendor

LIST, SEARCH, ONE = "/solutions", "/solutions/search", "/solutions/{id}"
CLOCK = FakeClock()
CATALOGUE = Catalogue(
    (
        Solution("S-2", "Database Moves", "Software", "Active", "2026-01-02T03:04:05Z", "arn:a", "arn:b"),
        Solution("S-10", "Lake House", "Consulting Service", "Active"),
        Solution("S-3", "Old Moves", "Software", "Inactive"),
        Solution("S-20", "New Moves", "Software", "Draft"),
    ),
    CLOCK.now_ms() - 5_000,
)


def call(path: str, query: dict[str, str] | None = None, *, known: Any = CATALOGUE, **parameters: str) -> Any:
    """Status and body of an answer that is as the document says."""
    cache = Vendor(get=[known])
    answer = routed(ROUTES)(event("GET", path, parameters, query), Collaborators(cache, CLOCK))
    return answer["statusCode"], check_answer("GET", path, answer), answer["headers"]


def ids(body: dict[str, Any]) -> list[str]:
    return [each["id"] for each in body["items"]]


def test_all_are_listed_in_the_order_of_their_numbers() -> None:
    status, body, _ = call(LIST)
    assert status == 200
    assert ids(body) == ["S-2", "S-3", "S-10", "S-20"]
    assert (body["total"], body["next"], body["age_seconds"]) == (4, None, 5)
    assert body["items"][0] == {
        "id": "S-2",
        "name": "Database Moves",
        "category": "Software",
        "status": "Active",
        "created_at": "2026-01-02T03:04:05Z",
        "arn": "arn:a",
        "marketplace_arn": "arn:b",
    }


def test_pages_hold_each_once() -> None:
    seen, token = [], None
    while True:
        _, body, _ = call(LIST, {"limit": "3", **({"next": token} if token else {})})
        seen += ids(body)
        token = body["next"]
        if token is None:
            break
    assert seen == ["S-2", "S-3", "S-10", "S-20"]


def test_a_page_goes_on_behind_its_last_entry_though_the_catalogue_was_read_anew() -> None:
    _, first, _ = call(LIST, {"limit": "2"})
    newer = Catalogue((Solution("S-1", "First", "Software", "Active"), *CATALOGUE.solutions), CLOCK.now_ms())
    assert ids(call(LIST, {"limit": "2", "next": first["next"]}, known=newer)[1]) == ["S-10", "S-20"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"status": "Active"}, ["S-2", "S-10"]),
        ({"category": "software"}, ["S-2", "S-3", "S-20"]),
        ({"category": "Software", "status": "Draft"}, ["S-20"]),
        ({"category": "Nothing"}, []),
    ],
)
def test_filters(query: dict[str, str], found: list[str]) -> None:
    _, body, _ = call(LIST, query)
    assert (ids(body), body["total"]) == (found, len(found))


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("moves", ["S-2", "S-3", "S-20"]),
        ("NEW move", ["S-20"]),
        ("s-10", ["S-10"]),
        ("consulting lake", ["S-10"]),
        ("zzz", []),
    ],
)
def test_every_word_is_searched_for(q: str, found: list[str]) -> None:
    assert ids(call(SEARCH, {"q": q})[1]) == found


def test_one_is_got_by_its_id() -> None:
    assert call(ONE, id="S-10")[1] == {
        "id": "S-10",
        "name": "Lake House",
        "category": "Consulting Service",
        "status": "Active",
    }


def test_an_unknown_one_is_404_with_the_closest() -> None:
    status, body, _ = call(ONE, id="S-11")
    assert (status, body["type"]) == (404, f"{PROBLEM_TYPES}unknown-solution")
    (error,) = body["errors"]
    assert (error["object"], error["property"]) == ("path", "id")
    assert error["allowed"] == ["S-10", "S-2"], "the active ones that are nearest"


@pytest.mark.parametrize(
    ("path", "query", "wrong"),
    [
        (LIST, {"limit": "0"}, "limit"),
        (LIST, {"limit": "101"}, "limit"),
        (LIST, {"limit": "ten"}, "limit"),
        (LIST, {"limit": "-1"}, "limit"),
        (LIST, {"limit": "٣"}, "limit"),
        (LIST, {"status": "active"}, "status"),
        (LIST, {"page": "2"}, "page"),
        (LIST, {"q": "x"}, "q"),
        (LIST, {"next": "no token"}, "next"),
        (LIST, {"next": base64.urlsafe_b64encode(b'["x","S-1"]').decode()}, "next"),
        (LIST, {"next": base64.urlsafe_b64encode(b"7").decode()}, "next"),
        (SEARCH, {}, "q"),
        (SEARCH, {"q": "   "}, "q"),
        (SEARCH, {"q": "x" * 201}, "q"),
    ],
)
def test_a_wrong_parameter_is_400_and_named(path: str, query: dict[str, str], wrong: str) -> None:
    status, body, _ = call(path, query)
    assert (status, body["title"]) == (400, "Bad Request")
    (error,) = body["errors"]
    assert (error["object"], error["property"]) == ("query", wrong)


@pytest.mark.parametrize("other", [{"status": "Active"}, {"category": "Software"}])
def test_a_page_token_of_another_query_is_400(other: dict[str, str]) -> None:
    _, first, _ = call(LIST, {"limit": "1"})
    status, body, _ = call(LIST, {"limit": "1", "next": first["next"], **other})
    assert (status, body["errors"][0]["property"]) == (400, "next")
    status, body, _ = call(SEARCH, {"q": "moves", "limit": "1", "next": first["next"]})
    assert (status, body["errors"][0]["property"]) == (400, "next")


def test_a_parameter_that_stands_there_twice_is_400() -> None:
    twice = event("GET", LIST, None, {"limit": "2"})
    twice["multiValueQueryStringParameters"] = {"limit": ["1", "2"]}
    answer = routed(ROUTES)(twice, Collaborators(Vendor(get=[CATALOGUE]), CLOCK))
    assert check_answer("GET", LIST, answer)["errors"][0]["property"] == "limit"


def test_before_the_first_read_it_is_503_with_a_time() -> None:
    status, body, headers = call(LIST, known=Catalogue())
    assert (status, body["type"]) == (503, f"{PROBLEM_TYPES}catalogue-not-read")
    assert int(headers["Retry-After"]) > 0
    assert "aws.solutions" in body["detail"]


def test_a_catalogue_without_a_solution_is_an_empty_list() -> None:
    assert call(LIST, known=Catalogue((), CLOCK.now_ms()))[1]["items"] == []


@pytest.mark.parametrize("error", [Throttled("slow", 7.0), Retryable("lost")])
def test_a_ledger_that_cannot_be_read_now_is_503(error: Exception) -> None:
    status, body, headers = call(LIST, known=error)
    assert (status, body["detail"]) == (503, str(error))
    assert headers["Retry-After"] == ("7" if isinstance(error, Throttled) else "5")


@pytest.mark.parametrize(("method", "path", "status"), [("DELETE", LIST, 405), ("GET", "/nothing", 404)])
def test_what_the_api_does_not_have(method: str, path: str, status: int) -> None:
    answer = routed(ROUTES)(event(method, path), Collaborators(Vendor(), CLOCK))
    assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (status, "application/problem+json")
    assert (answer["headers"].get("Allow") == "GET") == (status == 405)
