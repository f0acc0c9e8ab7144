"""What the referrals adapter sends, and what it makes of the answers."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.shared.errors import Conflict, Retryable, Unauthorized, Unexpected
from tests.unit.microsoft.microsoft_support import NOW, REFERRAL, PartnerCenterScript, row

LIST = "/v1.0/engagements/referrals"
ONE = f"{LIST}/{REFERRAL}"
ANSWER = {"id": REFERRAL.upper(), "eTag": '"2"', "status": "Active", "links": {"self": {}}, "details": {"notes": None}}
DOCUMENT = {"id": REFERRAL, "eTag": '"2"', "status": "Active"}


@pytest.fixture
def vendor() -> PartnerCenterScript:
    return PartnerCenterScript()


def test_a_referral_is_read_without_stubs_and_with_its_etag(vendor: PartnerCenterScript) -> None:
    assert vendor.say(ANSWER).referrals().get_referral(REFERRAL) == DOCUMENT
    asked = vendor.requests[0]
    assert (asked.method, asked.url) == ("GET", f"https://api.partner.microsoft.com{ONE}")
    assert (asked.headers["authorization"], asked.headers["client-request-id"]) == ("Bearer cached", "call-1")


def test_the_header_stands_in_for_a_body_without_etag(vendor: PartnerCenterScript) -> None:
    assert vendor.say({"id": REFERRAL}, etag='"7"').referrals().get_referral(REFERRAL)["eTag"] == '"7"'
    with pytest.raises(Unexpected, match="no eTag"):
        vendor.say({"id": REFERRAL}).referrals().get_referral(REFERRAL)


def test_an_id_cannot_leave_its_place_in_the_address(vendor: PartnerCenterScript) -> None:
    vendor.say(ANSWER).referrals().get_referral("../x?y#z")
    assert vendor.requests[0].url.endswith("/referrals/..%2Fx%3Fy%23z")


@pytest.mark.parametrize("status", [200, 201])
def test_a_create_returns_what_microsoft_made_of_it(vendor: PartnerCenterScript, status: int) -> None:
    assert vendor.say(ANSWER, status).referrals().create_referral({"name": "A"}) == DOCUMENT
    assert (vendor.requests[0].method, vendor.requests[0].path, vendor.requests[0].body) == (
        "POST",
        LIST,
        {"name": "A"},
    )


def test_a_patch_goes_to_one_version_and_asks_for_the_result(vendor: PartnerCenterScript) -> None:
    operations = [{"op": "replace", "path": "/details/dealValue", "value": 5}]
    assert vendor.say(ANSWER).referrals().patch_referral(REFERRAL, '"1"', operations) == DOCUMENT
    sent = vendor.requests[0]
    assert (sent.method, sent.path, sent.body) == ("PATCH", ONE, operations)
    assert (sent.headers["if-match"], sent.headers["prefer"]) == ('"1"', "return=representation")


def test_a_patch_that_is_answered_with_nothing_is_followed_by_a_read(vendor: PartnerCenterScript) -> None:
    assert vendor.say(None, 204).say(ANSWER).referrals().patch_referral(REFERRAL, '"1"', []) == DOCUMENT
    assert [each.method for each in vendor.requests] == ["PATCH", "GET"]
    assert [each.headers["client-request-id"] for each in vendor.requests] == ["call-1", "call-2"]


def test_a_patch_of_an_old_version_is_a_conflict(vendor: PartnerCenterScript) -> None:
    with pytest.raises(Conflict):
        vendor.refuse(412, "preconditionFailed").referrals().patch_referral(REFERRAL, '"1"', [])


def test_a_refused_token_is_fetched_anew_once(vendor: PartnerCenterScript) -> None:
    vendor.refuse(401, "unauthenticated").say(ANSWER).referrals().get_referral(REFERRAL)
    assert [each.headers["authorization"] for each in vendor.requests] == ["Bearer cached", "Bearer fresh"]
    with pytest.raises(Unauthorized):
        vendor.refuse(401, "unAuthorized").refuse(401, "unAuthorized").referrals().get_referral(REFERRAL)


def test_a_lost_connection_is_retryable_and_names_microsoft(vendor: PartnerCenterScript) -> None:
    with pytest.raises(Retryable, match=r"^Microsoft could not be reached to read the referral\. No answer"):
        vendor.fail(Retryable("No answer came (X).")).referrals().get_referral(REFERRAL)


def test_a_call_makes_its_own_request_id_when_nobody_gives_one(vendor: PartnerCenterScript) -> None:
    from lambdas.microsoft.adapters.referrals import Referrals

    api = Referrals(vendor.token, http=vendor.say(ANSWER).say(ANSWER).send)
    api.get_referral(REFERRAL)
    api.get_referral(REFERRAL)
    assert len({each.headers["client-request-id"] for each in vendor.requests}) == 2


@pytest.mark.parametrize("address", ["http://api.partner.microsoft.com", "ftp://x", "nonsense"])
def test_the_token_is_in_the_clear_on_this_machine_only(vendor: PartnerCenterScript, address: str) -> None:
    vendor.referrals("http://127.0.0.1:8080")
    with pytest.raises(Unexpected, match="https"):
        vendor.referrals(address)


@pytest.mark.parametrize("answer", [[], {"value": 3}, {"value": ["x"]}, {"value": [{"id": "a"}]}, b"<html>"])
def test_an_answer_that_is_no_list_is_unexpected(vendor: PartnerCenterScript, answer: Any) -> None:
    with pytest.raises(Unexpected):
        vendor.say(answer).referrals().list_changed(None)


def test_a_poll_reads_down_to_the_watermark_and_no_further(vendor: PartnerCenterScript) -> None:
    rows = [
        row(3, "2030-01-03T00:00:00.5Z", externalReferenceId="500"),
        row(2, "2030-01-02T00:00:00Z"),
        row(1, "2030-01-01T00:00:00Z"),
    ]
    more = "http://api.partner.microsoft.com/v1.0/referrals?$skiptoken=a"
    page = vendor.say({"value": rows, "@odata.nextLink": more}).referrals().list_changed("2030-01-02T00:00:00.0000000Z")
    assert page == {
        "items": [
            {"id": rows[0]["id"], "version": "2030-01-03T00:00:00.5000000Z", "external_reference": "500"},
            {"id": rows[1]["id"], "version": "2030-01-02T00:00:00.0000000Z", "external_reference": None},
        ],
        "next": None,
    }
    assert vendor.requests[0].query == "$orderby=updatedDateTime desc"


def test_a_poll_goes_on_while_a_whole_page_is_news(vendor: PartnerCenterScript) -> None:
    more = "http://api.partner.microsoft.com/v1.0/referrals?$skiptoken=a%20b&$top=100"
    vendor.say({"value": [row(1, "2030-01-01T00:00:00Z")], "@odata.nextLink": more}).say({"value": []})
    api = vendor.referrals()
    page = api.list_changed("2029-01-01T00:00:00Z")
    assert api.list_changed("2029-01-01T00:00:00Z", page["next"]) == {"items": [], "next": None}
    assert vendor.requests[1].url == f"https://api.partner.microsoft.com{LIST}?$skiptoken=a%20b&$top=100"


def test_a_poll_may_let_microsoft_filter_by_time(vendor: PartnerCenterScript) -> None:
    api = vendor.say({"value": []}).say({"value": []}).referrals(filter_by_time=True)
    api.list_changed("2030-01-02T00:00:00Z")
    api.list_changed(None)
    assert vendor.requests[0].query.endswith("$filter=updatedDateTime ge 2030-01-02T00:00:00.0000000Z")
    assert vendor.requests[1].query == "$orderby=updatedDateTime desc"


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/v1.0/engagements/referrals?$skip=1",
        "https://api.partner.microsoft.com@evil.example/v1.0/referrals?$skip=1",
        "https://someone@api.partner.microsoft.com/v1.0/referrals?$skip=1",
        "https://api.partner.microsoft.com.evil.example/v1.0/referrals?$skip=1",
        "https://api.partner.microsoft.com:8443/v1.0/referrals?$skip=1",
        "https://api.partner.microsoft.com:x/v1.0/referrals?$skip=1",
        "https://api.partner.microsoft.com/v1.0/other?$skip=1",
        "https://api.partner.microsoft.com/v1.0/referrals",
        "file:///referrals?$skip=1",
        "//api.partner.microsoft.com/v1.0/referrals?$skip=1",
        7,
    ],
)
def test_a_next_link_that_leads_elsewhere_is_refused_and_nothing_is_sent_there(
    vendor: PartnerCenterScript, link: Any
) -> None:
    with pytest.raises(Unexpected, match="next link"):
        vendor.say({"value": [], "@odata.nextLink": link}).referrals().list_changed(None)
    assert len(vendor.requests) == 1


def test_a_next_link_that_leads_nowhere_new_does_not_loop(vendor: PartnerCenterScript) -> None:
    link = "https://api.partner.microsoft.com/v1.0/engagements/referrals?$skip=1"
    with pytest.raises(Unexpected, match="next link"):
        vendor.say({"value": [], "@odata.nextLink": link}).referrals().list_changed(None, "$skip=1")


def test_the_orphan_of_a_lost_create_is_ours_and_carries_the_deal(vendor: PartnerCenterScript) -> None:
    recent = "2026-10-01T00:00:00Z"
    rows = [
        row(1, recent, externalReferenceId="501"),
        row(2, recent, externalReferenceId="500", direction="Incoming"),
        row(3, recent, externalReferenceId="500"),
    ]
    more = "http://api.partner.microsoft.com/v1.0/referrals?$skip=2"
    vendor.say({"value": rows[:2], "@odata.nextLink": more}).say({"value": rows[2:]})
    assert vendor.referrals().find_by_external_reference("500", NOW) == rows[2]["id"]
    assert "$filter=direction eq 'Outgoing'&$orderby=createdDateTime desc" in vendor.requests[0].query


def test_an_orphan_is_not_looked_for_among_older_referrals(vendor: PartnerCenterScript) -> None:
    rows = [row(1, "2026-09-01T00:00:00Z", externalReferenceId="500")]
    more = "http://api.partner.microsoft.com/v1.0/referrals?$skip=1"
    vendor.say({"value": rows, "@odata.nextLink": more})
    assert vendor.referrals().find_by_external_reference("500", NOW) is None
    assert vendor.say({"value": []}).referrals().find_by_external_reference("500", NOW) is None


def test_a_filter_by_reference_is_escaped_and_its_answer_still_compared(vendor: PartnerCenterScript) -> None:
    vendor.say({"value": [row(1, "2026-10-01T00:00:00Z", externalReferenceId="other")]})
    api = vendor.referrals(filter_by_reference=True)
    assert api.find_by_external_reference("5' or '1' eq '1", NOW) is None
    assert "externalReferenceId eq '5'' or ''1'' eq ''1'" in vendor.requests[0].query
