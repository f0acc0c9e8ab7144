"""What a person picked: how the two properties are read, when a pick counts, and what the deal answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lambdas.shared.domain.conflict_picks import Picks, digest_of, read_picks
from lambdas.shared.domain.documents import apply_to_deal
from lambdas.shared.domain.messages import both_values
from lambdas.shared.domain.plan import FieldConflict, Plan
from tests.unit.domain.domain_support import (
    MODIFIED,
    NOW,
    SEEN,
    context,
    deal,
    history,
    link,
    moved,
    rules,
    run,
    settings,
)
from tests.unit.domain.test_decision import in_sync

NEXT = FieldConflict("next_steps", "hs_next_step", "Old", "Ours", "Theirs", label="Next step")
DATE = FieldConflict("close_date", "closedate", "2027-01-01", "2027-02-01", "2027-03-01", label="Close date")
SHOWN = {each.field: {"digest": digest_of(each)} for each in (NEXT, DATE)}


def read(shown: Any = None, conflicts: Any = (NEXT, DATE), **properties: str) -> Picks:
    document = deal(**{f"aws_{name}": text for name, text in properties.items()})
    for name in properties:
        history(document, f"aws_{name}", MODIFIED)
    return read_picks(document, conflicts, SHOWN if shown is None else shown, rules(), context())


def sides(picks: Picks) -> dict[str, str]:
    return {name: pick.side for name, pick in picks.chosen.items()}


def test_the_choice_for_all_takes_every_conflict_that_was_shown() -> None:
    assert sides(read(conflict_pick="hubspot")) == {"next_steps": "deal", "close_date": "deal"}
    assert sides(read(conflict_pick="partner")) == {"next_steps": "opportunity", "close_date": "opportunity"}


@pytest.mark.parametrize(
    "text",
    [
        "Next step: AWS; Close date: HubSpot",
        "next step = aws, close_date = hubspot",
        "closedate: deal\nhs_next_step: partner",
        " NEXT  STEP :AWS;; close-date: HubSpot ;",
    ],
)
def test_single_fields_are_named_by_label_property_or_field_whatever_the_signs_between(text: str) -> None:
    assert sides(read(conflict_field_picks=text)) == {"next_steps": "opportunity", "close_date": "deal"}


def test_a_single_field_goes_before_the_choice_for_all() -> None:
    picks = read(conflict_pick="hubspot", conflict_field_picks="Close date: AWS")
    assert sides(picks) == {"next_steps": "deal", "close_date": "opportunity"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Amont: AWS", "“Amont: AWS” names no field that is in conflict"),
        ("Next step", "“Next step” does not say HubSpot or AWS"),
        ("Next step: Azure", "“Next step: Azure” does not say HubSpot or AWS"),
        ("AWS", "“AWS” names no field"),
        ("Deal name: AWS", "“Deal name: AWS” names no field that is in conflict"),
        (";", "“;” names no field"),
        ("Close date: AWS; Next step: both", "“Next step: both” does not say HubSpot or AWS"),
    ],
)
def test_a_text_that_cannot_be_followed_is_answered_and_nothing_of_it_counts(text: str, says: str) -> None:
    picks = read(conflict_field_picks=text, conflict_pick="hubspot" if "both" in text else "")
    assert picks.mistaken
    assert picks.chosen == {}
    assert says in picks.answers[0]
    assert "aws_conflict_field_picks" in picks.answers[0]
    assert "Allowed: Next step, Close date, each with HubSpot or AWS" in picks.answers[0]


def test_a_choice_that_is_none_names_those_there_are() -> None:
    picks = read(conflict_pick="both")
    assert picks.mistaken
    assert picks.answers == ("aws_conflict_pick: “both” is no choice. Allowed: hubspot, partner.",)


def test_a_field_that_is_settled_already_may_stand_beside_one_that_is_not() -> None:
    assert sides(read(conflicts=(DATE,), conflict_field_picks="Next step: AWS; Close date: AWS")) == {
        "close_date": "opportunity"
    }


@pytest.mark.parametrize("change", [{"deal_value": "Ours, again"}, {"opportunity_value": None}])
def test_a_pick_for_other_values_does_not_count_and_is_asked_again_by_name(change: Any) -> None:
    picks = read(conflicts=(replace(NEXT, **change), DATE), conflict_pick="partner")
    assert sides(picks) == {"close_date": "opportunity"}
    assert not picks.mistaken
    assert "Next step: what the deal shows is newer than your pick" in picks.answers[0]


@pytest.mark.parametrize(("shown_at", "counts"), [(MODIFIED - 1, True), (MODIFIED, True), (MODIFIED + 1, False)])
def test_a_pick_counts_from_the_moment_on_at_which_the_deal_showed_what_it_shows(shown_at: int, counts: bool) -> None:
    """The run that shows new values may have read the deal before the pick for the old ones was made."""
    document = deal(aws_conflict_pick="hubspot", aws_conflicts="…")
    history(document, "aws_conflict_pick", MODIFIED)
    history(document, "aws_conflicts", shown_at, "INTEGRATION", "400")
    picks = read_picks(document, (NEXT,), SHOWN, rules(), context())
    assert bool(picks.chosen) is counts


def test_who_picked_is_the_person_in_hubspots_history_and_never_ourselves() -> None:
    document = deal(aws_conflict_pick="hubspot")
    history(document, "aws_conflict_pick", SEEN, source_id="userId:600")
    history(document, "aws_conflict_pick", MODIFIED, "INTEGRATION", "400")
    picks = read_picks(document, (NEXT,), SHOWN, rules(), context())
    assert picks.chosen["next_steps"].by == "CRM_UI userId:600"


def test_a_value_that_the_deal_cannot_take_is_not_picked_and_the_deal_says_what_can_be_done() -> None:
    picks = read(conflicts=(replace(NEXT, fits=False), DATE), conflict_pick="partner")
    assert sides(picks) == {"close_date": "opportunity"}
    assert "this deal cannot take AWS's value. Keep HubSpot's" in picks.answers[0]
    assert not picks.mistaken


def test_what_the_link_remembers_counts_without_a_property_until_a_value_moves() -> None:
    kept = {"next_steps": {**SHOWN["next_steps"], "side": "deal", "by": "HubSpot user 600"}}
    assert sides(read(kept, (NEXT,))) == {"next_steps": "deal"}
    assert sides(read(kept, (replace(NEXT, deal_value="Other"),))) == {}
    assert sides(read(kept, (NEXT,), conflict_pick="partner")) == {"next_steps": "opportunity"}, "the later word"


def test_the_text_on_the_deal_names_field_values_people_and_times_and_keeps_to_its_length() -> None:
    known = replace(NEXT, deal_moved_by="HubSpot user 600", deal_moved_at="2026-09-21 15:05 CEST")
    bare = replace(DATE, opportunity_value=None, opportunity_moved_at="2026-09-21 16:00 CEST", fits=False, base=None)
    text = both_values((known, bare), "AWS", {"HubSpot user 600": "Ann Example (ann@isv.example)"})
    lead, first, second = text.split("\n\n")
    assert "“Take AWS's values” in “Decide AWS conflicts”" in lead
    assert lead.endswith("such as: Next step: AWS")
    assert first.splitlines() == [
        "Next step",
        "  HubSpot: Ours (changed by Ann Example (ann@isv.example) on 2026-09-21 15:05 CEST)",
        "  AWS: Theirs",
        "  Before: Old",
    ]
    assert second.splitlines()[2] == "  AWS: (empty) (its record was changed on 2026-09-21 16:00 CEST)"
    assert "no place on this deal" in second
    assert len(both_values((replace(known, deal_value="x" * 400),) * 20, "AWS", {})) == 4000


# The whole decision, over the shipped map with one field made manual.

MANUAL = {"conflict_strategy": "manual"}


def apart() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    document, other, base = in_sync()
    base = {**base, "next_steps": "Old"}
    document["properties"] |= {"hs_next_step": "Ours"}
    history(document, "hs_next_step", MODIFIED - 5)
    return document, moved(other, LifeCycle__NextSteps="Theirs"), base


def shown(document: dict[str, Any], other: dict[str, Any], base: dict[str, Any], **more: Any) -> tuple[Plan, Any]:
    """The plan that asks, and the link once that is settled."""
    plan = run(document, other, base, document=settings(**MANUAL), **more)
    told = {fact.key: "task" for fact in plan.tell}
    return plan, link(opportunity_id="O1", associated=("S-1234567",), conflicts_shown=plan.shown_conflicts, told=told)


def picked(document: dict[str, Any], plan: Plan, **properties: str) -> dict[str, Any]:
    after = apply_to_deal(apply_to_deal(document, plan.deal), properties)
    for name in properties:
        history(after, name, NOW)
    return after


def test_the_link_keeps_digests_and_no_value() -> None:
    plan, _ = shown(*apart())
    assert plan.outcome == "conflict"
    assert (plan.shown_conflicts or {}).keys() == {"next_steps"}
    assert "Ours" not in repr(plan.shown_conflicts)
    assert "Ours" in plan.deal["aws_conflicts"]


def test_a_pick_goes_out_as_part_of_the_ordinary_plan_and_the_properties_are_emptied() -> None:
    document, other, base = apart()
    plan, of = shown(document, other, base)
    after = picked(document, plan, aws_conflict_pick="hubspot")
    again = run(after, other, dict(plan.base), of=of, document=settings(**MANUAL))
    assert again.opportunity == {"LifeCycle.NextSteps": "Ours"}
    assert (again.deal["aws_conflict_pick"], again.deal["aws_conflicts"]) == ("", "")
    assert [one.rule for one in again.opportunity_changes] == ["picked"]


def test_a_pick_for_a_locked_field_is_remembered_then_the_properties_are_emptied_and_it_goes_out_when_it_opens() -> (
    None
):
    document, other, base = apart()
    plan, of = shown(document, other, base)
    after = picked(document, plan, aws_conflict_pick="hubspot")
    in_review = {**other, "LifeCycle": {**other["LifeCycle"], "ReviewStatus": "In review"}}
    first = run(after, in_review, dict(plan.base), of=of, document=settings(**MANUAL))
    assert (first.outcome, first.blocked, first.conflicts) == ("synced", ("next_steps",), ())
    assert "aws_conflict_pick" not in first.deal, "the link does not know of it yet"
    (kept,) = (first.shown_conflicts or {}).values()
    assert (kept["side"], kept["by"]) == ("deal", "CRM_UI userId:1")
    of = replace(of, conflicts_shown=first.shown_conflicts)
    after = apply_to_deal(after, first.deal)
    second = run(after, in_review, dict(first.base), of=of, document=settings(**MANUAL))
    assert second.deal["aws_conflict_pick"] == ""
    after = apply_to_deal(after, second.deal)
    third = run(after, other, dict(second.base), of=of, document=settings(**MANUAL))
    assert third.opportunity == {"LifeCycle.NextSteps": "Ours"}
    assert [(one.winner, one.by) for one in third.picked] == [("deal", "CRM_UI userId:1")]
    assert third.shown_conflicts == {}


def test_the_partners_lasting_no_place_on_a_closed_deal_can_be_answered_with_the_deals_stage() -> None:
    document, other, base = in_sync()
    document["properties"] |= {"dealstage": "closedwon"}
    base = {**base, "stage": "Committed"}
    other = moved(other, LifeCycle__Stage="Prospect")
    plan, of = shown(document, other, base)
    assert [(each.field, each.fits) for each in plan.conflicts] == [("stage", False)]
    partner = picked(document, plan, aws_conflict_pick="partner")
    refused = run(partner, other, dict(plan.base), of=of, document=settings(**MANUAL))
    assert (refused.outcome, refused.deal["aws_conflict_pick"]) == ("conflict", "")
    assert "cannot take AWS's value" in refused.deal["aws_sync_message"]
    ours = run(picked(document, plan, aws_conflict_pick="hubspot"), other, dict(plan.base), of=of)
    assert ours.opportunity == {"LifeCycle.Stage": "Committed"}


def test_a_pick_where_nothing_is_in_conflict_is_only_emptied() -> None:
    document, other, base = in_sync()
    document = apply_to_deal(document, {"aws_conflict_pick": "partner", "aws_conflict_field_picks": "Amount: AWS"})
    plan = run(document, other, base)
    assert (plan.outcome, plan.writes) == ("synced", 0)
    assert (plan.deal["aws_conflict_pick"], plan.deal["aws_conflict_field_picks"]) == ("", "")
