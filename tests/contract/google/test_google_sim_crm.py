"""CRM Partners v1: leads and the opportunities that they become."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.google.sim_api import DENIED, INVALID, LEADS, MISSING, Api, Reply, new_lead, refusal


def approved(api: Api) -> str:
    lead = api.post(LEADS, new_lead())[1]["name"]
    name = api.account.review_lead(lead, accept=True, reason="fits")
    assert name is not None
    return name


def patched(api: Api, name: str, body: dict[str, Any], **query: str) -> Reply:
    return api.call("PATCH", f"/v1/{name}", body, **query)


def test_a_lead_is_made_and_read(both: Api) -> None:
    status, lead = both.post(LEADS, new_lead())
    assert status == 200
    assert lead["leadApprovalStatus"] == "SANDBOX_PENDING"
    assert both.get(f"/v1/{lead['name']}") == (200, lead)
    assert both.post(LEADS, new_lead())[1]["name"] != lead["name"]


@pytest.mark.parametrize("field", sorted(new_lead()))
def test_a_lead_without_a_required_field_is_refused(api: Api, field: str) -> None:
    reply = api.post(LEADS, new_lead(**{field: None}))
    assert refusal(reply) == INVALID
    assert reply[1]["error"]["details"][0]["fieldViolations"][0]["field"] == field


def test_a_lead_takes_one_product(both: Api) -> None:
    both_products = ["SANDBOX_CLOUD", "SANDBOX_SECURITY"]
    assert refusal(both.post(LEADS, new_lead(productInterests=both_products))) == INVALID


def test_the_seeds_fields_and_values_are_refused(both: Api) -> None:
    assert refusal(both.post(LEADS, new_lead(companyName="x"))) == INVALID
    assert refusal(both.post(LEADS, new_lead(productInterests=["GOOGLE_CLOUD_PLATFORM"]))) == INVALID


def test_fields_whose_mode_is_not_confirmed_are_switches(api: Api) -> None:
    assert refusal(api.post(LEADS, new_lead(externalSystemId="d1"))) == INVALID
    assert refusal(api.post(LEADS, new_lead(approvalNotes="n"))) == INVALID
    api.switch(lead_external_id_writable=True, lead_review_fields_output_only=False)
    lead = api.post(LEADS, new_lead(externalSystemId="d1", approvalNotes="n"))[1]
    assert (lead["externalSystemId"], lead["approvalNotes"]) == ("d1", "n")


def test_an_output_field_of_a_lead_is_refused_or_ignored(api: Api) -> None:
    body = new_lead(leadStatus="SANDBOX_CLOSED")
    assert refusal(api.post(LEADS, body)) == INVALID
    api.switch(output_only="ignored")
    assert api.post(LEADS, body)[1]["leadStatus"] == "SANDBOX_OPEN"


def test_a_rejected_lead_says_why(both: Api) -> None:
    name = both.post(LEADS, new_lead())[1]["name"]
    assert both.account.review_lead(name, accept=False, reason="known already") is None
    lead = both.get(f"/v1/{name}")[1]
    assert (lead["leadApprovalStatus"], lead["rejectionComments"]) == ("SANDBOX_REJECTED", "known already")
    with pytest.raises(ValueError, match="decided on before"):
        both.account.review_lead(name, accept=True)


def test_an_approved_lead_becomes_an_opportunity_that_names_it(both: Api) -> None:
    name = approved(both)
    opportunity = both.get(f"/v1/{name}")[1]
    lead = both.get(f"/v1/{opportunity['lead']}")[1]
    assert lead["leadApprovalStatus"] == "SANDBOX_APPROVED"
    assert name not in str(lead)
    assert "updateTime" not in opportunity


def test_ids_match_across_the_apis_or_not(api: Api) -> None:
    def shown() -> list[str]:
        return [one["name"].split("/")[1] for one in api.query()[1]["opportunities"]]

    assert approved(api).rpartition("/")[2] not in shown()
    api.switch(ids_match_across_apis=True)
    assert approved(api).rpartition("/")[2] in shown()


def test_a_patch_writes_the_masked_fields(both: Api) -> None:
    name = approved(both)
    body = {"salesStage": "SANDBOX_PROPOSING", "termMonths": 12, "notes": "not masked"}
    after = patched(both, name, body, updateMask="salesStage,termMonths")[1]
    assert (after["salesStage"], after["termMonths"]) == ("SANDBOX_PROPOSING", "12")
    assert not after.get("notes")
    assert refusal(patched(both, name, {"winProbability": "x"}, updateMask="notes")) == INVALID
    assert refusal(patched(both, name, {"name": "partners/x"}, updateMask="notes")) == INVALID


def test_output_only_fields_of_an_opportunity_are_refused_or_ignored(api: Api) -> None:
    name = approved(api)
    body = {"lead": "x", "productFamily": "SANDBOX_SECURITY"}
    assert refusal(patched(api, name, body, updateMask="notes")) == INVALID
    assert refusal(patched(api, name, {}, updateMask="productFamily")) == INVALID
    api.switch(output_only="ignored")
    assert patched(api, name, body, updateMask="productFamily")[1]["productFamily"] == "SANDBOX_CLOUD"


def test_a_patch_without_a_mask_is_refused_or_overwrites(api: Api) -> None:
    name = approved(api)
    assert refusal(patched(api, name, {"notes": "n"})) == INVALID
    api.switch(crm_patch_without_mask="overwrites")
    after = patched(api, name, {"notes": "n"})[1]
    assert after["notes"] == "n"
    assert "closeDate" not in after


def test_only_four_methods_exist(both: Api) -> None:
    name = approved(both)
    assert refusal(both.get(LEADS)) == MISSING
    assert refusal(both.post(LEADS.replace("leads", "opportunities"), {})) == MISSING
    lead = both.get(f"/v1/{name}")[1]["lead"]
    assert refusal(patched(both, lead, {}, updateMask="title")) == MISSING
    assert refusal(both.get(f"{LEADS}/none")) == MISSING
    assert refusal(both.get("/v1/partners/0014000000SANDBOX1/opportunities/none")) == MISSING
    assert refusal(both.get("/v1/partners/OTHER/leads/x")) == DENIED
