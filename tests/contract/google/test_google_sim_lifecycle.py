"""DRAFT, SUBMITTED, ACCEPTED, REJECTED: who may edit what."""

from __future__ import annotations

import pytest

from tests.contract.google.sim_api import INVALID, OPPORTUNITIES, Api, new_opportunity, refusal


def test_a_new_opportunity_is_a_draft_at_the_first_stage(both: Api) -> None:
    document = both.create()
    assert document["state"] == "DRAFT"
    assert document["stage"] == "SANDBOX_STAGE_0"
    assert document["customerDisplayName"] == "Example Customer"
    assert document["creatorEmail"].startswith("cosell-sync@")
    assert both.read(document["name"]) == (200, document)


def test_the_same_body_twice_makes_two_opportunities(both: Api) -> None:
    assert both.create()["name"] != both.create()["name"]


def test_a_draft_is_editable_and_moves_update_time(both: Api) -> None:
    before = both.create()
    both.clock.advance(seconds=5)
    status, after = both.patch(before["name"], "opportunityInfo.displayName", {"opportunityInfo": {"displayName": "B"}})
    assert status == 200
    assert after["opportunityInfo"]["displayName"] == "B"
    assert after["updateTime"] > before["updateTime"]
    assert after["createTime"] == before["createTime"]


@pytest.mark.parametrize("state", ["ACCEPTED", "REJECTED", "STATE_UNSPECIFIED", "OPEN"])
def test_a_partner_never_sets_googles_states(both: Api, state: str) -> None:
    name = both.create()["name"]
    assert refusal(both.patch(name, "state", {"state": state})) == INVALID


def test_nothing_is_editable_in_review(both: Api) -> None:
    name = both.create(state="SUBMITTED")["name"]
    assert refusal(both.patch(name, "state", {"state": "DRAFT"})) == INVALID
    assert refusal(both.patch(name, "opportunityInfo.description", {"opportunityInfo": {}})) == INVALID
    assert refusal(both.patch(name, "ownerEmail", {})) == INVALID


def test_a_rejected_one_says_why_is_mended_and_submitted_again(both: Api) -> None:
    name = both.create(state="SUBMITTED")["name"]
    both.account.review(name, accept=False, reason="Domain missing")
    assert both.read(name)[1]["stateDescription"] == "Domain missing"
    details = {"customerInfo": {"customerDetails": {"domain": "example.com"}}, "state": "SUBMITTED"}
    status, after = both.patch(name, "customerInfo.customerDetails.domain,state", details)
    assert status == 200
    assert after["state"] == "SUBMITTED"
    assert not after.get("stateDescription")


def test_only_a_submitted_one_is_reviewed(api: Api) -> None:
    name = api.create()["name"]
    with pytest.raises(ValueError, match="this one is DRAFT"):
        api.account.review(name, accept=True)
    api.patch(name, "state", {"state": "SUBMITTED"})
    with pytest.raises(ValueError, match="needs a reason"):
        api.account.review(name, accept=False)


def test_the_stage_moves_only_once_accepted(both: Api) -> None:
    draft = both.create()["name"]
    assert refusal(both.patch(draft, "stage", {"stage": "SANDBOX_STAGE_1"})) == INVALID
    accepted = both.accepted()
    status, after = both.patch(accepted, "stage", {"stage": "SANDBOX_STAGE_1"})
    assert (status, after["stage"]) == (200, "SANDBOX_STAGE_1")
    assert refusal(both.patch(accepted, "stage", {})) == INVALID


def test_a_partner_never_closes(both: Api) -> None:
    accepted = both.accepted()
    assert refusal(both.patch(accepted, "stage", {"stage": "CLOSED"})) == INVALID
    both.account.edit_as_google(accepted, {"stage": "CLOSED"})
    assert both.read(accepted)[1]["stage"] == "CLOSED"


def test_a_new_one_takes_no_other_stage(api: Api) -> None:
    for stage in ("SANDBOX_STAGE_1", "CLOSED"):
        assert refusal(api.post(OPPORTUNITIES, new_opportunity(stage=stage))) == INVALID


def test_what_is_editable_once_accepted_is_a_switch(api: Api) -> None:
    name = api.accepted()
    body = {"customerInfo": {"customerDetails": {"domain": "example.com"}}}
    assert refusal(api.patch(name, "customerInfo.customerDetails.domain", body)) == INVALID
    assert api.patch(name, "isvSolutionConnectInfo.notes", {"isvSolutionConnectInfo": {"notes": "n"}})[0] == 200
    api.switch(accepted_editable=["customerInfo"])
    assert api.patch(name, "customerInfo.customerDetails.domain", body)[0] == 200
    assert refusal(api.patch(name, "state", {"state": "DRAFT"})) == INVALID


def test_a_rules_refusal_names_the_field_or_not(api: Api) -> None:
    name = api.accepted()
    assert "details" not in api.patch(name, "submitterEmail", {})[1]["error"]
    api.switch(refusals_name_fields=True)
    rows = api.patch(name, "submitterEmail", {})[1]["error"]["details"][0]["fieldViolations"]
    assert [row["field"] for row in rows] == ["submitterEmail"]


def test_what_is_required_is_a_switch(api: Api) -> None:
    bare = {"opportunityInfo": {"partnerEntity": "partners/SANDBOX001"}}
    assert refusal(api.post(OPPORTUNITIES, bare)) == INVALID
    api.switch(required_on_create=[])
    assert api.post(OPPORTUNITIES, bare)[0] == 200
    assert refusal(api.post(OPPORTUNITIES, {**bare, "state": "SUBMITTED"})) == INVALID
    api.switch(required_on_submit=[])
    assert api.post(OPPORTUNITIES, {**bare, "state": "SUBMITTED"})[0] == 200
