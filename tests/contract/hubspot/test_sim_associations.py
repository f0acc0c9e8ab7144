"""Associations: directions, primary companies, labels, notes and tasks, merges."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.hubspot import create_rep_deal
from tests.contract.hubspot.sim_api import DEALS, Api, codes

PAIR = "/crm/associations/2026-09"
SPEC = {"associationCategory": "HUBSPOT_DEFINED"}


def types(api: Api, source: str, target: str, key: str) -> dict[str, set[int]]:
    _, answer = api.post(f"{PAIR}/{source}/{target}/batch/read", {"inputs": [{"id": key}]})
    rows = [to for row in answer["results"] for to in row["to"]]
    return {to["toObjectId"]: {one["typeId"] for one in to["associationTypes"]} for to in rows}


def test_the_default_association_in_both_directions(api: Api) -> None:
    deal, contact = api.deal(), api.account.create("contacts", {"firstname": "Pat"}).id
    path = f"{DEALS}/{deal}/associations/default/contacts/{contact}"
    status, answer = api.call("PUT", path)
    assert (status, answer["status"]) == (200, "COMPLETE")
    assert {row["associationSpec"]["associationTypeId"] for row in answer["results"]} == {3, 4}
    assert types(api, "deals", "contacts", deal) == {contact: {3}}
    assert types(api, "contacts", "deals", contact) == {deal: {4}}
    assert api.call("DELETE", f"{DEALS}/{deal}/associations/contacts/{contact}")[0] == 204
    assert types(api, "contacts", "deals", contact) == {}


def test_the_first_company_is_primary_by_switch(both: Api) -> None:
    deal = both.deal()
    first, second = (both.account.create("companies", {"name": name}).id for name in ("One", "Two"))
    for company in (first, second):
        both.call("PUT", f"{DEALS}/{deal}/associations/default/companies/{company}")
    found = types(both, "deals", "companies", deal)
    assert found == {first: {5, 341} if both.account.switches.first_company_is_primary else {341}, second: {341}}
    both.call("PUT", f"{DEALS}/{deal}/associations/companies/{second}", [{**SPEC, "associationTypeId": 5}])
    assert types(both, "deals", "companies", deal) == {first: {341}, second: {5, 341}}
    assert types(both, "companies", "deals", second) == {deal: {6, 342}}
    _, record = both.get(f"{DEALS}/{deal}", associations="companies")
    named = {(row["id"], row["type"]) for row in record["associations"]["companies"]["results"]}
    if both.account.switches.unlabelled_company_is_named_so:
        assert (second, "deal_to_company") in named
        assert (first, "deal_to_company_unlabeled") in named
    else:
        assert (second, "deal_to_company_primary") in named
        assert (first, "deal_to_company") in named


def test_a_type_of_the_other_direction_is_refused(api: Api) -> None:
    made = create_rep_deal(api.account)
    status, answer = api.call(
        "PUT", f"{DEALS}/{made.deal_id}/associations/contacts/{made.contact_id}", [{**SPEC, "associationTypeId": 4}]
    )
    assert (status, codes(answer)) == (400, ["INVALID_ASSOCIATION_TYPE"])
    assert "[hubspot.md 3.8]" in answer["message"]


def test_put_replaces_labels_and_the_unlabelled_type_ends_all(api: Api) -> None:
    made = create_rep_deal(api.account)
    ends = f"{DEALS}/{made.deal_id}/associations/contacts/{made.contact_id}"
    labels = []
    for name in ("decider", "payer"):
        _, answer = api.post(f"{PAIR}/deals/contacts/labels", {"name": name, "label": name.title()})
        labels.append({"associationCategory": "USER_DEFINED", "associationTypeId": answer["results"][0]["typeId"]})
    assert api.call("PUT", ends, labels)[1]["labels"] == ["Decider", "Payer"]
    api.call("PUT", ends, labels[:1])
    assert types(api, "deals", "contacts", made.deal_id)[made.contact_id] == {3, labels[0]["associationTypeId"]}
    row = {"from": {"id": made.deal_id}, "to": {"id": made.contact_id}, "types": [{**SPEC, "associationTypeId": 3}]}
    assert api.post(f"{PAIR}/deals/contacts/batch/labels/archive", {"inputs": [row]})[0] == 204
    assert types(api, "deals", "contacts", made.deal_id) == {}


def test_ten_labels_for_a_pair(api: Api) -> None:
    def create(number: int) -> int:
        return api.post(f"{PAIR}/deals/contacts/labels", {"name": f"n{number}", "label": f"L{number}"})[0]

    assert [create(number) for number in range(10)] == [200] * 10
    assert create(10) == 400
    assert create(0) == 409
    _, answer = api.get(f"{PAIR}/deals/contacts/labels")
    assert len(answer["results"]) == 11


@pytest.mark.parametrize(("kind", "right", "wrong"), [("notes", 214, 213), ("tasks", 216, 215)])
def test_a_note_or_task_is_tied_by_its_own_direction(api: Api, kind: str, right: int, wrong: int) -> None:
    deal = api.deal()

    def create(type_id: int) -> tuple[int, Any]:
        tie = {"to": {"id": deal}, "types": [{**SPEC, "associationTypeId": type_id}]}
        values = {"hs_timestamp": "1790000000000"}
        return api.post(f"/crm/objects/2026-09/{kind}", {"properties": values, "associations": [tie]})

    status, answer = create(wrong)
    assert (status, codes(answer)) == (400, ["INVALID_ASSOCIATION_TYPE"])
    assert api.account.records(kind) == []
    status, made = create(right)
    assert status == 201
    assert api.account.associated("deals", deal, kind) == [made["id"]]


def test_an_inline_association_with_nobody_creates_nothing(api: Api) -> None:
    tie = {"to": {"id": "404"}, "types": [{**SPEC, "associationTypeId": 214}]}
    status, _ = api.post(
        "/crm/objects/2026-09/notes", {"properties": {"hs_timestamp": "1790000000000"}, "associations": [tie]}
    )
    assert status == 404
    assert api.account.records("notes") == []


def test_a_deleted_contact_is_no_longer_shown_until_restored(api: Api) -> None:
    made = create_rep_deal(api.account)
    api.account.archive("contacts", made.contact_id)
    assert "associations" not in api.get(f"{DEALS}/{made.deal_id}", associations="contacts")[1]
    api.account.restore("contacts", made.contact_id)
    assert "associations" in api.get(f"{DEALS}/{made.deal_id}", associations="contacts")[1]


def test_limits_of_the_association_batches(api: Api) -> None:
    rows = [{"id": str(n)} for n in range(1_001)]
    assert api.post(f"{PAIR}/deals/contacts/batch/read", {"inputs": rows})[0] == 400
    pairs = [{"from": row, "to": row} for row in rows] * 2
    assert api.post(f"{PAIR}/deals/contacts/batch/associate/default", {"inputs": pairs})[0] == 400


def test_the_dated_list_path_is_there_by_switch_only(both: Api) -> None:
    made = create_rep_deal(both.account)
    path = f"{DEALS}/{made.deal_id}/associations/contacts"
    status, _ = both.get(path)
    assert status == (200 if both.account.switches.association_list_in_2026_09 else 404)
    assert both.get(f"/crm/v4/objects/deals/{made.deal_id}/associations/contacts")[0] == 200


def test_a_merge_moves_everything_to_a_new_id(both: Api) -> None:
    both.key_property()
    one, two = create_rep_deal(both.account, number=1), create_rep_deal(both.account, number=2)
    both.account.update("deals", one.deal_id, {"aws_opportunity_id": "O1"})
    both.account.update("deals", two.deal_id, {"aws_opportunity_id": "O2", "description": "from two"})
    body = {"primaryObjectId": one.deal_id, "objectIdToMerge": two.deal_id}
    status, merged = both.post(f"{DEALS}/merge", body)
    assert status == 200
    assert merged["id"] not in (one.deal_id, two.deal_id)
    assert merged["properties"]["hs_merged_object_ids"] == f"{one.deal_id};{two.deal_id}"
    values = both.account.values("deals", merged["id"])
    assert (values["aws_opportunity_id"], values["description"]) == ("O1", "from two")
    for old in (one.deal_id, two.deal_id):
        assert both.get(f"{DEALS}/{old}")[1]["id"] == merged["id"]
        assert types(both, "deals", "contacts", old) == {}
        _, answer = both.post(f"{DEALS}/batch/update", {"inputs": [{"id": old, "properties": {"amount": "1"}}]})
        assert answer["errors"][0]["category"] == "OBJECT_NOT_FOUND"
        resolves = both.account.switches.merged_id_resolves_beyond_get
        assert both.patch(f"{DEALS}/{old}", {"properties": {"amount": "1"}})[0] == (200 if resolves else 404)
    assert both.account.associated("deals", merged["id"], "contacts") == [one.contact_id, two.contact_id]
    assert both.get(f"{DEALS}/O2", idProperty="aws_opportunity_id")[0] == 404
    assert both.post(f"{DEALS}/merge", body)[0] == 404
