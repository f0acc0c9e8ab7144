"""Batches: 100 inputs, rows in any order, rows that fail alone or together, upserts on a unique property."""

from __future__ import annotations

from typing import Any

from tests.contract.hubspot.sim_api import DEAL, DEALS, OURS, Api

BATCH = f"{DEALS}/batch"


def key(value: str, **values: str) -> dict[str, Any]:
    return {"idProperty": "aws_opportunity_id", "id": value, "properties": {**DEAL, **values}}


def test_a_batch_takes_a_hundred_inputs(api: Api) -> None:
    for operation in ("read", "create", "update", "upsert", "archive"):
        rows = [{**key(str(n)), "id": str(n)} for n in range(101)]
        status, answer = api.post(f"{BATCH}/{operation}", {"inputs": rows})
        assert status == 400, operation
        assert "[hubspot.md 3.3]" in answer["message"]
    assert api.account.records("deals") == []


def test_rows_do_not_come_in_input_order(api: Api) -> None:
    rows = [{"properties": {**DEAL, "dealname": str(n)}, "objectWriteTraceId": str(n)} for n in range(20)]
    _, answer = api.post(f"{BATCH}/create", {"inputs": rows})
    traces = [row["objectWriteTraceId"] for row in answer["results"]]
    assert traces != sorted(traces, key=int)
    assert {row["objectWriteTraceId"]: row["properties"]["dealname"] for row in answer["results"]} == {
        str(n): str(n) for n in range(20)
    }


def test_a_bad_row_fails_alone_or_spoils_the_batch_by_switch(both: Api) -> None:
    rows = [{"properties": DEAL}, {"properties": {**DEAL, "amount": "much"}, "objectWriteTraceId": "two"}]
    status, answer = both.post(f"{BATCH}/create", {"inputs": rows})
    if both.account.switches.batch_rows_fail_alone:
        assert (status, answer["numErrors"], len(answer["results"])) == (207, 1, 1)
        assert answer["errors"][0]["category"] == "VALIDATION_ERROR"
        assert answer["errors"][0]["context"]["objectWriteTraceId"] == ["two"]
    else:
        assert status == 400
        assert both.account.records("deals") == []


def test_a_missing_id_is_an_error_row_and_2026_09_may_hide_it_behind_200(both: Api) -> None:
    deal = both.deal()
    rows = {"inputs": [{"id": deal}, {"id": "404"}], "properties": ["dealname"]}
    status, answer = both.post(f"{BATCH}/read", rows)
    assert status == (207 if both.account.switches.partial_batch_is_207_in_2026_09 else 200)
    assert answer["errors"][0]["category"] == "OBJECT_NOT_FOUND"
    assert both.post("/crm/v3/objects/deals/batch/read", rows)[0] == 207


def test_a_batch_read_gives_no_associations_and_fewer_rows_with_history(both: Api) -> None:
    most = both.account.switches.batch_read_with_history
    rows = [{"id": str(n)} for n in range(most + 1 if most < 100 else 100)]
    status, _ = both.post(f"{BATCH}/read", {"inputs": rows, "properties": [], "propertiesWithHistory": ["amount"]})
    assert (status == 400) is (most < 100)
    assert both.post(f"{BATCH}/read", {"inputs": rows, "associations": ["contacts"]})[0] == 400


def test_an_upsert_makes_one_deal_and_tells_new_from_old(api: Api) -> None:
    api.key_property()
    _, first = api.post(f"{BATCH}/upsert", {"inputs": [key("O1")]})
    _, again = api.post(f"{BATCH}/upsert", {"inputs": [key("O1", amount="5")]})
    assert (first["results"][0]["new"], again["results"][0]["new"]) == (True, False)
    assert first["results"][0]["id"] == again["results"][0]["id"]
    assert api.account.values("deals", first["results"][0]["id"])["aws_opportunity_id"] == "O1"


def test_an_upsert_that_races_may_lose(both: Api) -> None:
    both.key_property()
    both.post(f"{BATCH}/upsert", {"inputs": [key("O1")]})
    _, answer = both.post(f"{BATCH}/upsert", {"inputs": [key("O1")]})
    lost = both.account.switches.upsert_race_window_ms > 0
    assert [row["category"] for row in answer.get("errors", [])] == (["CONFLICT"] if lost else [])
    both.clock.advance(seconds=2)
    assert both.post(f"{BATCH}/upsert", {"inputs": [key("O1")]})[1]["results"][0]["new"] is False
    assert len(both.account.records("deals")) == 1


def test_the_same_key_twice_is_refused(api: Api) -> None:
    api.key_property()
    assert api.post(f"{BATCH}/upsert", {"inputs": [key("O1"), key("O1")]})[0] == 400
    assert api.account.records("deals") == []


def test_an_upsert_needs_a_unique_property(api: Api) -> None:
    for name in ("dealname", "hs_object_id"):
        row = {"idProperty": name, "id": "1", "properties": DEAL}
        assert api.post(f"{BATCH}/upsert", {"inputs": [row]})[0] == 400
    assert api.post(f"{BATCH}/upsert", {"inputs": [{"id": "1", "properties": DEAL}]})[0] == 400


def test_contacts_upserted_by_address_stand_or_fall_together(both: Api) -> None:
    rows = [
        {"idProperty": "email", "id": "pat.example@bigcorp.example", "properties": {"firstname": "Pat"}},
        {"idProperty": "email", "id": "sam.sample@bigcorp.example", "properties": {"nonsense": "1"}},
    ]
    status, _ = both.post("/crm/objects/2026-03/contacts/batch/upsert", {"inputs": rows})
    switches = both.account.switches
    together = switches.contact_email_upsert_is_atomic or not switches.batch_rows_fail_alone
    assert status == (400 if together else 207)
    assert len(both.account.records("contacts")) == (0 if together else 1)


def test_a_batch_archive_passes_unknown_ids_over(api: Api) -> None:
    deal = api.deal()
    assert api.post(f"{BATCH}/archive", {"inputs": [{"id": deal}, {"id": "404"}]}, OURS)[0] == 204
    assert api.account.records("deals") == []
