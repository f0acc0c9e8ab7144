"""All deals with a word in their name, beyond what one search of HubSpot shows."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.shared.adapters.hubspot import HubSpot
from lambdas.shared.errors import Unexpected
from sandbox.fakes.clock import FakeClock
from sandbox.faults import FaultRules
from sandbox.hubspot import HubSpotAccount, Settings, Switches, direct, make_app, other_reading
from sandbox.hubspot.facts import LIMITS


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=[Switches(), other_reading()], ids=["strict", "other reading"])
def account(request: pytest.FixtureRequest, clock: FakeClock) -> HubSpotAccount:
    return HubSpotAccount(clock, switches=request.param, settings=Settings(search_per_second=None))


@pytest.fixture
def hubspot(account: HubSpotAccount, clock: FakeClock) -> HubSpot:
    app = make_app(account, FaultRules(), sleep=lambda _seconds: None)
    return HubSpot(lambda _fresh: "pat-na1-sandbox", "https://api.hubapi.com", http=direct(app), clock=clock)


def deal(account: HubSpotAccount, name: str, **more: str) -> str:
    return account.create("deals", {"dealname": name, "dealstage": "qualifiedtobuy", "pipeline": "default", **more}).id


def everything(hubspot: HubSpot, word: str | None, between: Any = lambda: None) -> list[str]:
    found: list[str] = []
    after = None
    while True:
        rows, after = hubspot.deals_with_word(word, after, ("amount",))
        found += [row.deal_id for row in rows]
        if after is None:
            return found
        between()


def test_every_page_begins_behind_the_last_id_also_past_the_end_of_one_search(
    account: HubSpotAccount, hubspot: HubSpot, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, "search_total", 150)  # ten thousand deals would show no more than these
    names = [f"Deal {number} #AWS" if number % 2 else f"Deal {number}" for number in range(420)]
    ids = [deal(account, name) for name in names]
    clock.advance(seconds=60)
    tagged = [deal_id for deal_id, name in zip(ids, names, strict=True) if "#AWS" in name]
    touched = iter(ids)

    def meanwhile() -> None:
        """A write moves a row to the end of what is sorted by time; by id it stays."""
        account.update("deals", next(touched), {"amount": "5"})
        clock.advance(seconds=60)

    assert everything(hubspot, "AWS", meanwhile) == tagged
    assert everything(hubspot, None) == ids


def test_the_properties_that_were_asked_for_come_along(
    account: HubSpotAccount, hubspot: HubSpot, clock: FakeClock
) -> None:
    made = deal(account, "One #AWS", amount="7")
    clock.advance(seconds=60)
    rows, after = hubspot.deals_with_word("aws", None, ("amount", "closedate"))
    assert [(row.deal_id, row.properties) for row in rows] == [
        (made, {"dealname": "One #AWS", "amount": "7", "closedate": None})
    ]
    assert after is None


def test_a_search_that_does_not_heed_the_id_is_no_endless_walk(
    hubspot: HubSpot, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"id": "5", "properties": {}}]
    monkeypatch.setattr(hubspot, "call", lambda *_args, **_more: {"results": rows})
    with pytest.raises(Unexpected, match="does not heed the id"):
        hubspot.deals_with_word("aws", "5")
