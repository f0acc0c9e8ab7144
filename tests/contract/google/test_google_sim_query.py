"""opportunities:query: pages, filter, order."""

from __future__ import annotations

import pytest

from sandbox.google import Settings
from tests.contract.google.sim_api import INVALID, Api, new_opportunity, refusal


def names(api: Api, **query: str) -> list[str]:
    return [one["name"] for one in api.query(**query)[1].get("opportunities", [])]


def test_pages_hold_fifty_and_a_hundred_at_most(both: Api) -> None:
    made = {both.account.new_google_opportunity(new_opportunity()) for _ in range(101)}
    first = both.query()[1]
    assert len(first["opportunities"]) == 50
    big = both.query(pageSize="1000")[1]
    assert len(big["opportunities"]) == 100
    rest = both.query(pageSize="1000", pageToken=big["nextPageToken"])[1]
    assert "nextPageToken" not in rest
    assert {one["name"] for one in big["opportunities"] + rest["opportunities"]} == made
    assert refusal(both.query(pageToken="made-up")) == INVALID
    assert refusal(both.query(pageSize="-1")) == INVALID


def test_a_page_token_belongs_to_its_query(api: Api) -> None:
    api.switch(filter_fields=["state"])
    for _ in range(2):
        api.create()
    token = api.query(pageSize="1")[1]["nextPageToken"]
    assert refusal(api.query(pageToken=token, filter="state = DRAFT")) == INVALID


def test_order_without_order_by_is_a_switch(api: Api) -> None:
    made = [api.create()["name"] for _ in range(3)]
    assert names(api) == made
    api.switch(query_order="newest-first")
    assert names(api) == made[::-1]


def test_filter_and_order_are_refused_or_obeyed(api: Api) -> None:
    first = api.create()
    api.clock.advance(seconds=1)
    second = api.create(state="SUBMITTED")
    assert refusal(api.query(filter="state = DRAFT")) == INVALID
    assert refusal(api.query(orderBy="updateTime desc")) == INVALID
    api.switch(filter_fields=["state", "updateTime", "customerDisplayName"], order_fields=["updateTime"])
    assert names(api, filter="state = DRAFT") == [first["name"]]
    assert names(api, filter=f'updateTime > "{first["updateTime"]}" AND state != DRAFT') == [second["name"]]
    assert names(api, orderBy="updateTime desc") == [second["name"], first["name"]]
    assert refusal(api.query(orderBy="updateTime down")) == INVALID
    assert refusal(api.query(filter="stage = CLOSED")) == INVALID


@pytest.mark.parametrize(
    "text", ["state", "state = DRAFT OR state = X", 'state = "', "state = A AND", "updateTime > x"]
)
def test_a_filter_that_is_not_understood_is_refused(api: Api, text: str) -> None:
    api.switch(filter_fields=["state", "updateTime"])
    assert refusal(api.query(filter=text)) == INVALID


def test_a_quoted_literal_keeps_its_quotes(api: Api) -> None:
    api.switch(filter_fields=["customerDisplayName"])
    customer = {"customerDetails": {"organizationName": 'The "Best" \\ Co'}}
    name = api.create(customerInfo=customer)["name"]
    api.create()
    assert names(api, filter=r'customerDisplayName = "The \"Best\" \\ Co"') == [name]


def test_a_new_one_may_show_late() -> None:
    api = Api(settings=Settings(query_lag_ms=2000))
    name = api.create()["name"]
    assert names(api) == []
    api.clock.advance(seconds=2)
    assert names(api) == [name]
    api.served.stop()
