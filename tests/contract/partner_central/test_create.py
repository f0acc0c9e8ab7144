"""CreateOpportunity: what it needs, what it refuses, and that it happens once."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from sandbox.partner_central.in_process import client_for
from tests.contract.partner_central.samples import (
    DOCUMENT,
    DURATION,
    TCV_ROW,
    create,
    entries,
    read,
)

ROW = DOCUMENT["Project"]["ExpectedCustomerSpend"][0]
SPEND = "Project.ExpectedCustomerSpend"
ACCOUNT = "Customer.Account"
ADDRESS = f"{ACCOUNT}.Address"


def test_a_new_opportunity_is_stored_as_sent_and_pending_submission(client):
    identifier = create(client)

    stored = read(client, identifier)

    assert stored["Customer"] == DOCUMENT["Customer"]
    assert stored["Project"] == DOCUMENT["Project"]
    assert stored["PartnerOpportunityIdentifier"] == "500"
    assert stored["LifeCycle"]["ReviewStatus"] == "Pending Submission"
    assert [step["Value"] for step in stored["LifeCycle"]["NextStepsHistory"]] == ["Call on Monday"]
    assert stored["Arn"] == f"arn:aws:partnercentral:us-east-1:111122223333:catalog/AWS/opportunity/{identifier}"


def test_column_c_is_enough_and_the_defaults_are_the_vendors(client):
    needed = {
        "Customer": {
            "Account": {
                "CompanyName": "Example Customer",
                "Industry": "Retail",
                "WebsiteUrl": "https://www.customer.example.com/shop",
                "Address": {"CountryCode": "DE"},
            }
        },
        "Project": {
            "Title": "Cloud Migration",
            "CustomerBusinessProblem": "The data centre lease ends next year.",
            "ExpectedCustomerSpend": [ROW],
        },
        "LifeCycle": {"TargetCloseDate": "2027-03-31"},
    }

    answer = client.create_opportunity(Catalog="AWS", ClientToken="t", **needed)
    stored = read(client, answer["Id"])

    assert stored["LifeCycle"]["Stage"] == "Prospect"
    assert stored["OpportunityType"] == "Net New Business"
    assert "PartnerOpportunityIdentifier" not in answer


REFUSED = [
    # column C
    (f"{ACCOUNT}.Industry", None, "customer.account.industry", "REQUIRED_FIELD_MISSING", "2.1"),
    (f"{ACCOUNT}.CompanyName", "", "customer.account.companyName", "REQUIRED_FIELD_MISSING", "2.1"),
    (f"{ACCOUNT}.WebsiteUrl", None, "customer.account.websiteUrl", "REQUIRED_FIELD_MISSING", "2.1"),
    (f"{ADDRESS}.CountryCode", None, "customer.account.address.countryCode", "REQUIRED_FIELD_MISSING", "2.1"),
    ("Project.Title", "", "project.title", "REQUIRED_FIELD_MISSING", "2.1"),
    ("Project.CustomerBusinessProblem", None, "project.customerBusinessProblem", "REQUIRED_FIELD_MISSING", "2.1"),
    (SPEND, [], "project.expectedCustomerSpend", "REQUIRED_FIELD_MISSING", "2.1"),
    ("LifeCycle.TargetCloseDate", None, "lifeCycle.targetCloseDate", "REQUIRED_FIELD_MISSING", "2.1"),
    # conditional
    (f"{ACCOUNT}.Industry", "Other", "customer.account.otherIndustry", "REQUIRED_FIELD_MISSING", "2.1"),
    ("Project.CompetitorName", "*Other", "project.otherCompetitorNames", "REQUIRED_FIELD_MISSING", "2.1"),
    (f"{ADDRESS}.StateOrRegion", None, "customer.account.address.stateOrRegion", "REQUIRED_FIELD_MISSING", "2.4"),
    (f"{ADDRESS}.StateOrRegion", "TX", "customer.account.address.stateOrRegion", "INVALID_ENUM_VALUE", "2.4"),
    (
        f"{ADDRESS}.StateOrRegion",
        "District of Columbia",
        "customer.account.address.stateOrRegion",
        "INVALID_ENUM_VALUE",
        "2.4",
    ),
    ("NationalSecurity", "Yes", "customer.account.industry", "INVALID_VALUE", "2.1"),
    ("Marketing", {"Source": "Marketing Activity"}, "marketing.awsFundingUsed", "REQUIRED_FIELD_MISSING", "2.1"),
    ("Marketing.Channels", ["Email"], "marketing.channels", "INVALID_VALUE", "2.1"),
    ("Marketing.CampaignName", "Spring", "marketing.campaignName", "INVALID_VALUE", "2.1"),
    ("Marketing.AwsFundingUsed", "No", "marketing.awsFundingUsed", "INVALID_VALUE", "2.1"),
    (
        "Marketing",
        {"Source": "Marketing Activity", "AwsFundingUsed": "No", "UseCases": ["Ai"]},
        "marketing.useCases",
        "INVALID_ENUM_VALUE",
        "2.2",
    ),
    # server lists and forms
    ("Project.CustomerUseCase", "Backups", "project.customerUseCase", "INVALID_ENUM_VALUE", "2.3"),
    (f"{ACCOUNT}.WebsiteUrl", "not a domain", "customer.account.websiteUrl", "INVALID_STRING_FORMAT", "2.1"),
    # dates
    ("LifeCycle.TargetCloseDate", "2026-09-20", "lifeCycle.targetCloseDate", "VALUE_OUT_OF_RANGE", "2.1"),
    ("LifeCycle.TargetCloseDate", "2087-01-01", "lifeCycle.targetCloseDate", "VALUE_OUT_OF_RANGE", "2.1"),
    ("LifeCycle.TargetCloseDate", "2027-02-30", "lifeCycle.targetCloseDate", "INVALID_STRING_FORMAT", "2.1"),
    # stage and review
    ("LifeCycle.Stage", "Committed", "lifeCycle.stage", "INVALID_VALUE", "2.8"),
    ("LifeCycle.Stage", "Launched", "lifeCycle.stage", "INVALID_VALUE", "2.8"),
    ("LifeCycle.Stage", "Closed Lost", "lifeCycle.closedLostReason", "REQUIRED_FIELD_MISSING", "2.8"),
    ("LifeCycle.ReviewStatus", "Approved", "lifeCycle.reviewStatus", "ACTION_NOT_PERMITTED", "3.1"),
    ("Origin", "AWS Referral", "origin", "ACTION_NOT_PERMITTED", "1.4"),
    (
        "OpportunityTeam",
        [{"Email": "a@partner.example.com", "BusinessTitle": "OpportunityOwner"}],
        "opportunityTeam.businessTitle",
        "INVALID_VALUE",
        "2.1",
    ),
    # spend
    (SPEND, [{**ROW, "Amount": "0.00"}], "project.expectedCustomerSpend.amount", "VALUE_OUT_OF_RANGE", "2.6"),
    (SPEND, [{**ROW, "Amount": ""}], "project.expectedCustomerSpend.amount", "REQUIRED_FIELD_MISSING", "2.6"),
    (SPEND, [{**ROW, "CurrencyCode": "GBP"}], "project.expectedCustomerSpend.currencyCode", "INVALID_VALUE", "2.2"),
    (SPEND, [{**ROW, "Frequency": "None"}], "project.expectedCustomerSpend.frequency", "INVALID_VALUE", "2.6"),
    (SPEND, [TCV_ROW], "project.expectedCustomerSpend.frequency", "INVALID_VALUE", "2.6"),
    ("Project.ExpectedContractDuration", DURATION, "project.expectedContractDuration", "INVALID_VALUE", "2.6"),
    ("Project.AwsPartition", "aws-eusc", "project.expectedCustomerSpend.currencyCode", "INVALID_VALUE", "2.1"),
]


@pytest.mark.parametrize(("path", "value", "field", "problem", "sheet"), REFUSED)
def test_a_broken_rule_is_refused_with_field_code_and_section(client, path, value, field, problem, sheet):
    with pytest.raises(ClientError) as refused:
        create(client, {path: value})

    response = refused.value.response
    assert response["Error"]["Code"] == "ValidationException"
    assert response["Reason"] == "BUSINESS_VALIDATION_FAILED"
    assert entries(refused.value)[field] == problem
    entry = next(entry for entry in response["ErrorList"] if entry["FieldName"] == field)
    assert f"[fact sheet {sheet}]" in entry["Message"]
    assert client.list_opportunities(Catalog="AWS")["OpportunitySummaries"] == []


def test_every_broken_rule_is_told_at_once(client):
    with pytest.raises(ClientError) as refused:
        create(client, {"Project.Title": None, f"{ACCOUNT}.Industry": None, "LifeCycle.TargetCloseDate": "2020-01-01"})

    assert set(entries(refused.value)) == {"project.title", "customer.account.industry", "lifeCycle.targetCloseDate"}


@pytest.mark.parametrize("state", ["Dist. of Columbia", "FPO, AP", "Puerto Rico", "New York"])
def test_the_listed_states_and_territories_are_taken(client, state):
    assert create(client, {f"{ADDRESS}.StateOrRegion": state})


def test_national_security_needs_no_website_and_no_state_and_sets_the_country(client):
    identifier = create(
        client,
        {
            "NationalSecurity": "Yes",
            f"{ACCOUNT}.Industry": "Government",
            f"{ACCOUNT}.WebsiteUrl": None,
            ADDRESS: {"CountryCode": "DE"},
        },
    )

    assert read(client, identifier)["Customer"]["Account"]["Address"]["CountryCode"] == "US"


def test_the_server_drops_unknown_programs_and_an_idle_parent(client):
    identifier = create(
        client,
        {"Project.ApnPrograms": ["Windows", "My Program"], "Project.RelatedOpportunityIdentifier": "O12345"},
    )

    project = read(client, identifier)["Project"]
    assert project["ApnPrograms"] == ["Windows"]
    assert "RelatedOpportunityIdentifier" not in project


@pytest.mark.parametrize(
    ("spaced", "taken", "refused"),
    [
        (True, "Migration / Database Migration", "Migration/Database Migration"),
        (False, "Migration/Database Migration", "Migration / Database Migration"),
    ],
)
def test_both_spellings_of_the_slash_values_can_be_the_servers(make, spaced, taken, refused):
    client = client_for(make(switch_use_case_slash_spaced=spaced))

    assert create(client, {"Project.CustomerUseCase": taken})
    with pytest.raises(ClientError, match=r"fact sheet 2\.3"):
        create(client, {"Project.CustomerUseCase": refused}, attempt="t-2")


def test_funding_beside_source_none_is_taken_in_the_other_reading(make):
    client = client_for(make(switch_funding_refused_without_marketing=False))

    assert create(client, {"Marketing.AwsFundingUsed": "No"})


def test_a_fresh_opportunity_may_be_unreadable_for_a_while(make, clock):
    client = client_for(make(switch_fresh_not_found_ms=3000))
    identifier = create(client)

    with pytest.raises(client.exceptions.ResourceNotFoundException):
        read(client, identifier)
    clock.turn(3)
    assert read(client, identifier)["Id"] == identifier
