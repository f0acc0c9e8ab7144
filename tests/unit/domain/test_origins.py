"""What one partner wrote is not passed on to another: at a create, at an update, and until a person has a say."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.shared.domain.origins import foreign_properties, mark
from tests.unit.domain.domain_support import applied, deal, run, settings, tied

TAGS = ("#AWS", "#Microsoft")


def foreign(document: dict[str, Any], *names: str, company: tuple[str, ...] = ()) -> dict[str, Any]:
    return {**document, "foreign": {"deal": list(names), "company": list(company)}}


def test_a_text_is_known_by_its_mark_and_the_mark_does_not_hold_it() -> None:
    wrote = {"hs_next_step": ("microsoft", [mark("hs_next_step", "call the architect", TAGS)])}
    assert foreign_properties({"hs_next_step": " call the architect "}, wrote, "aws", TAGS) == ["hs_next_step"]
    assert foreign_properties({"hs_next_step": "call the architect"}, wrote, "microsoft", TAGS) == []
    assert foreign_properties({"hs_next_step": "call the customer"}, wrote, "aws", TAGS) == []
    assert "architect" not in wrote["hs_next_step"][1][0]


def test_another_tag_in_the_name_makes_it_no_other_name() -> None:
    wrote = {"dealname": ("microsoft", [mark("dealname", "Harbour #Microsoft", TAGS)])}
    assert foreign_properties({"dealname": "Harbour #Microsoft #AWS"}, wrote, "aws", TAGS) == ["dealname"]
    assert foreign_properties({"dealname": "Harbour Two #Microsoft #AWS"}, wrote, "aws", TAGS) == []


def test_an_emptied_property_is_nobodys() -> None:
    wrote = {"hs_next_step": ("microsoft", [mark("hs_next_step", "", TAGS)])}
    assert foreign_properties({"hs_next_step": None}, wrote, "aws", TAGS) == []


def test_a_create_without_what_another_partner_wrote_asks_a_person_for_what_is_required() -> None:
    plan = run(foreign(deal(), "dealname"))
    assert (plan.action, plan.outcome) == ("none", "blocked")
    (one,) = [each for each in plan.problems if each.field == "title"]
    assert "came from another partner" in one.message


def test_a_create_goes_on_without_what_is_not_required() -> None:
    plan = run(foreign(deal(hs_next_step="call the architect"), "hs_next_step"))
    assert plan.action == "create"
    assert "call the architect" not in str(plan.opportunity)


def test_a_company_of_another_partner_stays_there_too() -> None:
    plan = run(foreign(deal(), company=("name",)))
    assert (plan.action, plan.outcome) == ("none", "blocked")


def test_an_update_rests_and_says_so() -> None:
    document, opportunity, base = tied()
    document["properties"]["hs_next_step"] = "call the architect"
    plan = run(foreign(document, "hs_next_step"), opportunity, base)
    assert (plan.action, plan.opportunity) == ("none", {})
    assert plan.withheld == ("next_steps",)
    assert "next_steps" in plan.deal["aws_sync_message"]
    assert plan.base == base, "so that a person's own words are news"


def test_what_this_partner_changed_since_comes_in_over_it() -> None:
    document, opportunity, base = tied()
    document["properties"]["hs_next_step"] = "call the architect"
    opportunity = applied(opportunity, {"LifeCycle.NextSteps": "Invite the customer"})
    plan = run(foreign(document, "hs_next_step"), opportunity, base)
    assert plan.opportunity == {}
    assert plan.deal["hs_next_step"] == "Invite the customer"


def test_a_value_that_both_have_already_is_only_agreed_on() -> None:
    document, opportunity, base = tied()
    assert run(foreign(document, "dealname"), opportunity, base).withheld == ()


@pytest.mark.parametrize(("said", "goes"), [("true", True), ("false", False)])
def test_a_person_lets_everything_go_to_all(said: str, goes: bool) -> None:
    document, opportunity, base = tied()
    document["properties"] |= {"hs_next_step": "call the architect", "cosell_pass_on": said}
    allowed = settings()["partners"]["aws"]["status_properties"] | {"pass_on": "cosell_pass_on"}
    plan = run(foreign(document, "hs_next_step"), opportunity, base, document=settings(status_properties=allowed))
    assert (plan.opportunity.get("LifeCycle.NextSteps") == "call the architect") is goes


def test_a_rule_may_pass_its_field_on() -> None:
    document, opportunity, base = tied()
    document["properties"]["dealstage"] = "presentationscheduled"
    rules = [
        {**rule, "pass_on": True} if rule["name"] == "stage" else rule
        for rule in settings()["partners"]["aws"]["fields"]
    ]
    kept = [{**rule, "pass_on": False} for rule in rules]
    assert run(foreign(document, "dealstage"), opportunity, base, document=settings(fields=rules)).opportunity
    assert run(foreign(document, "dealstage"), opportunity, base, document=settings(fields=kept)).opportunity == {}
