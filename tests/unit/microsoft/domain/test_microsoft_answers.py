"""What a run answers to a referral, what it does not, and what is no news of one."""

from __future__ import annotations

import pytest

from lambdas.microsoft.domain.partner import plan_run
from lambdas.microsoft.domain.rules import rules_for
from lambdas.shared.domain.field_map import Condition, FieldRule
from lambdas.shared.domain.link import Link
from lambdas.shared.domain.situation import Situation
from tests.unit.microsoft.microsoft_support import NOW, REFERRAL, deal, incoming, run, settings


def test_what_nobody_changed_is_no_news_of_a_closed_referral_nor_of_one_that_another_made() -> None:
    document = deal(microsoft_acceptance="decline", dealstage="review", microsoft_referral_id=REFERRAL)
    accepted = incoming(status="Active", substatus="Accepted")
    assert "industries" not in run(document, accepted, {}).blocked
    declined = incoming(status="Closed", substatus="Declined")
    ours = {"solutions", "seller", "industries"}
    assert ours.isdisjoint(run(document, declined, {}).blocked)
    assert ours & set(run(document, declined, {"solutions": ["SOL-9"]}).blocked) == {"solutions"}


def test_a_decline_that_the_deal_asked_for_is_no_news_although_its_answer_was_lost() -> None:
    declined = incoming(status="Closed", substatus="Declined")
    told = {
        said: run(deal(dealstage="review", microsoft_acceptance=said), declined, {}).tell
        for said in ("decline", "accept")
    }
    assert [bool([fact for fact in told[said] if "closed" in fact.key]) for said in told] == [False, True]


def test_a_line_that_another_lines_condition_names_counts_always() -> None:
    free = FieldRule("program", "referralProgram", "literal", direction="to_partner")
    bound = FieldRule("campaign", "campaignId", "plain_text", required_when=Condition("program", ("A",)))
    closed_one = incoming(status="Closed", substatus="Declined")
    assert rules_for([free], closed_one, ()) == []
    assert rules_for([free, bound], closed_one, ()) == [free, bound]


@pytest.mark.parametrize("state", ["moved", "missing"])
def test_nothing_is_looked_at_or_answered_where_the_link_is_another_ones_now(state: str) -> None:
    link = Link(partner="microsoft", link_id="d500", origin="deal", deal_id="500", opportunity_id=REFERRAL)
    fetched = {"deal": state, "deal_id": "501"}
    now = Situation(link, fetched, None, {"opportunity": "current"}, incoming(), None)
    plan = plan_run(now, {"partners": {"microsoft": settings(referrals="accept-all")}}, NOW)
    assert (plan.steps, plan.look_at, plan.look_again) == ((), None, False)


def test_an_untagged_deal_pauses_the_answer_too() -> None:
    document = deal(dealname="BigCorp", dealstage="review", microsoft_acceptance="accept")
    plan = run(document, incoming(), {})
    assert (plan.outcome, plan.steps, plan.look_at) == ("paused", (), None)


def test_an_answer_that_the_link_remembers_is_not_given_twice_and_no_task_asks_for_it() -> None:
    link = Link(
        partner="microsoft",
        link_id="d500",
        origin="opportunity",
        deal_id="500",
        opportunity_id=REFERRAL,
        associated=("accept",),
    )
    document = deal(dealstage="review", microsoft_acceptance="accept", microsoft_solution_ids=None)
    now = Situation(link, {"deal": "current"}, document, {"opportunity": "current"}, incoming(), {"fields": {}})
    plan = plan_run(now, {"partners": {"microsoft": settings()}}, NOW)
    assert (plan.steps, plan.tell, plan.look_again) == ((), (), False)
    assert plan.look_at is not None, "it may still be unanswered after all"
    assert "microsoft_solution_ids" not in plan.deal, "an answer is no solution"


@pytest.mark.parametrize(("said", "outcome"), [("decline", "blocked"), ("accept", "synced"), (None, "synced")])
def test_a_decline_after_the_acceptance_is_said_to_be_too_late(said: str | None, outcome: str) -> None:
    document = deal(dealstage="qualifiedtobuy", microsoft_acceptance=said, microsoft_referral_id=REFERRAL)
    plan = run(document, incoming(status="Active", substatus="Accepted"), {})
    late = [problem for problem in plan.problems if problem.field == "acceptance"]
    assert (bool(late), "decline" in plan.steps) == (outcome == "blocked", False)
    assert any(fact.key.startswith("blocked:") for fact in plan.tell) is bool(plan.problems)
