"""What a person's yes to submitting adds to a plan: problems all at once, one errand, and what the deal then says."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.aws.domain.partner import plan_run
from lambdas.aws.domain.submission import STALE_MS, fingerprint
from lambdas.aws.domain.submission_reasons import KINDS, REFUSED_AT_ONCE, passes
from lambdas.aws.domain.submit_request import problems_of
from lambdas.shared.domain.documents import apply_to_deal
from lambdas.shared.domain.link import Link
from lambdas.shared.domain.plan import Plan
from lambdas.shared.domain.situation import Situation
from tests.unit.domain.domain_support import NOW, SEEN, applied, deal, history, link, moved, settings, tied

READY: dict[str, Any] = {
    "aws_use_case": "Migration / Database Migration",
    "aws_delivery_models": "SaaS or PaaS",
    "aws_sales_activities": "Conducted POC / Demo",
    "aws_primary_needs": "Co-Sell - Deal Support",
    "aws_submit": "true",
}
SOLUTION = {"Solutions": ["S-1234567"]}


def ready(**properties: Any) -> tuple[dict, dict, dict]:
    """A deal that may be submitted and shows how it stands, its opportunity with a solution, their base."""
    document, other, base = tied(**{**READY, **properties})
    other["RelatedEntityIdentifiers"] = SOLUTION
    return document, other, base


def run(
    document: dict, other: dict | None, base: dict | None, *, of: Link | None = None, now: int = NOW, **more: Any
) -> Plan:
    return plan_run(situation(document, other, base, of, more.pop("submission", None)), settings(**more), now)


def situation(document: dict, other: dict | None, base: dict | None, of: Link | None, known: Any = None) -> Situation:
    of = of or link(opportunity_id="O1" if other else None)
    seen = {"fields": base, "deal_seen_at": SEEN, "opportunity_seen_at": SEEN} if base is not None else None
    answer = {"opportunity": "current" if other else "none"}
    extras = {"submission": known}
    return Situation(of, {"deal": "current", "deal_id": "500"}, document, answer, other, seen, extras=extras)


def known(state: str, other: dict, **more: Any) -> dict[str, Any]:
    """What the ledger says of a submission of this opportunity."""
    return {
        "state": state,
        "involvement": "Co-Sell",
        "visibility": "Full",
        "fingerprint": fingerprint(other),
        "attempts": 1,
        "reason": None,
        "message": None,
        "updated_at": NOW - 60_000,
        **more,
    }


def named(plan: Plan) -> set[tuple[str, str | None]]:
    return {(each.object, each.property) for each in plan.problems}


def test_nobody_said_yes_so_nothing_is_sent() -> None:
    for said in (None, "false"):
        document, other, base = ready(aws_submit=said)
        assert run(document, other, base).errands == ()


def test_a_ready_deal_asks_for_its_submission_with_what_is_configured() -> None:
    document, other, base = ready()
    plan = run(document, other, base)
    (errand,) = plan.errands
    assert errand.kind == "submissions"
    choice = {"involvement": "Co-Sell", "visibility": "Full"}
    assert errand.detail == {"opportunity": "O1", "asked_at": str(NOW), **choice}
    assert (plan.outcome, plan.deal["aws_sync_status"]) == ("synced", "waiting")
    assert plan.look_at == NOW + STALE_MS


def test_the_deal_s_own_choice_goes_before_the_configured_one() -> None:
    document, other, base = ready(aws_involvement_type="For Visibility Only", aws_primary_needs=None)
    (errand,) = run(document, other, base).errands
    assert errand.detail["involvement"] == "For Visibility Only"
    submission = {**settings()["partners"]["aws"]["submission"], "limited_visibility": True}
    (errand,) = run_with(*ready(aws_visibility_wanted="Limited"), submission).errands
    assert errand.detail["visibility"] == "Limited"


def run_with(document: dict, other: dict, base: dict, submission: dict) -> Plan:
    """With another ``submission`` in the settings."""
    return plan_run(situation(document, other, base, None), settings(submission=submission), NOW)


def test_what_the_plan_writes_goes_out_before_the_errand_does() -> None:
    document, other, base = ready()
    changed = apply_to_deal(document, {"hs_next_step": "Call them"})
    plan = run(changed, other, base)
    assert (plan.action, len(plan.errands)) == ("update", 1)
    other.pop("RelatedEntityIdentifiers")
    plan = run(document, other, base)
    assert (plan.steps, len(plan.errands)) == (("S-1234567",), 1)


def test_every_field_that_is_missing_is_said_at_once_and_the_rest_of_the_plan_goes_on() -> None:
    gone = {name: None for name in READY if name != "aws_submit"}
    document, other, base = tied(**gone, aws_submit="true")
    other["Customer"]["Account"]["Address"].pop("PostalCode")
    changed = apply_to_deal(document, {"hs_next_step": "Call them"})
    changed["company"]["properties"]["zip"] = None
    plan = plan_run(situation(changed, other, {**base, "postal_code": None}, None), settings(solutions=[]), NOW)
    assert named(plan) == {
        ("deal", "aws_use_case"),
        ("deal", "aws_delivery_models"),
        ("deal", "aws_sales_activities"),
        ("deal", "aws_primary_needs"),
        ("deal", "aws_solution_ids"),
        ("company", "zip"),
    }
    assert (plan.action, plan.outcome, plan.errands) == ("update", "blocked", ())
    assert plan.deal["aws_sync_status"] == "blocked"
    by_name = {each.property: each for each in plan.problems}
    assert "Migration / Database Migration" in by_name["aws_use_case"].allowed
    assert "Co-Sell - Deal Support" in by_name["aws_primary_needs"].allowed
    assert "99999 or 99999-9999" in by_name["zip"].message


def test_a_new_deal_is_created_and_says_at_once_what_its_submission_lacks() -> None:
    plan = plan_run(situation(deal(aws_submit="true"), None, None, None), settings(), NOW)
    assert (plan.action, plan.outcome) == ("create", "blocked")
    assert ("deal", "aws_use_case") in named(plan)
    plan = plan_run(situation(deal(**READY), None, None, None), settings(), NOW)
    assert (plan.action, plan.outcome, plan.look_again, plan.errands) == ("create", "synced", True, ())


def test_a_deal_that_cannot_even_begin_says_both_kinds_of_problems() -> None:
    plan = plan_run(situation(deal(aws_submit="true", amount=None), None, None, None), settings(), NOW)
    assert {("deal", "amount"), ("deal", "aws_use_case")} <= named(plan)
    assert sum(each.property == "amount" for each in plan.problems) == 1


@pytest.mark.parametrize(
    ("involvement", "needs", "about"),
    [
        ("Co-Sell", None, ("deal", "aws_primary_needs")),
        ("For Visibility Only", "Co-Sell - Deal Support", ("deal", "aws_involvement_type")),
    ],
)
def test_involvement_and_needs_have_to_agree_and_both_properties_are_named(
    involvement: str, needs: str | None, about: tuple[str, str]
) -> None:
    document, other, base = ready(aws_involvement_type=involvement, aws_primary_needs=needs)
    plan = run(document, other, base)
    assert named(plan) == {about}
    assert all(name in plan.problems[0].message for name in ("aws_primary_needs", "aws_involvement_type"))


@pytest.mark.parametrize(
    ("name", "allowed"),
    [("aws_involvement_type", ("Co-Sell", "For Visibility Only")), ("aws_visibility_wanted", ("Full", "Limited"))],
)
def test_an_unknown_choice_is_named_with_what_is_allowed(name: str, allowed: tuple[str, ...]) -> None:
    document, other, base = ready(**{name: "Sometimes"})
    (problem,) = run(document, other, base).problems
    assert (problem.property, problem.allowed) == (name, allowed)
    assert "'Sometimes'" in problem.message


def test_what_came_from_another_partner_is_said_to_rest_and_not_to_be_missing() -> None:
    document, other, base = ready(aws_use_case=None)
    written = apply_to_deal(document, {"aws_use_case": READY["aws_use_case"]}) | {"foreign": {"deal": ["aws_use_case"]}}
    (problem,) = run(written, other, base).problems
    assert problem.property == "aws_use_case"
    assert "another partner" in problem.message


def test_a_lost_deal_is_not_submitted() -> None:
    document, other, base = ready()
    lost = apply_to_deal(document, {"dealstage": "closedlost", "aws_closed_lost_reason": "Price"})
    plan = run(lost, other, base)
    assert named(plan) == {("deal", "dealstage")}
    assert "'aws_submit'" in plan.problems[0].message


def test_a_won_deal_waits_for_its_solution_and_is_then_submitted() -> None:
    document, other, base = ready()
    other.pop("RelatedEntityIdentifiers")
    won = apply_to_deal(document, {"dealstage": "closedwon"})
    plan = run(won, other, base)
    assert (plan.blocked, plan.errands, plan.look_again) == (("stage",), (), True)
    other["RelatedEntityIdentifiers"] = SOLUTION
    assert len(run(won, other, base).errands) == 1


@pytest.mark.parametrize("state", ["started", "failed", "complete"])
def test_what_is_under_way_is_not_asked_for_again_until_nothing_is_heard_of_it(state: str) -> None:
    document, other, base = ready()
    plan = run(document, other, base, submission=known(state, other))
    assert (plan.errands, plan.deal["aws_sync_status"]) == ((), "waiting")
    assert plan.look_at is not None
    assert plan.look_at <= NOW + STALE_MS
    plan = run(document, other, base, submission=known(state, other, updated_at=NOW - STALE_MS))
    assert len(plan.errands) == 1


def test_a_quiet_run_under_way_writes_nothing() -> None:
    document, other, base = ready()
    first = run(document, other, base)
    again = run(apply_to_deal(document, first.deal), other, dict(first.base), submission=known("started", other))
    assert (again.deal, again.writes, again.tell) == ({}, 0, ())


def refused(other: dict, reason: str, **more: Any) -> dict[str, Any]:
    return known("refused", other, reason=reason, **more)


@pytest.mark.parametrize("reason", [*KINDS, REFUSED_AT_ONCE, "SomethingNew", "NewConflict"])
def test_a_refusal_says_what_happened_and_what_to_do_once(reason: str) -> None:
    document, other, base = ready()
    words = "the title has “quotes” & <b>more</b>"
    plan = run(document, other, base, submission=refused(other, reason, message=words))
    (problem,) = plan.problems
    assert (problem.object, problem.property, plan.outcome, plan.errands) == ("deal", "aws_submit", "blocked", ())
    assert reason in problem.message
    assert "set 'aws_submit' to No" in problem.message
    assert words in problem.message
    assert "&lt;b&gt;" in plan.tell[-1].body
    told = link(opportunity_id="O1", told={plan.tell[-1].key: "task-1"})
    shown = apply_to_deal(document, plan.deal)
    again = run(shown, other, dict(plan.base), of=told, submission=refused(other, reason, message=words))
    assert (again.deal, again.tell) == ({}, ())


def test_a_refusal_is_over_once_record_choice_or_yes_have_changed() -> None:
    document, other, base = ready()
    refusal = refused(other, "OpportunityValidationFailed")
    fixed = applied(other, {"Project.CustomerUseCase": "Storage & Backup"})
    assert len(run(document, moved(fixed), base, submission=refusal).errands) == 1
    assert len(run(apply_to_deal(document, {"hs_next_step": "Call"}), other, base, submission=refusal).errands) == 1
    other_choice = refused(other, "OpportunityValidationFailed", visibility="Limited")
    assert len(run(document, other, base, submission=other_choice).errands) == 1
    history(document, "aws_submit", NOW - 1_000)
    assert len(run(document, other, base, submission=refusal).errands) == 1
    assert run(document, other, base, submission={**refusal, "updated_at": NOW}).errands == ()


def test_what_moves_by_itself_at_aws_is_no_change() -> None:
    _, other, _ = ready()
    later = {**other, "LastModifiedDate": "2026-09-22T00:00:00Z", "PartnerOpportunityIdentifier": "500"}
    later["LifeCycle"] = {**other["LifeCycle"], "NextStepsHistory": [{"Value": "x", "Time": "t"}]}
    assert fingerprint(later) == fingerprint(other)
    assert fingerprint(moved(other, Project__Title="Another")) != fingerprint(other)


def in_status(other: dict, status: str, **review: str) -> dict:
    return {**other, "LifeCycle": {**other["LifeCycle"], "ReviewStatus": status, **review}}


@pytest.mark.parametrize("status", ["Submitted", "In review"])
def test_a_review_is_waited_for_and_changes_are_kept(status: str) -> None:
    document, other, base = ready()
    plan = run(document, in_status(other, status), base)
    assert (plan.deal["aws_sync_status"], plan.outcome, plan.writes) == ("waiting", "synced", 0)
    assert "review" in plan.deal["aws_sync_message"]
    plan = run(apply_to_deal(document, {"hs_next_step": "Call"}), in_status(other, status), base)
    assert plan.blocked == ("next_steps",)
    assert "next_steps" in plan.deal["aws_sync_message"]
    assert dict(plan.base).get("next_steps") is None
    opened = run(apply_to_deal(document, {"hs_next_step": "Call"}), in_status(other, "Approved"), dict(plan.base))
    assert opened.opportunity == {"LifeCycle.NextSteps": "Call"}
    assert (opened.deal["aws_review_status"], opened.errands) == ("Approved", ())


def test_action_required_shows_the_comments_and_the_fix_resubmits_by_itself() -> None:
    document, other, base = ready()
    asked = in_status(other, "Action Required", ReviewComments="Say more about it", ReviewStatusReason="Other")
    plan = run(document, asked, base)
    assert plan.deal["aws_review_comments"] == "Say more about it"
    assert plan.deal["aws_sync_status"] == "blocked"
    assert "'aws_review_comments'" in plan.deal["aws_sync_message"]
    assert [fact.kind for fact in plan.tell] == ["task"]
    fixed = apply_to_deal(document, {**plan.deal, "description": "They move it all, said at length."})
    plan = run(fixed, asked, dict(plan.base))
    assert (plan.action, plan.errands) == ("update", ())


def test_a_postal_code_that_the_review_would_refuse_keeps_the_rest_of_a_correction_from_nothing() -> None:
    for said in (READY["aws_submit"], None):  # submitted in Partner Central by hand, too
        document, other, base = ready(aws_submit=said)
        asked = in_status(other, "Action Required", ReviewComments="Say more about it")
        fixed = apply_to_deal(document, {"description": "They move it all, said at length."})
        fixed["company"]["properties"]["zip"] = "9810"
        plan = run(fixed, asked, base)
        assert list(plan.opportunity) == ["Project.CustomerBusinessProblem"]
        assert [(each.object, each.property) for each in plan.problems] == [("company", "zip")]
        assert "99999 or 99999-9999" in plan.deal["aws_sync_message"]
        assert plan.base["postal_code"] == base["postal_code"]
        fixed["company"]["properties"]["zip"] = "98104"
        plan = run(fixed, asked, dict(plan.base))
        assert (plan.opportunity["Customer.Account.Address.PostalCode"], plan.problems) == ("98104", ())


def test_before_the_submission_a_postal_code_goes_out_and_the_yes_asks_for_its_form() -> None:
    document, other, base = ready(aws_submit=None)
    document["company"]["properties"]["zip"] = "9810"
    plan = run(document, other, base)
    assert (plan.opportunity, plan.problems) == ({"Customer.Account.Address.PostalCode": "9810"}, ())
    plan = run(apply_to_deal(document, {"aws_submit": "true"}), other, base)
    assert (named(plan), plan.errands) == ({("company", "zip")}, ())


def test_rejected_is_final_and_said() -> None:
    document, other, base = ready()
    rejected = in_status(other, "Rejected")
    plan = run(document, rejected, base)
    assert (plan.writes, plan.errands) == (0, ())
    assert "final" in plan.deal["aws_sync_message"]
    assert plan.tell
    again = run(apply_to_deal(document, {**plan.deal, "aws_submit": "true"}), rejected, dict(plan.base))
    assert (again.deal, again.errands) == ({}, ())


def test_asked_from_outside_the_problems_are_those_of_a_yes() -> None:
    document, other, base = ready(aws_submit=None, aws_use_case=None)
    found = problems_of(situation(document, other, base, None), settings(), NOW)
    assert {each.property for each in found} == {"aws_use_case"}
    document, other, base = ready(aws_submit=None)
    asked = situation(document, other, base, None, refused(other, "OpportunityAccessDenied"))
    assert problems_of(asked, settings(), NOW) == ()


def test_where_it_is_wanted_visibility_only_says_that_nothing_is_needed() -> None:
    submission = {**settings()["partners"]["aws"]["submission"], "no_support_need": "say-so"}
    document, other, base = ready(aws_involvement_type="For Visibility Only", aws_primary_needs=None)
    plan = run_with(document, other, base, submission)
    assert plan.opportunity == {"PrimaryNeedsFromAws": ["Do Not Need Support from AWS Sales Rep"]}
    after = applied(other, dict(plan.opportunity))
    after["RelatedEntityIdentifiers"] = SOLUTION
    settled = run_with(apply_to_deal(document, plan.deal), after, dict(plan.base), submission)
    assert (settled.opportunity, settled.problems, len(settled.errands)) == ({}, (), 1)
    assert "aws_primary_needs" not in settled.deal


def test_a_failure_that_passes_is_none_of_a_person_s() -> None:
    assert {reason for reason in KINDS if passes(reason)} == {
        reason for reason, kind in KINDS.items() if kind == "passing"
    }
