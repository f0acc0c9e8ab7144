"""Rules for single records: values, required ones, unique ones, the recycle bin, history."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.hubspot import ConditionalRule, Settings, Switches, rep
from tests.contract.hubspot.sim_api import DEAL, DEALS, OTHER, OURS, REP, Api, codes


def create(api: Api, kind: str, **values: Any) -> tuple[int, Any]:
    return api.post(f"/crm/objects/2026-09/{kind}", {"properties": values})


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"nonsense": "1"}, "PROPERTY_DOESNT_EXIST"),
        ({"amount": "much"}, "INVALID_INTEGER"),
        ({"amount": 1500}, "INVALID_TYPE"),
        ({"description": None}, "INVALID_TYPE"),
        ({"closedate": "soon"}, "INVALID_DATE"),
        ({"dealtype": "New Business"}, "INVALID_OPTION"),
        ({"dealstage": "Qualified To Buy"}, "INVALID_STAGE"),
        ({"pipeline": "nowhere"}, "INVALID_PIPELINE"),
        ({"hubspot_owner_id": "600"}, "INVALID_OWNER_ID"),
        ({"hs_is_closed": "true"}, "READ_ONLY_VALUE"),
        ({"hs_lastmodifieddate": "2026-11-24T00:00:00Z"}, "READ_ONLY_VALUE"),
        ({"description": "x" * 65_537}, "PROPERTY_VALUE_TOO_LONG"),
    ],
)
def test_a_value_that_hubspot_would_not_take_is_refused(api: Api, values: dict[str, Any], code: str) -> None:
    status, answer = create(api, "deals", **{**DEAL, **values})
    assert (status, answer["category"]) == (400, "VALIDATION_ERROR")
    assert codes(answer) == [code]
    assert answer["errors"][0]["context"]["propertyName"] == list(values)
    assert "[hubspot.md 3." in answer["message"]
    assert api.account.records("deals") == []


def test_every_bad_value_is_named_at_once(api: Api) -> None:
    _, answer = create(api, "deals", **DEAL, amount="much", nonsense="1")
    assert sorted(codes(answer)) == ["INVALID_INTEGER", "PROPERTY_DOESNT_EXIST"]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("deals", {"dealname": "No stage"}),
        ("contacts", {"jobtitle": "CTO"}),
        ("companies", {"country": "US"}),
        ("notes", {"hs_note_body": "hello"}),
        ("tasks", {"hs_task_subject": "hello"}),
    ],
)
def test_what_a_new_record_must_have(api: Api, kind: str, values: dict[str, str]) -> None:
    assert create(api, kind, **values)[0] == 400


def test_a_deal_without_a_stage_starts_at_the_first_under_the_other_reading() -> None:
    api = Api(Switches(deal_needs_name_and_stage=False))
    status, record = create(api, "deals", amount="5")
    assert status == 201
    assert record["properties"]["dealstage"] == "appointmentscheduled"


def test_values_that_are_no_text_become_text_under_the_other_reading() -> None:
    api = Api(Switches(only_string_values=False))
    status, record = create(api, "deals", **DEAL, amount=1500)
    assert (status, record["properties"]["amount"]) == (201, "1500")


def test_empty_is_null_and_the_empty_text_clears(api: Api) -> None:
    deal = api.deal(amount="5")
    assert api.patch(f"{DEALS}/{deal}", {"properties": {"amount": ""}})[1]["properties"]["amount"] is None
    assert api.get(f"{DEALS}/{deal}", properties="amount,description,unheard_of")[1]["properties"].keys() == {
        "amount", "description", "hs_object_id", "hs_lastmodifieddate", "createdate"
    }  # fmt: skip


def test_a_date_is_normalised_and_only_2026_09_says_so(api: Api) -> None:
    values = {"properties": {**DEAL, "closedate": "1790000000000"}}
    _, new = api.post(DEALS, values)
    _, old = api.post("/crm/objects/2026-03/deals", values)
    assert new["properties"]["closedate"] == old["properties"]["closedate"] == "2026-09-21T14:13:20Z"
    assert new["warnings"] == [
        {
            "code": "PROPERTY_VALUE_NORMALIZED",
            "propertyName": "closedate",
            "rawValue": "1790000000000",
            "normalizedValue": "2026-09-21T14:13:20Z",
        }
    ]
    assert "warnings" not in old


def test_the_admins_required_rules_hold_in_2026_09_only() -> None:
    rule = ConditionalRule("deals", "dealstage", "closedlost", ("closed_lost_reason",))
    api = Api(settings=Settings(required_on_create={"deals": ("amount",)}, conditional_rules=(rule,)))
    _, answer = api.post(DEALS, {"properties": DEAL})
    assert codes(answer) == ["MISSING_REQUIRED_PROPERTY"]
    assert api.post("/crm/v3/objects/deals", {"properties": DEAL})[0] == 201
    deal = api.deal(amount="5")
    _, answer = api.patch(f"{DEALS}/{deal}", {"properties": {"dealstage": "closedlost"}})
    assert codes(answer) == ["MISSING_CONDITIONAL_REQUIRED_PROPERTY"]
    assert api.patch(f"/crm/objects/2026-03/deals/{deal}", {"properties": {"dealstage": "closedlost"}})[0] == 200


def test_won_and_lost_follow_the_stage(api: Api) -> None:
    deal = api.deal()
    for stage, won, lost in (("closedwon", "true", "false"), ("closedlost", "false", "true")):
        api.patch(f"{DEALS}/{deal}", {"properties": {"dealstage": stage}})
        values = api.account.values("deals", deal)
        assert (values["hs_is_closed"], values["hs_is_closed_won"], values["hs_is_closed_lost"]) == ("true", won, lost)


def test_a_stage_of_another_pipeline_needs_its_pipeline(both: Api) -> None:
    other = both.account.create_pipeline("Partners", [("New", "0.1"), ("Won", "1.0")])
    stage = next(iter(other.stages))
    deal = both.deal()
    status, answer = both.patch(f"{DEALS}/{deal}", {"properties": {"dealstage": stage}})
    if both.account.switches.foreign_stage_is_refused:
        assert (status, codes(answer)) == (400, ["INVALID_STAGE"])
        assert both.account.values("deals", deal)["pipeline"] == "default"
    else:
        assert both.account.values("deals", deal)["pipeline"] == other.id
    status, _ = both.patch(f"{DEALS}/{deal}", {"properties": {"dealstage": stage, "pipeline": other.id}})
    assert status == 200
    assert both.patch(f"{DEALS}/{deal}", {"properties": {"pipeline": "default"}})[0] == 400


def test_a_unique_value_belongs_to_one_deal(both: Api) -> None:
    both.key_property()
    both.deal(aws_opportunity_id="O1")
    deal = both.deal()
    status, answer = both.patch(f"{DEALS}/{deal}", {"properties": {"aws_opportunity_id": "O1"}})
    assert (status, answer["category"]) == (400, "VALIDATION_ERROR")
    assert "already has that value" in answer["message"]
    assert ("CONFLICTING_UNIQUE_VALUE" in answer["message"]) is both.account.switches.unique_clash_has_code


def test_a_unique_property_finds_and_patches_and_others_do_not(api: Api) -> None:
    api.key_property()
    deal = api.deal(aws_opportunity_id="O1 / x")
    assert api.get(f"{DEALS}/O1%20%2F%20x", idProperty="aws_opportunity_id")[1]["id"] == deal
    api.patch(f"{DEALS}/{deal}", {"properties": {"aws_opportunity_id": "O1"}})
    assert api.get(f"{DEALS}/O1", idProperty="aws_opportunity_id")[1]["id"] == deal
    changed = api.patch(f"{DEALS}/O1", {"properties": {"amount": "9"}}, idProperty="aws_opportunity_id")
    assert changed[1]["id"] == deal
    for name in ("hs_object_id", "dealname"):
        assert api.get(f"{DEALS}/{deal}", idProperty=name)[0] == 400


def test_a_second_contact_with_the_address_is_a_conflict(api: Api) -> None:
    _, first = create(api, "contacts", email="Pat.Example@bigcorp.example")
    status, answer = create(api, "contacts", email="pat.example@BIGCORP.example")
    assert (status, answer["category"]) == (409, "CONFLICT")
    assert first["id"] in answer["message"]
    assert "context" not in answer


def test_two_companies_may_share_a_domain(api: Api) -> None:
    assert [create(api, "companies", domain="bigcorp.example")[0] for _ in range(2)] == [201, 201]


def test_ids_are_unique_per_type_only_and_beyond_32_bits(api: Api) -> None:
    deal = api.deal()
    _, company = create(api, "companies", name="BigCorp")
    assert deal == company["id"]
    assert int(deal) > 2**31


def test_a_deleted_deal_waits_ninety_days(both: Api) -> None:
    both.key_property()
    deal = both.deal(aws_opportunity_id="O1")
    assert both.call("DELETE", f"{DEALS}/{deal}")[0] == 204
    assert both.call("DELETE", f"{DEALS}/{deal}")[0] == 204
    assert both.get(f"{DEALS}/{deal}")[0] == 404
    status, gone = both.get(f"{DEALS}/{deal}", archived="true")
    assert (status, gone["archived"]) == (200, True)
    assert both.patch(f"{DEALS}/{deal}", {"properties": {"amount": "1"}})[0] == 404
    both.account.restore("deals", deal)
    assert both.get(f"{DEALS}/O1", idProperty="aws_opportunity_id")[1]["id"] == deal
    both.account.archive("deals", deal)
    both.clock.advance(hours=24 * 90 + 1)
    assert both.get(f"{DEALS}/{deal}", archived="true")[0] == 404


def test_a_deleted_deals_unique_value_is_free_or_kept_by_switch(both: Api) -> None:
    both.key_property()
    both.account.archive("deals", both.deal(aws_opportunity_id="O1"))
    status, _ = both.post(DEALS, {"properties": {**DEAL, "aws_opportunity_id": "O1"}})
    assert status == (400 if both.account.switches.archived_keep_unique_values else 201)


def test_history_names_the_author_of_each_value(both: Api) -> None:
    deal = both.deal(REP, amount="1")
    for token, amount in ((OURS, "2"), (OTHER, "3")):
        both.clock.advance(ms=10)
        both.patch(f"{DEALS}/{deal}", {"properties": {"amount": amount}}, token)
    both.patch(f"{DEALS}/{deal}", {"properties": {"amount": "3"}}, REP)  # the same value is no new entry
    _, record = both.get(f"{DEALS}/{deal}", propertiesWithHistory="amount")
    entries = sorted(record["propertiesWithHistory"]["amount"], key=lambda entry: entry["timestamp"])
    assert [(e["value"], e["sourceType"], e["sourceId"]) for e in entries] == [
        ("1", "CRM_UI", "userId:600"),
        ("2", "INTEGRATION", "400"),
        ("3", "INTEGRATION", "999"),
    ]
    assert entries[0]["updatedByUserId"] == 600
    assert "updatedByUserId" not in entries[1]
    if both.account.switches.history_newest_first:
        assert [e["value"] for e in record["propertiesWithHistory"]["amount"]] == ["3", "2", "1"]


def test_the_creator_is_on_the_record(api: Api) -> None:
    _, record = api.get(f"{DEALS}/{api.deal()}", properties="hs_object_source,hs_object_source_id")
    assert record["properties"]["hs_object_source"] == "INTEGRATION"
    assert record["properties"]["hs_object_source_id"] == "400"


def test_any_change_moves_the_modified_date(both: Api) -> None:
    deal = both.deal(amount="1")
    company = both.account.create("companies", {"name": "BigCorp"}).id

    def moved_by(change: Any) -> bool:
        before = both.account.values("deals", deal)["hs_lastmodifieddate"]
        both.clock.advance(ms=5)
        change()
        return both.account.values("deals", deal)["hs_lastmodifieddate"] != before

    switches = both.account.switches
    assert moved_by(lambda: both.account.update("deals", deal, {"amount": "2"}, rep()))
    same = moved_by(lambda: both.account.update("deals", deal, {"amount": "2"}, rep()))
    assert same is switches.same_value_moves_updated_at
    tied = moved_by(lambda: both.account.associate(("deals", deal), ("companies", company)))
    assert tied is switches.association_moves_updated_at


def test_a_list_walks_every_record_once(api: Api) -> None:
    ids = [api.deal() for _ in range(5)]
    seen: list[str] = []
    query = {"limit": "2"}
    while True:
        _, page = api.get(DEALS, **query)
        seen += [one["id"] for one in page["results"]]
        if "paging" not in page:
            break
        query["after"] = page["paging"]["next"]["after"]
    assert seen == ids
    assert api.get(DEALS, limit="101")[0] == 400


@pytest.mark.parametrize("body", ["[]", "{", '{"properties": []}', "{}"])
def test_an_unreadable_body_is_refused(api: Api, body: str) -> None:
    headers = {"Authorization": f"Bearer {OURS}", "Content-Type": "application/json"}
    assert api.send("POST", DEALS, headers, body)[0] == 400


def test_multi_select_replaces_or_appends(api: Api) -> None:
    options = [{"label": one, "value": one} for one in "abc"]
    body = {"name": "models", "label": "Models", "groupName": "dealinformation", "type": "enumeration"}
    api.post("/crm/properties/2026-09/deals", {**body, "fieldType": "checkbox", "options": options})
    deal = api.deal(models="a;b")
    api.patch(f"{DEALS}/{deal}", {"properties": {"models": ";c"}})
    assert api.account.values("deals", deal)["models"] == "a;b;c"
    api.patch(f"{DEALS}/{deal}", {"properties": {"models": "c"}})
    assert api.account.values("deals", deal)["models"] == "c"
    assert codes(api.patch(f"{DEALS}/{deal}", {"properties": {"models": "c;x"}})[1]) == ["INVALID_OPTION"]
