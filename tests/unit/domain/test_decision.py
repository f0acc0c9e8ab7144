"""What becomes of a link: every row of the link-level table."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambdas.shared.domain.documents import apply_to_deal
from lambdas.shared.domain.link import HANDED_OVER, TWO_OPPORTUNITIES
from lambdas.shared.domain.plan import Plan
from lambdas.shared.domain.status import rejection_changes
from lambdas.shared.errors import Problem
from tests.unit.domain.domain_support import NOW, applied, deal, link, moved, run, settings, tied


def in_sync() -> tuple[dict, dict, dict]:
    """A deal that shows its status already, its opportunity, the base."""
    document, other, base = tied()
    other["RelatedEntityIdentifiers"] = {"Solutions": ["S-1234567"]}
    plan = run(document, other, base)
    return apply_to_deal(document, plan.deal), other, plan.base


def test_a_complete_tagged_deal_becomes_an_opportunity_without_the_tag() -> None:
    plan = run(deal())
    assert (plan.action, plan.outcome) == ("create", "synced")
    assert plan.opportunity["Project.Title"] == "BigCorp Cloud Migration"
    assert plan.steps == ("S-1234567",)
    assert plan.writes == 2
    assert plan.deal["aws_opportunity_title"] == "BigCorp Cloud Migration"
    assert plan.deal["aws_sync_status"] == "synced"
    assert None not in plan.opportunity.values()


def test_a_deal_that_is_incomplete_is_told_everything_at_once_and_nothing_is_created() -> None:
    plan = run(deal(company={"country": None}, amount=None))
    assert (plan.action, plan.outcome, plan.writes) == ("none", "blocked", 0)
    assert {(each.object, each.property) for each in plan.problems} == {("company", "country"), ("deal", "amount")}
    assert plan.deal["aws_sync_status"] == "blocked"
    assert "'country'" in plan.deal["aws_sync_message"]
    assert [fact.kind for fact in plan.tell] == ["task"]


@pytest.mark.parametrize(("country", "code"), [("Saudi Arabia", "12345"), ("El Salvador", "1102"), ("DE", "8033")])
def test_a_postal_code_that_only_the_review_minds_is_sent_as_it_is(country: str, code: str) -> None:
    plan = run(deal(company={"country": country, "zip": code}))
    assert (plan.action, plan.outcome, plan.problems) == ("create", "synced", ())
    assert plan.opportunity["Customer.Account.Address.PostalCode"] == code


def test_a_postal_code_that_the_create_would_refuse_is_left_out_and_said() -> None:
    long = deal(company={"zip": "9" * 21})
    plan = run(long)
    assert (plan.action, plan.outcome) == ("create", "blocked")
    assert "Customer.Account.Address.PostalCode" not in plan.opportunity
    assert [(each.object, each.property) for each in plan.problems] == [("company", "zip")]
    assert "at most 20 characters" in plan.deal["aws_sync_message"]
    incomplete = run(deal(company={"zip": "9" * 21}, amount=None))
    assert (incomplete.action, incomplete.outcome) == ("none", "blocked")
    assert {each.property for each in incomplete.problems} == {"zip", "amount"}


def test_of_a_company_that_is_not_there_one_line_says_all_that_it_needs() -> None:
    plan = run({**deal(amount=None), "company": None})
    first, *rest = plan.deal["aws_sync_message"].splitlines()
    assert first == (
        "The deal has no company: please associate one. The company needs these properties: "
        "'name', 'country', 'industry', 'website'."
    )
    assert not [line for line in rest if "company" in line]
    assert any("'amount'" in line for line in rest)
    assert {each.property for each in plan.problems if each.object == "company"} >= {"name", "country"}
    (task,) = plan.tell
    assert task.body.count("no company") == 1
    told = link(told={task.key: "task-1"})
    empty = dict.fromkeys(("name", "country", "industry", "website", "domain"))
    assert len(run(deal(amount=None, company=empty), of=told).tell) == 1, "a company without any of it is other news"


def test_what_was_told_is_not_told_again_until_something_else_is_wrong() -> None:
    first = run(deal(company={"country": None}))
    told = link(told={first.tell[0].key: "task-1"})
    assert run(deal(company={"country": None}), of=told).tell == ()
    assert len(run(deal(company={"country": None}, amount=None), of=told).tell) == 1


def test_filling_in_what_was_missing_is_all_it_takes() -> None:
    assert run(deal(company={"country": None})).outcome == "blocked"
    assert run(deal()).action == "create"


def test_a_deal_in_sync_writes_nothing_anywhere() -> None:
    document, other, base = in_sync()
    plan = run(document, other, base)
    assert (plan.action, plan.outcome, plan.deal, plan.tell, plan.writes) == ("none", "synced", {}, (), 0)
    assert not plan.write_deal
    assert plan.base == base


def test_a_moved_field_updates_and_only_the_time_of_sync_is_shown_anew() -> None:
    document, other, base = in_sync()
    document["properties"]["amount"] = "7"
    plan = run(document, other, base)
    assert plan.action == "update"
    assert plan.deal == {"aws_last_sync": str(NOW)}
    after = applied(other, dict(plan.opportunity))
    assert run(apply_to_deal(document, plan.deal), after, dict(plan.base)).deal == {}


def test_a_change_of_the_partner_reaches_the_deal_without_a_partner_write() -> None:
    document, other, base = in_sync()
    plan = run(document, moved(other, LifeCycle__Stage="Technical Validation"), base)
    assert (plan.action, plan.writes) == ("none", 0)
    assert plan.deal["dealstage"] == "presentationscheduled"


def test_a_tag_taken_off_pauses_with_no_partner_call_and_a_tag_put_back_resumes() -> None:
    document, other, base = in_sync()
    document["properties"] |= {"dealname": "BigCorp Cloud Migration", "amount": "7"}
    paused = run(document, other, base)
    assert (paused.action, paused.outcome, paused.writes) == ("none", "paused", 0)
    assert paused.deal["aws_sync_status"] == "paused"
    assert paused.base == base
    document = apply_to_deal(document, paused.deal)
    assert run(document, other, base).deal == {}
    document["properties"]["dealname"] = "BigCorp Cloud Migration #aws"
    resumed = run(document, other, base)
    assert (resumed.action, resumed.deal["aws_sync_status"]) == ("update", "synced")


def test_an_untagged_deal_that_never_was_shared_is_left_alone() -> None:
    plan = run(deal(dealname="BigCorp"))
    assert (plan.outcome, plan.deal, plan.tell) == ("paused", {}, ())


@pytest.mark.parametrize("answer", ["missing", "archived"])
def test_a_deal_that_is_gone_closes_the_link_leaves_the_partner_alone_and_tells_once(answer: str) -> None:
    of = link(opportunity_id="O1")
    plan = run(None, tied()[1], {}, of=of, deal_answer={"deal": answer, "deal_id": "500"})
    assert (plan.action, plan.outcome, plan.writes) == ("none", "closed", 0)
    assert [fact.key for fact in plan.tell] == ["deal-deleted"]
    again = link(opportunity_id="O1", told={"deal-deleted": "task-1"})
    assert run(None, None, {}, of=again, deal_answer={"deal": answer}).tell == ()


def test_a_deal_that_is_gone_without_an_opportunity_tells_nobody() -> None:
    assert run(None, deal_answer={"deal": "missing", "deal_id": "500"}).tell == ()


def test_a_merged_deal_is_followed() -> None:
    plan = run(deal(), deal_answer={"deal": "moved", "deal_id": "900"})
    assert (plan.outcome, plan.adopt) == ("adopt", {"deal_id": "900"})


def test_the_orphan_of_a_lost_answer_is_adopted_and_not_created_again() -> None:
    plan = run(deal(), opportunity_answer={"opportunity": "orphan", "opportunity_id": "O9"})
    assert (plan.action, plan.outcome, plan.adopt) == ("none", "adopt", {"opportunity_id": "O9"})


@pytest.mark.parametrize("answer", ["current", "missing"])
def test_the_orphan_is_adopted_though_the_tag_or_the_deal_is_gone(answer: str) -> None:
    """The create would stay open for ever, and every opportunity that might be its record with it."""
    orphan = {"opportunity": "orphan", "opportunity_id": "O9"}
    document = deal(dealname="BigCorp") if answer == "current" else None
    plan = run(document, of=link(), deal_answer={"deal": answer, "deal_id": "500"}, opportunity_answer=orphan)
    assert (plan.outcome, plan.adopt, plan.writes) == ("adopt", {"opportunity_id": "O9"}, 0)


@pytest.mark.parametrize("answer", ["none", "orphan", "several"])
def test_an_opportunity_that_was_tied_while_the_run_was_reading_is_read_by_the_next_and_not_missed(answer: str) -> None:
    """The run of its own half link handed it over behind the fetch, which knew of none: it is not missing."""
    of, found = link(opportunity_id="O1"), {"opportunity": answer, "opportunity_id": "O9", "candidates": ["O8", "O9"]}
    for document in (deal(), deal(aws_opportunity_id="O1"), deal(dealname="BigCorp")):
        plan = run(document, of=of, opportunity_answer=found)
        assert (plan.outcome, plan.adopt, plan.tell, plan.deal) == ("adopt", {"opportunity_id": "O1"}, (), {})


def test_a_deal_that_names_its_opportunity_is_tied_to_it() -> None:
    plan = run(deal(aws_opportunity_id="O9"))
    assert (plan.action, plan.adopt) == ("none", {"opportunity_id": "O9"})


@pytest.mark.parametrize("answer", ["none", "orphan"])
def test_an_opportunity_of_another_deal_is_not_adopted_and_the_deal_says_so(answer: str) -> None:
    document = deal(aws_opportunity_id="O9" if answer == "none" else None)
    other = link(link_id="d501", deal_id="501", opportunity_id="O9")
    found = {"opportunity": answer, **({"opportunity_id": "O9"} if answer == "orphan" else {})}
    plan = run(document, opportunity_answer=found, holder=other)
    assert (plan.action, plan.outcome, plan.adopt) == ("none", "conflict", {})
    assert plan.deal["aws_sync_status"] == "conflict"
    assert "O9 belongs to the deal 501" in plan.deal["aws_sync_message"]
    assert [fact.kind for fact in plan.tell] == ["task"]


def test_an_opportunity_id_that_is_none_is_a_problem() -> None:
    plan = run(deal(aws_opportunity_id="see mail"))
    assert (plan.action, plan.outcome) == ("none", "blocked")
    assert plan.problems[0].property == "aws_opportunity_id"


def test_two_opportunities_on_one_deal_wait_for_a_person() -> None:
    document, other, base = in_sync()
    document["properties"] |= {"aws_opportunity_id": "O2", "amount": "7"}
    plan = run(document, other, base)
    assert (plan.action, plan.outcome, plan.writes) == ("none", "conflict", 0)
    assert "O1 and O2" in plan.tell[0].body
    assert "write O1 into the deal property" in plan.tell[0].body


@pytest.mark.parametrize("named", ["O2", None])
def test_the_way_out_of_two_opportunities_that_the_task_names_is_one(named: str | None) -> None:
    document, other, base = in_sync()
    parked = link(opportunity_id="O1", state="conflict", reason=TWO_OPPORTUNITIES)
    document["properties"] |= {"aws_opportunity_id": named, "amount": "7"}
    assert run(document, other, base, of=parked).outcome == "conflict"
    document["properties"]["aws_opportunity_id"] = "O1"
    settled = run(document, other, base, of=parked)
    assert (settled.action, settled.outcome) == ("update", "synced")


def _merged(*, named: str | None, leads: bool, **attributes: Any) -> Plan:
    """A run of the link of O1 after its deal was merged with that of O2; ``leads``: the deal leads to this one."""
    document, other, base = in_sync()
    document["properties"] |= {"aws_opportunity_id": named, "amount": "7"}
    second = link(link_id="d600", opportunity_id="O2")
    of = link(opportunity_id="O1", **attributes)
    return run(document, other, base, of=of, holder=second if named == "O2" else None, leader=None if leads else second)


@pytest.mark.parametrize("named", ["O2", None, "O3"])
def test_a_merged_deals_second_opportunity_is_told_in_a_task_and_leaves_the_status_alone(named: str | None) -> None:
    plan = _merged(named=named, leads=False, state="conflict", reason=TWO_OPPORTUNITIES)
    assert (plan.action, plan.outcome, plan.reason, plan.deal) == ("none", "conflict", TWO_OPPORTUNITIES, {})
    (task,) = plan.tell
    assert "goes on with O2; O1 is not synced any more" in task.body


def test_the_opportunity_that_a_merged_deal_names_leads_it() -> None:
    assert _merged(named="O2", leads=True).adopt == {"deal_id": "500", "opportunity_id": "O2"}
    assert _merged(named="O1", leads=False).adopt == {"deal_id": "500", "opportunity_id": "O1"}


def test_a_create_without_answer_of_a_merged_deal_says_nothing_beside_the_opportunity_that_it_has() -> None:
    document, _, _ = in_sync()
    document["properties"] |= {"aws_opportunity_id": "O2"}
    plan = run(document, of=link(), holder=link(link_id="d600", opportunity_id="O2"))
    assert (plan.outcome, plan.reason, plan.deal, plan.tell) == ("conflict", TWO_OPPORTUNITIES, {}, ())


def test_a_merged_deal_is_led_by_the_opportunity_that_it_names() -> None:
    document = deal(aws_opportunity_id="O2")
    plan = run(document, deal_answer={"deal": "moved", "deal_id": "900"})
    assert plan.adopt == {"deal_id": "900", "opportunity_id": "O2"}


def test_an_opportunity_that_is_missing_waits_for_a_person_and_is_not_created_again() -> None:
    of = link(opportunity_id="O1")
    plan = run(deal(), of=of, opportunity_answer={"opportunity": "missing", "opportunity_id": "O1"})
    assert (plan.action, plan.outcome) == ("none", "conflict")
    assert plan.deal["aws_sync_status"] == "conflict"
    assert len(plan.tell) == 1


def test_a_manual_conflict_is_shown_with_both_values_escaped() -> None:
    document, other, base = in_sync()
    document["properties"]["hs_next_step"] = "Ours"
    other = moved(other, LifeCycle__NextSteps="Theirs <script>alert(1)</script>")
    plan = run(document, other, base, document=settings(conflict_strategy="manual"))
    assert (plan.action, plan.outcome) == ("none", "conflict")
    assert "<script" not in plan.tell[0].body
    assert "Ours" in plan.tell[0].body
    assert "Theirs" in plan.tell[0].body
    assert "Ours" not in plan.deal["aws_sync_message"]


def test_a_rename_after_approval_gets_one_note_and_no_failed_update() -> None:
    document, other, base = in_sync()
    other["LifeCycle"]["ReviewStatus"] = "Approved"
    document["properties"]["dealname"] = "BigCorp, phase two #AWS"
    plan = run(document, other, base)
    assert (plan.action, plan.outcome, plan.blocked) == ("none", "synced", ("title",))
    assert [(fact.kind, fact.key.split(":")[0]) for fact in plan.tell] == [("note", "title-locked")]
    assert "aws_sync_status" not in plan.deal
    told = link(opportunity_id="O1", told={plan.tell[0].key: "note-1"})
    assert run(document, other, base, of=told).tell == ()
    document["properties"]["dealname"] = "BigCorp, phase three #AWS"
    assert len(run(document, other, base, of=told).tell) == 1


def test_changes_during_a_review_wait_by_name_and_go_out_when_it_ends() -> None:
    document, other, base = in_sync()
    other["LifeCycle"]["ReviewStatus"] = "In review"
    document["properties"]["amount"] = "7"
    waiting = run(document, other, base)
    assert (waiting.action, waiting.blocked, waiting.writes) == ("none", ("spend_amount",), 0)
    assert waiting.deal["aws_sync_status"] == "waiting"
    assert waiting.tell == ()
    other["LifeCycle"]["ReviewStatus"] = "Approved"
    opened = run(document, other, dict(waiting.base))
    assert list(opened.opportunity.values()) == ["7.00"]


def test_a_deal_lost_before_submission_waits_and_its_other_changes_go_out() -> None:
    document, other, base = in_sync()
    document["properties"] |= {"dealstage": "closedlost", "aws_closed_lost_reason": "Price", "amount": "7"}
    plan = run(document, other, base)
    assert (plan.blocked, list(plan.opportunity.values())) == (("stage",), ["7.00"])
    assert plan.deal["aws_sync_status"] == "waiting"
    other["LifeCycle"]["ReviewStatus"] = "Approved"
    assert "LifeCycle.ClosedLostReason" in run(document, other, dict(plan.base)).opportunity


def test_what_aws_asks_for_in_its_review_becomes_one_escaped_task() -> None:
    document, other, base = in_sync()
    other["LifeCycle"] |= {"ReviewStatus": "Action Required", "ReviewComments": "Fix <img src=x> this"}
    plan = run(document, other, base)
    assert plan.deal["aws_review_status"] == "Action Required"
    assert [fact.kind for fact in plan.tell] == ["task"]
    assert "&lt;img" in plan.tell[0].body


def test_only_a_review_status_that_the_deal_does_not_show_yet_has_changed() -> None:
    document, other, base = in_sync()
    assert not run(document, other, base).review_changed
    other["LifeCycle"]["ReviewStatus"] = "Approved"
    plan = run(document, other, base)
    assert plan.review_changed
    assert not run(apply_to_deal(document, plan.deal), other, dict(plan.base)).review_changed


def test_a_second_round_of_the_review_with_another_comment_is_told_again_and_the_same_one_is_not() -> None:
    document, other, base = in_sync()
    other["LifeCycle"] |= {"ReviewStatus": "Action Required", "ReviewComments": "Correct the website"}
    (first,) = run(document, other, base).tell
    assert "website" not in first.key
    told = link(opportunity_id="O1", told={first.key: "task-1"})
    assert not run(document, other, base, of=told).tell
    other["LifeCycle"]["ReviewComments"] = "Now correct the close date"
    assert len(run(document, other, base, of=told).tell) == 1


@pytest.mark.parametrize("stage", ["closedlost", "closedwon"])
def test_a_deal_that_is_closed_already_is_not_created(stage: str) -> None:
    plan = run(deal(dealstage=stage, aws_closed_lost_reason="Price"))
    assert (plan.action, plan.outcome) == ("none", "blocked")
    assert plan.problems[0].property == "dealstage"
    assert "qualifiedtobuy" in plan.problems[0].allowed


def test_solutions_named_on_the_deal_come_before_the_configured_ones() -> None:
    assert run(deal(aws_solution_ids="S-1; S-2")).steps == ("S-1", "S-2")
    wrong = run(deal(aws_solution_ids="S-1;cloud"))
    assert (wrong.action, wrong.problems[0].property) == ("none", "aws_solution_ids")
    assert wrong.problems[0].allowed == (), "an example is not the one value that is allowed"
    assert "looks like S-1234567" in wrong.problems[0].message


def test_more_solutions_than_aws_takes_are_a_problem_that_names_the_property_and_the_rest_goes_out() -> None:
    named = ";".join(f"S-{number}" for number in range(2, 12))
    assert len(run(deal(aws_solution_ids=named)).steps) == 10
    assert run(deal(aws_solution_ids=f"{named};S-12")).problems[0].property == "aws_solution_ids"
    document, other, base = in_sync()
    document["properties"] |= {"aws_solution_ids": named, "amount": "7"}
    plan = run(document, other, base)
    assert (plan.action, plan.outcome, plan.steps) == ("update", "blocked", ())
    assert "1 are associated" in plan.problems[0].message
    other["RelatedEntityIdentifiers"] = {"Solutions": named.split(";")}
    assert not run(document, other, base).problems, "all of them are there"


def test_only_solutions_that_are_not_associated_yet_are() -> None:
    document, other, base = in_sync()
    document["properties"]["aws_solution_ids"] = "S-1234567;S-2;S-3"
    plan = run(document, other, base, of=link(opportunity_id="O1", associated=("S-3",)))
    assert (plan.action, plan.steps, plan.writes) == ("none", ("S-2",), 1)


def test_a_link_that_was_handed_over_does_nothing() -> None:
    plan = run(deal(), of=link(state="closed", reason=HANDED_OVER, handed_to="link#aws#oO1"))
    assert (plan.action, plan.outcome, plan.deal) == ("none", "closed", {})


def test_a_refusal_of_the_partner_is_shown_on_the_deal() -> None:
    names = settings()["partners"]["aws"]["status_properties"]
    problem = Problem("website", "AWS does not take the website.", "company", "website")
    changes = rejection_changes(deal(), names, [problem], NOW)
    assert changes["aws_sync_status"] == "blocked"
    assert "website" in changes["aws_sync_message"]
    assert rejection_changes(apply_to_deal(deal(), changes), names, [problem], NOW) == {}


def test_the_plan_is_json() -> None:
    document = json.loads(json.dumps(run(deal()).as_dict()))
    assert document["action"] == "create"
    assert document["opportunity_changes"][0]["winner"] == "deal"


def test_a_fact_whose_telling_a_crash_left_open_is_told_again() -> None:
    first = run(deal(company={"country": None}))
    begun = link(told={first.tell[0].key: "pending"})
    assert run(deal(company={"country": None}), of=begun).tell == first.tell


def test_no_solution_is_associated_while_aws_reviews() -> None:
    document, other, base = in_sync()
    document["properties"]["aws_solution_ids"] = "S-1234567;S-2"
    other["LifeCycle"]["ReviewStatus"] = "In review"
    assert run(document, other, base).steps == ()


def test_a_create_starts_from_no_base_whatever_was_agreed_on_before() -> None:
    plan = run(deal(), base={"next_steps": "of another opportunity"})
    assert plan.action == "create"
    assert "next_steps" not in plan.base


def test_a_value_that_a_task_names_is_escaped_too() -> None:
    plan = run(deal(dealstage="<img src=x>"))
    assert "<img" not in plan.tell[0].body
    assert "&lt;img" in plan.tell[0].body


def test_a_message_longer_than_the_property_takes_is_cut_and_not_written_anew_each_time() -> None:
    names = settings()["partners"]["aws"]["status_properties"]
    changes = rejection_changes(deal(), names, [Problem("title", "x" * 9000)], NOW)
    assert rejection_changes(apply_to_deal(deal(), changes), names, [Problem("title", "x" * 9000)], NOW) == {}
