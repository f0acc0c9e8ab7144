"""A deal that stands for an invitation: what it shows, asks, sends and refuses. Never a create."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.aws.domain.invitation_document import REJECT_REASONS, mark_of
from lambdas.aws.domain.partner import plan_run
from lambdas.shared.domain.link import Link
from lambdas.shared.domain.plan import Errand, Plan
from lambdas.shared.domain.situation import Situation
from tests.unit.domain.domain_support import NOW, deal, opportunity, settings

DAY = 86_400_000
KNOWN: dict[str, Any] = {"state": "asked", "status": "PENDING", "deal_id": "500", "ends_at": NOW + 10 * DAY}


def planned(known: dict[str, Any] | None = None, **more: Any) -> Plan:
    """The plan of the deal that asks; ``more`` are properties, or parts of the link with ``link_`` before them."""
    link = {name.removeprefix("link_"): more.pop(name) for name in list(more) if name.startswith("link_")}
    document = deal(**{"aws_invitation_id": "engi-1", **more})
    now = Situation(
        Link("aws", "d500", "deal", deal_id="500", invitation_id="engi-1", **link),
        {"deal": "current", "deal_id": "500"},
        document,
        {"opportunity": "none"},
        None,
        None,
        extras={"invitation": {**KNOWN, **(known or {})}},
    )
    return plan_run(now, settings(), NOW)


def sent(plan: Plan) -> list[dict[str, str]]:
    assert all(each.kind == "invitations" for each in plan.errands)
    return [dict(each.detail) for each in plan.errands]


def test_a_complete_deal_is_not_created_at_aws_while_its_invitation_is_open() -> None:
    plan = planned()
    assert (plan.action, plan.outcome, plan.steps, plan.errands) == ("none", "synced", (), ())
    assert plan.deal["aws_sync_status"] == "waiting"
    assert "2026-10-01" in plan.deal["aws_sync_message"]
    assert (plan.deal["aws_invitation_status"], plan.deal["aws_invitation_expires"]) == ("PENDING", "2026-10-01")
    assert [fact.key for fact in plan.tell] == ["invitation-asks"]
    assert plan.look_at == NOW + 7 * DAY


def test_the_same_deal_without_the_invitation_is_created() -> None:
    assert planned(aws_invitation_id=None).action == "create"


def test_it_is_told_once_and_again_before_it_ends() -> None:
    told = {"invitation-asks": "77"}
    assert planned(link_told=told).tell == ()
    near = planned({"ends_at": NOW + 2 * DAY}, link_told=told)
    assert {fact.key.partition(":")[0] for fact in near.tell} == {"invitation-ends"}
    assert near.look_at == NOW + 2 * DAY + 60_000


@pytest.mark.parametrize(
    ("properties", "detail"),
    [
        ({"aws_invitation_answer": "accept"}, {"answer": "accept"}),
        ({"aws_invitation_answer": "link", "aws_invitation_deal": "77"}, {"answer": "link", "deal": "77"}),
        (
            {"aws_invitation_answer": "reject", "aws_invitation_reject_reason": "Other"},
            {"answer": "reject", "reason": "Other"},
        ),
    ],
)
def test_an_answer_is_sent(properties: dict[str, str], detail: dict[str, str]) -> None:
    plan = planned(**properties)
    assert sent(plan) == [{"invitation": "engi-1", **detail}]
    assert (plan.action, plan.deal["aws_sync_status"], plan.problems) == ("none", "waiting", ())


@pytest.mark.parametrize(
    ("properties", "name", "said"),
    [
        ({"aws_invitation_answer": "perhaps"}, "aws_invitation_answer", "Allowed: accept, reject, link"),
        ({"aws_invitation_answer": "reject"}, "aws_invitation_reject_reason", "Duplicate of partner referral"),
        (
            {"aws_invitation_answer": "reject", "aws_invitation_reject_reason": "No time"},
            "aws_invitation_reject_reason",
            "'No time'",
        ),
        ({"aws_invitation_answer": "link"}, "aws_invitation_deal", "is empty"),
        ({"aws_invitation_answer": "link", "aws_invitation_deal": "Harbour"}, "aws_invitation_deal", "no record ID"),
        ({"aws_invitation_answer": "link", "aws_invitation_deal": "500"}, "aws_invitation_deal", "this deal itself"),
    ],
)
def test_a_wrong_answer_blocks_names_the_property_and_sends_nothing(
    properties: dict[str, str], name: str, said: str
) -> None:
    plan = planned(**properties)
    assert (plan.outcome, plan.errands, plan.deal["aws_sync_status"]) == ("blocked", (), "blocked")
    assert [problem.property for problem in plan.problems] == [name]
    assert said in plan.deal["aws_sync_message"]
    assert plan.tell[-1].key.startswith("blocked:")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("deal-missing", "no deal 77"),
        ("deal-untagged", "#AWS"),
        ("deal-tied", "tied to an opportunity already"),
        ("deal-asks", "stands for an invitation itself"),
        ("something new", "cannot be given to the deal 77"),
    ],
)
def test_a_deal_that_cannot_take_it_is_said_and_asked_for_again_at_the_next_run(code: str, said: str) -> None:
    known = {"answer": "link", "wanted_deal": "77", "refused": code}
    plan = planned(known, aws_invitation_answer="link", aws_invitation_deal="77")
    assert (plan.outcome, len(plan.errands)) == ("blocked", 1)
    assert said in plan.deal["aws_sync_message"]
    other = planned(known, aws_invitation_answer="link", aws_invitation_deal="78")
    assert (other.outcome, sent(other)[0]["deal"]) == ("synced", "78")


def test_an_answer_that_is_taken_back_is_said_to_the_machine() -> None:
    assert sent(planned({"answer": "link", "refused": "deal-missing"})) == [{"invitation": "engi-1", "answer": "none"}]


def test_what_aws_refused_blocks_until_the_answer_is_given_anew() -> None:
    known = {"state": "declined", "answer": "accept", "reason": "InvitationAccessDenied"}
    plan = planned(known, aws_invitation_answer="accept")
    assert (plan.outcome, plan.errands) == ("blocked", ())
    assert "InvitationAccessDenied" in plan.deal["aws_sync_message"]
    assert sent(planned(known)) == [{"invitation": "engi-1", "answer": "none"}]


@pytest.mark.parametrize("state", ["started", "failed"])
def test_while_aws_works_on_it_nothing_is_sent(state: str) -> None:
    plan = planned({"state": state}, aws_invitation_answer="reject")
    assert (plan.outcome, plan.errands, plan.deal["aws_sync_status"]) == ("synced", (), "waiting")


def test_what_was_accepted_waits_for_its_opportunity_or_says_where_it_went() -> None:
    here = planned({"state": "accepted", "opportunity_id": "O9", "wanted_deal": "500"})
    assert (here.outcome, sent(here)) == ("synced", [{"invitation": "engi-1", "answer": "look"}])
    there = planned({"state": "accepted", "opportunity_id": "O9", "wanted_deal": "77"})
    assert (there.outcome, there.deal["aws_sync_status"]) == ("paused", "paused")
    assert "deal 77" in there.deal["aws_sync_message"]
    assert "O9" in there.deal["aws_sync_message"]
    unnamed = planned({"status": "ACCEPTED", "refused": "unnamed"})
    assert (unnamed.errands, "aws_opportunity_id" in unnamed.deal["aws_sync_message"]) == ((), True)


def test_a_rejected_one_says_why_and_rests() -> None:
    plan = planned({"state": "rejected", "status": "REJECTED", "reason": "Other"}, aws_invitation_answer="accept")
    assert (plan.outcome, plan.errands, plan.deal["aws_invitation_status"]) == ("paused", (), "REJECTED")
    assert "(Other)" in plan.deal["aws_sync_message"]


@pytest.mark.parametrize("answer", [None, "accept"])
def test_an_expired_one_says_so_and_what_now(answer: str | None) -> None:
    plan = planned({"ends_at": NOW - 1}, aws_invitation_answer=answer)
    assert (plan.outcome, plan.deal["aws_invitation_status"]) == ("paused", "EXPIRED")
    assert "invite you again" in plan.deal["aws_sync_message"]
    assert sent(plan) == [{"invitation": "engi-1", "answer": "look"}]
    assert [fact.key for fact in plan.tell] == ["invitation-expired"]
    assert planned({"status": "EXPIRED", "ends_at": NOW - 1}).errands == ()


def test_before_the_ledger_knows_it_the_deal_waits_and_tells_nobody() -> None:
    now = Situation(
        Link("aws", "d500", "deal", deal_id="500"),
        {"deal": "current", "deal_id": "500"},
        deal(aws_invitation_id="engi-1"),
        {"opportunity": "none"},
        None,
        None,
    )
    plan = plan_run(now, settings(), NOW)
    assert (plan.action, plan.outcome, plan.tell) == ("none", "synced", ())


def test_a_deal_that_lost_its_tag_or_has_an_opportunity_is_the_shared_decisions_business() -> None:
    assert planned(dealname="BigCorp", aws_sync_status="waiting").reason == "the tag was taken off"
    assert planned(aws_opportunity_id="O9").adopt == {"opportunity_id": "O9"}


@pytest.mark.parametrize(
    ("asked", "invitation_id", "outcome"),
    [(True, None, "deferred"), (False, None, "synced"), (True, "engi-2", "synced")],
)
def test_an_opportunity_without_a_deal_waits_while_a_deal_asks_about_it(
    asked: bool, invitation_id: str | None, outcome: str
) -> None:
    values = {"Project.Title": "Harbour", "Customer.Account.CompanyName": "BigCorp", "LifeCycle.Stage": "Prospect"}
    now = Situation(
        Link("aws", "oO1", "opportunity", opportunity_id="O1", invitation_id=invitation_id),
        {"deal": "none", "carried_by": None},
        None,
        {"opportunity": "current", "opportunity_id": "O1", "version": "v"},
        opportunity(values, Origin="AWS Referral"),
        None,
        extras={"asked": [mark_of("Harbour", "BigCorp")] if asked else []},
    )
    assert plan_run(now, settings(), NOW).outcome == outcome


def test_a_tied_deal_shows_its_invitation_as_accepted() -> None:
    values = {"Project.Title": "BigCorp Cloud Migration", "LifeCycle.Stage": "Qualified"}
    now = Situation(
        Link("aws", "d500", "deal", deal_id="500", opportunity_id="O1", invitation_id="engi-1"),
        {"deal": "current", "deal_id": "500"},
        deal(aws_invitation_id="engi-1", aws_invitation_status="PENDING", aws_opportunity_id="O1"),
        {"opportunity": "current", "opportunity_id": "O1", "version": "v"},
        opportunity(values),
        None,
        extras={"invitation": {**KNOWN, "state": "accepted"}},
    )
    assert plan_run(now, settings(), NOW).deal["aws_invitation_status"] == "ACCEPTED"


def test_the_reasons_are_the_propertys_options() -> None:
    from config import load, property_definitions

    found = {each["name"]: each for each in property_definitions(load(), "deal")}["aws_invitation_reject_reason"]
    assert [option["value"] for option in found["options"]] == list(REJECT_REASONS)
    assert all(len(reason) <= 80 for reason in REJECT_REASONS)
    assert Errand("invitations").detail == {}
