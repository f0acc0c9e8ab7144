"""Properties, groups, pipelines and owners."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.hubspot.sim_api import DEAL, DEALS, Api, codes

PROPERTIES = "/crm/properties/2026-09/deals"
TEXT = {"name": "partner_note", "label": "Partner note", "groupName": "dealinformation", "type": "string"}
STATUS = {
    **TEXT,
    "name": "aws_sync_status",
    "type": "enumeration",
    "fieldType": "select",
    "options": [{"label": "In sync", "value": "synced"}, {"label": "Blocked", "value": "blocked"}],
}


def test_a_property_in_its_own_group(api: Api) -> None:
    group = {"name": "cosell_sync", "label": "Co-sell sync"}
    assert [api.post(f"{PROPERTIES}/groups", group)[0] for _ in range(2)] == [201, 409]
    status, made = api.post(PROPERTIES, {**TEXT, "fieldType": "textarea", "groupName": "cosell_sync"})
    assert (status, made["hasUniqueValue"], made["hubspotDefined"]) == (201, False, False)
    assert api.get(f"{PROPERTIES}/partner_note")[1] == made
    assert api.deal(partner_note="hello")


def test_an_existing_name_is_a_conflict_with_its_subcategory(api: Api) -> None:
    status, answer = api.post(PROPERTIES, {**TEXT, "name": "dealname", "fieldType": "text"})
    assert (status, answer["category"]) == (409, "OBJECT_ALREADY_EXISTS")
    assert answer["subCategory"] == "Properties.PROPERTY_WITH_NAME_EXISTS"
    status, answer = api.get(f"{PROPERTIES}/unheard_of")
    assert (status, answer["category"]) == (404, "OBJECT_NOT_FOUND")


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Partner Note"},
        {"label": ""},
        {"groupName": "nowhere"},
        {"type": "text"},
        {"fieldType": "dropdown"},
        {"type": "number", "fieldType": "text"},
        {"type": "enumeration", "fieldType": "select"},
        {"type": "bool", "fieldType": "booleancheckbox", "hasUniqueValue": True},
        {"type": "datetime", "fieldType": "date", "hasUniqueValue": True},
    ],
)
def test_a_definition_that_cannot_be_is_refused(api: Api, wrong: dict[str, Any]) -> None:
    status, answer = api.post(PROPERTIES, {**TEXT, "fieldType": "text", **wrong})
    assert status == 400
    assert "[hubspot.md 3." in answer["message"]


def test_a_bool_needs_its_options_by_switch(both: Api) -> None:
    body = {**TEXT, "type": "bool", "fieldType": "booleancheckbox"}
    bare, _ = both.post(PROPERTIES, body)
    assert bare == (400 if both.account.switches.bool_property_needs_options else 201)
    options = [{"label": "Yes", "value": "true"}, {"label": "No", "value": "false"}]
    assert both.post(PROPERTIES, {**body, "name": "opt_in", "options": options})[0] == 201
    assert codes(both.post(DEALS, {"properties": {**DEAL, "opt_in": "yes"}})[1]) == ["INVALID_OPTION"]


def test_ten_unique_properties_and_never_afterwards(api: Api) -> None:
    for number in range(10):
        api.key_property(f"key_{number}")
    body = {**TEXT, "fieldType": "text", "hasUniqueValue": True}
    assert api.post(PROPERTIES, body)[0] == 400
    assert api.post(PROPERTIES, {**body, "hasUniqueValue": False})[0] == 201
    assert api.patch(f"{PROPERTIES}/partner_note", {"hasUniqueValue": True})[0] == 400


def test_patching_options_replaces_the_list(api: Api) -> None:
    api.post(PROPERTIES, STATUS)
    _, changed = api.patch(f"{PROPERTIES}/aws_sync_status", {"options": [{"label": "Waiting", "value": "waiting"}]})
    assert [one["value"] for one in changed["options"]] == ["waiting"]
    assert codes(api.post(DEALS, {"properties": {**DEAL, "aws_sync_status": "synced"}})[1]) == ["INVALID_OPTION"]


def test_a_standard_definition_stays(api: Api) -> None:
    assert api.patch(f"{PROPERTIES}/amount", {"type": "string", "fieldType": "text"})[0] == 400
    assert api.call("DELETE", f"{PROPERTIES}/amount")[0] == 400


def test_an_archived_property_is_gone_and_comes_back(api: Api) -> None:
    api.post(PROPERTIES, {**TEXT, "fieldType": "text"})
    assert api.call("DELETE", f"{PROPERTIES}/partner_note")[0] == 204
    assert api.get(f"{PROPERTIES}/partner_note")[0] == 404
    assert api.get(f"{PROPERTIES}/partner_note", archived="true")[0] == 200
    assert codes(api.post(DEALS, {"properties": {**DEAL, "partner_note": "x"}})[1]) == ["PROPERTY_DOESNT_EXIST"]
    assert api.post(PROPERTIES, {**TEXT, "fieldType": "text"})[0] == 201
    assert api.get(f"{PROPERTIES}/partner_note")[0] == 200


def test_batches_of_properties(both: Api) -> None:
    rows = {"inputs": [STATUS, {**TEXT, "name": "amount", "fieldType": "text"}]}
    status, answer = both.post(f"{PROPERTIES}/batch/create", rows)
    switches = both.account.switches
    full = 201 if switches.property_batch_is_201_in_2026_09 else 200
    assert status == (207 if switches.partial_batch_is_207_in_2026_09 else full)
    assert answer["errors"][0]["subCategory"] == "Properties.PROPERTY_WITH_NAME_EXISTS"
    more = {"inputs": [{**TEXT, "fieldType": "text"}]}
    assert both.post(f"{PROPERTIES}/batch/create", more)[0] == full
    names = {"archived": False, "inputs": [{"name": "partner_note"}, {"name": "unheard_of"}]}
    _, found = both.post(f"{PROPERTIES}/batch/read", names)
    assert [one["name"] for one in found["results"]] == ["partner_note"]
    assert found["numErrors"] == 1
    assert both.post(f"{PROPERTIES}/batch/archive", {"inputs": [{"name": "partner_note"}]})[0] == 204


def test_a_pipeline_has_ids_that_stay_when_labels_change(api: Api) -> None:
    stages = [{"label": "New", "displayOrder": 0, "metadata": {"probability": "0.1"}}]
    status, made = api.post("/crm/pipelines/2026-09/deals", {"label": "Partners", "displayOrder": 1, "stages": stages})
    assert status == 201
    assert made["id"].isdecimal()
    path = f"/crm/pipelines/2026-09/deals/{made['id']}"
    stage = made["stages"][0]
    assert api.patch(f"{path}/stages/{stage['id']}", {"label": "Fresh"})[1]["id"] == stage["id"]
    api.post(f"{path}/stages", {"label": "Won", "displayOrder": 1, "metadata": {"probability": "1.0"}})
    _, listed = api.get(f"{path}/stages")
    assert [(s["label"], s["metadata"]["isClosed"]) for s in listed["results"]] == [("Fresh", "false"), ("Won", "true")]
    assert len(api.get("/crm/pipelines/2026-09/deals")[1]["results"]) == 2
    assert api.get("/crm/pipelines/2026-09/deals/nowhere")[0] == 404
    many = [{"label": str(n), "displayOrder": n, "metadata": {"probability": "0.1"}} for n in range(101)]
    assert api.post("/crm/pipelines/2026-09/deals", {"label": "Many", "displayOrder": 2, "stages": many})[0] == 400


def test_owners_by_id_and_by_user(api: Api) -> None:
    owner = api.account.add_owner("Robin", "Rep", "robin.rep@isv.example", 601)
    assert owner.id != "601"
    assert api.get(f"/crm/owners/2026-09/{owner.id}")[1]["userId"] == 601
    assert api.get("/crm/owners/2026-09/601", idProperty="userId")[1]["id"] == owner.id
    assert api.get("/crm/owners/2026-09/601")[0] == 404
    assert api.deal(hubspot_owner_id=owner.id)
    owner.archived = True
    assert api.get("/crm/owners/2026-09")[1]["results"] == []
    assert api.get("/crm/owners/2026-09", archived="true")[1]["results"][0]["userId"] is None
    assert codes(api.post(DEALS, {"properties": {**DEAL, "hubspot_owner_id": owner.id}})[1]) == ["INVALID_OWNER_ID"]


def test_owners_come_in_pages(api: Api) -> None:
    for number in range(3):
        api.account.add_owner("Robin", f"Rep {number}", f"rep-{number}@isv.example", number)
    _, first = api.get("/crm/owners/2026-09", limit="2")
    _, rest = api.get("/crm/owners/2026-09", limit="2", after=first["paging"]["next"]["after"])
    assert (len(first["results"]), len(rest["results"])) == (2, 1)
