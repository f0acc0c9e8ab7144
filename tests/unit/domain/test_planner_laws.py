"""What holds for every deal, opportunity and base. A failing example is printed with the seed to repeat it."""

from __future__ import annotations

import copy
import random
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambdas.aws.domain.codecs import CODECS
from lambdas.aws.domain.locks import locked_fields
from lambdas.shared.domain import paths
from lambdas.shared.domain.documents import apply_to_deal
from lambdas.shared.domain.planner import FieldPlan, Window, plan_fields
from tests.unit.domain.domain_support import MODIFIED, SEEN, applied, context, deal, link, opportunity, rules, run
from tests.unit.domain.domain_support import settings as shipped
from tests.unit.domain.worlds import DEAL_STAGES, PATHS, STAGES, maybe, money, plan_money, plan_world, worlds

LAW = settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def _plan_of(world: dict[str, Any]) -> FieldPlan:
    return plan_world(world["deal"], world["opportunity"], world["base"], world["strategy"], world["locked"])


def _after(world: dict[str, Any], plan: FieldPlan) -> dict[str, Any]:
    return {
        **world,
        "deal": apply_to_deal(world["deal"], plan.deal),
        "opportunity": applied(world["opportunity"], plan.opportunity),
        "base": plan.base,
    }


@LAW
@given(worlds())
def test_a_plan_applied_and_planned_again_is_empty(world: dict[str, Any]) -> None:
    plan = _plan_of(world)
    again = _plan_of(_after(world, plan))
    assert (again.opportunity, again.deal) == ({}, {})
    assert again.base == plan.base
    assert sorted(again.blocked) == sorted(plan.blocked)
    assert [each.field for each in again.conflicts] == [each.field for each in plan.conflicts]


@LAW
@given(worlds())
def test_no_value_is_written_that_neither_side_had(world: dict[str, Any]) -> None:
    plan = _plan_of(world)
    by_name = {rule.name: rule for rule in rules()}
    for change in plan.opportunity_changes:
        rule = by_name[change.field]
        reading = CODECS[rule.codec].read(world["deal"], rule, context())
        assert change.after in (None, rule.default, reading.value, *reading.accepts)
    for change in plan.deal_changes:
        rule = by_name[change.field]
        assert change.after == CODECS[rule.codec].read_partner(world["opportunity"], rule, context())


@LAW
@given(worlds())
def test_what_was_written_to_the_deal_reads_back_as_the_partners_value(world: dict[str, Any]) -> None:
    plan = _plan_of(world)
    written = apply_to_deal(world["deal"], plan.deal)
    for rule in rules():
        if rule.name in {change.field for change in plan.deal_changes}:
            reading = CODECS[rule.codec].read(written, rule, context())
            theirs = CODECS[rule.codec].read_partner(world["opportunity"], rule, context())
            assert theirs == reading.value or theirs in reading.accepts


@LAW
@given(worlds())
def test_a_field_that_one_side_owns_is_never_written_there(world: dict[str, Any]) -> None:
    plan = _plan_of(world)
    for rule in rules():
        if rule.direction == "to_partner":
            assert all(change.field != rule.name for change in plan.deal_changes)
        if rule.direction == "to_deal":
            assert rule.path not in plan.opportunity


@LAW
@given(worlds(), st.integers())
def test_the_order_of_the_rules_does_not_matter(world: dict[str, Any], seed: int) -> None:
    table = list(rules(world["strategy"]))
    random.Random(seed).shuffle(table)
    there = plan_world(world["deal"], world["opportunity"], world["base"], world["strategy"], world["locked"], table)
    here = _plan_of(world)
    assert (there.opportunity, there.deal, there.base) == (here.opportunity, here.deal, here.base)
    assert {each.field for each in there.problems} == {each.field for each in here.problems}


@settings(LAW, max_examples=1000)
@given(money(), st.booleans())
def test_an_amount_and_its_currency_are_never_sent_or_written_one_half_from_each_side(
    world: dict[str, Any], creating: bool
) -> None:
    world = {**world, "opportunity": None, "base": {}} if creating else world
    plan = plan_money(world)
    if creating and plan.problems:
        return  # no record is made then
    ours, theirs = _on_the_deal(world["deal"]), _at_the_partner(world["opportunity"])
    after = applied(world["opportunity"] or opportunity({}), plan.opportunity)
    assert _at_the_partner(after) in (ours, theirs)
    assert _on_the_deal(apply_to_deal(world["deal"], plan.deal)) in (ours, theirs)


def _on_the_deal(document: dict[str, Any]) -> tuple[Any, Any]:
    """The pair that the deal says; text that is no amount stands for itself, and no amount has no currency."""
    amount, currency = (_read(document, name) for name in ("spend_amount", "spend_currency"))
    return (amount, currency) if amount is not None else (None, None)


def _read(document: dict[str, Any], name: str) -> Any:
    rule = next(each for each in rules() if each.name == name)
    reading = CODECS[rule.codec].read(document, rule, context())
    return reading.value if reading.problem is None else document["properties"]["amount"]


def _at_the_partner(document: dict[str, Any] | None) -> tuple[Any, Any]:
    amount, currency = (paths.get(document, PATHS[name]) for name in ("spend_amount", "spend_currency"))
    return (amount, currency) if amount is not None else (None, None)


@settings(LAW, max_examples=500)
@given(money())
def test_a_plan_of_money_applied_and_planned_again_is_empty(world: dict[str, Any]) -> None:
    world = {**world, "deal": {**world["deal"], "foreign": {}}}
    plan = plan_money(world)
    after = {**_after(world, plan), "picks": {}}
    again = plan_money(after)
    written = {change.field for change in again.opportunity_changes} | {change.field for change in again.deal_changes}
    assert written & {"spend_amount", "spend_currency"} == set()


@LAW
@given(worlds())
def test_planning_changes_none_of_its_inputs(world: dict[str, Any]) -> None:
    before = copy.deepcopy(world)
    _plan_of(world)
    assert world == before


@LAW
@given(worlds())
def test_a_locked_field_is_not_written_and_goes_out_when_the_lock_opens(world: dict[str, Any]) -> None:
    closed = _plan_of(world)
    assert not [name for name in world["locked"] if PATHS[name] in closed.opportunity]
    opened = plan_world({**_after(world, closed)}["deal"], *_rest(_after(world, closed)), frozenset())
    fresh = {change.field for change in opened.opportunity_changes}
    stuck = {each.field for each in (*opened.problems, *opened.conflicts)} | _settled_for_the_partner(opened)
    for name in closed.blocked:
        assert name in fresh or name in stuck or opened.problems


def _rest(world: dict[str, Any]) -> tuple[Any, Any, Any]:
    return world["opportunity"], world["base"], world["strategy"]


def _settled_for_the_partner(plan: FieldPlan) -> set[str]:
    return {change.field for change in plan.deal_changes}


@LAW
@given(worlds())
def test_every_strategy_but_manual_settles_what_both_can_say(world: dict[str, Any]) -> None:
    plan = _plan_of({**world, "strategy": "partner-wins"})
    assert {each.field for each in plan.conflicts} <= {"stage"}  # only a closed deal waits for a person
    manual = _plan_of({**world, "strategy": "manual"})
    for conflict in manual.conflicts:
        rule = next(each for each in rules() if each.name == conflict.field)
        assert rule.path not in manual.opportunity


@LAW
@given(
    st.dictionaries(st.sampled_from(DEAL_STAGES[:-1]), st.sampled_from(STAGES), min_size=7, max_size=7),
    st.sampled_from(STAGES),
    st.sampled_from(DEAL_STAGES[:-1]),
    maybe(st.sampled_from(STAGES)),
)
def test_a_lossy_stage_map_settles_after_one_plan(
    mapped: dict[str, str], theirs: str, ours: str, base: str | None
) -> None:
    landing = {stage: name for name, stage in mapped.items()}
    settings_part = {
        "stage_map": {"default": mapped},
        "stage_accepts": {},
        "inbound_stage_map": {"default": landing},
        "closed_stages": {"default": []},
    }
    stage = [rule for rule in rules() if rule.name == "stage"]
    document, other = deal(dealstage=ours), opportunity({"LifeCycle.Stage": theirs})
    known = {"stage": base} if base else {}
    arguments: dict[str, Any] = {
        "codecs": CODECS,
        "locked": frozenset(),
        "window": Window(SEEN, MODIFIED),
        "context": context(**settings_part),
    }
    plan = plan_fields(document, other, known, stage, **arguments)
    if mapped[ours] == theirs:
        assert plan.empty
    written = apply_to_deal(document, plan.deal)
    assert plan_fields(written, applied(other, plan.opportunity), plan.base, stage, **arguments).empty


@pytest.mark.parametrize("status", ["Submitted", "In review", "Rejected", "Approved", "Action Required"])
def test_locks_of_each_review_status_hold_against_a_deal_that_moved_everywhere(status: str) -> None:
    held = {"Project.Title": "Old", "Customer.Account.CompanyName": "Old", "LifeCycle.NextSteps": "Old"}
    other = opportunity(held)
    other["LifeCycle"]["ReviewStatus"] = status
    locked = locked_fields(other, rules())
    plan = plan_world(deal(hs_next_step="New"), other, {}, "hubspot-wins", frozenset(locked))
    assert not [rule.name for rule in rules() if rule.name in locked and rule.path in plan.opportunity]
    assert "title" in plan.blocked
    assert paths.get(applied(other, plan.opportunity), "Project.Title") == "Old"


@LAW
@given(worlds(), st.sampled_from(["Pending Submission", "In review", "Approved", "Action Required", "Rejected"]))
def test_a_run_applied_and_run_again_writes_nothing_to_anybody(world: dict[str, Any], status: str) -> None:
    document = _document(world["strategy"])
    world["opportunity"]["LifeCycle"]["ReviewStatus"] = status
    first = run(world["deal"], world["opportunity"], world["base"], document=document)
    written = apply_to_deal(world["deal"], first.deal)
    there = applied(world["opportunity"], dict(first.opportunity))
    told = {fact.key: "told" for fact in first.tell}
    of = link(opportunity_id="O1", associated=first.steps, told=told)
    again = run(written, there, dict(first.base), of=of, document=document)
    assert (again.writes, again.deal, again.tell) == (0, {}, ())
    assert again.outcome == first.outcome


@cache
def _document(strategy: str) -> dict[str, Any]:
    return shipped(conflict_strategy=strategy)
