"""The census: how links stand, added up page by page."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.shared.adapters.ledger import Census, Links, Watermarks, census
from lambdas.shared.domain.standing import Count, standing_of
from lambdas.shared.handlers import count_links as module
from lambdas.shared.handlers.count_links import Collaborators, count_links
from sandbox.fakes import FakeClock, FakeDynamoDb

POLL = {"poll": "ledger.census", "correlation_id": "p"}


class Told:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.values: dict[tuple[str, ...], float] = {}
        for name in ("count", "measured"):
            monkeypatch.setattr(module, name, self._take)

    def _take(self, name: str, value: float, **dimensions: str) -> None:
        self.values[name, *dimensions.values()] = value


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def table() -> FakeDynamoDb:
    return FakeDynamoDb()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    monkeypatch.setattr(census, "ITEMS_PER_PAGE", 7)
    return Told(monkeypatch)


def settled(links: Links, deal: str, partner: str = "aws", **changes: Any) -> None:
    key = links.open_for_deal(partner, deal, "hubspot")
    link = links.get(key)
    assert link is not None
    links._table.update(key, "link", "SET #lease_owner = :me", {"me": "r"})
    links.settle(key, seen=1, lease_owner="r", changes={"wanted_at": None, **changes})


def run(c: Collaborators) -> int:
    """Pages that one poll read until it had them all."""
    pages = 1
    while count_links(POLL, c)["more"]:
        pages += 1
    return pages


def test_every_link_is_counted_once_however_many_pages_there_are(
    table: FakeDynamoDb, clock: FakeClock, told: Told
) -> None:
    links = Links(table, "ledger", clock)
    for number in range(5):
        settled(links, f"1{number}", state="open", status="synced")
    settled(links, "20", state="open", status="waiting")
    settled(links, "21", state="blocked", status="blocked")
    settled(links, "22", state="conflict", status="conflict")
    settled(links, "30", "google", state="paused", status="paused")
    links.open_for_deal("google", "31", "hubspot")
    clock.advance(seconds=600)
    c = Collaborators(Census(table, "ledger"), Watermarks(table, "ledger"), ("aws", "google", "microsoft"), clock)
    assert run(c) > 2
    gauges = {key: value for key, value in told.values.items() if value}
    assert gauges == {
        ("Links", "aws", "synced"): 5,
        ("Links", "aws", "waiting"): 1,
        ("Links", "aws", "blocked"): 1,
        ("Links", "aws", "conflict"): 1,
        ("Links", "google", "paused"): 1,
        ("Links", "google", "open"): 1,
        ("OldestWork", "google"): 600,
    }
    assert told.values["Links", "microsoft", "synced"] == 0, "a gauge that has nothing is told, or it would stand still"
    told.values.clear()
    run(c)
    assert {key: value for key, value in told.values.items() if value} == gauges, "the next census begins anew"


def test_nothing_is_told_before_the_last_page(table: FakeDynamoDb, clock: FakeClock, told: Told) -> None:
    links = Links(table, "ledger", clock)
    for number in range(9):
        settled(links, str(number), state="open", status="synced")
    c = Collaborators(Census(table, "ledger"), Watermarks(table, "ledger"), ("aws",), clock)
    assert count_links(POLL, c)["more"] is True
    assert told.values == {}


def test_two_censuses_at_once_count_nothing_twice(table: FakeDynamoDb, clock: FakeClock, told: Told) -> None:
    links = Links(table, "ledger", clock)
    for number in range(9):
        settled(links, str(number), state="open", status="synced")
    c = Collaborators(Census(table, "ledger"), Watermarks(table, "ledger"), ("aws",), clock)
    table.before("put_item", lambda _request: count_links(POLL, c))
    assert count_links(POLL, c) == {"more": False, "count": 0}
    run(c)
    assert told.values["Links", "aws", "synced"] == 9


@pytest.mark.parametrize(
    ("state", "status", "standing"),
    [
        ("open", "synced", "synced"),
        ("open", "waiting", "waiting"),
        ("open", None, "open"),
        ("blocked", "synced", "blocked"),
        ("closed", "synced", "closed"),
    ],
)
def test_how_a_link_stands(state: str, status: str | None, standing: str) -> None:
    assert standing_of({"state": state, "status": status}) == standing


def test_what_was_handed_over_and_what_rests_does_not_wait() -> None:
    gone = {"partner": "aws", "state": "closed", "handed_to": "link#aws#d2", "wanted_at": 1}
    paused = {"partner": "aws", "state": "paused", "wanted_at": 1}
    waits = [{"partner": "aws", "state": "blocked", "wanted_at": at} for at in (9, 5, 7)]
    total = Count().plus([gone, paused, *waits])
    assert total == Count({"aws": {"paused": 1, "blocked": 3}}, {"aws": 5})
    assert Count.from_dict(total.as_dict()) == total
