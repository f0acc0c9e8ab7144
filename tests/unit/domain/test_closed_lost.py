"""A Closed Lost from AWS: the deal stays, the base stays sane, and a task tells; ``follow`` closes it."""

from __future__ import annotations

from typing import Any

from lambdas.shared.domain.documents import apply_to_deal
from lambdas.shared.domain.plan import Plan
from tests.unit.domain.domain_support import MODIFIED, NOW, applied, deal, history, link, moved, run, settings, tied


def lost(closed_lost: str = "task", told: Any = None, **properties: str) -> tuple[Plan, dict, dict, dict]:
    ours, other, base = tied()
    other["RelatedEntityIdentifiers"] = {"Solutions": ["S-1234567"]}
    theirs = moved(other, LifeCycle__Stage="Closed Lost", LifeCycle__ClosedLostReason="Price")
    theirs["LifeCycle"]["ReviewStatus"] = "Approved"
    theirs["LastModifiedDate"] = "2026-09-21T14:12:30.000Z"  # 50 s before NOW
    ours = apply_to_deal(ours, properties)
    if "dealstage" in properties:
        history(ours, "dealstage", NOW)
    of = link(opportunity_id="O1", told=told or {})
    plan = run(ours, theirs, base, of=of, document=settings(closed_lost=closed_lost))
    return plan, ours, theirs, base


def test_neither_stage_is_written_and_the_base_stays() -> None:
    plan, ours, theirs, base = lost()
    assert ("dealstage" in plan.deal, plan.opportunity, plan.outcome) == (False, {}, "synced")
    assert plan.base["stage"] == base["stage"]
    again = run(apply_to_deal(ours, plan.deal), theirs, dict(plan.base), of=link(opportunity_id="O1", told=told(plan)))
    assert (again.deal, again.tell, again.writes) == ({}, (), 0)


def told(plan: Plan) -> dict[str, str]:
    return {fact.key: "t1" for fact in plan.tell}


def test_a_task_tells_why_and_what_to_do_and_the_deal_waits() -> None:
    plan, *_ = lost()
    (fact,) = [one for one in plan.tell if one.key == "closed-lost"]
    assert (fact.kind, "Price" in fact.body, "move it on" in fact.body) == ("task", True, True)
    assert plan.deal["aws_sync_status"] == "waiting"
    assert "Price" in plan.deal["aws_closed_lost"]


def test_a_person_who_closes_the_deal_agrees() -> None:
    plan, *_ = lost(told={"closed-lost": "t1"}, dealstage="closedlost", aws_closed_lost="AWS closed it.")
    assert (plan.base["stage"], plan.opportunity) == ("Closed Lost", {})
    assert (plan.deal["aws_closed_lost"], plan.no_longer) == ("", ("closed-lost",))


def test_a_person_who_moves_it_on_later_opens_it_again_and_that_is_told() -> None:
    plan, *_ = lost(told={"closed-lost": "t1"}, dealstage="presentationscheduled")
    assert plan.opportunity["LifeCycle.Stage"] == "Technical Validation"
    assert [fact.key for fact in plan.tell] == ["closed-lost-moved-on"]
    assert plan.no_longer == ("closed-lost",)


def test_one_who_moved_it_before_aws_closed_it_decides_anew() -> None:
    ours, other, base = tied()
    theirs = moved(other, LifeCycle__Stage="Closed Lost", LifeCycle__ClosedLostReason="Price")
    ours = apply_to_deal(ours, {"dealstage": "presentationscheduled"})
    history(ours, "dealstage", MODIFIED - 1)
    plan = run(ours, theirs, base)
    assert ("LifeCycle.Stage" in plan.opportunity, "dealstage" in plan.deal) == (False, False)
    assert "closed-lost" in told(plan)


def test_a_won_deal_that_aws_lost_is_a_conflict_as_ever() -> None:
    ours, other, base = tied()
    won = apply_to_deal(ours, {"dealstage": "closedwon"})
    theirs = applied(other, {"LifeCycle.Stage": "Closed Lost", "LifeCycle.ClosedLostReason": "Price"})
    plan = run(won, theirs, {**base, "stage": "Committed"})
    assert plan.outcome == "conflict"
    assert "closed-lost" not in told(plan)


def test_follow_moves_the_deal() -> None:
    plan, *_ = lost("follow")
    assert (plan.deal["dealstage"], [one for one in plan.tell if one.key == "closed-lost"]) == ("closedlost", [])


def test_a_deal_that_is_made_of_a_lost_opportunity_begins_lost() -> None:
    *_, theirs, _ = lost()
    plan = run(None, theirs, None, of=link(deal_id=None, origin="invitation", opportunity_id="O1", invitation_id="e"))
    assert (plan.creates_deal, plan.deal["dealstage"]) == (True, "closedlost")
    assert deal()["properties"]["dealstage"] == "qualifiedtobuy"
