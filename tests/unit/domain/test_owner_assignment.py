"""Who becomes the owner at AWS, when nothing is sent, and what the deal shows of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambdas.aws.domain.owners import ASSIGN, assignment_of, users_by_step
from lambdas.shared.domain.documents import apply_to_deal
from lambdas.shared.domain.plan import REFUSED, Plan
from tests.unit.domain.domain_support import deal, link, run, settings, tied

ANN = {"email": "ann@isv.example", "first_name": "Ann", "last_name": "Example", "title": "Account manager"}
BOB = {**ANN, "email": "bob@isv.example", "first_name": "Bob"}
TABLE = {"ann.hubspot@isv.example": ANN, "bob.hubspot@isv.example": BOB}
STEP = assignment_of(ANN)


def owned(document: dict[str, Any], email: str | None = "ann.hubspot@isv.example") -> dict[str, Any]:
    owner = None if email is None else {"email": email, "firstName": "A", "lastName": "B"}
    return {**apply_to_deal(document, {"hubspot_owner_id": "77"}), "owner": owner}


def planned(
    document: dict[str, Any] | None = None, remembered: tuple[str, ...] = (), told: Any = None, **at_aws: Any
) -> Plan:
    """The plan of a deal in sync whose owner may have moved."""
    ours, theirs, base = tied()
    theirs = {**theirs, "RelatedEntityIdentifiers": {"Solutions": ["S-1234567"]}, **at_aws}
    of = link(opportunity_id="O1", associated=remembered, told=told or {})
    return run(document or owned(ours), theirs, base, of=of, document=settings(owners=TABLE))


def at_aws(email: str) -> dict[str, Any]:
    return {"OpportunityTeam": [{"Email": email, "BusinessTitle": "OpportunityOwner"}]}


def test_the_owner_is_assigned_first_of_the_steps_and_the_plan_has_what_is_shown_either_way() -> None:
    plan = planned()
    assert plan.steps == (STEP,)
    assert plan.deal["aws_owner_status"] == "Assigned to Ann Example (ann@isv.example)."
    instead = plan.otherwise[STEP]
    assert "AWS does not take ann@isv.example" in instead.deal["aws_owner_status"]
    assert [fact.kind for fact in instead.tell] == ["note"]
    assert plan.outcome == "synced"


def test_a_create_assigns_with_its_other_steps() -> None:
    plan = run(owned(deal()), document=settings(owners=TABLE))
    assert (plan.action, plan.steps) == ("create", (STEP, "S-1234567"))


def test_no_address_stands_in_a_step_nor_in_what_is_remembered() -> None:
    plan = planned()
    spoken = json.dumps([plan.steps, plan.remember, plan.no_longer, [one.key for one in plan.otherwise[STEP].tell]])
    assert "@" not in spoken
    assert STEP.startswith(ASSIGN)
    assert users_by_step({"owners": TABLE})[STEP] == ANN


@pytest.mark.parametrize("email", ["ann@isv.example", "Ann@ISV.example"])
def test_whom_aws_shows_as_the_owner_is_not_assigned_but_remembered(email: str) -> None:
    plan = planned(remembered=(assignment_of(BOB),), **at_aws(email))
    assert (plan.steps, plan.remember, plan.no_longer) == ((), (STEP,), (assignment_of(BOB),))
    assert plan.deal["aws_owner_status"].startswith("Assigned to Ann")


def test_whom_we_assigned_last_is_not_assigned_again_whoever_aws_shows() -> None:
    plan = planned(remembered=(STEP,), **at_aws("somebody@isv.example"))
    assert (plan.steps, plan.remember) == ((), ())


def test_another_entry_in_the_table_for_the_same_owner_is_another_assignment() -> None:
    assert assignment_of({**ANN, "title": "Partner manager"}) != STEP
    assert planned(remembered=(assignment_of(BOB),)).steps == (STEP,)


def test_one_whom_aws_refused_is_not_tried_again_and_said() -> None:
    plan = planned(remembered=(REFUSED + STEP,))
    assert (plan.steps, plan.outcome) == ((), "synced")
    assert "AWS does not take ann@isv.example" in plan.deal["aws_owner_status"]
    assert [fact.kind for fact in plan.tell] == ["note"]
    assert planned(remembered=(REFUSED + STEP,), told={plan.tell[0].key: "n1"}).tell == ()


def test_an_owner_who_is_not_in_the_table_is_said_and_holds_up_nothing() -> None:
    ours, *_ = tied()
    plan = planned(owned(ours, "who@isv.example"))
    assert (plan.steps, plan.outcome, plan.problems, plan.tell) == ((), "synced", (), ())
    assert "who@isv.example is not in the owner table" in plan.deal["aws_owner_status"]


def test_a_change_of_hands_to_somebody_who_is_not_in_the_table_is_told_once() -> None:
    ours, *_ = tied()
    before = apply_to_deal(ours, {"aws_owner_status": "Assigned to Ann Example (ann@isv.example)."})
    plan = planned(owned(before, "who@isv.example"))
    assert plan.tell[0].key.startswith("owner-unknown:")
    after = apply_to_deal(ours, {"aws_owner_status": plan.deal["aws_owner_status"]})
    assert planned(owned(after, "who@isv.example")).tell == ()
    assert "@" not in plan.tell[0].key


def test_a_deactivated_owner_and_none_at_all() -> None:
    ours, *_ = tied()
    assert "no active user" in planned(owned(ours, None)).deal["aws_owner_status"]
    nobody = planned(ours)
    assert ("aws_owner_status" in nobody.deal, nobody.tell) == (False, ())


def test_what_was_said_of_an_earlier_owner_is_over() -> None:
    plan = planned(told={"owner-unknown:1": "n1", "review:approved:1": "n2"})
    assert plan.no_longer == ("owner-unknown:1",)


def test_without_a_table_nothing_is_planned() -> None:
    ours, theirs, base = tied()
    plan = run(owned(ours), theirs, base, document=settings(owners={}))
    assert ("aws_owner_status" in plan.deal, [step for step in plan.steps if step.startswith(ASSIGN)]) == (False, [])


def test_deals_that_are_not_synced_assign_nobody() -> None:
    ours, theirs, base = tied()
    off = {**owned(ours), "properties": {**ours["properties"], "dealname": "BigCorp", "hubspot_owner_id": "77"}}
    assert run(off, theirs, base, document=settings(owners=TABLE)).steps == ()
    torn = owned(apply_to_deal(ours, {"aws_opportunity_id": "O2"}))
    plan = run(torn, theirs, base, of=link(opportunity_id="O1"), document=settings(owners=TABLE))
    assert (plan.outcome, plan.steps) == ("conflict", ())
