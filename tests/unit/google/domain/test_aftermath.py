"""What a Google plan has of its own: another look, inbound deals, records of ours, closes told once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lambdas.google.domain.partner import plan_run
from lambdas.google.domain.paths import fold_path
from lambdas.shared.domain.documents import apply_to_deal
from lambdas.shared.domain.link import Link
from lambdas.shared.domain.plan import Plan
from lambdas.shared.domain.situation import Situation
from tests.unit.google.google_support import NOW, SETTINGS, deal, google, opportunity, plan

OURS = "cosell@partner.iam.gserviceaccount.com"
LEAD = "partners/0014000000SANDBOX1/leads/l1"
TIED = Link("google", "d500", "deal", deal_id="500", opportunity_id="o1")


def run(
    link: Link, document: dict[str, Any] | None, found: dict[str, Any] | None, base: Any = None, **more: Any
) -> Plan:
    settings = {
        **SETTINGS,
        "partners": {
            "google": google(
                inbound={"opportunities": "invited", "pipeline": "default", "stage": "new"},
                identity={"audience": "x", "service_account": OURS},
            )
            | more.pop("settings", {})
        },
    }
    answer = {"deal": "current" if document else "none", **more.pop("answer", {})}
    state = {"opportunity": "current" if found else "none"}
    known = None if base is None else {"fields": base, "opportunity_seen_at": 0}
    return plan_run(Situation(link, answer, document, state, found, known, **more), settings, NOW)


def test_a_merged_deals_second_opportunity_says_nothing_but_that_it_is_one() -> None:
    leader = Link("google", "d600", "deal", deal_id="500", opportunity_id="o2")
    closed = opportunity(stage="CLOSED")
    plan = run(replace(TIED, associated=(f"lead:{LEAD}",)), deal(gcp_opportunity_id="o2"), closed, leader=leader)
    assert (plan.outcome, dict(plan.deal), len(plan.tell)) == ("conflict", {}, 1)


def inbound(found: dict[str, Any], **more: Any) -> Plan:
    return run(Link("google", "oo1", "opportunity", opportunity_id="o1"), None, found, **more)


def test_whatever_is_written_at_google_is_looked_at_once_more() -> None:
    assert plan(deal(), None).look_again
    draft = opportunity()
    base = dict(plan(deal(), draft).base)
    assert plan(deal(description="New"), draft, base).look_again
    assert not plan(deal(), draft, base).look_again


def test_an_opportunity_of_googles_becomes_a_deal_with_the_tag() -> None:
    made = inbound(opportunity(source="FROM_GOOGLE", state="ACCEPTED", stage="S1"))
    assert made.creates_deal
    assert made.deal["dealname"] == "Contoso Migration #GCP"
    assert (made.deal["dealstage"], made.deal["gcp_opportunity_id"]) == ("talks", "o1")
    assert made.action == "none"
    after = apply_to_deal({"id": "1", "properties": {}, "history": {}, "contacts": []}, dict(made.deal))
    link = replace(TIED, origin="opportunity")
    again = run(link, after, opportunity(source="FROM_GOOGLE", state="ACCEPTED", stage="S1"), made.base)
    assert (again.action, dict(again.deal), again.tell) == ("none", {}, ())


def test_a_record_whose_link_is_lost_is_tied_to_the_deal_that_carries_its_id() -> None:
    found = opportunity(source="FROM_US", creatorEmail=OURS)
    assert inbound(found, answer={"carried_by": "500"}).adopt == {"deal_id": "500"}
    unanswered = {"token": "t", "at": NOW, "deal_id": "500", "ends_at": NOW + 600_000}
    assert inbound(found, open_creates=[unanswered]).outcome == "deferred"
    later = {**found, "createTime": "2030-01-01T00:00:00Z"}
    assert inbound(later, open_creates=[unanswered]).outcome != "deferred"


@pytest.mark.parametrize(("creator", "made"), [(OURS, False), (OURS.upper(), False), ("ada@partner.example.com", True)])
def test_no_second_deal_is_made_of_what_this_sync_created(creator: str, made: bool) -> None:
    every = {"inbound": {"opportunities": "all", "pipeline": "default", "stage": "new"}}
    planned = inbound(opportunity(source="FROM_US", creatorEmail=creator), settings=every)
    assert planned.creates_deal is made
    assert (planned.outcome == "ignored") is not made


@pytest.mark.parametrize(
    ("stage", "theirs", "subject"),
    [("won", "S0", "Close this deal's opportunity"), ("new", "CLOSED", "Google closed this deal's opportunity")],
)
def test_a_close_on_one_side_is_told_once_as_a_task(stage: str, theirs: str, subject: str) -> None:
    found = opportunity(state="ACCEPTED", stage=theirs)
    first = run(TIED, deal(dealstage=stage), found)
    (task,) = [fact for fact in first.tell if fact.kind == "task"]
    assert task.subject.startswith(subject)
    told = replace(TIED, told={task.key: "t1"})
    assert [fact for fact in run(told, deal(dealstage=stage), found).tell if fact.kind == "task"] == []
    begun = replace(TIED, told={task.key: "pending"})
    assert task in run(begun, deal(dealstage=stage), found).tell


def test_both_sides_closed_is_nothing_to_tell() -> None:
    assert run(TIED, deal(dealstage="won"), opportunity(state="ACCEPTED", stage="CLOSED")).tell == ()


def test_the_deal_shows_the_leads_name_once_and_no_lead_as_a_solution() -> None:
    link = replace(TIED, associated=("lead:begun", f"lead:{LEAD}"))
    shown = run(link, deal(), opportunity()).deal
    assert shown["gcp_lead_name"] == LEAD
    assert "gcp_solution_ids" not in shown
    again = run(link, apply_to_deal(deal(), dict(shown)), opportunity(), run(link, deal(), opportunity()).base)
    assert dict(again.deal) == {}


def test_a_paused_deal_shows_no_lead() -> None:
    link = replace(TIED, associated=(f"lead:{LEAD}",))
    assert "gcp_lead_name" not in run(link, deal(dealname="Contoso Migration"), opportunity()).deal


@pytest.mark.parametrize(
    "field",
    ["opportunityInfo.displayName", "opportunity.opportunity_info.display_name", "opportunityInfo[0].displayName"],
)
def test_googles_spellings_of_a_path_are_one(field: str) -> None:
    assert fold_path(field) == "opportunityinfo.displayname"
