"""An amount and its currency stand or fall together: AWS's two fields and Microsoft's, through whole decisions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lambdas.shared.domain.conflict_picks import digest_of, read_picks
from lambdas.shared.domain.documents import apply_to_deal
from lambdas.shared.domain.field_map import parse_rules
from lambdas.shared.domain.plan import FieldConflict, Plan
from lambdas.shared.domain.reconcile import drifts_of
from tests.unit.domain.domain_support import (
    NOW,
    applied,
    context,
    deal,
    history,
    link,
    rules,
    run,
    settings,
)
from tests.unit.domain.test_decision import in_sync
from tests.unit.domain.worlds import plan_world
from tests.unit.microsoft import microsoft_support as microsoft

ROW = "Project.ExpectedCustomerSpend[TargetCompany=Self]"
AMOUNT, CURRENCY = f"{ROW}.Amount", f"{ROW}.CurrencyCode"
LATER = NOW + 86_400_000  # after the opportunity's own stamp
EUROS = {"amount": "90000", "deal_currency_code": "EUR"}


def synced(status: str = "Pending Submission") -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """A deal of 120000 USD, its opportunity in a review status, and their base."""
    document, other, base = in_sync()
    other["LifeCycle"]["ReviewStatus"] = status
    return document, other, base


def said(plan: Plan) -> str:
    return plan.deal["aws_sync_message"]


def test_an_approved_opportunity_gets_no_amount_in_another_currency_and_the_deal_says_so() -> None:
    document, other, base = synced("Approved")
    document["properties"] |= EUROS
    plan = run(document, other, base)
    assert (plan.action, plan.opportunity, plan.blocked) == ("none", {}, ("spend_currency",))
    assert (plan.base["spend_amount"], plan.base["spend_currency"]) == ("120000.00", "USD")
    assert (plan.status, plan.deal["aws_sync_status"]) == ("waiting", "waiting")
    assert said(plan) == (
        "Amount and Currency go together: AWS takes no change of Currency for now, so neither of the two went there. "
        "Put Currency back to what AWS has and give Amount to match, or ask AWS to change it."
    )
    (note,) = plan.tell
    assert (note.kind, note.subject) == ("note", "Currency and Amount stay as they are at AWS")
    assert "ask AWS to change it" in note.body
    assert "90000" not in said(plan)


def test_each_amount_that_stays_is_told_once() -> None:
    document, other, base = synced("Approved")
    document["properties"] |= EUROS
    plan = run(document, other, base)
    of = link(opportunity_id="O1", told={plan.tell[0].key: "note-1"})
    assert run(document, other, base, of=of).tell == ()
    document["properties"]["amount"] = "95000"
    assert len(run(document, other, base, of=of).tell) == 1


def test_an_approved_opportunity_gets_an_amount_in_its_own_currency() -> None:
    document, other, base = synced("Approved")
    document["properties"]["amount"] = "90000"
    plan = run(document, other, base)
    assert (plan.opportunity, plan.blocked, plan.together) == ({AMOUNT: "90000.00"}, (), ())


def test_what_was_held_during_a_review_does_not_go_out_by_half_when_it_ends() -> None:
    document, other, base = synced("In review")
    document["properties"] |= EUROS
    held = run(document, other, base)
    assert (held.blocked, held.together) == (("spend_amount", "spend_currency"), ())
    other["LifeCycle"]["ReviewStatus"] = "Approved"
    opened = run(apply_to_deal(document, held.deal), other, dict(held.base))
    assert (opened.opportunity, [each.field for each in opened.together]) == ({}, ["spend_amount"])
    other["LifeCycle"]["ReviewStatus"] = "Action Required"
    asked = run(document, other, dict(opened.base))
    assert (asked.opportunity[AMOUNT], asked.opportunity[CURRENCY]) == ("90000.00", "EUR")


def test_the_partners_amount_comes_in_with_its_currency_over_a_deal_that_waits() -> None:
    document, other, base = synced("Approved")
    document["properties"]["deal_currency_code"] = "EUR"
    held = run(document, other, base)
    assert held.blocked == ("spend_currency",)
    other = applied(other, {AMOUNT: "130000.00"})
    other["LifeCycle"]["ReviewStatus"] = "Approved"
    plan = run(apply_to_deal(document, held.deal), other, dict(held.base))
    assert (plan.deal["amount"], plan.deal["deal_currency_code"]) == ("130000", "USD")
    assert (plan.opportunity, plan.blocked, plan.status) == ({}, (), "synced")
    assert {each.rule for each in plan.deal_changes} == {"last-write-wins (tie)"}


@pytest.mark.parametrize("named", ["amount", "deal_currency_code"])
def test_the_later_word_of_the_two_decides_for_both(named: str) -> None:
    document, other, base = synced()
    document["properties"] |= EUROS
    other = applied(other, {AMOUNT: "130000.00"})
    before = run(document, other, base)
    assert (before.deal["amount"], before.deal["deal_currency_code"], before.opportunity) == ("130000", "USD", {})
    history(document, named, LATER)
    after = run(document, other, base)
    assert (after.opportunity[AMOUNT], after.opportunity[CURRENCY]) == ("90000.00", "EUR")
    assert "amount" not in after.deal


def test_microsoft_keeps_its_own_pair_where_it_spoke_last() -> None:
    document, referral, base = microsoft.tied()
    document["properties"] |= {"amount": "55000", "deal_currency_code": "USD"}
    at = microsoft.NOW - 60_000_000
    for name in ("amount", "deal_currency_code"):
        history(document, name, at)
    referral["details"]["dealValue"] = 60000
    plan = microsoft.run(document, referral, base)
    assert (plan.opportunity, plan.deal["amount"], plan.deal["deal_currency_code"]) == ({}, "60000", "EUR")
    history(document, "deal_currency_code", microsoft.NOW)
    plan = microsoft.run(document, referral, base)
    assert plan.opportunity == {"details.dealValue": "55000.00", "details.currency": "USD"}
    assert "amount" not in plan.deal


@pytest.mark.parametrize(
    ("properties", "field"),
    [
        ({"amount": "a lot", "deal_currency_code": "EUR"}, "spend_amount"),
        ({**EUROS, "deal_currency_code": "JPY"}, "spend_currency"),
    ],
)
def test_what_a_person_has_to_put_right_of_one_holds_the_other(properties: dict[str, str], field: str) -> None:
    document, other, base = synced()
    document["properties"] |= {**properties, "hs_next_step": "Call Ann"}
    plan = run(document, other, base)
    assert (list(plan.opportunity), plan.outcome) == (["LifeCycle.NextSteps"], "blocked")
    assert [each.field for each in plan.problems] == [field]
    assert [each.other for each in plan.together] == [field]
    assert "go together: neither of the two goes anywhere until" in said(plan)


def test_nothing_of_the_partners_pair_is_written_beside_a_half_that_cannot_be_read() -> None:
    document, other, base = synced()
    document["properties"]["amount"] = "a lot"
    plan = run(document, applied(other, {CURRENCY: "EUR"}), base)
    assert "deal_currency_code" not in plan.deal
    assert plan.base["spend_currency"] == "USD"


def test_an_emptied_amount_holds_its_currency() -> None:
    document, other, base = synced()
    document["properties"] |= {"amount": None, "deal_currency_code": "EUR"}
    plan = run(document, other, base)
    assert (plan.opportunity, [each.field for each in plan.problems]) == ({}, ["spend_amount"])


@pytest.mark.parametrize("foreign", [["amount"], ["deal_currency_code"], ["amount", "deal_currency_code"]])
def test_where_another_partner_wrote_one_the_other_rests_too(foreign: list[str]) -> None:
    document, other, base = synced()
    document = {**document, "foreign": {"deal": foreign}}
    document["properties"] |= EUROS
    plan = run(document, other, base)
    assert (plan.opportunity, plan.base) == ({}, base)
    assert len(plan.withheld) == len(foreign)
    assert ("another partner wrote" in said(plan), len(plan.together)) == (True, 2 - len(foreign))
    for strategy in ("last-write-wins", "hubspot-wins"):
        moved = applied(other, {AMOUNT: "130000.00"})
        since = run(document, moved, base, document=settings(conflict_strategy=strategy))
        assert (since.deal["amount"], since.deal["deal_currency_code"], since.opportunity) == ("130000", "USD", {})


def test_a_create_goes_out_with_both_or_neither() -> None:
    table = [replace(each, required="never") for each in rules()]
    document = {**deal(), "foreign": {"deal": ["deal_currency_code"]}}
    plan = plan_world(document, None, {}, "last-write-wins", frozenset(), table)
    assert (AMOUNT in plan.opportunity, CURRENCY in plan.opportunity) == (False, False)
    assert plan.became["spend_amount"] == "waits"


def test_an_account_whose_deals_have_a_currency_takes_the_partners_pair_into_an_empty_amount() -> None:
    document, other, base = synced()
    document["properties"] |= {"amount": None, "deal_currency_code": None}
    plan = run(document, applied(other, {CURRENCY: "EUR"}), {}, document=settings(conflict_strategy="hubspot-wins"))
    assert (plan.deal["amount"], plan.deal["deal_currency_code"]) == ("120000", "EUR")
    assert AMOUNT not in plan.opportunity
    assert base["spend_currency"] == "USD"


def test_a_partners_amount_without_a_currency_is_not_taken_for_one_in_the_deals() -> None:
    document, other, base = synced()
    bare = applied(other, {AMOUNT: "130000.00", CURRENCY: None})
    for strategy in ("last-write-wins", "partner-wins", "hubspot-wins"):
        plan = run(document, bare, base, document=settings(conflict_strategy=strategy))
        assert (plan.opportunity[AMOUNT], plan.opportunity[CURRENCY]) == ("120000.00", "USD")
        assert "amount" not in plan.deal


def test_a_computed_amount_keeps_its_currency_from_the_partners() -> None:
    """What the deal alone may say goes out whole, also where only one half of it is news."""
    table = [
        replace(each, direction="to_partner") if each.name in ("spend_amount", "spend_currency") else each
        for each in rules()
    ]
    document, other, base = synced()
    theirs = applied(other, {AMOUNT: "130000.00", CURRENCY: "EUR"})
    still = plan_world(document, theirs, base, "last-write-wins", frozenset(), table)
    assert (still.opportunity, still.deal) == ({}, {})
    document["properties"]["amount"] = "150000"
    plan = plan_world(document, theirs, base, "last-write-wins", frozenset(), table)
    assert (plan.opportunity, plan.deal) == ({AMOUNT: "150000.00", CURRENCY: "USD"}, {})


# A person decides: one pick for both.

OURS = FieldConflict("spend_amount", "amount", "1.00", "2.00", "3.00", label="Amount", goes_with="Currency")
THEIRS = FieldConflict(
    "spend_currency", "deal_currency_code", "USD", "EUR", "USD", label="Currency", goes_with="Amount"
)
SHOWN = {each.field: {"digest": digest_of(each)} for each in (OURS, THEIRS)}


def picked(text: str, **more: Any) -> Any:
    document = deal(aws_conflict_field_picks=text, **more)
    for name in ("aws_conflict_field_picks", *more):
        history(document, name, NOW)
    return read_picks(document, (OURS, THEIRS), SHOWN, rules(), context())


@pytest.mark.parametrize("text", ["Amount: AWS", "Currency: AWS", "Amount: AWS; Currency: AWS"])
def test_a_pick_for_one_is_a_pick_for_both(text: str) -> None:
    for more in ({}, {"aws_conflict_pick": "hubspot"}):
        picks = picked(text, **more)
        assert {name: one.side for name, one in picks.chosen.items()} == dict.fromkeys(SHOWN, "opportunity")


def test_picks_that_part_the_two_are_answered_and_nothing_of_them_counts() -> None:
    picks = picked("Amount: AWS; Currency: HubSpot")
    assert (picks.mistaken, picks.chosen) == (True, {})
    assert picks.answers == (
        "aws_conflict_field_picks: Amount and Currency go together, so pick one side for both. Nothing was picked.",
    )


def test_by_hand_both_wait_for_one_pick_and_the_deal_says_that_it_is_one() -> None:
    document, other, base = synced()
    document["properties"] |= EUROS
    other, by_hand = applied(other, {AMOUNT: "130000.00"}), settings(conflict_strategy="manual")
    asked = run(document, other, base, document=by_hand)
    assert [each.field for each in asked.conflicts] == ["spend_amount", "spend_currency"]
    assert "It goes together with Currency: a pick for one counts for both." in asked.deal["aws_conflicts"]
    assert "a pick for one counts for both" in asked.tell[0].body
    document = apply_to_deal(document, {**asked.deal, "aws_conflict_field_picks": "Currency: HubSpot"})
    history(document, "aws_conflict_field_picks", NOW)
    of = link(opportunity_id="O1", conflicts_shown=asked.shown_conflicts)
    decided = run(document, other, dict(asked.base), of=of, document=by_hand)
    assert (decided.opportunity[AMOUNT], decided.opportunity[CURRENCY]) == ("90000.00", "EUR")
    assert {each.field for each in decided.picked} == {"spend_amount", "spend_currency"}


def test_one_word_of_the_configuration_says_who_wins_for_both() -> None:
    fields = settings()["partners"]["aws"]["fields"]
    said_once = [{**each, "strategy": "manual"} if each["name"] == "spend_amount" else each for each in fields]
    by_name = {rule.name: rule.strategy for rule in parse_rules({"fields": said_once})}
    assert (by_name["spend_amount"], by_name["spend_currency"], by_name["title"]) == (
        "manual",
        "manual",
        "last-write-wins",
    )


def test_reconcile_shows_what_waits_together() -> None:
    document, other, base = synced("Approved")
    document["properties"] |= EUROS
    plan = run(document, other, base)
    found = drifts_of(
        link(opportunity_id="O1"),
        {"deal": "current"},
        plan.as_dict(),
        base,
        settings()["partners"]["aws"]["status_properties"],
    )
    why = [(each.names, each.why) for each in found if each.kind == "waiting"]
    assert (("spend_amount", "spend_currency"), "they stand or fall together, and spend_currency waits (locked)") in why
    assert not [each for each in found if each.kind == "base"]
