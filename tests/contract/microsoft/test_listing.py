"""GET /referrals: the OData that Microsoft shows, pages, nextLink (fact sheet 6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.contract.microsoft.sim_api import MEMBER, PATH, Api, move, refused

Start = Callable[..., Api]


def names(api: Api, **query: Any) -> list[str]:
    answer = api.list(**query)
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json()["value"]]


def fill(api: Api, number: int) -> None:
    for position in range(number):
        api.account.new_incoming_referral(name=f"n{position}")
        api.clock.advance(seconds=1)


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("status eq 'New'", ["A"]),
        ("status eq 'Active' and substatus eq 'Accepted'", ["B"]),
        ("type eq 'Shared'", ["B"]),
        ("direction eq 'Incoming'", ["O'Brien"]),
        ("direction eq 'Outgoing' and qualification eq 'SalesQualified'", ["A", "B"]),
        ("customerProfile/address/country eq 'DE'", ["B"]),
        ("team/any(t:t/email eq 'o''brien@partner.example')", ["O'Brien"]),
        ("status eq 'nothing'", []),
    ],
)
def test_the_filters_that_microsoft_shows(api: Api, expression: str, found: list[str]) -> None:
    api.create(name="A")
    api.create(name="B", type="Shared", customerProfile__address__country="DE")
    one = api.account.new_incoming_referral(name="O'Brien", team=[{**MEMBER, "email": "o'brien@partner.example"}])
    api.account.edit_as_microsoft(one["id"], status="Closed", substatus="Lost")
    assert names(api, filter=expression) == found


def test_the_engagement_filter_finds_both_referrals_of_one_engagement(api: Api) -> None:
    first = api.create(name="A")
    api.create(name="B", engagementId=first["engagementId"])
    api.create(name="C")
    assert names(api, filter=f"engagementId eq '{first['engagementId']}'") == ["A", "B"]


@pytest.mark.parametrize(
    "query",
    [
        {"filter": ""},
        {"filter": "name eq 'A'"},
        {"filter": "status ne 'New'"},
        {"filter": "status eq 'New' or status eq 'Active'"},
        {"filter": "status eq 'O'Brien'"},
        {"filter": "status eq New"},
        {"filter": "externalReferenceId eq 'deal-1001'"},
        {"filter": "contains(name,'A')"},
        {"filter": "updatedDateTime ge '2026-01-01T00:00:00Z'"},
        {"filter": "updatedDateTime ge 2026-13-01T00:00:00Z"},
        {"orderby": "name"},
        {"orderby": "updatedDateTime down"},
        {"top": "-1"},
        {"top": "ten"},
        {"skip": "x"},
        {"count": "yes"},
        {"select": "closeDate"},
        {"expand": "team"},
        {"search": "A"},
        {"skiptoken": "nonsense"},
    ],
)
def test_other_odata_is_refused(api: Api, query: dict[str, str]) -> None:
    api.create()
    refused(api.list(**query), 400, "6", "invalidRequest")


def test_the_updated_filter_reads_a_bare_literal_of_any_precision(api: Api) -> None:
    fill(api, 3)
    bound = api.list().json()["value"][1]["updatedDateTime"]
    assert names(api, filter=f"updatedDateTime ge {bound}") == ["n1", "n2"]
    assert names(api, filter=f"updatedDateTime gt {bound}") == ["n2"]
    assert names(api, filter=f"updatedDateTime lt {bound} and status eq 'New'") == ["n0"]
    assert names(api, filter="updatedDateTime ge 2020-01-01T00:00:00Z") == ["n0", "n1", "n2"]


def test_the_updated_filter_reads_a_quoted_literal_under_another_reading(start: Start) -> None:
    api = start(updated_filter="quoted")
    fill(api, 1)
    assert names(api, filter="updatedDateTime ge '2020-01-01T00:00:00Z'") == ["n0"]
    refused(api.list(filter="updatedDateTime ge 2020-01-01T00:00:00Z"), 400, "6")


@pytest.mark.parametrize("literal", ["2020-01-01T00:00:00Z", "'2020-01-01T00:00:00Z'"])
def test_the_updated_filter_does_not_exist_under_the_third_reading(start: Start, literal: str) -> None:
    refused(start(updated_filter="refused").list(filter=f"updatedDateTime ge {literal}"), 400, "6")


def test_the_external_reference_filter_under_the_other_reading(start: Start) -> None:
    api = start(external_reference_filter=True)
    api.create(name="A", externalReferenceId="deal-1")
    api.create(name="B", externalReferenceId="deal-2")
    assert names(api, filter="externalReferenceId eq 'deal-2'") == ["B"]


def test_order_select_top_skip(api: Api) -> None:
    fill(api, 3)
    api.account.edit_as_microsoft(api.list().json()["value"][0]["id"], name="n0")
    assert names(api, orderby="updatedDateTime desc") == ["n0", "n2", "n1"]
    assert names(api, orderby="createdDateTime asc", top=1, skip=1) == ["n1"]
    assert api.list(select="name", count="true").json()["value"] == [{"name": name} for name in ("n0", "n1", "n2")]
    assert api.list(filter="status eq 'New'").json()["@odata.count"] == 3


def test_a_page_holds_100_and_the_link_as_printed_leads_on_only_under_the_right_path(api: Api) -> None:
    fill(api, 205)
    seen = names(api, orderby="createdDateTime")
    link = api.list(orderby="createdDateTime").json()["@odata.nextLink"]
    assert len(seen) == 100
    assert link.startswith(f"http://{urlsplit(api.server.url).netloc}/v1.0/referrals?$skiptoken=")
    parts = urlsplit(link)
    assert api.call("GET", f"{parts.path}?{parts.query}").status_code == 404
    while link:
        answer = api.call("GET", f"{PATH}?{urlsplit(link).query}").json()
        seen += [one["name"] for one in answer["value"]]
        link = answer.get("@odata.nextLink")
    assert seen == [f"n{number}" for number in range(205)]


def test_top_above_a_page_is_answered_in_pages(api: Api) -> None:
    fill(api, 120)
    first = api.list(top=110).json()
    rest = api.call("GET", f"{PATH}?{urlsplit(first['@odata.nextLink']).query}").json()
    assert (len(first["value"]), len(rest["value"])) == (100, 10)
    assert "@odata.nextLink" not in rest


def test_a_whole_link_under_the_other_reading_and_a_foreign_host_on_order(start: Start) -> None:
    api = start(next_link="whole")
    fill(api, 101)
    assert urlsplit(api.list().json()["@odata.nextLink"]).path == PATH
    api.account.switches.next_link_host = "elsewhere.example"
    assert urlsplit(api.list().json()["@odata.nextLink"]).netloc == "elsewhere.example"


def test_closed_referrals_are_listed(api: Api) -> None:
    identifier = api.create(name="A")["id"]
    api.patch(identifier, *move("Closed", "Won"))
    assert names(api) == ["A"]
