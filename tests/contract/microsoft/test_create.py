"""POST /referrals: what must be there, what is refused, what comes back (fact sheet 2 to 4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.microsoft.sim_api import MEMBER, PATH, Api, deal, refused

Start = Callable[..., Api]


def test_a_private_deal_comes_back_whole_with_a_strong_quoted_etag(api: Api) -> None:
    answer = api.call("POST", PATH, deal())
    referral = answer.json()
    assert answer.status_code == 200
    assert referral["eTag"].startswith('"')
    assert referral["eTag"].endswith('"')
    assert answer.headers["ETag"] == referral["eTag"]
    assert answer.headers["request-id"]
    assert (referral["status"], referral["substatus"], referral["direction"]) == ("New", "Pending", "Outgoing")
    assert len(referral["updatedDateTime"].split(".")[1]) == len("1234567Z")
    assert referral["engagementId"]
    assert referral["links"]["self"]["uri"].endswith(referral["id"])
    assert api.read(referral["id"]) == referral


@pytest.mark.parametrize(
    "path",
    [
        *("type", "customerProfile", "consent", "details", "name", "qualification", "team", "target"),
        *("customerProfile__name", "customerProfile__address", "customerProfile__size", "customerProfile__team"),
        *("details__notes", "details__dealValue", "details__currency", "details__closingDateTime"),
        "details__requirements__solutions",
    ],
)
def test_what_the_private_sample_carries_is_required(api: Api, path: str) -> None:
    message = refused(api.call("POST", PATH, deal(**{path: ...})), 400, "4", "invalidRequest")
    assert path.replace("__", "/") in message


def test_only_what_the_table_flags_is_required_under_the_other_reading(start: Start) -> None:
    api = start(name_required=False, sample_minimum_required=False)
    api.create(name=..., qualification=..., team=..., target=..., customerProfile__size=..., details__notes=...)
    refused(api.call("POST", PATH, deal(consent=...)), 400, "4")


@pytest.mark.parametrize(
    ("path", "value", "sheet"),
    [
        ("type", "Private", "2"),
        ("qualification", "SalesQualifiedLead", "2"),
        ("status", "Open", "3"),
        ("substatus", "Engaged", "3"),
        ("salesStage", "100", "2"),
        ("customerProfile__size", "10001+employees", "2"),
        ("customerProfile__address__country", "USA", "2"),
        ("customerProfile__address__country", "United States", "2"),
        ("customerProfile__industry", "Education", "2"),
        ("customerProfile__team", [{"emailAddress": "alex@customer.example"}], "2"),
        ("customerProfile__ids", [{"profileType": "Other", "id": "1"}], "2"),
        ("consent__consentToContact", "yes", "2"),
        ("details__closeDate", "2030-06-30", "2"),
        ("details__closingDateTime", "2030-06-30", "2"),
        ("details__dealValue", "50000", "5"),
        ("details__dealValue", -1, "5"),
        ("details__currency", "dollars", "2"),
        ("details__requirements__industries", [{"id": "COMPUTER_SOFTWARE"}], "2"),
        ("details__requirements__services", [{"id": "Consulting"}], "2"),
        ("details__requirements__solutions", [{"type": "Product", "id": "SOL-1"}], "2"),
        ("target", [{"type": "Partner", "id": "x"}], "2"),
        ("inviteContext", {"assistanceRequestCode": "Help"}, "2"),
        ("engagementId", "99999999-9999-4999-8999-999999999999", "2"),
        ("links", {}, "2"),
        ("eTag", '"1"', "2"),
        ("leadDetails", {}, "2"),
        ("team", "Pat", "2"),
        ("name", 7, "2"),
    ],
)
def test_a_value_the_api_does_not_know_is_refused(api: Api, path: str, value: Any, sheet: str) -> None:
    refused(api.call("POST", PATH, deal(**{path: value})), 400, sheet, "invalidRequest")
    assert api.list().json()["value"] == []


def test_unknown_and_server_fields_are_dropped_under_the_other_reading(start: Start) -> None:
    referral = start(unknown_fields="dropped").create(details__closeDate="2030-06-30", eTag='"1"', direction="Incoming")
    assert "closeDate" not in referral["details"]
    assert referral["direction"] == "Outgoing"
    assert referral["eTag"] != '"1"'


def test_create_answers_201_under_the_other_reading(start: Start) -> None:
    assert start(create_status=201).call("POST", PATH, deal()).status_code == 201


@pytest.mark.parametrize(("active", "came_back"), [(True, ("Active", "Accepted")), (False, ("New", "Pending"))])
@pytest.mark.parametrize(
    ("kind", "switch"),
    [("Shared", "shared_comes_back_active"), ("Independent", "independent_comes_back_active")],
)
def test_what_was_posted_as_new_may_come_back_active(
    start: Start, kind: str, switch: str, active: bool, came_back: tuple[str, str]
) -> None:
    referral = start(**{switch: active}).create(type=kind, status="New", substatus="Pending")
    assert (referral["status"], referral["substatus"]) == came_back
    assert (referral["acceptedDateTime"] is not None) == active


def test_countries_of_three_letters_under_the_other_reading(start: Start) -> None:
    referral = start(three_letter_countries=True).create(customerProfile__address__country="USA")
    assert referral["customerProfile"]["address"]["country"] == "USA"


def test_rows_come_back_with_members_that_nobody_sent(start: Start) -> None:
    referral = start().create()
    member, solution = referral["team"][0], referral["details"]["requirements"]["solutions"][0]
    assert member == {**MEMBER, "title": None, "contactPreference": {"locale": "en-us", "disableNotifications": None}}
    assert solution["price"] is None
    assert referral["customerProfile"]["address"]["region"] is None


def test_rows_come_back_as_they_were_sent_under_the_other_reading(start: Start) -> None:
    referral = start(rows_filled=False).create()
    assert referral["team"] == [MEMBER]
    assert referral["details"]["requirements"]["solutions"] == deal()["details"]["requirements"]["solutions"]
    assert referral["customerProfile"]["address"] == deal()["customerProfile"]["address"]


def test_no_ids_show_as_an_object_or_as_an_array(start: Start) -> None:
    assert start(empty_ids_as_object=True).create()["customerProfile"]["ids"] == {}
    assert start().create()["customerProfile"]["ids"] == []


def test_text_deal_values_under_the_other_reading(start: Start) -> None:
    referral = start(text_deal_value_accepted=True).create(details__dealValue="50000")
    assert referral["details"]["dealValue"] == 50000


def test_long_notes_are_refused_where_there_is_a_limit(start: Start) -> None:
    assert len(start().create(details__notes="n" * 501)["details"]["notes"]) == 501
    limited = start(notes_limit=500)
    refused(limited.call("POST", PATH, deal(details__notes="n" * 501)), 400, "11")
