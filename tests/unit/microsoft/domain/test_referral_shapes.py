"""What is sent to Microsoft and what is kept of its answers: bodies, patches, standings, times."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.microsoft.domain import status
from lambdas.microsoft.domain.json_patch import PUBLISHED, to_operations
from lambdas.microsoft.domain.referral import is_incoming, stamp, to_create_body, to_document
from lambdas.microsoft.domain.wire import number
from lambdas.shared.errors import Rejected
from tests.unit.microsoft.microsoft_support import SHARE, deal, run, tied

OTHERS, CONTACT = "consent.consentToToShareInfoWithOthers", "consent.consentToContact"
SHARING = {"type": "private", SHARE: False, OTHERS: True, CONTACT: False}
HELP = "inviteContext.assistanceRequestCode"


def test_a_complete_deal_becomes_a_private_referral_in_microsofts_shape() -> None:
    assert to_create_body(run(deal()).opportunity, "500", names={"SOL-00000-AAA": "Mover"}) == {
        "name": "BigCorp Migration",
        "externalReferenceId": "500",
        "type": "Independent",
        "qualification": "SalesQualified",
        "salesStage": "Qualify",
        "customerProfile": {
            "name": "BigCorp",
            "size": "51to250employees",
            "address": {"city": "Berlin", "country": "DE"},
            "team": [{"email": "ann@bigcorp.example", "firstName": "Ann"}],
        },
        "consent": {
            "consentToToShareInfoWithOthers": True,
            "consentToContact": True,
            "consentToShareReferralWithMicrosoftSellers": False,
        },
        "details": {
            "notes": "They move their data center.",
            "dealValue": 50000,
            "currency": "EUR",
            "closingDateTime": "2027-06-30T00:00:00Z",
            "requirements": {
                "industries": [{"id": "Financial Services"}],
                "solutions": [{"type": "Name", "id": "SOL-00000-AAA", "name": "Mover"}],
            },
        },
        "team": [{"email": "pat@partner.example", "firstName": "Pat", "lastName": "Seller"}],
        "target": [],
    }


def test_the_status_is_sent_only_where_the_switch_says_so() -> None:
    values = run(deal()).opportunity
    assert "status" not in to_create_body(values, "500")
    body = to_create_body(values, "500", send_status=True)
    assert (body["status"], body["substatus"]) == ("Active", "Accepted")


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({}, {OTHERS, CONTACT, SHARE, "type"}),
        ({**SHARING, SHARE: None}, {SHARE}),
        ({**SHARING, SHARE: "true"}, {SHARE}),
        ({**SHARING, "type": "Shared"}, {"type"}),
        ({**SHARING, SHARE: True}, {SHARE}),
        ({**SHARING, "type": "partner-led"}, {SHARE}),
        ({**SHARING, "type": "co-sell", SHARE: True}, {HELP}),
        ({**SHARING, HELP: "GeneralOrOther"}, {HELP}),
    ],
)
def test_nothing_is_shared_that_a_person_did_not_say(values: dict[str, Any], wrong: set[str]) -> None:
    with pytest.raises(Rejected) as refused:
        to_create_body(values, "500")
    assert {each.field for each in refused.value.problems} == wrong


@pytest.mark.parametrize(
    ("kind", "share", "asked", "type_"),
    [
        ("private", False, None, "Independent"),
        ("partner-led", True, None, "Independent"),
        ("co-sell", True, "GeneralOrOther", "Shared"),
    ],
)
def test_each_kind_of_deal_is_said_in_microsofts_way(kind: str, share: bool, asked: str | None, type_: str) -> None:
    body = to_create_body({**SHARING, "type": kind, SHARE: share, HELP: asked}, "500")
    assert (body["type"], body["consent"]["consentToShareReferralWithMicrosoftSellers"]) == (type_, share)
    assert body.get("inviteContext", {}).get("assistanceRequestCode") == asked


def test_a_document_keeps_false_and_zero_and_drops_what_says_nothing() -> None:
    answer = {
        "@odata.context": "x",
        "id": "ABC",
        "links": {"self": {}},
        "favorite": False,
        "details": {"dealValue": 0, "notes": "", "requirements": {"offers": [], "iot": {}}},
    }
    assert to_document(answer, '"1"') == {"id": "abc", "eTag": '"1"', "favorite": False, "details": {"dealValue": 0}}


def test_every_change_is_one_operation_on_a_published_path() -> None:
    _, referral, _ = tied()
    changes = {
        "details.dealValue": "60000.50",
        "details.notes": None,
        "status": "Closed/Won",
        SHARE: True,
    }
    assert to_operations(changes, referral) == [
        {"op": "replace", "path": "/consent/consentToShareReferralWithMicrosoftSellers", "value": True},
        {"op": "replace", "path": "/details/dealValue", "value": 60000.5},
        {"op": "replace", "path": "/details/notes", "value": None},
        {"op": "replace", "path": "/status", "value": "Closed"},
        {"op": "replace", "path": "/substatus", "value": "Won"},
    ]


def test_what_is_not_published_is_named_all_at_once_and_nothing_is_sent() -> None:
    with pytest.raises(Rejected) as refused:
        to_operations({"name": "B", "substatus": "Won", "customerProfile.size": "x", "details.notes": "n"}, {})
    assert [each.field for each in refused.value.problems] == ["customerProfile.size", "name", "substatus"]
    assert set(refused.value.problems[0].allowed) == PUBLISHED


@pytest.mark.parametrize("standing", ["Active/Accepted", "Closed/Lost", "New/Pending"])
def test_a_closed_referral_is_not_patched_to_anything_else(standing: str) -> None:
    with pytest.raises(Rejected, match="patch"):
        to_operations({"status": standing}, {"status": "Closed", "substatus": "Won"})


def test_people_and_solutions_keep_what_microsoft_holds_of_them() -> None:
    referral = {
        "team": [{"email": "Old@partner.example", "title": "Lead"}],
        "customerProfile": {
            "team": [{"email": "ann@x.example", "firstName": "A", "title": "CTO"}, {"email": "b@x.example"}]
        },
        "details": {"requirements": {"solutions": [{"id": "SOL-1", "name": "One", "price": 5, "quantity": None}]}},
    }
    ann = {"email": "ann@x.example", "firstName": "Ann"}
    changes = {
        "team": [{"email": "pat@partner.example"}],
        "customerProfile.team": [ann],
        "details.requirements.solutions": ["SOL-1", "SOL-2"],
    }
    by_path = {each["path"]: each["value"] for each in to_operations(changes, referral)}
    assert by_path["/customerProfile/team"] == [{**ann, "title": "CTO"}]
    assert by_path["/team"] == [{"email": "pat@partner.example"}, {"email": "Old@partner.example", "title": "Lead"}]
    assert by_path["/details/requirements/solutions"] == [
        {"type": "Name", "id": "SOL-1", "name": "One", "price": 5},
        {"type": "Name", "id": "SOL-2"},
    ]
    assert to_operations({"customerProfile.team": None}, referral)[0]["value"] == []


@pytest.mark.parametrize(("amount", "sent"), [("50000.00", 50000), ("0.10", 0.1), (12, 12), ("1234567.89", 1234567.89)])
def test_a_deal_value_is_a_number_to_the_cent(amount: Any, sent: float) -> None:
    assert number(amount) == sent
    assert isinstance(number(amount), type(sent))


@pytest.mark.parametrize(
    ("now", "possible"),
    [
        ("New", {"New/Pending", "New/Received", "Active/Accepted", "Closed/Won", "Closed/Lost", "Closed/Declined"}),
        ("Active", {"Active/Accepted", "Closed/Won", "Closed/Lost", "Closed/Declined"}),
        ("Closed", {"Closed/Won"}),
    ],
)
def test_a_referral_only_goes_where_microsoft_lets_it(now: str, possible: set[str]) -> None:
    substatus = {"New": "Pending", "Active": "Accepted", "Closed": "Won"}[now]
    document = {"status": now, "substatus": substatus}
    assert {each for each in status.STANDINGS if status.may_become(document, each)} == possible
    assert status.unreachable(document) == set(status.STANDINGS) - possible


@pytest.mark.parametrize("standing", ["Active/Engaged", "Closed/Expired", "Closed/Error", "Active", "Active/Won"])
def test_a_standing_that_is_none_of_ours_is_refused_by_name(standing: str) -> None:
    with pytest.raises(ValueError, match=r"allowed: New/Pending, "):
        status.split(standing)


def test_an_odd_substatus_is_shown_as_it_is() -> None:
    assert status.standing_of({"status": "Closed", "substatus": "Error"}) == "Closed/Error"
    assert status.standing_of({"status": "Active"}) == "Active"
    assert status.standing_of({"status": "None"}) is None
    assert status.standing_of(None) is None


@pytest.mark.parametrize(
    ("text", "sortable"),
    [
        ("2030-01-11T09:30:00.7654321Z", "2030-01-11T09:30:00.7654321Z"),
        ("2030-01-11T09:30:00Z", "2030-01-11T09:30:00.0000000Z"),
        ("2030-01-11T09:30:00.5", "2030-01-11T09:30:00.5000000Z"),
        ("2030-01-11T11:30:00.25+02:00", "2030-01-11T09:30:00.2500000Z"),
    ],
)
def test_times_sort_as_text_whatever_their_decimals(text: str, sortable: str) -> None:
    assert stamp(text) == sortable


@pytest.mark.parametrize(
    ("members", "came"),
    [
        ({"direction": "Incoming"}, True),
        ({"direction": "Outgoing", "inviteContext": {"invitedBy": {"organizationId": "msft"}}}, False),
        ({"organizationId": "us", "inviteContext": {"invitedBy": {"organizationId": "msft"}}}, True),
        ({"organizationId": "us", "inviteContext": {"invitedBy": {"organizationId": "us"}}}, False),
        ({}, False),
    ],
)
def test_who_sent_a_referral_is_told_by_direction_else_by_the_invitation(members: dict[str, Any], came: bool) -> None:
    assert is_incoming(members) is came
