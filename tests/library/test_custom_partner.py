"""The room of the example's own partner does what a room must: plans, and maps every answer to a named error once."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from lambdas.shared import errors
from lambdas.shared.domain.link import Link
from lambdas.shared.domain.situation import Situation
from lambdas.shared.room import Room
from tests.library.conftest import ROOT

EXAMPLE = ROOT / "examples/custom_partner"
OURS = yaml.safe_load((EXAMPLE / "config/alliance.yaml").read_text())
SETTINGS = {"hubspot": {"time_zone": "UTC", "company_currency": "USD"}, "partners": {"alliance": OURS}}
NOW = 1_790_000_000_000
MOVED = "2026-09-21T14:13:20Z"


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """As in the bundle: the package lies beside ``lambdas``."""
    monkeypatch.syspath_prepend(EXAMPLE)
    yield importlib.import_module("alliance.room")
    for name in [name for name in sys.modules if name.partition(".")[0] == "alliance"]:
        del sys.modules[name]


def deal(**more: str) -> dict[str, Any]:
    said = {
        "dealname": "Harbour Migration #Alliance",
        "pipeline": "default",
        "dealstage": "qualifiedtobuy",
        "amount": "1200",
    }
    return {
        "id": "500",
        "properties": {**said, **more},
        "history": {},
        "company": {"id": "7", "properties": {"name": "Example Customer"}},
        "contacts": [],
        "archived": False,
    }


def plan(room: Any, found: Mapping[str, Any] | None = None, base: Mapping[str, Any] | None = None, **more: str) -> Any:
    link = Link("alliance", "d500", "deal", deal_id="500", opportunity_id=found and found["id"])
    answer = {"opportunity": "current" if found else "none"}
    return room.plan_run(Situation(link, {"deal": "current"}, deal(**more), answer, found, base), SETTINGS, NOW)


def test_the_module_is_a_room(room: Any):
    members = {name for name in (*vars(Room), *Room.__annotations__) if not name.startswith("_")}
    assert members >= {"PARTNER", "plan_run", "opportunities"}
    assert all(hasattr(room, name) for name in members)
    assert room.PARTNER == "alliance"


def test_a_tagged_deal_becomes_a_record_with_mapped_values(room: Any):
    made = plan(room)
    assert made.action == "create"
    assert made.opportunity == {
        "title": "Harbour Migration",
        "stage": "qualified",
        "amount.value": "1200.00",
        "amount.currency": "USD",
        "customer": "Example Customer",
    }


def test_a_closed_deal_blocks_with_the_property_to_look_at(room: Any):
    made = plan(room, dealstage="closedwon")
    assert (made.action, made.outcome) == ("none", "blocked")
    assert "dealstage" in [problem.property for problem in made.problems]


def test_a_stage_that_moved_at_the_partner_comes_to_the_deal(room: Any):
    found = {
        "id": "opp-1",
        "reference": "500",
        "updated_at": MOVED,
        "title": "Harbour Migration",
        "stage": "proposed",
        "amount": {"value": "1200.00", "currency": "USD"},
        "customer": "Example Customer",
    }
    agreed = {
        "title": "Harbour Migration",
        "stage": "qualified",
        "amount": "1200.00",
        "currency": "USD",
        "customer": "Example Customer",
    }
    made = plan(room, found, {"fields": agreed, "opportunity_seen_at": 0})
    assert made.deal["dealstage"] == "contractsent"
    assert made.action == "none"


class Portal:
    """Answers each request with the next of ``answers``, and remembers what was asked."""

    def __init__(self, *answers: tuple[int, Any]) -> None:
        self.answers, self.asked = list(answers), []

    def __call__(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Any:
        self.asked.append((method, url, dict(headers), body and json.loads(body)))
        status, said = self.answers.pop(0)
        return status, {}, json.dumps(said).encode()


def records(room: Any, portal: Portal) -> Any:
    return importlib.import_module("alliance.portal").Portal(lambda _fresh: "token", http=portal)


def test_a_create_is_sent_with_its_token_and_nested_values(room: Any):
    portal = Portal((201, {"id": "opp-1", "updated_at": MOVED}))
    attempt = {"token": "t-1", "deal_id": "500", "at": NOW}
    made = records(room, portal).create(attempt, {"opportunity": {"amount.value": "1.00", "title": "A"}}, None)
    assert (made.opportunity_id, made.version) == ("opp-1", MOVED)
    ((method, url, headers, body),) = portal.asked
    assert (method, url) == ("POST", "https://portal.alliance.example/opportunities")
    assert headers["idempotency-key"] == "t-1"
    assert body == {"reference": "500", "amount": {"value": "1.00"}, "title": "A"}


def test_an_update_holds_only_for_what_was_read(room: Any):
    portal = Portal((412, {}))
    with pytest.raises(errors.Conflict):
        records(room, portal).update({"id": "opp-1", "updated_at": MOVED}, {"opportunity": {"title": "B"}})
    assert portal.asked[0][2]["if-match"] == MOVED


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.Rejected),
        (403, errors.Unauthorized),
        (404, errors.NotFound),
        (409, errors.Conflict),
        (418, errors.Unexpected),
        (429, errors.Throttled),
        (503, errors.Retryable),
    ],
)
def test_every_status_is_one_named_error(room: Any, status: int, kind: type[Exception]):
    with pytest.raises(kind, match=str(status)):
        records(room, Portal((status, {"message": "a customer's words"}))).read("opp-1")


def test_what_changed_comes_page_by_page(room: Any):
    portal = Portal((200, {"items": [{"id": "opp-1", "updated_at": MOVED, "title": "A"}], "next": "2"}))
    page = records(room, portal).list_changed("2026-09-01T00:00:00Z", "1")
    assert page == {"items": [{"id": "opp-1", "version": MOVED}], "next": "2"}
    assert portal.asked[0][1].endswith("/opportunities?updated_since=2026-09-01T00%3A00%3A00Z&page=1")
