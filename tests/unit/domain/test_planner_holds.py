"""What holds a write back, and what one deal value may stand for: locks, companions, dates, stages, defaults."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.aws.domain.codecs import CODECS
from lambdas.shared.domain.field_map import Condition, FieldRule
from lambdas.shared.domain.planner import plan_fields
from tests.unit.domain.domain_support import (
    WINDOW,
    compare,
    context,
    moved,
    rules,
    tied,
)

AMOUNT = "Project.ExpectedCustomerSpend[TargetCompany=Self].Amount"


def test_a_locked_field_is_blocked_by_name_and_goes_out_when_the_lock_opens() -> None:
    document, other, base = tied()
    document["properties"]["amount"] = "150000"
    closed = compare(document, other, base, locked=frozenset({"spend_amount"}))
    assert closed.empty
    assert closed.blocked == ["spend_amount"]
    assert closed.base == base
    assert compare(document, other, closed.base).opportunity == {AMOUNT: "150000.00"}


def test_a_locked_field_still_takes_the_partners_change() -> None:
    document, other, base = tied()
    plan = compare(document, moved(other, LifeCycle__NextSteps="Theirs"), base, locked=frozenset({"next_steps"}))
    assert plan.deal == {"hs_next_step": "Theirs"}


def test_closed_lost_goes_out_only_with_its_reason_and_in_one_call() -> None:
    document, other, base = tied()
    document["properties"]["dealstage"] = "closedlost"
    held = compare(document, other, base)
    assert held.empty
    assert [(each.field, each.property) for each in held.problems] == [("closed_lost_reason", "aws_closed_lost_reason")]
    assert held.base == base
    document["properties"]["aws_closed_lost_reason"] = "Price"
    plan = compare(document, other, base)
    assert plan.opportunity == {"LifeCycle.Stage": "Closed Lost", "LifeCycle.ClosedLostReason": "Price"}


def test_a_held_field_does_not_hold_the_others() -> None:
    document, other, base = tied()
    document["properties"] |= {"dealstage": "closedlost", "amount": "7"}
    assert compare(document, other, base).opportunity == {AMOUNT: "7.00"}


def test_a_reason_left_from_a_deal_that_was_lost_is_not_sent_for_an_open_one() -> None:
    document, other, base = tied(aws_closed_lost_reason="Price")
    assert "closed_lost_reason" not in base
    assert compare(document, other, base).empty


def test_a_country_that_leaves_the_us_takes_its_state_along() -> None:
    document, other, base = tied()
    document["company"]["properties"] |= {"country": "Germany", "state": "Bavaria", "zip": "10115"}
    plan = compare(document, other, base)
    account = "Customer.Account.Address"
    assert plan.opportunity == {
        f"{account}.CountryCode": "DE",
        f"{account}.PostalCode": "10115",
        f"{account}.StateOrRegion": None,
    }


def test_a_default_is_sent_where_both_are_silent_and_never_over_a_value() -> None:
    document, other, base = tied()
    assert base["opportunity_type"] == "Net New Business"
    grown = moved(other, OpportunityType="Expansion")
    plan = compare(document, grown, base)
    assert plan.opportunity == {}
    assert plan.deal == {"dealtype": "existingbusiness"}


def test_a_close_date_that_passed_holds_every_write_and_says_so() -> None:
    document, other, base = tied()
    document["properties"] |= {"closedate": "2026-01-01T10:00:00Z", "amount": "7"}
    old, base = moved(other, LifeCycle__TargetCloseDate="2026-01-01"), {**base, "close_date": "2026-01-01"}
    plan = compare(document, old, base)
    assert plan.opportunity == {}
    assert [each.field for each in plan.problems] == ["close_date"]
    assert plan.base == base
    document["properties"]["closedate"] = "2027-01-01T10:00:00Z"
    assert set(compare(document, old, base).opportunity) == {AMOUNT, "LifeCycle.TargetCloseDate"}


def test_a_close_date_that_passed_is_no_problem_while_nothing_else_moves() -> None:
    document, other, base = tied()
    document["properties"]["closedate"] = "2026-01-01T10:00:00Z"
    old = moved(other, LifeCycle__TargetCloseDate="2026-01-01")
    plan = compare(document, old, {**base, "close_date": "2026-01-01"})
    assert plan.empty
    assert not plan.problems


def test_a_close_date_in_the_past_is_refused_and_none_is_invented() -> None:
    document, other, base = tied()
    document["properties"]["closedate"] = "2026-09-20T10:00:00Z"
    plan = compare(document, other, base)
    assert plan.empty
    assert [each.field for each in plan.problems] == ["close_date"]


def test_two_deal_stages_of_one_partner_stage_are_the_same_to_the_partner() -> None:
    document, other, base = tied(dealstage="contractsent")
    assert base["stage"] == "Business Validation"
    document["properties"]["dealstage"] = "decisionmakerboughtin"
    assert compare(document, other, base).empty


def test_a_deal_stage_that_already_maps_to_the_partners_stage_is_not_rewritten() -> None:
    document, other, base = tied()
    document["properties"]["dealstage"] = "contractsent"
    plan = compare(document, moved(other, LifeCycle__Stage="Business Validation"), base)
    assert plan.empty
    assert plan.base["stage"] == "Business Validation"


def test_a_won_deal_stays_won_when_aws_launches_and_is_not_sent_back() -> None:
    document, other, base = tied(dealstage="closedwon")
    launched = moved(other, LifeCycle__Stage="Launched")
    plan = compare(document, launched, base)
    assert plan.empty
    assert plan.base["stage"] == "Launched"
    assert compare(document, launched, plan.base).empty


def test_a_closed_deal_is_never_reopened_but_shown_to_a_person() -> None:
    document, other, base = tied(dealstage="closedwon")
    plan = compare(document, moved(other, LifeCycle__Stage="Qualified"), base)
    assert plan.empty
    assert [each.field for each in plan.conflicts] == ["stage"]


@pytest.mark.parametrize(
    ("properties", "name", "named", "allowed"),
    [
        ({"dealstage": "777"}, "dealstage", "'777'", "qualifiedtobuy"),
        ({"pipeline": "888"}, "pipeline", "'888'", "default"),
    ],
)
def test_an_unmapped_stage_or_pipeline_is_named_with_what_is_allowed(
    properties: dict[str, Any], name: str, named: str, allowed: str
) -> None:
    document, other, base = tied()
    document["properties"] |= properties
    plan = compare(document, other, base)
    assert plan.empty
    problem = plan.problems[0]
    assert problem.property == name
    assert named in problem.message
    assert allowed in problem.allowed


def test_a_title_changed_at_the_partner_keeps_the_tags_of_the_deal() -> None:
    document, other, base = tied(dealname="BigCorp #AWS #gcp")
    plan = compare(document, moved(other, Project__Title="BigCorp, renamed"), base)
    assert plan.deal == {"dealname": "BigCorp, renamed #AWS #GCP"}


def test_a_won_deal_that_did_not_move_is_not_sent_to_aws_even_where_hubspot_wins() -> None:
    document, other, base = tied(dealstage="closedwon")
    back = moved(other, LifeCycle__Stage="Qualified")
    plan = compare(document, back, {**base, "stage": "Launched"}, strategy="hubspot-wins")
    assert plan.opportunity == {}
    assert [each.field for each in plan.conflicts] == ["stage"]


def test_what_both_sides_agree_on_moves_the_base_even_while_writes_are_held() -> None:
    document, other, base = tied()
    old = moved(other, LifeCycle__TargetCloseDate="2026-01-01", LifeCycle__NextSteps="Call")
    document["properties"] |= {"closedate": "2026-01-01T10:00:00Z", "hs_next_step": "Call", "amount": "7"}
    plan = compare(document, old, {**base, "close_date": "2026-01-01", "next_steps": None})
    assert plan.opportunity == {}
    assert plan.base["next_steps"] == "Call"


def test_a_default_alone_is_not_worth_an_update_and_goes_along_with_one() -> None:
    document, other, base = tied()
    bare = {**other, "OpportunityType": None}
    plan = compare(document, bare, {**base, "opportunity_type": None})
    assert plan.empty
    assert plan.base["opportunity_type"] is None
    document["properties"]["hs_next_step"] = "Call"
    both = compare(document, bare, {**base, "opportunity_type": None})
    assert both.opportunity == {"LifeCycle.NextSteps": "Call", "OpportunityType": "Net New Business"}


def test_what_depends_on_a_held_value_is_held_with_it() -> None:
    document, other, base = tied()
    document["properties"] |= {"dealstage": "closedlost", "closed_lost_reason": "They chose somebody else."}
    note = FieldRule(
        "loss_note",
        "Project.AdditionalComments",
        "plain_text",
        properties=("closed_lost_reason",),
        only_when=Condition("stage", ("Closed Lost",)),
    )
    known: dict[str, Any] = {"codecs": CODECS, "locked": frozenset(), "window": WINDOW, "context": context()}
    held = plan_fields(document, other, base, [*rules(), note], **known)
    assert held.opportunity == {}
    document["properties"]["aws_closed_lost_reason"] = "Price"
    free = plan_fields(document, other, base, [*rules(), note], **known)
    assert free.opportunity["Project.AdditionalComments"] == "They chose somebody else."


def test_a_stage_of_the_partner_that_nobody_knows_waits_for_a_person() -> None:
    document, other, base = tied()
    plan = compare(document, moved(other, LifeCycle__Stage="Onboarding"), base)
    assert plan.empty
    assert [each.field for each in plan.conflicts] == ["stage"]
