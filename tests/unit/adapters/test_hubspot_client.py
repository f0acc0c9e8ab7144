"""The call that all HubSpot operations share: token, errors, and what may be said about them."""

from __future__ import annotations

import json
from datetime import timedelta, timezone

import pytest

from lambdas.shared.adapters.hubspot import API_VERSION, HubSpot
from lambdas.shared.errors import (
    Conflict,
    NotFound,
    Rejected,
    Retryable,
    Throttled,
    Unauthorized,
    Unexpected,
)
from tests.unit.adapters.vendor_fakes import HubSpotScript, TurnedClock

SECRETS = ("Jane", "jane@example.com", "pat-old", "pat-new")


@pytest.fixture
def hubspot():
    return HubSpotScript()


def test_a_request_carries_token_json_and_encoded_ids(hubspot):
    hubspot.say({"id": "5/0?0", "updatedAt": "2026-11-24T10:00:00Z", "properties": {}})
    hubspot.client().update_deal("5/0?0", {"dealname": "Größe €5", "flag": True, "gone": None})
    request = hubspot.only
    assert (request.method, request.url) == (
        "PATCH",
        f"https://hubspot.test/crm/objects/{API_VERSION}/deals/5%2F0%3F0",
    )
    assert request.headers["authorization"] == "Bearer pat-old"
    assert request.headers["content-type"] == "application/json"
    assert request.body == {"properties": {"dealname": "Größe €5", "flag": "true", "gone": ""}}


@pytest.mark.parametrize(
    "url", ["", "https://", "api.hubapi.com", "ftp://api.hubapi.com", "http://api.hubapi.com", "http://127.0.0.1.x.io"]
)
def test_the_token_is_not_sent_in_the_clear_or_nowhere(url):
    with pytest.raises(Unexpected, match="COSELL_HUBSPOT_API_URL"):
        HubSpot(lambda fresh: "pat", url)


@pytest.mark.parametrize(
    "url", ["https://api.hubapi.com/", "http://127.0.0.1:80", "http://localhost:1", "http://[::1]"]
)
def test_vendor_and_sandbox_addresses_are_taken(hubspot, url):
    hubspot.say({"results": []})
    HubSpot(hubspot.token, url, hubspot.send).pipelines()
    assert hubspot.only.url == f"{url.rstrip('/')}/crm/pipelines/{API_VERSION}/deals"


def test_a_401_reads_the_token_past_the_cache_once_and_goes_on(hubspot):
    hubspot.refuse(401, category="INVALID_AUTHENTICATION").say({"results": []})
    assert hubspot.client().pipelines() == []
    assert hubspot.tokens == [False, True]
    assert hubspot.requests[1].headers["authorization"] == "Bearer pat-new"


def test_a_second_401_is_unauthorized_and_not_asked_again(hubspot):
    hubspot.refuse(401).refuse(401)
    with pytest.raises(Unauthorized, match="cosell secrets set"):
        hubspot.client().pipelines()
    assert len(hubspot.requests) == 2


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, Rejected),
        (403, Unauthorized),
        (404, Unexpected),
        (405, Unexpected),
        (408, Retryable),
        (409, Conflict),
        (414, Unexpected),
        (422, Rejected),
        (423, Retryable),
        (429, Throttled),
        (477, Throttled),
        *((status, Retryable) for status in (500, 502, 503, 504, 521, 522, 523, 524, 525, 526)),
    ],
)
def test_each_status_has_its_class_and_a_message_without_customer_values(hubspot, status, expected):
    hubspot.refuse(status, category="SOME_CATEGORY")
    with pytest.raises(expected) as raised:
        hubspot.client().pipelines()
    assert type(raised.value) is expected
    assert f"to read the pipelines: {status} SOME_CATEGORY, correlation id abc-1" in str(raised.value)
    assert not any(secret in str(raised.value) for secret in SECRETS)


@pytest.mark.parametrize("said", [{}, {"category": None, "message": "resource not found"}])
def test_only_a_404_that_calls_the_object_missing_is_not_found(hubspot, said):
    for _ in range(5):
        hubspot.refuse(404, **said)
    client = hubspot.client()
    with pytest.raises(NotFound):
        client.pipelines()
    with pytest.raises(NotFound):
        client.read_deal("500", [])
    assert "archived=true" in hubspot.requests[-1].url, "it may lie in the recycle bin"
    assert client.find_deal("aws_opportunity_id", "O1") is None
    assert client.find("contacts", "email", "jane@example.com", "contact") is None


@pytest.mark.parametrize(
    "said",
    [
        {"category": None},
        {"category": "DEPRECATED", "message": "resource not found"},
        {"category": "VALIDATION_ERROR"},
    ],
)
def test_a_retired_path_is_not_read_as_a_deleted_record_and_is_named_without_ids(hubspot, said):
    for _ in range(3):
        hubspot.refuse(404, **said)
    client = hubspot.client()
    with pytest.raises(Unexpected, match="/crm/objects/2026-09/deals still served"):
        client.read_deal("500", [])
    assert len(hubspot.requests) == 1, "nobody looks into the recycle bin for it"
    with pytest.raises(Unexpected):
        client.find_deal("aws_opportunity_id", "O1")
    with pytest.raises(Unexpected) as raised:
        client.find("contacts", "email", "jane@example.com", "contact")
    assert not any(secret in str(raised.value) for secret in SECRETS)


@pytest.mark.parametrize("status", [302, 400, 404])
@pytest.mark.parametrize("page", [b"<html>Not here</html>", b"", b'{"message": "Not Found"}', b"[]"])
def test_a_page_that_is_not_hubspots_is_never_taken_for_a_missing_record_or_a_persons_mistake(hubspot, status, page):
    hubspot.say(page, status)
    with pytest.raises(Unexpected):
        hubspot.client().find_deal("aws_opportunity_id", "O1")


@pytest.mark.parametrize("body", [b"<html>ok</html>", b'"text"', b"[1]", b'{"results": {"no": "list"}}', b"{}"])
def test_garbage_with_a_good_status_is_unexpected(hubspot, body):
    hubspot.say(body)
    with pytest.raises(Unexpected):
        hubspot.client().pipelines()


def test_a_lost_connection_is_retryable_and_names_hubspot(hubspot):
    hubspot.fail(Retryable("No answer came (X)."))
    with pytest.raises(Retryable, match=r"^HubSpot could not be reached to read the pipelines\. No answer came"):
        hubspot.client().pipelines()


def test_a_token_that_cannot_be_read_is_not_put_down_to_hubspot():
    def token(_fresh: bool) -> str:
        raise Retryable("Secrets Manager could not be reached.")

    with pytest.raises(Retryable, match=r"^Secrets Manager could not be reached\.$"):
        HubSpot(token).pipelines()


@pytest.mark.parametrize(
    ("headers", "policy", "seconds"),
    [
        ({"Retry-After": "7"}, "TEN_SECONDLY_ROLLING", 7),
        ({}, "TEN_SECONDLY_ROLLING", 10),
        ({}, "SECONDLY", 1),
        ({"retry-after": "soon"}, "SECONDLY", 1),
        ({"Retry-After": "-5"}, "SECONDLY", 1),
        ({}, "SOMETHING_NEW", None),
        ({}, None, None),
    ],
)
def test_a_429_says_how_long_to_wait(hubspot, headers, policy, seconds):
    hubspot.say({"status": "error", "policyName": policy}, 429, headers)
    with pytest.raises(Throttled) as raised:
        hubspot.client().pipelines()
    assert raised.value.retry_after_seconds == seconds


def test_a_spent_day_quota_waits_for_midnight_in_the_accounts_time_zone(hubspot):
    eleven_at_night_in_utc = TurnedClock(1_789_945_200_000)
    hubspot.say({"status": "error", "policyName": "DAILY"}, 429)
    hubspot.say({"status": "error", "policyName": "DAILY"}, 429)
    with pytest.raises(Throttled) as in_utc:
        hubspot.client(eleven_at_night_in_utc).pipelines()
    with pytest.raises(Throttled) as west:
        hubspot.client(eleven_at_night_in_utc, zone=timezone(timedelta(hours=-5))).pipelines()
    assert in_utc.value.retry_after_seconds == 3600
    assert west.value.retry_after_seconds == 6 * 3600


def test_a_moving_account_is_parked_for_as_long_as_it_says(hubspot):
    hubspot.say({"status": "error"}, 477, {"Retry-After": "86400"})
    with pytest.raises(Throttled) as raised:
        hubspot.client().pipelines()
    assert raised.value.retry_after_seconds == 86400


def test_a_retry_after_may_be_a_date(hubspot):
    hubspot.say({"status": "error"}, 429, {"Retry-After": "Mon, 21 Sep 2026 14:13:30 GMT"})
    with pytest.raises(Throttled) as raised:
        hubspot.client(TurnedClock(1_790_000_000_000)).pipelines()
    assert raised.value.retry_after_seconds == 10


def test_a_rejection_names_each_property_once_and_no_value(hubspot):
    embedded = json.dumps([{"isValid": False, "message": "jane", "error": "INVALID_DATE", "name": "closedate"}])
    hubspot.refuse(
        400,
        category="VALIDATION_ERROR",
        message=f"Property values were not valid: {embedded}",
        errors=[
            {"message": "jane", "code": "INVALID_OPTION", "context": {"propertyName": ["dealstage"]}},
            {"message": "jane", "code": "MISSING_REQUIRED_PROPERTY", "context": {"propertyName": "reason"}},
            {"message": "jane", "code": "INVALID_LONG", "in": "amount"},
            {"message": "jane", "code": "INVALID_JSON", "in": "body"},
            {"message": "jane", "code": "AGAIN", "context": {"name": ["dealstage"]}},
            {"message": "jane", "context": {"propertyName": ["Jane Roe!"]}},
            "not an object",
        ],
    )
    with pytest.raises(Rejected) as raised:
        hubspot.client().update_deal("500", {"amount": "x", "dealstage": "jane@example.com", "closedate": "y"})
    problems = raised.value.problems
    assert [problem.property for problem in problems] == ["dealstage", "reason", "amount", "closedate"]
    assert {problem.object for problem in problems} == {"deal"}
    assert problems[0].message == "HubSpot's property dealstage of the deal does not take this value (INVALID_OPTION)."
    assert problems[1].message == "HubSpot's property reason of the deal needs a value (MISSING_REQUIRED_PROPERTY)."
    assert "jane" not in repr(problems).lower()


@pytest.mark.parametrize(
    "details",
    [
        {"message": "deal 7 already has that value."},
        {"errors": [{"code": "CONFLICTING_UNIQUE_VALUE", "context": {"name": ["aws_opportunity_id"]}}]},
    ],
)
def test_a_taken_unique_value_is_a_conflict_and_no_rejection(hubspot, details):
    hubspot.refuse(400, category="VALIDATION_ERROR", **details)
    with pytest.raises(Conflict):
        hubspot.client().update_deal("500", {"aws_opportunity_id": "O1"})


def test_a_missing_scope_is_named(hubspot):
    scopes = {"requiredGranularScopes": ["crm.objects.deals.write"]}
    hubspot.refuse(403, category="MISSING_SCOPES", errors=[{"context": scopes}])
    with pytest.raises(Unauthorized, match=r"scopes crm\.objects\.deals\.write"):
        hubspot.client().update_deal("500", {"amount": "1"})
