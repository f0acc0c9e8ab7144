"""POST /deals/{id}/submit: everything that is wrong at once, the states in which nothing is submitted, and the yes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambdas.aws.domain.opportunity import to_create_body
from lambdas.aws.handlers.api_submit import ROUTES, Collaborators
from lambdas.shared.errors import Retryable
from lambdas.shared.http_api import PROBLEM_TYPES, routed
from tests.unit.api.api_room import READY, ApiRoom
from tests.unit.api.openapi_document import check_answer, event
from tests.unit.domain.domain_support import compare, opportunity

PATH = "/deals/{id}/submit"


@pytest.fixture
def room() -> ApiRoom:
    return ApiRoom()


def call(room: ApiRoom, deal_id: str = "500", *, body: str | None = None, query: dict[str, str] | None = None) -> Any:
    answer = routed(ROUTES)(
        event("POST", PATH, {"id": deal_id}, query, body), Collaborators(room.stage, room.inbox, room.audit)
    )
    return answer["statusCode"], check_answer("POST", PATH, answer)


def tie(room: ApiRoom, review: str = "Pending Submission", **life: str) -> None:
    """The deal's opportunity, in sync with it."""
    assert room.hubspot.document is not None
    made = compare(room.hubspot.document, None, {})
    assert made.problems == []
    record = opportunity(made.opportunity, RelatedEntityIdentifiers={"Solutions": ["S-1234567"]})
    record["LifeCycle"] |= {"ReviewStatus": review, **life}
    room.opportunities.document = record
    room.links.tie_opportunity(room.key, "O1")
    room.links.settle(room.key, seen=None, lease_owner="r", base_fields=made.base, opportunity_seen_at=room.now)


def nothing_happened(room: ApiRoom) -> bool:
    return (room.hubspot.updates, room.inbox.messages, room.trail()) == ([], [], [])


def test_a_ready_deal_says_yes_and_its_link_is_woken(room: ApiRoom) -> None:
    before = room.link().wanted
    status, body = call(room)
    assert (status, body["deal"], body["link"], body["opportunity_id"]) == (202, "500", room.key, None)
    assert body["state"] == "accepted"
    assert body["next"][0] == "The opportunity is created in AWS Partner Central."
    assert room.hubspot.updates == [{"aws_submit": "true"}]
    assert room.inbox.messages == [{"link": room.key, "why": "api", "correlation_id": "api-1"}]
    assert room.link().wanted == before + 1
    intent, outcome = room.trail()
    assert (intent["operation"], intent["trigger"], json.loads(intent["changes"])) == (
        "UpdateDeal",
        "api",
        [{"after": "true", "field": "aws_submit"}],
    )
    assert outcome["result"] == "done"


def test_a_tied_one_says_which_opportunity(room: ApiRoom) -> None:
    tie(room)
    status, body = call(room)
    assert (status, body["opportunity_id"]) == (202, "O1")
    assert len(body["next"]) == 1, "both sides are equal already"


def test_every_problem_comes_at_once_with_its_property(room: ApiRoom) -> None:
    assert room.hubspot.document is not None
    for name in ("aws_use_case", "aws_delivery_models", "aws_primary_needs", "closedate"):
        room.hubspot.document["properties"][name] = None
    room.hubspot.document["company"]["properties"]["zip"] = None
    status, body = call(room)
    assert (status, body["type"]) == (422, f"{PROBLEM_TYPES}not-ready")
    named = {(each["object"], each["property"]) for each in body["errors"]}
    assert named >= {
        ("deal", "aws_use_case"),
        ("deal", "aws_delivery_models"),
        ("deal", "aws_primary_needs"),
        ("deal", "closedate"),
        ("company", "zip"),
    }
    assert nothing_happened(room)


def test_an_unknown_solution_is_a_problem_with_the_closest(room: ApiRoom) -> None:
    assert room.hubspot.document is not None
    room.hubspot.document["properties"]["aws_solution_ids"] = "S-1234568"
    status, body = call(room)
    (error,) = [each for each in body["errors"] if each["property"] == "aws_solution_ids"]
    assert (status, error["allowed"][0]) == (422, "S-1234567")


@pytest.mark.parametrize("review", ["Submitted", "In review", "Action Required", "Approved", "Rejected"])
def test_a_reviewed_opportunity_is_409_and_says_its_state(room: ApiRoom, review: str) -> None:
    tie(room, review)
    status, body = call(room)
    assert (status, body["type"]) == (409, f"{PROBLEM_TYPES}not-submittable")
    assert (body["errors"][0]["property"], body["errors"][0]["message"]) == ("aws_review_status", review)
    assert nothing_happened(room)


def test_a_deal_without_the_tag_is_409(room: ApiRoom) -> None:
    assert room.hubspot.document is not None
    room.hubspot.document["properties"]["dealname"] = "Plain deal"
    room.hubspot.document["id"] = "501"
    status, body = call(room, "501")
    assert (status, body["errors"][0]["property"]) == (409, "dealname")
    assert room.links.for_deals("aws", ["501"]) == {}
    assert nothing_happened(room)


def test_a_paused_deal_is_409_and_says_so(room: ApiRoom) -> None:
    tie(room)
    assert room.hubspot.document is not None
    room.hubspot.document["properties"]["dealname"] = "Tag taken off"
    status, body = call(room)
    assert (status, "(state: paused)" in body["detail"]) == (409, True)
    assert nothing_happened(room)


def test_a_tagged_deal_that_nobody_noticed_yet_is_submitted_too(room: ApiRoom) -> None:
    assert room.hubspot.document is not None
    room.hubspot.document["id"] = "501"
    status, body = call(room, "501")
    assert (status, body["link"]) == (202, "link#aws#d501")


def test_a_yes_that_stands_is_not_written_again(room: ApiRoom) -> None:
    assert room.hubspot.document is not None
    room.hubspot.document["properties"]["aws_submit"] = "true"
    assert call(room)[0] == 202
    assert room.hubspot.updates == []
    assert len(room.inbox.messages) == 1, "but the link is woken"


def test_after_a_refusal_it_is_a_new_yes(room: ApiRoom) -> None:
    tie(room)
    assert room.hubspot.document is not None
    room.hubspot.document["properties"]["aws_submit"] = "true"
    room.extras["submission"] = {
        "state": "refused",
        "fingerprint": "x",
        "involvement": "Co-Sell",
        "visibility": "Full",
        "updated_at": room.now,
    }
    assert call(room)[0] == 202
    assert room.hubspot.updates == [{"aws_submit": "false"}, {"aws_submit": "true"}]


def test_no_such_deal(room: ApiRoom) -> None:
    room.hubspot.document = None
    for deal_id in ("500", "777"):
        status, body = call(room, deal_id)
        assert (status, body["type"]) == (404, f"{PROBLEM_TYPES}unknown-deal")
    assert nothing_happened(room)


@pytest.mark.parametrize(
    ("deal_id", "body", "query", "where"),
    [("x", None, None, "path"), ("500", '{"yes": true}', None, "body"), ("500", None, {"force": "1"}, "query")],
)
def test_a_wrong_call_is_400(
    room: ApiRoom, deal_id: str, body: str | None, query: dict[str, str] | None, where: str
) -> None:
    status, answer = call(room, deal_id, body=body, query=query)
    assert (status, answer["errors"][0]["object"]) == (400, where)
    assert nothing_happened(room)


def test_a_vendor_that_is_not_reached_is_503_and_nothing_is_written(room: ApiRoom) -> None:
    room.hubspot.error = Retryable("HubSpot could not be reached.")
    assert call(room)[0] == 503
    assert nothing_happened(room)


def test_no_customer_s_value_is_in_an_answer(room: ApiRoom) -> None:
    assert room.hubspot.document is not None
    room.hubspot.document["properties"]["closedate"] = None
    text = json.dumps([call(room)[1]])
    assert [value for value in ("BigCorp", READY["aws_customer_problem"]) if value in text] == []


def test_the_body_that_aws_gets_is_complete() -> None:
    """What these tests call ready is ready."""
    room = ApiRoom()
    assert room.hubspot.document is not None
    body = to_create_body(compare(room.hubspot.document, None, {}).opportunity)
    assert body["Project"]["CustomerUseCase"] == "Database"
