"""What one partner wrote is not passed on to another: at a create, at an update, and until a person has a say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lambdas.shared.domain.origins import Entry, about_to_write, foreign_properties, has_written, mark
from tests.unit.domain.domain_support import applied, deal, run, settings, tied

TAGS = ("#AWS", "#Microsoft")


def foreign(document: dict[str, Any], *names: str, company: tuple[str, ...] = ()) -> dict[str, Any]:
    return {**document, "foreign": {"deal": list(names), "company": list(company)}}


def test_a_text_is_known_by_its_mark_and_the_mark_does_not_hold_it() -> None:
    wrote = {"hs_next_step": [Entry("microsoft", (mark("hs_next_step", "call the architect", TAGS),))]}
    assert foreign_properties({"hs_next_step": " call the architect "}, wrote, "aws", TAGS) == ["hs_next_step"]
    assert foreign_properties({"hs_next_step": "call the architect"}, wrote, "microsoft", TAGS) == []
    assert foreign_properties({"hs_next_step": "call the customer"}, wrote, "aws", TAGS) == []
    assert "architect" not in str(wrote)


def test_another_tag_in_the_name_makes_it_no_other_name() -> None:
    wrote = {"dealname": [Entry("microsoft", (mark("dealname", "Harbour #Microsoft", TAGS),))]}
    assert foreign_properties({"dealname": "Harbour #Microsoft #AWS"}, wrote, "aws", TAGS) == ["dealname"]
    assert foreign_properties({"dealname": "Harbour Two #Microsoft #AWS"}, wrote, "aws", TAGS) == []


def test_an_emptied_property_is_nobodys() -> None:
    wrote = {"hs_next_step": [Entry("microsoft", (mark("hs_next_step", "", TAGS),))]}
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


def test_until_a_partner_has_written_what_stands_is_still_anothers() -> None:
    """The write may fail, or simply take its time: what stands there meanwhile is AWS's as before."""
    noted = about_to_write([Entry("aws", ("a",))], "google", ["g"])
    assert noted == (Entry("aws", ("a",)), Entry("google", ("g",), stands=False))
    assert about_to_write(noted, "google", ["g"]) == noted, "a try that comes again adds nothing"
    assert has_written(noted, "google", ["g", "shown"]) == (Entry("google", ("g", "shown")),)


def test_a_deal_that_was_just_made_has_nothing_noted_and_loses_nothing() -> None:
    assert has_written([Entry("aws", ("a",))], "google", ["g"]) == (Entry("aws", ("a",)), Entry("google", ("g",)))


STEPS = ("notes", "writes", "settles")


def _orders(left: dict[str, int]) -> Iterator[tuple[str, ...]]:
    """Every order in which the partners can do what is left to each."""
    if not any(left.values()):
        yield ()
    for partner in [one for one, steps in left.items() if steps]:
        for rest in _orders({**left, partner: left[partner] - 1}):
            yield (partner, *rest)


@pytest.mark.parametrize("dies", [(), ("aws1",), ("google1",), ("aws1", "google1"), ("aws1", "aws2", "google2")])
def test_in_no_order_of_two_partners_writes_what_stands_is_taken_for_a_persons(dies: tuple[str, ...]) -> None:
    """Each writes twice; a run that ``dies`` does so after HubSpot took its text, and settles nothing."""
    orders = list(_orders({"aws": 6, "google": 6}))
    assert len(orders) == 924
    for order in orders:
        entries, standing, done = (Entry("google", ("before",)),), "before", {"aws": 0, "google": 0}
        for partner in order:
            number, step = divmod(done[partner], len(STEPS))
            done[partner] += 1
            text = f"{partner}{number + 1}"
            if STEPS[step] == "notes":
                entries = about_to_write(entries, partner, [text])
            elif STEPS[step] == "writes":
                standing = text
            elif text not in dies:
                entries = has_written(entries, partner, [text])
            wrote = "google" if standing == "before" else standing[:-1]
            assert any(one.partner == wrote and standing in one.marks for one in entries), (order, done, entries)
        assert len(entries) <= 4
