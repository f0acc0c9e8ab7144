"""What AWS lets us edit, by review status, stage and reading of its two sources."""

from __future__ import annotations

import pytest

from lambdas.aws.domain.locks import editable, held_values, locked_fields
from tests.unit.domain.domain_support import rules

AMOUNT = "Project.ExpectedCustomerSpend[TargetCompany=Self].Amount"
CURRENCY = "Project.ExpectedCustomerSpend[TargetCompany=Self].CurrencyCode"


def record(status: str, stage: str = "Prospect") -> dict:
    return {
        "LifeCycle": {"ReviewStatus": status, "Stage": stage},
        "Project": {"ExpectedCustomerSpend": [{"TargetCompany": "Self", "Amount": "1.00"}]},
    }


@pytest.mark.parametrize("status", ["Submitted", "In review", "Rejected"])
def test_nothing_can_be_edited_while_aws_reviews_or_after_it_said_no(status: str) -> None:
    assert locked_fields(record(status), rules()) == {rule.name for rule in rules()}


def test_everything_can_be_edited_before_submission_and_before_there_is_a_record() -> None:
    assert locked_fields(record("Pending Submission"), rules()) == set()
    assert locked_fields(None, rules()) == set()


@pytest.mark.parametrize(
    ("path", "open_"),
    [
        ("Project.Title", False),
        ("Project.CustomerBusinessProblem", True),
        ("Customer.Account.WebsiteUrl", True),
        ("Customer.Account.Address.CountryCode", True),
        ("Customer.Account.CompanyName", False),
        ("LifeCycle.TargetCloseDate", True),
        ("LifeCycle.Stage", False),
        ("LifeCycle.NextSteps", False),
        (AMOUNT, True),
    ],
)
def test_action_required_opens_only_what_aws_asks_about(path: str, open_: bool) -> None:
    assert editable(record("Action Required"), path) is open_


@pytest.mark.parametrize(
    ("path", "open_"),
    [
        ("Project.Title", False),
        ("Project.CustomerBusinessProblem", False),
        ("Customer.Account.Address.CountryCode", False),
        ("Customer.Account.Address.City", True),
        ("Customer.Account.Industry", False),
        ("Customer.Account.OtherIndustry", True),
        ("LifeCycle.Stage", True),
        ("LifeCycle.NextSteps", True),
        (AMOUNT, True),
        (CURRENCY, False),
        ("PartnerOpportunityIdentifier", False),
    ],
)
def test_an_approved_record_keeps_who_and_what_it_is_about(path: str, open_: bool) -> None:
    assert editable(record("Approved"), path) is open_


@pytest.mark.parametrize(
    "path",
    [
        "Customer.Account.Industry",
        "PartnerOpportunityIdentifier",
        "PrimaryNeedsFromAws",
        "Project.ExpectedContractDuration.Value",
    ],
)
def test_where_the_sources_differ_strict_refrains_and_lenient_tries(path: str) -> None:
    assert not editable(record("Approved"), path, "strict")
    assert editable(record("Approved"), path, "lenient")


def test_a_launched_record_takes_little_under_the_strict_reading() -> None:
    launched = record("Approved", "Launched")
    assert not editable(launched, "LifeCycle.NextSteps", "strict")
    assert editable(launched, "Project.DeliveryModels", "strict")
    assert editable(launched, "LifeCycle.NextSteps", "lenient")


def test_an_opportunity_is_not_closed_before_it_was_submitted_nor_committed_without_a_solution() -> None:
    with_solution = {"RelatedEntityIdentifiers": {"Solutions": ["S-1"]}}
    assert held_values(record("Pending Submission") | with_solution, rules()) == {"stage": frozenset({"Closed Lost"})}
    assert held_values(record("Approved") | with_solution, rules()) == {}
    assert held_values(record("Approved"), rules()) == {"stage": frozenset({"Committed", "Launched"})}


def test_no_row_is_begun_on_an_approved_record_whose_members_are_locked() -> None:
    assert not editable(record("Approved"), "Project.ExpectedCustomerSpend[TargetCompany=AWS].Amount")
