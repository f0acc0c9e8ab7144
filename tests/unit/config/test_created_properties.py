"""The properties that we create: the seed's names, and statuses that offer what the sync writes and nothing else."""

from __future__ import annotations

import pytest

import config
from lambdas.shared.domain.status import STATUSES, status_changes


def test_the_options_of_the_status_are_what_the_sync_writes() -> None:
    (status,) = [each for each in config.load().hubspot_properties.properties if each.name == "aws_sync_status"]
    assert {option.value for option in status.options} == set(STATUSES)


def test_a_status_that_hubspot_would_refuse_is_refused_here() -> None:
    with pytest.raises(ValueError, match="closed"):
        status_changes(None, {"sync_status": "aws_sync_status"}, {"sync_status": "closed"}, 0)


def test_the_properties_to_create_have_the_seeds_names_and_one_unique_key_each() -> None:
    loaded = config.load()
    deals = {each["name"]: each for each in config.property_definitions(loaded, "deal")}
    seed = {"aws_opportunity_id", "aws_opportunity_title", "aws_sync_status", "aws_review_status", "aws_invitation_id"}
    seed |= {"microsoft_referral_id", "microsoft_status", "microsoft_substatus", "microsoft_sync_status"}
    seed |= {"gcp_opportunity_id", "gcp_opportunity_name", "gcp_sync_status", "gcp_lead_name", "gcp_product_family"}
    assert seed <= set(deals)
    assert [name for name, each in deals.items() if each.get("hasUniqueValue")] == [
        "aws_opportunity_id",
        "aws_invitation_id",
        "microsoft_referral_id",
        "gcp_opportunity_id",
    ]
    assert "In review" in [each["value"] for each in deals["aws_review_status"]["options"]]
    companies = {each["name"]: each for each in config.property_definitions(loaded, "company")}
    assert companies["cosell_company_key"]["hasUniqueValue"] is True
    assert config.property_group(loaded)["name"] == deals["aws_sync_status"]["groupName"]
