"""A refusal by Microsoft names the HubSpot property that a seller can put right."""

from __future__ import annotations

import pytest

from lambdas.microsoft.domain.refusals import explained
from lambdas.shared.domain.field_map import FieldRule, parse_rules
from lambdas.shared.errors import Problem
from tests.unit.microsoft.microsoft_support import SALES_STAGES, settings

SUBSTATUS = FieldRule("substatus", "substatus", "literal", properties=("microsoft_substatus",), direction="to_deal")
RULES = (SUBSTATUS, *parse_rules(settings()))


def refusal(target: str) -> Problem:
    return Problem(target, f"{target} is not taken by Microsoft as it is (invalidRequest).")


@pytest.mark.parametrize(
    ("target", "rule", "crm_object", "crm_property"),
    [
        ("details.dealValue", "deal_value", "deal", "amount"),
        ("/details/dealValue", "deal_value", "deal", "amount"),
        ("Details.DealValue", "deal_value", "deal", "amount"),
        ("customerProfile/team/0/email", "contacts", "contact", "email"),
        ("details.requirements.solutions.1.id", "solutions", "deal", "microsoft_solution_ids"),
        ("customerProfile.address", "country", "company", "country"),
        ("substatus", "stage", "deal", "dealstage"),
    ],
)
def test_the_field_is_named_as_people_know_it(target: str, rule: str, crm_object: str, crm_property: str) -> None:
    (problem,) = explained([refusal(target)], RULES)
    assert (problem.field, problem.object, problem.property) == (rule, crm_object, crm_property)
    subject = f"The {crm_object}'s property {crm_property}"
    assert problem.message == f"{subject} is not taken by Microsoft as it is (invalidRequest)."


def test_a_choice_comes_with_what_may_be_chosen_and_a_stated_list_stands() -> None:
    (problem,) = explained([refusal("salesStage")], RULES)
    assert problem.allowed == tuple(SALES_STAGES)
    stated = Problem("salesStage", "It cannot.", allowed=("Close",))
    assert explained([stated], RULES)[0].allowed == ("Close",)


@pytest.mark.parametrize("target", ["referral", "engagementId", ""])
def test_what_no_rule_stands_for_stays_as_it_is(target: str) -> None:
    assert explained([refusal(target)], RULES) == (refusal(target),)
