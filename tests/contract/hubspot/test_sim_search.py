"""Search: it lags, it has limits, it never shows the recycle bin."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.hubspot import Settings
from tests.contract.hubspot.sim_api import DEALS, OURS, Api

SEARCH = f"{DEALS}/search"


def search(api: Api, *filters: dict[str, Any], **body: Any) -> tuple[int, Any]:
    api.clock.advance(seconds=1)  # five a second
    groups = [{"filters": list(filters)}] if filters else []
    return api.post(SEARCH, {"filterGroups": groups, **body})


def ids(api: Api, *filters: dict[str, Any], **body: Any) -> list[str]:
    status, answer = search(api, *filters, **body)
    assert status == 200, answer
    return [one["id"] for one in answer["results"]]


def where(name: str, operator: str, value: Any = None, **more: Any) -> dict[str, Any]:
    return {"propertyName": name, "operator": operator, **({} if value is None else {"value": value}), **more}


def test_a_change_shows_after_the_lag() -> None:
    api = Api(settings=Settings(search_lag_ms=20_000))
    deal = api.deal(amount="1")
    assert ids(api) == []
    api.clock.advance(seconds=20)
    assert ids(api, where("amount", "EQ", "1")) == [deal]
    api.account.update("deals", deal, {"amount": "2"})
    assert ids(api, where("amount", "EQ", "1")) == [deal]
    api.clock.advance(seconds=20)
    assert ids(api, where("amount", "EQ", "1")) == []
    assert ids(api, where("amount", "EQ", "2")) == [deal]


def test_archived_and_merged_deals_never_appear(api: Api) -> None:
    one, two, three = (api.deal() for _ in range(3))
    api.account.archive("deals", one)
    merged = api.account.merge("deals", two, three)
    assert ids(api) == [merged.id]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (where("amount", "GT", "10"), {"b"}),
        (where("amount", "LTE", "10"), {"a"}),
        (where("amount", "BETWEEN", "5", highValue="15"), {"a"}),
        (where("amount", "NOT_HAS_PROPERTY"), {"c"}),
        (where("amount", "NEQ", "10"), {"b", "c"}),
        (where("dealname", "IN", values=["alpha #aws"]), {"a"}),
        (where("dealname", "IN", values=["Alpha #AWS"]), set()),
        (where("dealname", "CONTAINS_TOKEN", "#aws"), {"a", "c"}),
        (where("dealname", "NOT_CONTAINS_TOKEN", "#aws"), {"b"}),
        (where("dealname", "CONTAINS_TOKEN", "Bet*"), {"b"}),
        (where("dealstage", "IN", values=["closedwon"]), {"b"}),
        (where("dealstage", "EQ", "ClosedWon"), set()),
        (where("associations.company", "HAS_PROPERTY"), {"c"}),
    ],
)
def test_operators(api: Api, given: dict[str, Any], found: set[str]) -> None:
    named = {
        api.deal(dealname="Alpha #AWS", amount="10"): "a",
        api.deal(dealname="Beta", amount="20", dealstage="closedwon"): "b",
    }
    last = api.deal(dealname="Gamma #AWS")
    named[last] = "c"
    api.account.associate(("deals", last), ("companies", api.account.create("companies", {"name": "BigCorp"}).id))
    assert {named[one] for one in ids(api, given)} == found


def test_walking_by_modified_date_in_pages(api: Api) -> None:
    made = []
    for _ in range(5):
        api.clock.advance(ms=1)
        made.append(api.deal())
    api.clock.advance(ms=1)
    api.account.update("deals", made[0], {"amount": "1"})
    sorts = [{"propertyName": "hs_lastmodifieddate", "direction": "ASCENDING"}]
    first = search(api, sorts=sorts, limit=3)[1]
    rest = search(api, sorts=sorts, limit=3, after=first["paging"]["next"]["after"])[1]
    assert first["total"] == 5
    assert [one["id"] for one in first["results"] + rest["results"]] == [*made[1:], made[0]]
    assert "paging" not in rest


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"limit": 10, "after": "9991"},
        {"after": "abc"},
        {"filterGroups": [{"filters": [where("amount", "HAS_PROPERTY")] * 7}]},
        {"filterGroups": [{"filters": [where("amount", "HAS_PROPERTY")] * 5}] * 4},
        {"filterGroups": [{"filters": [where("unheard_of", "EQ", "1")]}]},
        {"filterGroups": [{"filters": [where("amount", "LIKE", "1")]}]},
        {"filterGroups": [{"filters": [where("amount", "EQ")]}]},
        {"filterGroups": [{"filters": [where("amount", "GT", "x")]}]},
        {"filterGroups": [{"filters": []}]},
        {"sorts": ["amount", "dealname"]},
        {"query": "x" * 3_000},
    ],
)
def test_a_search_past_its_limits_is_refused(api: Api, body: dict[str, Any]) -> None:
    status, answer = api.post(SEARCH, body)
    assert status == 400
    assert "[hubspot.md 3." in answer["message"]


def test_filter_groups_by_reading(both: Api) -> None:
    most = both.account.switches.search_filter_groups
    group = {"filters": [where("amount", "HAS_PROPERTY")]}
    assert both.post(SEARCH, {"filterGroups": [group] * most})[0] == 200
    assert both.post(SEARCH, {"filterGroups": [group] * (most + 1)})[0] == 400


def test_five_searches_a_second_for_all_apps_together(api: Api) -> None:
    answers = [api.post(SEARCH, {}, token) for token in (OURS, "otherapp-sandbox") * 3]
    assert [status for status, _ in answers] == [200] * 5 + [429]
    assert answers[-1][1]["policyName"] == "SECONDLY"
    assert not any(name.startswith("x-hubspot-ratelimit") for name in api.headers)
    api.clock.advance(seconds=1)
    assert api.post(SEARCH, {})[0] == 200
