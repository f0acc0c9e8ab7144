"""Companies, contacts, notes, tasks and the account's schema through the HubSpot adapter."""

from __future__ import annotations

import pytest

from lambdas.shared.errors import Conflict, Rejected, Retryable, Unexpected
from tests.unit.adapters.vendor_fakes import HubSpotScript


@pytest.fixture
def hubspot():
    return HubSpotScript()


def test_a_note_is_created_on_its_deal(hubspot):
    hubspot.say({"id": "31"}, 201)
    assert hubspot.client().create_note("500", "<p>hello</p>", 1_790_000_000_000) == "31"
    kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 214}
    assert hubspot.only.path.endswith("/notes")
    assert hubspot.only.body == {
        "properties": {"hs_timestamp": "1790000000000", "hs_note_body": "<p>hello</p>"},
        "associations": [{"to": {"id": "500"}, "types": [kind]}],
    }


def test_a_task_is_due_and_may_have_an_owner_or_stand_alone(hubspot):
    hubspot.say({"id": "41"}, 201).say({"id": "42"}, 201)
    client = hubspot.client()
    assert client.create_task("500", "Fix", "<p/>", 5, "77", "HIGH") == "41"
    assert client.create_task(None, "Fix", "<p/>", 5) == "42"
    first, second = (request.body for request in hubspot.requests)
    assert first["properties"]["hubspot_owner_id"] == "77"
    assert first["properties"]["hs_task_priority"] == "HIGH"
    assert first["properties"]["hs_timestamp"] == "5"
    assert first["associations"][0]["types"][0]["associationTypeId"] == 216
    assert "associations" not in second
    assert "hubspot_owner_id" not in second["properties"]


def test_notes_and_tasks_can_be_found_again_by_what_they_say(hubspot):
    hubspot.say({"results": [{"from": {"id": "500"}, "to": [{"toObjectId": 31}]}]})
    hubspot.say({"results": [{"id": "31", "properties": {"hs_note_body": "marker"}}]})
    hubspot.say({"results": [], "errors": [{"category": "OBJECT_NOT_FOUND"}]}, 207)
    client = hubspot.client()
    assert client.notes_of("500") == [{"id": "31", "body": "marker"}]
    assert client.tasks_of("500") == []
    assert hubspot.requests[1].path.endswith("/notes/batch/read")


def test_a_contact_is_keyed_by_its_address_in_one_spelling(hubspot):
    hubspot.say({"results": [{"id": "9", "new": True}]})
    assert hubspot.client().upsert_contact(" Jane@Example.com", {"firstname": "Jane"}) == "9"
    properties = {"firstname": "Jane", "email": "jane@example.com"}
    assert hubspot.only.body["inputs"] == [{"idProperty": "email", "id": "jane@example.com", "properties": properties}]


def test_a_refused_contact_names_the_contacts_property(hubspot):
    hubspot.refuse(400, errors=[{"code": "INVALID_EMAIL", "context": {"propertyName": ["email"]}}])
    with pytest.raises(Rejected) as raised:
        hubspot.client().upsert_contact("jane@", {})
    assert [(problem.object, problem.property) for problem in raised.value.problems] == [("contact", "email")]


def test_a_company_is_found_by_domain_or_there_is_none(hubspot):
    hubspot.say({"results": [{"id": "7"}]}).say({"results": []}).refuse(429)
    client = hubspot.client()
    assert client.find_company_by_domain("BigCorp.example") == "7"
    assert client.find_company_by_domain("other.example") is None
    with pytest.raises(Exception, match="429"):
        client.find_company_by_domain("other.example")
    assert hubspot.requests[0].body["filterGroups"][0]["filters"][0]["value"] == "bigcorp.example"


def test_an_upsert_is_keyed_by_the_unique_property(hubspot):
    hubspot.say({"results": [{"id": "8", "new": True}]}, 201)
    assert hubspot.client().upsert_company("cosell_company_key", "k", {"name": "Big"}) == "8"
    wanted = {"idProperty": "cosell_company_key", "id": "k", "properties": {"name": "Big"}}
    assert hubspot.only.body == {"inputs": [wanted]}


def test_an_upsert_that_failed_in_its_row_is_a_refusal_with_the_property(hubspot):
    row = {"category": "VALIDATION_ERROR", "errors": [{"code": "BAD", "context": {"propertyName": ["country"]}}]}
    hubspot.say({"results": [], "errors": [row]}, 207)
    with pytest.raises(Rejected) as raised:
        hubspot.client().upsert_company("cosell_company_key", "k", {"country": "x"})
    assert [(problem.object, problem.property) for problem in raised.value.problems] == [("company", "country")]


def test_an_upsert_that_answers_nothing_is_unexpected(hubspot):
    hubspot.say({"results": []})
    with pytest.raises(Unexpected):
        hubspot.client().upsert_company("cosell_company_key", "k", {})


def test_a_company_that_we_made_earlier_keeps_what_people_corrected(hubspot):
    hubspot.say({"results": []}).say({"id": "8"})
    client = hubspot.client()
    assert client.ensure_company("cosell_company_key", "company-1", "big.example", {"name": "Big"}) == "8"
    assert [request.method for request in hubspot.requests] == ["POST", "GET"]
    assert hubspot.requests[1].path.endswith("/companies/company-1")
    assert hubspot.requests[1].query["idProperty"] == "cosell_company_key"


def test_a_company_that_nobody_knows_is_made_with_everything_under_our_key(hubspot):
    hubspot.refuse(404).say({"results": [{"id": "8", "new": True}]})
    assert hubspot.client().ensure_company("cosell_company_key", "company-1", None, {"name": "Big"}) == "8"
    (wanted,) = hubspot.requests[1].body["inputs"]
    assert wanted == {"idProperty": "cosell_company_key", "id": "company-1", "properties": {"name": "Big"}}


def test_a_known_contact_stays_as_it_is(hubspot):
    hubspot.say({"id": "9"})
    assert hubspot.client().ensure_contact(" Jane@Example.com", {"firstname": "J."}) == "9"
    assert (hubspot.only.method, hubspot.only.query["idProperty"]) == ("GET", "email")


def test_a_new_contact_is_never_left_without_its_name(hubspot):
    hubspot.refuse(404).fail(Retryable("the answer was lost"))
    with pytest.raises(Retryable):
        hubspot.client().ensure_contact("jane@example.com", {"firstname": "Jane"})
    (wanted,) = hubspot.requests[1].body["inputs"]
    assert wanted["properties"] == {"firstname": "Jane", "email": "jane@example.com"}


def test_the_default_association_needs_no_type(hubspot):
    hubspot.say({"status": "COMPLETE", "results": [{}]})
    hubspot.client().associate("deals", "500", "companies", "7")
    assert hubspot.only.method == "PUT"
    assert hubspot.only.path.endswith("/deals/500/associations/default/companies/7")


def test_an_association_that_failed_in_its_row_is_an_error(hubspot):
    hubspot.say({"results": [], "errors": [{"category": "INTERNAL_ERROR"}]}, 207)
    with pytest.raises(Retryable):
        hubspot.client().associate("deals", "500", "companies", "7")


def test_owners_are_read_to_the_last_page(hubspot):
    hubspot.say({"results": [{"id": "1"}], "paging": {"next": {"after": "x"}}}).say({"results": [{"id": "2"}]})
    assert [owner["id"] for owner in hubspot.client().owners()] == ["1", "2"]
    assert hubspot.requests[1].query["after"] == "x"


def test_only_missing_properties_are_created(hubspot):
    hubspot.say({"results": [{"name": "dealname"}]}).say({"results": [{"name": "aws_opportunity_id"}]}, 201)
    definitions = [{"name": "dealname"}, {"name": "aws_opportunity_id", "hasUniqueValue": True}]
    assert hubspot.client().create_properties("deals", definitions) == ["aws_opportunity_id"]
    assert hubspot.requests[1].body == {"inputs": [definitions[1]]}


def test_a_complete_account_is_left_alone(hubspot):
    hubspot.say({"results": [{"name": "dealname"}]})
    assert hubspot.client().create_properties("deals", [{"name": "dealname"}]) == []
    assert len(hubspot.requests) == 1


def test_two_setups_at_once_end_well(hubspot):
    hubspot.say({"results": []}).refuse(409, category="OBJECT_ALREADY_EXISTS")
    hubspot.refuse(409, category="OBJECT_ALREADY_EXISTS").say({"name": "b"}, 201)
    assert hubspot.client().create_properties("deals", [{"name": "a"}, {"name": "b"}]) == ["b"]


def test_a_property_that_is_refused_in_its_row_is_an_error(hubspot):
    hubspot.say({"results": []}).say({"results": [], "errors": [{"category": "VALIDATION_ERROR"}]}, 207)
    with pytest.raises(Rejected):
        hubspot.client().create_properties("deals", [{"name": "a"}])


def test_a_group_or_property_that_is_there_is_no_error(hubspot):
    hubspot.say({}, 201).refuse(409).refuse(409).refuse(500)
    client = hubspot.client()
    assert client.create_property_group("deals", "cosell", "Co-sell") is True
    assert client.create_property_group("deals", "cosell", "Co-sell") is False
    assert client.create_property("deals", {"name": "a"}) is False
    with pytest.raises(Retryable):
        client.create_property("deals", {"name": "a"})


def test_the_token_tells_whose_it_is(hubspot):
    hubspot.say({"userId": 1, "hubId": 300, "appId": 400, "scopes": []})
    assert hubspot.client().token_facts()["hubId"] == 300
    assert hubspot.only.body == {"tokenKey": "pat-old"}


def test_a_conflict_on_a_company_is_told_as_conflict(hubspot):
    hubspot.refuse(409, category="CONFLICT")
    with pytest.raises(Conflict):
        hubspot.client().upsert_company("cosell_company_key", "k", {"name": "Big"})
