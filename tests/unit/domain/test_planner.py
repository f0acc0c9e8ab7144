"""The three-way table, one case at a time."""

from __future__ import annotations

import pytest

from lambdas.shared.domain.documents import apply_to_deal
from lambdas.shared.domain.planner import Window
from tests.unit.domain.domain_support import (
    MODIFIED,
    NOW,
    SEEN,
    applied,
    compare,
    deal,
    history,
    moved,
    opportunity,
    tied,
)

AMOUNT = "Project.ExpectedCustomerSpend[TargetCompany=Self].Amount"


def test_nothing_moved_writes_nothing() -> None:
    document, other, base = tied()
    plan = compare(document, other, base)
    assert plan.empty
    assert not plan.problems
    assert plan.base == base


def test_a_value_that_moved_on_the_deal_goes_to_the_opportunity_alone() -> None:
    document, other, base = tied()
    document["properties"]["amount"] = "150000"
    plan = compare(document, other, base)
    assert plan.opportunity == {AMOUNT: "150000.00"}
    assert plan.deal == {}
    assert plan.base["spend_amount"] == "150000.00"


def test_a_value_that_moved_at_the_partner_goes_to_the_deal_alone() -> None:
    document, other, base = tied()
    plan = compare(document, moved(other, LifeCycle__NextSteps="Call Ann"), base)
    assert plan.opportunity == {}
    assert plan.deal == {"hs_next_step": "Call Ann"}


def test_both_moved_to_the_same_value_only_moves_the_base() -> None:
    document, other, base = tied()
    document["properties"]["closedate"] = "2027-06-30T10:00:00Z"
    plan = compare(document, moved(other, LifeCycle__TargetCloseDate="2027-06-30"), base)
    assert plan.empty
    assert plan.base["close_date"] == "2027-06-30"


@pytest.mark.parametrize(
    ("strategy", "edited_at", "winner"),
    [
        ("hubspot-wins", SEEN, "deal"),
        ("partner-wins", NOW, "opportunity"),
        ("last-write-wins", MODIFIED + 1, "deal"),
        ("last-write-wins", MODIFIED, "opportunity"),
        ("last-write-wins", SEEN + 1, "opportunity"),
        ("last-write-wins", SEEN - 1, "opportunity"),
        ("last-write-wins", None, "opportunity"),
    ],
)
def test_values_that_moved_apart_are_settled_by_the_strategy(strategy: str, edited_at: int | None, winner: str) -> None:
    document, other, base = tied()
    document["properties"]["hs_next_step"] = "Ours"
    if edited_at is not None:
        history(document, "hs_next_step", edited_at)
    plan = compare(document, moved(other, LifeCycle__NextSteps="Theirs"), base, strategy=strategy)
    if winner == "deal":
        assert (plan.opportunity, plan.deal) == ({"LifeCycle.NextSteps": "Ours"}, {})
        assert plan.opportunity_changes[0].winner == "deal"
    else:
        assert (plan.opportunity, plan.deal) == ({}, {"hs_next_step": "Theirs"})


@pytest.mark.parametrize(
    ("edited_at", "rule"),
    [(SEEN - 1, "last-write-wins"), (SEEN + 1, "last-write-wins (tie)"), (None, "last-write-wins (tie)")],
)
def test_a_tie_is_named_as_one(edited_at: int | None, rule: str) -> None:
    document, other, base = tied()
    document["properties"]["hs_next_step"] = "Ours"
    if edited_at is not None:
        history(document, "hs_next_step", edited_at)
    plan = compare(document, moved(other, LifeCycle__NextSteps="Theirs"), base)
    assert [change.rule for change in plan.deal_changes] == [rule]


def test_our_own_write_in_the_history_is_no_move_of_the_deal() -> None:
    document, other, base = tied()
    document["properties"]["hs_next_step"] = "Ours"
    history(document, "hs_next_step", SEEN)
    history(document, "hs_next_step", NOW, source="INTEGRATION", source_id="400")
    plan = compare(document, moved(other, LifeCycle__NextSteps="Theirs"), base)
    assert plan.deal == {"hs_next_step": "Theirs"}


def test_another_integrations_write_is_a_move_of_the_deal() -> None:
    document, other, base = tied()
    document["properties"]["hs_next_step"] = "Ours"
    history(document, "hs_next_step", NOW, source="INTEGRATION", source_id="999")
    assert compare(document, moved(other, LifeCycle__NextSteps="Theirs"), base).opportunity == {
        "LifeCycle.NextSteps": "Ours"
    }


def test_a_person_whose_id_looks_like_our_apps_is_still_a_person() -> None:
    document, other, base = tied()
    document["properties"]["hs_next_step"] = "Ours"
    history(document, "hs_next_step", NOW, source="CRM_UI", source_id="400")
    assert compare(document, moved(other, LifeCycle__NextSteps="Theirs"), base).deal == {}


def test_manual_overwrites_neither_side_and_keeps_the_base() -> None:
    document, other, base = tied(hs_next_step="Before")
    document["properties"]["hs_next_step"] = "Ours"
    plan = compare(document, moved(other, LifeCycle__NextSteps="Theirs"), base, strategy="manual")
    assert plan.empty
    assert plan.base["next_steps"] == "Before"
    conflict = plan.conflicts[0]
    assert (conflict.field, conflict.property) == ("next_steps", "hs_next_step")
    assert (conflict.base, conflict.deal_value, conflict.opportunity_value) == ("Before", "Ours", "Theirs")


def test_manual_is_over_once_a_person_sets_the_deal_to_the_partners_value() -> None:
    document, other, base = tied(hs_next_step="Before")
    other = moved(other, LifeCycle__NextSteps="Theirs")
    document["properties"]["hs_next_step"] = "Theirs"
    plan = compare(document, other, base, strategy="manual")
    assert plan.empty
    assert not plan.conflicts
    assert plan.base["next_steps"] == "Theirs"


def test_an_optional_value_that_a_person_emptied_is_cleared_at_the_partner() -> None:
    document, other, base = tied(hs_next_step="Call")
    document["properties"]["hs_next_step"] = None
    plan = compare(document, other, base)
    assert plan.opportunity == {"LifeCycle.NextSteps": None}
    assert plan.base["next_steps"] is None
    assert compare(document, applied(other, plan.opportunity), plan.base).empty


def test_a_required_value_that_a_person_emptied_is_a_problem_and_is_cleared_nowhere() -> None:
    document, other, base = tied()
    document["properties"]["amount"] = None
    plan = compare(document, other, base)
    assert plan.empty
    assert [(each.field, each.object, each.property) for each in plan.problems] == [("spend_amount", "deal", "amount")]


def test_a_required_value_that_the_partner_lost_is_written_again() -> None:
    document, other, base = tied()
    plan = compare(document, moved(other, LifeCycle__TargetCloseDate=None), base)
    assert plan.opportunity == {"LifeCycle.TargetCloseDate": "2027-03-31"}
    assert plan.deal == {}


def test_an_optional_value_that_the_partner_cleared_is_cleared_on_the_deal() -> None:
    document, other, base = tied(hs_next_step="Call")
    plan = compare(document, moved(other, LifeCycle__NextSteps=None), base)
    assert plan.deal == {"hs_next_step": ""}


def test_the_first_sync_never_clears_the_deal() -> None:
    document, other, _ = tied(hs_next_step="Call", dealtype="newbusiness")
    plan = compare(document, moved(other, LifeCycle__NextSteps=None), {})
    assert plan.deal == {}
    assert plan.opportunity["LifeCycle.NextSteps"] == "Call"


def test_the_first_sync_fills_the_empty_side_and_agrees_on_what_is_equal() -> None:
    document, other, base = tied(dealtype="newbusiness")
    plan = compare(document, moved(other, LifeCycle__NextSteps="Call"), {})
    assert plan.deal == {"hs_next_step": "Call"}
    assert plan.opportunity == {}
    assert plan.base == {**base, "next_steps": "Call"}


def test_the_first_sync_settles_different_values_by_strategy() -> None:
    document, other, _ = tied(dealtype="newbusiness")
    other = moved(other, LifeCycle__TargetCloseDate="2028-01-01")
    assert compare(document, other, {}, strategy="hubspot-wins").opportunity == {
        "LifeCycle.TargetCloseDate": "2027-03-31"
    }
    assert set(compare(document, other, {}, strategy="partner-wins").deal) == {"closedate"}


def test_a_field_of_the_company_is_written_to_the_partner_and_never_back() -> None:
    document, other, base = tied()
    assert compare(document, moved(other, Customer__Account__CompanyName="Renamed"), base).empty
    document["company"]["properties"]["name"] = "BigCorp SE"
    assert compare(document, other, base).opportunity == {"Customer.Account.CompanyName": "BigCorp SE"}


def test_a_field_of_the_partner_is_written_to_the_deal_and_never_back() -> None:
    document, other, base = tied()
    other["LifeCycle"]["ReviewComments"] = "Please clarify"
    plan = compare(document, other, base)
    assert plan.deal == {"aws_review_comments": "Please clarify"}
    document["properties"]["aws_review_comments"] = "Overwritten by a person"
    assert compare(document, other, plan.base).empty


def test_the_same_plan_again_after_both_sides_moved_is_empty() -> None:
    document, other, base = tied()
    document["properties"]["amount"] = "150000"
    other = moved(other, LifeCycle__Stage="Technical Validation")
    plan = compare(document, other, base)
    again = compare(apply_to_deal(document, plan.deal), applied(other, plan.opportunity), plan.base)
    assert again.empty
    assert again.base == plan.base


def test_a_new_opportunity_needs_every_required_field_and_names_all_at_once() -> None:
    document = deal(
        company={"name": None, "domain": None, "country": None, "industry": None},
        dealname="#AWS",
        description=None,
        amount=None,
        aws_contract_months=None,
        closedate=None,
        dealstage=None,
    )
    plan = compare(document, None, {})
    assert {(each.object, each.property) for each in plan.problems} == {
        ("company", "name"),
        ("company", "website"),
        ("company", "country"),
        ("company", "industry"),
        ("deal", "dealname"),
        ("deal", "aws_customer_problem"),
        ("deal", "amount"),
        ("deal", "aws_contract_months"),
        ("deal", "closedate"),
        ("deal", "dealstage"),
    }


def test_a_us_company_without_state_cannot_be_created() -> None:
    plan = compare(deal(company={"state": None}), None, {})
    assert [(each.object, each.property) for each in plan.problems] == [("company", "state")]


def test_a_deal_without_amount_leaves_a_row_of_another_meaning_alone() -> None:
    row = {"TargetCompany": "AWS", "Frequency": "Monthly", "Amount": "900.00", "CurrencyCode": "USD"}
    document, other, _ = tied()
    other["Project"]["ExpectedCustomerSpend"] = [row]
    other["Project"].pop("ExpectedContractDuration")
    document["properties"] |= {"amount": None, "aws_contract_months": None}
    plan = compare(document, other, {})
    assert not [path for path in plan.opportunity if "Spend" in path or "Contract" in path]
    assert "amount" not in plan.deal


def test_the_window_of_an_opportunity_that_was_never_seen_begins_at_zero() -> None:
    document, other, _ = tied(dealtype="newbusiness")
    document["properties"]["closedate"] = "2027-05-05T10:00:00Z"
    history(document, "closedate", MODIFIED - 10)
    plan = compare(document, other, {}, window=Window(0, MODIFIED))
    assert set(plan.deal) == {"closedate"}
    assert [change.rule for change in plan.deal_changes] == ["last-write-wins (tie)"]


def test_an_opportunity_made_by_the_helper_is_what_a_create_sends() -> None:
    document = deal()
    plan = compare(document, None, {})
    assert opportunity(plan.opportunity)["Project"]["ExpectedCustomerSpend"] == [
        {"TargetCompany": "Self", "Amount": "120000.00", "CurrencyCode": "USD", "Frequency": "None"}
    ]


def test_the_first_sync_leaves_the_partners_customer_alone_and_later_changes_of_the_company_go_out() -> None:
    document, other, _ = tied(dealtype="newbusiness")
    other = moved(other, Customer__Account__CompanyName="BigCorp Holding")
    first = compare(document, other, {})
    assert first.empty
    document["company"]["properties"]["name"] = "BigCorp SE"
    later = compare(document, other, first.base)
    assert later.opportunity == {"Customer.Account.CompanyName": "BigCorp SE"}


def test_the_first_sync_writes_the_company_where_hubspot_wins() -> None:
    document, other, _ = tied()
    other = moved(other, Customer__Account__CompanyName="BigCorp Holding")
    plan = compare(document, other, {}, strategy="hubspot-wins")
    assert plan.opportunity == {"Customer.Account.CompanyName": "BigCorp"}
