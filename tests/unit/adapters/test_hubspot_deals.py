"""Deals through the HubSpot adapter: the document, look-ups that must not guess, batches, search."""

from __future__ import annotations

import pytest

from lambdas.shared.errors import NotFound, Rejected, Retryable, Throttled, Unexpected
from tests.unit.adapters.vendor_fakes import HubSpotScript

MODIFIED = "2026-11-24T10:00:00.123Z"


@pytest.fixture
def hubspot():
    return HubSpotScript()


def deal(companies=(), contacts=(), **more):
    links = {}
    if companies:
        links["companies"] = {"results": [{"id": one, "type": kind} for one, kind in companies]}
    if contacts:
        links["contacts"] = {"results": [{"id": one, "type": "deal_to_contact"} for one in contacts]}
    known = {"id": "500", "properties": {"dealname": "BigCorp"}, "updatedAt": MODIFIED, "archived": False}
    return {**known, "associations": links, **more}


def missing():
    return {"status": "error", "category": "OBJECT_NOT_FOUND", "message": "x", "context": {"ids": ["9"]}}


def test_the_document_holds_properties_history_company_and_contacts(hubspot):
    history = [
        {"value": "1", "timestamp": "2026-11-24T09:00:00Z", "sourceType": "CRM_UI", "sourceId": "userId:6"},
        {"value": "2", "timestamp": 1_795_600_000_000, "sourceType": "INTEGRATION", "sourceId": "400"},
    ]
    hubspot.say(
        deal([("7", "deal_to_company_unlabeled")], ["2", "1"], propertiesWithHistory={"amount": history, "extra": []})
    )
    hubspot.say({"id": "7", "properties": {"name": "Big"}})
    hubspot.say({"results": [{"id": "1", "properties": {"email": "a@x.io"}}, {"id": "2", "properties": {}}]})

    document = hubspot.client().read_deal("500", ["dealname", "closedate"], ["amount"], ["name", "zip"], ["email"])

    assert document["id"] == "500"
    assert document["properties"] == {"dealname": "BigCorp", "closedate": None, "amount": None}
    assert [entry["value"] for entry in document["history"]["amount"]] == ["2", "1"]
    assert document["history"]["amount"][1] == {
        "value": "1",
        "timestamp": 1_795_510_800_000,
        "source_type": "CRM_UI",
        "source_id": "userId:6",
    }
    assert list(document["history"]) == ["amount"]
    assert document["company"] == {"id": "7", "properties": {"name": "Big", "zip": None}}
    assert [one["id"] for one in document["contacts"]] == ["2", "1"]
    assert document["archived"] is False
    assert document["updated_at"] == 1_795_514_400_123
    first, second, third = hubspot.requests
    assert first.query == {
        "properties": "dealname,closedate,amount",
        "propertiesWithHistory": "amount",
        "associations": "companies,contacts",
    }
    assert "properties=dealname,closedate,amount" in first.url
    assert second.path.endswith("/companies/7")
    assert third.body == {"properties": ["email"], "inputs": [{"id": "2"}, {"id": "1"}]}


def test_a_deal_alone_costs_one_call(hubspot):
    hubspot.say(deal())
    document = hubspot.client().read_deal("500", ["dealname"])
    assert (document["company"], document["contacts"]) == (None, [])
    assert len(hubspot.requests) == 1


def test_the_primary_company_wins_over_the_first(hubspot):
    hubspot.say(
        deal(
            [
                ("1", "deal_to_company_unlabeled"),
                ("2", "deal_to_company"),
                ("2", "deal_to_company_unlabeled"),
                ("1", "reseller"),
            ]
        )
    )
    hubspot.say({"id": "2", "properties": {}})
    assert hubspot.client().read_deal("500", [])["company"]["id"] == "2"


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        ([(1, [341]), (2, [341, 5])], "2"),
        ([(1, [341]), (2, [341])], "1"),
    ],
)
def test_where_the_names_leave_doubt_the_type_ids_decide(hubspot, typed, chosen):
    hubspot.say(deal([("1", "deal_to_company_unlabeled"), ("2", "deal_to_company_unlabeled")]))
    to = [{"toObjectId": one, "associationTypes": [{"typeId": kind} for kind in kinds]} for one, kinds in typed]
    hubspot.say({"results": [{"from": {"id": "500"}, "to": to}]})
    hubspot.say({"id": chosen, "properties": {}})
    assert hubspot.client().read_deal("500", [])["company"]["id"] == chosen
    assert hubspot.requests[2].path.endswith(f"/companies/{chosen}")


def test_a_company_deleted_between_the_reads_is_no_company(hubspot):
    hubspot.say(deal([("7", "deal_to_company")])).refuse(404, category="OBJECT_NOT_FOUND")
    assert hubspot.client().read_deal("500", [])["company"] is None


def test_more_contacts_than_one_page_are_read_whole(hubspot):
    record = deal(contacts=["1"])
    record["associations"]["contacts"]["paging"] = {"next": {"after": "1"}}
    hubspot.say(record)
    hubspot.say({"results": [{"from": {"id": "500"}, "to": [{"toObjectId": n} for n in (1, 2)]}]})
    hubspot.say({"results": [{"id": "1", "properties": {}}], "errors": [missing()]}, 207)
    assert [one["id"] for one in hubspot.client().read_deal("500", [])["contacts"]] == ["1"]
    assert hubspot.requests[2].body["inputs"] == [{"id": "1"}, {"id": "2"}]


def test_a_deal_in_the_recycle_bin_is_read_as_archived(hubspot):
    hubspot.refuse(404, category="OBJECT_NOT_FOUND").say(deal([("7", "deal_to_company")], ["1"], archived=True))
    document = hubspot.client().read_deal("500", ["dealname"])
    assert document["archived"] is True
    assert document["company"] is None
    assert hubspot.requests[1].query["archived"] == "true"
    assert len(hubspot.requests) == 2


def test_a_deal_that_hubspot_does_not_know_is_not_found(hubspot):
    hubspot.refuse(404).refuse(404)
    with pytest.raises(NotFound):
        hubspot.client().read_deal("500", [])


def test_a_failed_look_into_the_recycle_bin_is_not_read_as_not_found(hubspot):
    hubspot.refuse(404).refuse(503)
    with pytest.raises(Retryable):
        hubspot.client().read_deal("500", [])


def test_a_merged_deal_answers_under_its_new_id(hubspot):
    hubspot.say(deal(id="900"))
    assert hubspot.client().read_deal("500", [])["id"] == "900"


def test_a_deal_can_be_read_by_a_unique_property(hubspot):
    hubspot.say(deal())
    hubspot.client().read_deal("O 1", [], id_property="aws_opportunity_id")
    assert hubspot.only.path.endswith("/deals/O%201")
    assert hubspot.only.query["idProperty"] == "aws_opportunity_id"


def test_find_deal_says_none_only_for_hubspots_own_404(hubspot):
    hubspot.refuse(404, category="OBJECT_NOT_FOUND").say({"id": "500"}).refuse(502)
    client = hubspot.client()
    assert client.find_deal("aws_opportunity_id", "O1") is None
    assert client.find_deal("aws_opportunity_id", "O1") == "500"
    with pytest.raises(Retryable):
        client.find_deal("aws_opportunity_id", "O1")


def test_batch_reads_go_in_hundreds_and_leave_missing_ones_out(hubspot):
    ids = [str(n) for n in range(150)]
    hubspot.say({"results": [{"id": "0", "properties": {"dealname": "a"}}]})
    hubspot.say({"results": [], "numErrors": 1, "errors": [missing()]}, 207)
    assert hubspot.client().batch_read_deals([*ids, "0"], ["dealname", "tag"]) == {"0": {"dealname": "a", "tag": None}}
    assert [len(request.body["inputs"]) for request in hubspot.requests] == [100, 50]


@pytest.mark.parametrize(
    ("category", "expected"),
    [("INTERNAL_ERROR", Retryable), (None, Retryable), ("RATE_LIMITS", Throttled), ("VALIDATION_ERROR", Rejected)],
)
def test_a_row_that_failed_is_never_read_as_missing(hubspot, category, expected):
    row = {"status": "error", "category": category, "message": "jane@example.com"}
    hubspot.say({"results": [], "errors": [missing(), row]}, 207)
    with pytest.raises(expected) as raised:
        hubspot.client().batch_read_deals(["1", "9"], [])
    assert "jane" not in str(raised.value)


def test_no_ids_no_call(hubspot):
    assert hubspot.client().batch_read_deals([], ["dealname"]) == {}
    assert hubspot.client().deals_of("companies", []) == {}
    assert hubspot.requests == []


def test_an_update_answers_what_hubspot_keeps(hubspot):
    warning = {"code": "PROPERTY_VALUE_NORMALIZED", "propertyName": "closedate", "normalizedValue": "2026-12-01"}
    stored = {"amount": "5", "hs_object_id": "500"}
    hubspot.say({"id": "500", "updatedAt": MODIFIED, "properties": stored, "warnings": [warning, {"code": "OTHER"}]})
    written = hubspot.client().update_deal("500", {"amount": "5.00", "closedate": "2026-12-01T00:00:00Z", "note": None})
    assert written == {
        "id": "500",
        "updated_at": 1_795_514_400_123,
        "properties": {"amount": "5", "closedate": "2026-12-01", "note": ""},
    }


def test_associated_deals_are_followed_over_pages(hubspot):
    def row(source, targets, after=None):
        paging = {"paging": {"next": {"after": after}}} if after else {}
        return {"from": {"id": source}, "to": [{"toObjectId": one} for one in targets], **paging}

    hubspot.say({"results": [row("7", [1, 2], "2"), row("8", [3])], "errors": [missing()]}, 207)
    hubspot.say({"results": [row("7", [4])]})
    found = hubspot.client().deals_of("companies", ["7", "8", "9"])
    assert found == {"7": ["1", "2", "4"], "8": ["3"], "9": []}
    assert hubspot.requests[1].body == {"inputs": [{"id": "7", "after": "2"}]}
    assert hubspot.requests[0].path.endswith("/companies/deals/batch/read")


def test_a_thousand_associations_are_read_per_call(hubspot):
    hubspot.say({"results": []}).say({"results": []})
    hubspot.client().deals_of("contacts", [str(n) for n in range(1001)])
    assert [len(request.body["inputs"]) for request in hubspot.requests] == [1000, 1]


def test_the_search_for_changes_is_sorted_and_paged(hubspot):
    rows = [
        {"id": "1", "properties": {"hs_lastmodifieddate": MODIFIED, "dealname": "A #AWS"}},
        {"id": "2", "updatedAt": MODIFIED},
    ]
    hubspot.say({"results": rows, "paging": {"next": {"after": "100"}}}).say({"results": []})
    client = hubspot.client()
    found = [("1", 1_795_514_400_123, {"dealname": "A #AWS"}), ("2", 1_795_514_400_123, {"dealname": None})]
    assert client.search_modified_deals(5, None) == (found, "100")
    assert client.search_modified_deals(5, "100", limit=50) == ([], None)
    first, second = (request.body for request in hubspot.requests)
    assert first["filterGroups"][0]["filters"] == [
        {"propertyName": "hs_lastmodifieddate", "operator": "GTE", "value": "5"}
    ]
    assert first["sorts"] == [{"propertyName": "hs_lastmodifieddate", "direction": "ASCENDING"}]
    assert "after" not in first
    assert (second["after"], second["limit"]) == ("100", 50)


def test_the_search_ends_before_the_page_that_hubspot_refuses(hubspot):
    hubspot.say({"results": [], "paging": {"next": {"after": "10000"}}})
    assert hubspot.client().search_modified_deals(5, "9900") == ([], None)


def test_an_unreadable_time_is_unexpected(hubspot):
    hubspot.say(deal(updatedAt="yesterday"))
    with pytest.raises(Unexpected):
        hubspot.client().read_deal("500", [])
