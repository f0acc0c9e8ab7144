"""The product's preflight against the simulated account's strict rules: neither knows the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lambdas.aws.domain.codecs import CODECS
from lambdas.aws.domain.involvement import wanted
from lambdas.aws.domain.preflight import preflight
from lambdas.shared.domain.field_map import parse_rules
from lambdas.shared.errors import Problem
from sandbox.partner_central import submission
from sandbox.partner_central.account import PartnerCentralAccount
from sandbox.partner_central.switches import Switches
from tests.contract.partner_central.samples import SOLUTION, associate, create, document, submit
from tests.unit.domain.domain_support import context, settings

AWS = settings()["partners"]["aws"]
# The shipped map has no field for these; a user may add one.
EXTRA_RULES = [
    {
        "name": "parent",
        "path": "Project.RelatedOpportunityIdentifier",
        "codec": "plain_text",
        "properties": ["aws_parent"],
    },
    {"name": "security", "path": "NationalSecurity", "codec": "plain_text", "properties": ["aws_security"]},
]
RULES = parse_rules({**AWS, "fields": [*AWS["fields"], *EXTRA_RULES]})
FIELDS = {
    "Customer.Account.CompanyName": ("company", "name"),
    "Customer.Account.Industry": ("company", "industry"),
    "Customer.Account.WebsiteUrl": ("company", "website"),
    "Customer.Account.Address.CountryCode": ("company", "country"),
    "Customer.Account.Address.PostalCode": ("company", "zip"),
    "Project.Title": ("deal", "dealname"),
    "Project.CustomerBusinessProblem": ("deal", "aws_customer_problem"),
    "Project.CustomerUseCase": ("deal", "aws_use_case"),
    "Project.DeliveryModels": ("deal", "aws_delivery_models"),
    "Project.SalesActivities": ("deal", "aws_sales_activities"),
    "Project.ExpectedCustomerSpend": ("deal", "amount"),
    "LifeCycle.Stage": ("deal", "dealstage"),
    "LifeCycle.TargetCloseDate": ("deal", "closedate"),
    "PrimaryNeedsFromAws": ("deal", "aws_primary_needs"),
}
"""What a person is asked to fill in, by the path that AWS misses."""

CHANGES = {
    **{path: st.none() for path in FIELDS},
    "OpportunityType": st.sampled_from(["Net New Business", "Flat Renewal", "Expansion"]),
    "Project.RelatedOpportunityIdentifier": st.sampled_from([None, "O7"]),
    "NationalSecurity": st.sampled_from([None, "Yes", "No"]),
    "Customer.Account.Industry": st.sampled_from([None, "Government", "Retail"]),
    "Customer.Account.Address.CountryCode": st.sampled_from([None, "US", "DE", "AE", "AR", "GF", "SE"]),
    "Customer.Account.Address.PostalCode": st.sampled_from([None, "75001", "10115", "97310", "77310", "S-12345", "1"]),
    "Customer.Contacts": st.none(),
    "LifeCycle.NextSteps": st.none(),
    "PrimaryNeedsFromAws": st.sampled_from(
        [None, ["Do Not Need Support from AWS Sales Rep"], ["Co-Sell - Deal Support", "Co-Sell - Pricing Assistance"]]
    ),
    "Project.OtherSolutionDescription": st.sampled_from([None, "Something of our own"]),
}
CHOICES = st.fixed_dictionaries(
    {
        "aws_involvement_type": st.sampled_from([None, "Co-Sell", "For Visibility Only"]),
        "aws_visibility_wanted": st.sampled_from([None, "Full", "Limited"]),
    }
)
READINGS = {
    "strict": (Switches(), {}),
    "other": (
        Switches(other_solution_submits=True, s3_era_rules=True, limited_visibility_eligible=True),
        {"other_solution": True, "co_sell_contacts": True, "limited_visibility": True},
    ),
}


def said(deal: dict[str, Any], after: dict[str, Any], entities: tuple[str, ...], **ours: Any) -> list[Problem]:
    """The preflight's problems."""
    known = context(submission={**AWS["submission"], **ours})
    return preflight(deal, after, rules=RULES, codecs=CODECS, entities=entities, context=known)


def refused(deal: dict[str, Any], after: dict[str, Any], has_solution: bool, switches: Switches) -> list[Any]:
    """The simulated account's."""
    choice = wanted(deal, context())[0]
    return submission.problems(
        after,
        involvement=choice.involvement,
        visibility=choice.visibility,
        catalog="Sandbox",
        has_solution=has_solution,
        switches=switches,
    )


def deal_with(**properties: Any) -> dict[str, Any]:
    return {"id": "500", "properties": properties, "company": None, "contacts": []}


@pytest.mark.parametrize("reading", READINGS)
@hypothesis_settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    changes=st.fixed_dictionaries({}, optional=CHANGES),
    choice=CHOICES,
    entities=st.sampled_from([(), ("S-1234567",), ("AwsProducts:AmazonEC2Linux",), ("AwsMarketplaceProducts:arn",)]),
)
def test_preflight_complains_of_whatever_the_account_would_refuse_and_of_little_else(
    reading: str, changes: dict[str, Any], choice: dict[str, Any], entities: tuple[str, ...]
) -> None:
    switches, ours = READINGS[reading]
    deal, after = deal_with(**choice), document({**changes, "Marketing.Source": "None"})
    has_solution = entities not in ((), ("AwsProducts:AmazonEC2Linux",))
    found, theirs = said(deal, after, entities, **ours), refused(deal, after, has_solution, switches)
    assert bool(theirs) <= bool(found), theirs
    assert all(one.property for one in found)
    # Rules of every create and update, which the account checks long before a submission.
    own = {"state", "close_date", "industry"}
    assert bool(theirs) or {one.field for one in found} <= own, found


@pytest.mark.parametrize("path", FIELDS)
def test_each_single_field_that_is_gone_is_one_problem_of_its_property(path: str) -> None:
    after = document({path: None})
    (problem,) = said(deal_with(), after, (SOLUTION,))
    assert (problem.object, problem.property) == FIELDS[path]
    assert refused(deal_with(), after, True, Switches()) or path == "LifeCycle.TargetCloseDate"
    assert {"aws_use_case", "aws_delivery_models", "aws_primary_needs"} & {problem.property} <= {
        problem.property if problem.allowed else None
    }


def test_what_passes_is_taken_by_the_account_and_comes_into_review(client: Any, account: PartnerCentralAccount) -> None:
    identifier = create(client, catalog="Sandbox")
    associate(client, identifier, catalog="Sandbox")
    after = client.get_opportunity(Catalog="Sandbox", Identifier=identifier)
    assert said(deal_with(), {**after, "LifeCycle": {**after["LifeCycle"]}}, ()) == []
    assert submit(client, identifier, "Sandbox")["TaskStatus"] == "COMPLETE"
    assert account.catalogs["Sandbox"].opportunities[identifier].review_status == "Submitted"


def _without_solution(client: Any) -> tuple[str, dict[str, str]]:
    return create(client, catalog="Sandbox"), {}


def _without_use_case(client: Any) -> tuple[str, dict[str, str]]:
    identifier = create(client, {"Project.CustomerUseCase": None}, catalog="Sandbox")
    associate(client, identifier, catalog="Sandbox")
    return identifier, {}


def _against_its_needs(client: Any) -> tuple[str, dict[str, str]]:
    identifier = create(client, catalog="Sandbox")
    associate(client, identifier, catalog="Sandbox")
    return identifier, {"InvolvementType": "For Visibility Only"}


@pytest.mark.parametrize(
    ("make_wrong", "field"),
    [
        (_without_solution, "solution_ids"),
        (_without_use_case, "use_case"),
        (_against_its_needs, "involvement_wanted"),
    ],
)
def test_what_does_not_pass_fails_as_a_task(
    client: Any, make_wrong: Callable[[Any], tuple[str, dict[str, str]]], field: str
) -> None:
    identifier, choice = make_wrong(client)
    after = client.get_opportunity(Catalog="Sandbox", Identifier=identifier)
    (problem,) = said(deal_with(aws_involvement_type=choice.get("InvolvementType")), after, ())
    assert problem.field == field
    task = submit(client, identifier, "Sandbox", **choice)
    assert (task["TaskStatus"], task["ReasonCode"]) == ("FAILED", "OpportunitySubmissionFailed")


def test_a_required_field_without_a_rule_is_asked_to_be_added() -> None:
    rules = [rule for rule in RULES if rule.name != "use_case"]
    known = replace(context())
    (problem,) = preflight(
        deal_with(),
        document({"Project.CustomerUseCase": None}),
        rules=rules,
        codecs=CODECS,
        entities=(SOLUTION,),
        context=known,
    )
    assert (problem.field, problem.property) == ("Project.CustomerUseCase", None)
    assert "field map" in problem.message
