"""The corners: malformed calls, batches of associations, dates, and what a person orders by hand."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.hubspot import Refusal, WebhookSender, WebhookTrouble, create_rep_deal
from sandbox.hubspot.subscriptions import Subscriptions
from tests.contract.hubspot.sim_api import DEAL, DEALS, Api, codes

PAIR = "/crm/associations/2026-09/deals/contacts"
PIPELINES = "/crm/pipelines/2026-09/deals"
PROPERTIES = "/crm/properties/2026-09/deals"
UPSERT = {"idProperty": "aws_opportunity_id", "id": "O1"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"{DEALS}/batch/read", {"inputs": "all"}),
        (f"{DEALS}/batch/read", {"inputs": [{"id": 1}]}),
        (f"{DEALS}/merge", {"primaryObjectId": 1, "objectIdToMerge": 2}),
        (f"{DEALS}/merge", {"primaryObjectId": "1", "objectIdToMerge": "1"}),
        ("/crm/objects/2026-09/notes/merge", {"primaryObjectId": "1", "objectIdToMerge": "2"}),
        (f"{DEALS}/search", {"sorts": [{}]}),
        (f"{DEALS}/search", {"sorts": ["unheard_of"]}),
        (
            f"{DEALS}/search",
            {"filterGroups": [{"filters": [{"propertyName": "associations.contact", "operator": "GT"}]}]},
        ),
        (f"{PAIR}/batch/create", {"inputs": [{"from": {"id": "1"}}]}),
        (f"{PAIR}/labels", {"label": "Nameless"}),
        (PIPELINES, {"label": "Empty", "stages": []}),
        (PIPELINES, {"label": "Sales Pipeline", "stages": [{"label": "a", "metadata": {"probability": "0.1"}}]}),
        (PIPELINES, {"label": "No probability", "stages": [{"label": "a"}]}),
        ("/crm/pipelines/2026-09/contacts", {"label": "a"}),
        (f"{PROPERTIES}/groups", {"name": "nameless"}),
        (DEALS, {"properties": DEAL, "associations": "all"}),
        (DEALS, {"properties": DEAL, "associations": [{"types": []}]}),
        (DEALS, {"properties": DEAL, "associations": [{"to": {"id": "1"}, "types": [{"associationTypeId": 3}]}]}),
        (DEALS, {"properties": DEAL, "associations": [{"to": {"id": "1"}, "types": []}]}),
    ],
)
def test_a_malformed_call_is_refused_with_its_row(api: Api, path: str, body: Any) -> None:
    status, answer = api.post(path, body)
    assert (status, answer["category"]) == (400, "VALIDATION_ERROR")
    assert "[hubspot.md 3." in answer["message"]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (DEALS, {"after": "x"}),
        ("/crm/owners/2026-09", {"after": "x"}),
        ("/crm/owners/2026-09/1", {"idProperty": "email"}),
        (f"{DEALS}/9000000001", {"associations": "unicorns"}),
    ],
)
def test_a_malformed_query_is_refused(api: Api, path: str, query: dict[str, str]) -> None:
    api.deal()
    assert api.get(path, **query)[0] == 400


@pytest.mark.parametrize("options", [[{"label": "A"}], [{"label": "A", "value": "a"}, {"label": "B", "value": "a"}]])
def test_options_need_distinct_values(api: Api, options: list[dict[str, str]]) -> None:
    body = {"name": "p", "label": "P", "groupName": "dealinformation", "type": "enumeration", "fieldType": "select"}
    assert api.post(PROPERTIES, {**body, "options": options})[0] == 400
    assert [one["name"] for one in api.get(f"{PROPERTIES}/groups")[1]["results"]] == ["dealinformation"]


def test_an_upserts_key_cannot_be_contradicted(api: Api) -> None:
    api.key_property()
    for properties in ({**DEAL, "aws_opportunity_id": "O2"}, None):
        status, answer = api.post(f"{DEALS}/batch/upsert", {"inputs": [{**UPSERT, "properties": properties}]})
        assert (status, answer["errors"][0]["category"]) == (207, "VALIDATION_ERROR")
    assert api.account.records("deals") == []


def test_unknown_records_are_missing_everywhere(api: Api) -> None:
    assert api.call("DELETE", f"{DEALS}/404")[0] == 404
    assert api.get("/crm/v4/objects/deals/404/associations/contacts")[0] == 404
    assert api.patch(f"{PIPELINES}/default/stages/nowhere", {"label": "x"})[0] == 404
    status, answer = api.post(f"{PAIR}/batch/read", {"inputs": [{"id": "404"}]})
    assert (status, answer["errors"][0]["context"]["id"]) == (207, ["404"])


def test_associations_in_batches(api: Api) -> None:
    one, two = create_rep_deal(api.account, number=1), create_rep_deal(api.account, number=2)
    pair = {"from": {"id": one.deal_id}, "to": {"id": two.contact_id}}
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 3}]
    missing = {**pair, "to": {"id": "404"}, "types": types}
    status, answer = api.post(f"{PAIR}/batch/create", {"inputs": [{**pair, "types": types}, missing]})
    assert (status, len(answer["results"]), answer["numErrors"]) == (207, 1, 1)
    assert api.account.associated("deals", one.deal_id, "contacts") == [one.contact_id, two.contact_id]
    both = {"from": {"id": one.deal_id}, "to": [{"id": one.contact_id}, {"id": two.contact_id}]}
    assert api.post(f"{PAIR}/batch/archive", {"inputs": [both]})[0] == 204
    assert api.account.associated("deals", one.deal_id, "contacts") == []
    status, answer = api.post(f"{PAIR}/batch/associate/default", {"inputs": [pair]})
    assert (status, len(answer["results"])) == (200, 2)
    old = {"from": {"id": two.deal_id}, "to": {"id": one.contact_id}, "type": "deal_to_contact"}
    assert api.post("/crm/v3/associations/deals/contacts/batch/create", {"inputs": [old]})[0] == 201
    group = {"filters": [{"propertyName": "associations.contact", "operator": "EQ", "value": one.contact_id}]}
    assert api.post(f"{DEALS}/search", {"filterGroups": [group]})[1]["results"][0]["id"] == two.deal_id


def test_a_label_is_named_on_the_record(api: Api) -> None:
    made = create_rep_deal(api.account)
    _, label = api.post(f"{PAIR}/labels", {"name": "decider", "label": "Decider"})
    spec = {"associationCategory": "USER_DEFINED", "associationTypeId": label["results"][0]["typeId"]}
    api.call("PUT", f"{DEALS}/{made.deal_id}/associations/contacts/{made.contact_id}", [spec])
    _, record = api.get(f"{DEALS}/{made.deal_id}", associations="contacts")
    assert {row["type"] for row in record["associations"]["contacts"]["results"]} == {"deal_to_contact", "decider"}


def test_dates_without_time(api: Api) -> None:
    body = {"name": "renewal", "label": "Renewal", "groupName": "dealinformation", "type": "date", "fieldType": "date"}
    api.post(PROPERTIES, body)
    assert api.account.values("deals", api.deal(renewal="1790035200000"))["renewal"] == "2026-09-22"
    assert api.account.values("deals", api.deal(renewal="2026-09-22"))["renewal"] == "2026-09-22"
    assert codes(api.post(DEALS, {"properties": {**DEAL, "renewal": "1790035200001"}})[1]) == ["INVALID_DATE"]


def test_a_contacts_address_must_be_one(api: Api) -> None:
    status, answer = api.post("/crm/objects/2026-09/contacts", {"properties": {"email": "pat at bigcorp"}})
    assert (status, codes(answer)) == (400, ["INVALID_EMAIL"])


def test_history_of_unknown_and_system_properties(api: Api) -> None:
    _, record = api.get(f"{DEALS}/{api.deal()}", propertiesWithHistory="unheard_of,hs_object_id")
    assert [entry["value"] for entry in record["propertiesWithHistory"]["hs_object_id"]] == [record["id"]]
    assert "unheard_of" not in record["propertiesWithHistory"]


def test_a_restore_that_would_double_a_unique_value_is_refused(api: Api) -> None:
    api.key_property()
    first = api.deal(aws_opportunity_id="O1")
    api.account.archive("deals", first)
    api.deal(aws_opportunity_id="O1")
    with pytest.raises(Refusal, match=r"\[hubspot.md 3.4\]"):
        api.account.restore("deals", first)
    assert api.post("/_sandbox/restore", {"type": "deals", "id": first})[0] == 409


def test_what_a_person_orders_by_hand(api: Api) -> None:
    deal = api.deal(amount="5")
    api.account.archive("deals", deal)
    assert api.get("/_sandbox/records")[1]["deals"] == {"present": 0, "archived": 1}
    assert api.post("/_sandbox/restore", {"type": "deals", "id": deal})[1] == {"id": deal}
    listed = api.get("/_sandbox/records", type="deals")[1]["results"]
    assert [(one["id"], one["values"]["amount"]) for one in listed] == [(deal, "5")]
    assert api.get("/_sandbox/unheard-of")[0] == 404
    assert api.post("/_sandbox/restore", [])[0] == 400
    assert api.post("/_sandbox/webhooks", {"trouble": {"copies": 0}})[0] == 400


def test_settings_can_change_under_way(api: Api) -> None:
    order = {"per_ten_seconds": 1, "search_lag_ms": 1_000, "latency_ms": 20}
    assert api.post("/_sandbox/settings", order)[1] == order
    assert [api.get(DEALS)[0] for _ in range(2)] == [200, 429]
    assert api.slept == [0.02, 0.02]
    api.account.create("deals", DEAL)
    assert api.post(f"{DEALS}/search", {})[1]["total"] == 0
    for wrong in ({"speed": 1}, {"webhook_format": "classic"}):
        assert api.post("/_sandbox/settings", wrong)[0] == 400


def test_trouble_can_change_under_way_and_copies_never_share_a_request(api: Api) -> None:
    now, bodies = [0.0], []
    sender = WebhookSender(
        api.account,
        "https://hooks.example.com/w",
        "secret",
        deliver=lambda url, headers, body: bodies.append(body) or 200,
        monotonic_ms=lambda: now[0],
    )
    api.account.feed.subscriptions.add("creation", "deals")
    assert api.post("/_sandbox/webhooks", {"trouble": {"copies": 2, "delay_ms": [5, 5]}})[0] == 200
    assert sender.trouble == WebhookTrouble(copies=2, delay_ms=(5, 5))
    api.deal()
    now[0] = 1_000.0
    assert sender.pump() == 2
    assert bodies[0] == bodies[1]


def test_subscriptions_are_checked() -> None:
    with pytest.raises(ValueError, match="unknown subscription 'change'"):
        Subscriptions("generic").add("change")
    with pytest.raises(ValueError, match="needs property names"):
        Subscriptions("generic").add("propertyChange")
