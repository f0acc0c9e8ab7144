"""A refusal by AWS names the HubSpot property that a seller can put right."""

from __future__ import annotations

import pytest

from lambdas.aws.domain.refusals import explained
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.errors import Problem

ROW = "Project.ExpectedCustomerSpend[TargetCompany=AWS]"
RULES = (
    FieldRule("customer", "Customer", "plain_text", properties=("customer",)),
    FieldRule("title", "Project.Title", "title", properties=("dealname",)),
    FieldRule("spend_target", f"{ROW}.TargetCompany", "literal"),
    FieldRule("spend_amount", f"{ROW}.Amount", "money", properties=("aws_monthly_spend",)),
    FieldRule("contacts", "Customer.Contacts", "contacts", object="contact", properties=("email",)),
    FieldRule(
        "industry",
        "Customer.Account.Industry",
        "table",
        object="company",
        properties=("industry",),
        options={"allowed": ["Gaming"]},
    ),
)


def refusal(field, code="INVALID_VALUE"):
    return Problem(field, f"{field or 'The opportunity'} has a value that AWS does not accept ({code}).")


@pytest.mark.parametrize(
    ("field", "rule", "crm_object", "crm_property"),
    [
        ("project.title", "title", "deal", "dealname"),
        ("project.expectedcustomerspend.amount", "spend_amount", "deal", "aws_monthly_spend"),
        ("project.expectedcustomerspend", "spend_amount", "deal", "aws_monthly_spend"),
        ("customer.contacts.email", "contacts", "contact", "email"),
        ("project.expectedcustomerspend.targetcompany", "spend_target", "deal", None),
    ],
)
def test_the_field_is_named_as_people_know_it(field, rule, crm_object, crm_property):
    (problem,) = explained([refusal(field)], RULES)
    assert (problem.field, problem.object, problem.property) == (rule, crm_object, crm_property)
    assert problem.allowed == ()
    assert field not in problem.message
    assert "has a value that AWS does not accept (INVALID_VALUE)." in problem.message


def test_allowed_values_come_with_a_wrong_choice():
    (problem,) = explained([refusal("customer.account.industry", "INVALID_ENUM_VALUE")], RULES)
    assert problem.allowed == ("Gaming",)


@pytest.mark.parametrize("field", ["", "nationalsecurity", "project.titles"])
def test_what_no_rule_stands_for_stays_as_it_is(field):
    assert explained([refusal(field)], RULES) == (refusal(field),)
