"""Addresses, masks, types and views of the opportunities collection."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.google.sim_api import (
    DENIED,
    INVALID,
    MISSING,
    OPPORTUNITIES,
    PARTNER,
    Api,
    new_opportunity,
    refusal,
)


def test_get_patch_and_query_need_the_partner(both: Api) -> None:
    path = f"/v1alpha1/{both.create()['name']}"
    assert refusal(both.get(path)) == INVALID
    assert refusal(both.call("PATCH", path, {}, updateMask="state")) == INVALID
    assert refusal(both.get(f"{OPPORTUNITIES}:query")) == INVALID
    assert refusal(both.get(path, partner="SANDBOX001")) == INVALID
    assert refusal(both.get(path, partner="partners/OTHER")) == DENIED


def test_an_unknown_opportunity_is_not_found(both: Api) -> None:
    assert refusal(both.read("opportunities/none")) == MISSING
    assert refusal(both.patch("opportunities/none", "state", {"state": "DRAFT"})) == MISSING


def test_a_detached_partner_has_no_access(both: Api) -> None:
    name = both.create()["name"]
    both.account.detach(name)
    assert refusal(both.read(name)) == DENIED
    assert both.query()[1] == {}


@pytest.mark.parametrize("mask", ["", "display_name", "nothing", "opportunityLines.metric", "name", "state,,stage"])
def test_a_mask_must_name_fields(both: Api, mask: str) -> None:
    assert refusal(both.patch(both.create()["name"], mask, {})) == INVALID


def test_only_masked_fields_are_written_and_absent_ones_are_cleared(both: Api) -> None:
    name = both.create(submitterEmail="rep@example.com")["name"]
    body = {"opportunityInfo": {"displayName": "Other", "description": "text"}}
    after = both.patch(name, "opportunityInfo.description,submitterEmail", body)[1]
    assert after["opportunityInfo"]["displayName"] == "Migration"
    assert after["opportunityInfo"]["description"] == "text"
    assert not after.get("submitterEmail")


def test_output_only_fields_are_refused_or_ignored(api: Api) -> None:
    body = new_opportunity(ownerEmail="x@example.com")
    name = api.create()["name"]
    assert refusal(api.post(OPPORTUNITIES, body)) == INVALID
    assert refusal(api.patch(name, "ownerEmail", body)) == INVALID
    api.switch(output_only="ignored")
    assert "ownerEmail" not in api.post(OPPORTUNITIES, body)[1]
    assert "ownerEmail" not in api.patch(name, "ownerEmail,submitterEmail", body)[1]


def test_the_reference_id_is_a_switch(api: Api) -> None:
    body = new_opportunity(referenceOpportunityId="deal-1")
    assert refusal(api.post(OPPORTUNITIES, body)) == INVALID
    api.switch(reference_id_writable=True)
    assert api.post(OPPORTUNITIES, body)[1]["referenceOpportunityId"] == "deal-1"


def test_how_create_names_the_partner_is_a_switch(api: Api) -> None:
    without = new_opportunity()
    del without["opportunityInfo"]["partnerEntity"]
    assert refusal(api.post(OPPORTUNITIES, without)) == INVALID
    assert refusal(api.post(OPPORTUNITIES, new_opportunity(), partner=PARTNER)) == INVALID
    foreign = new_opportunity(opportunityInfo={"partnerEntity": "partners/OTHER", "displayName": "x"})
    assert refusal(api.post(OPPORTUNITIES, foreign)) == DENIED
    api.switch(create_partner="query")
    assert refusal(api.post(OPPORTUNITIES, without)) == INVALID
    assert api.post(OPPORTUNITIES, without, partner=PARTNER)[0] == 200


WRONG: list[tuple[str, Any]] = [
    ("opportunityAmount", {"currencyCode": "EUR", "units": "1", "nanos": -1}),
    ("opportunityAmount", {"currencyCode": "eur", "units": "1"}),
    ("opportunityAmount", {"currencyCode": "EUR", "units": 1.5}),
    ("opportunityAmount", {"currencyCode": "EUR", "nanos": 1_000_000_000}),
    ("opportunityAmount", 5),
    ("productFamily", "SANDBOX_CLOUD"),
    ("productFamily", ["PRODUCT_FAMILY_UNSPECIFIED"]),
    ("productFamily", ["GOOGLE_CLOUD_PLATFORM"]),
    ("confidential", "true"),
    ("description", 5),
    ("companyName", "x"),
]


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_a_value_of_the_wrong_type_is_refused_and_its_field_named(both: Api, field: str, value: Any) -> None:
    name = both.create()["name"]
    reply = both.patch(name, "opportunityInfo.description", {"opportunityInfo": {field: value}})
    assert refusal(reply) == INVALID
    assert reply[1]["error"]["details"][0]["fieldViolations"][0]["field"].startswith(f"opportunityInfo.{field}")


@pytest.mark.parametrize(
    "day", [{"year": 2027, "month": 2, "day": 30}, {"year": 2027}, "2027-02-03", {"year": "2027", "month": 1, "day": 1}]
)
def test_a_date_is_a_day_of_the_calendar(both: Api, day: Any) -> None:
    body = {"qualificationInfo": {"estimatedCloseDate": day}}
    assert refusal(both.patch(both.create()["name"], "qualificationInfo.estimatedCloseDate", body)) == INVALID


def test_money_comes_back_with_units_as_text(both: Api) -> None:
    money = {"currencyCode": "EUR", "units": 9007199254740993, "nanos": 10_000_000}
    body = {"opportunityInfo": {"opportunityAmount": money}}
    after = both.patch(both.create()["name"], "opportunityInfo.opportunityAmount", body)[1]
    assert after["opportunityInfo"]["opportunityAmount"] == {**money, "units": "9007199254740993"}


def test_defaults_are_left_out_or_shown(api: Api) -> None:
    details = {"estimatedCloseDate": {"year": 2027, "month": 3, "day": 31}, "publicSector": False}
    name = api.create(qualificationInfo=details)["name"]
    assert "publicSector" not in api.read(name)[1]["qualificationInfo"]
    api.switch(defaults_left_out=False)
    shown = api.read(name)[1]
    assert shown["qualificationInfo"]["publicSector"] is False
    assert shown["opportunityLines"] == []


def test_a_patch_of_the_same_value_moves_update_time_or_not(api: Api) -> None:
    first = api.create()
    api.clock.advance(seconds=1)
    second = api.patch(first["name"], "state", {"state": "DRAFT"})[1]
    assert second["updateTime"] > first["updateTime"]
    api.switch(same_value_moves_update_time=False)
    assert api.patch(first["name"], "state", {"state": "DRAFT"})[1]["updateTime"] == second["updateTime"]


def test_digits_of_a_time_are_a_switch(api: Api) -> None:
    name = api.create()["name"]
    assert len(api.read(name)[1]["updateTime"]) == len("2026-05-01T12:00:00.123456789Z")
    api.switch(time_digits=3)
    assert len(api.read(name)[1]["updateTime"]) == len("2026-05-01T12:00:00.123Z")


def test_the_limited_view_shows_few_fields(both: Api) -> None:
    name = both.create()["name"]
    both.account.change(settings={"limited_view": True})
    shown = both.read(name)[1]
    assert {"name", "state", "updateTime"} <= set(shown)
    assert "opportunityInfo" not in shown


def test_what_the_api_lacks_is_not_found(both: Api) -> None:
    name = both.create()["name"]
    assert refusal(both.call("DELETE", f"/v1alpha1/{name}")) == MISSING
    assert refusal(both.get(OPPORTUNITIES, partner=PARTNER)) == MISSING
    assert refusal(both.get(f"/v1alpha1/{name}", partner=PARTNER, view="FULL")) == INVALID


def test_google_edits_and_brings_opportunities(both: Api) -> None:
    name = both.account.new_google_opportunity(new_opportunity(ownerEmail="seller@example.com"))
    document = both.read(name)[1]
    assert (document["source"], document["state"]) == ("SANDBOX_GOOGLE", "ACCEPTED")
    both.clock.advance(seconds=1)
    both.account.edit_as_google(name, {"ownerEmail": "next@example.com", "opportunityInfo.description": "new"})
    after = both.read(name)[1]
    assert after["ownerEmail"] == "next@example.com"
    assert after["updateTime"] > document["updateTime"]
    with pytest.raises(ValueError, match="shoeSize is no field"):
        both.account.edit_as_google(name, {"shoeSize": 1})
