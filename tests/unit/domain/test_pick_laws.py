"""What holds for every conflict and every pick: applied once and planned again, nothing is left; moved values hold."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.shared.domain.documents import apply_to_deal
from lambdas.shared.domain.plan import Plan
from tests.unit.domain.domain_support import NOW, applied, history, link, rules, run
from tests.unit.domain.test_planner_laws import LAW as EVERY
from tests.unit.domain.test_planner_laws import _document
from tests.unit.domain.worlds import worlds

CHOICES = st.sampled_from(["hubspot", "partner"])
LAW = settings(EVERY, max_examples=50)


def _asked(world: dict[str, Any], told: Any = ()) -> Plan:
    return _run(world["deal"], world["opportunity"], world["base"], None, told)


def _run(document: Any, other: Any, base: Any, shown: Any, told: Any = (), steps: Any = ()) -> Plan:
    of = link(opportunity_id="O1", conflicts_shown=shown, told={fact.key: "told" for fact in told}, associated=steps)
    return run(document, other, base, of=of, document=_document("manual"))


def _depends(name: str) -> bool:
    """Whether a field counts only while another one has a certain value."""
    return any(rule.name == name and rule.only_when is not None for rule in rules())


def _with_pick(document: dict[str, Any], choice: str) -> dict[str, Any]:
    picked = apply_to_deal({**document, "history": {**document["history"]}}, {"aws_conflict_pick": choice})
    picked["history"] = {name: list(entries) for name, entries in picked["history"].items()}
    history(picked, "aws_conflict_pick", NOW)
    return picked


def _applied(plan: Plan, document: Any, other: Any) -> tuple[Any, Any]:
    return apply_to_deal(document, plan.deal), applied(other, dict(plan.opportunity))


@LAW
@given(worlds(), CHOICES)
def test_a_pick_applied_and_planned_again_is_the_empty_plan(world: dict[str, Any], choice: str) -> None:
    asked = _asked(world)
    document, other = _applied(asked, world["deal"], world["opportunity"])
    decided = _run(
        _with_pick(document, choice), other, dict(asked.base), asked.shown_conflicts, asked.tell, asked.steps
    )
    document, other = _applied(decided, _with_pick(document, choice), other)
    told = (*asked.tell, *decided.tell)
    again = _run(document, other, dict(decided.base), decided.shown_conflicts, told, asked.steps)
    emptied = {name: text for name, text in again.deal.items() if name.startswith("aws_conflict") and not text}
    held_up = {name for name, said in (decided.shown_conflicts or {}).items() if "side" in said}
    assert (again.opportunity, again.opportunity_changes, again.deal_changes) == ({}, (), ())
    assert not emptied or held_up, "a pick that waits is emptied once the link remembers it"
    assert {name for name, said in (again.shown_conflicts or {}).items() if "side" in said} == held_up
    for one in decided.picked:
        assert one.winner == ("deal" if choice == "hubspot" else "opportunity")


@LAW
@given(worlds(), CHOICES)
def test_every_conflict_that_is_picked_is_settled_waits_or_says_why(world: dict[str, Any], choice: str) -> None:
    asked = _asked(world)
    document, other = _applied(asked, world["deal"], world["opportunity"])
    decided = _run(_with_pick(document, choice), other, dict(asked.base), asked.shown_conflicts)
    settled, kept = {one.field for one in decided.picked}, decided.shown_conflicts or {}
    for conflict in asked.conflicts:
        told = any(conflict.label in answer for answer in decided.answers)
        waits = "side" in kept.get(conflict.field, {})
        moot = conflict.field not in {*kept, *(each.field for each in decided.conflicts)} and _depends(conflict.field)
        assert conflict.field in settled or waits or moot or (told and not conflict.fits)
    for change in (*decided.opportunity_changes, *decided.deal_changes):
        assert change.rule == "picked" or change.actor != "CRM_UI userId:1"
        assert change.rule != "picked" or change.actor == "CRM_UI userId:1"


@LAW
@given(worlds(), CHOICES)
def test_a_pick_that_was_shown_other_values_does_nothing(world: dict[str, Any], choice: str) -> None:
    asked = _asked(world)
    document, other = _applied(asked, world["deal"], world["opportunity"])
    before = {name: {"digest": "of other values"} for name in asked.shown_conflicts or {}}
    held = _run(_with_pick(document, choice), other, dict(asked.base), before)
    without = _run(document, other, dict(asked.base), before)
    assert (held.opportunity, held.picked, held.deal_changes) == (without.opportunity, (), without.deal_changes)
    assert [each.field for each in held.conflicts] == [each.field for each in without.conflicts]
    assert held.deal["aws_conflict_pick"] == ""
    assert held.shown_conflicts == without.shown_conflicts
    if held.conflicts:
        assert "pick again" in held.deal["aws_sync_message"]
