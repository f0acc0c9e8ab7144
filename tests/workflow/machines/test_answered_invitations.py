"""Invitations that a person decides: asked on one deal, answered there, and what becomes of both sides."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.turned import Options
from tests.workflow.machines.recording import RecordingWorld
from tests.workflow.machines.test_slots_and_acceptances import INVITATION

ASK = {"rule": "ask", "remind_days": 3, "lead_qualified": "Qualified", "listed": {}}
DAY = 24 * 3600


def world_that_asks(**options: Any) -> RecordingWorld:
    return RecordingWorld(Options(settings={"aws": {"invitations": ASK}}, **options))


def asked(world: RecordingWorld, **more: Any) -> tuple[str, str]:
    """An invitation, and the deal that asks about it."""
    invitation = world.central.account.send_invitation(**{**INVITATION, **more})
    world.run_until_quiet()
    if not world.hubspot.account.records("deals"):  # its event was lost: the poll finds it
        world.advance(seconds=360)
        world.run_until_quiet()
    (deal,) = [one.id for one in world.hubspot.account.records("deals") if value(world, one.id, "aws_invitation_id")]
    return invitation, deal


def value(world: RecordingWorld, deal: str, name: str) -> str | None:
    return world.deal(deal).get(name) or None


def say(world: RecordingWorld, deal: str, **properties: str) -> None:
    world.hubspot.account.update("deals", deal, properties)
    world.run_until_quiet()


def tasks(world: RecordingWorld) -> list[str]:
    tasks = world.hubspot.account.records("tasks")
    return [world.hubspot.account.values("tasks", one.id)["hs_task_subject"] for one in tasks]


def assert_clean(world: RecordingWorld) -> None:
    assert (world.dead_letters(), world.unexpected, world.duplicates()) == ([], [], [])


def test_an_invitation_becomes_one_deal_at_once_and_nothing_goes_to_aws() -> None:
    world = world_that_asks(copies_of_events=(3,))
    invitation, deal = asked(world)
    shown = world.deal(deal)
    assert shown["dealname"] == "Shared harbour #AWS"
    assert (shown["aws_invitation_id"], shown["aws_invitation_status"]) == (invitation, "PENDING")
    assert shown["aws_sync_status"] == "waiting"
    assert "aws_invitation_answer" in shown["aws_sync_message"]
    assert shown["aws_invitation_expires"]
    assert tasks(world) == [f"Answer AWS's invitation by {shown['aws_invitation_expires']}"]
    assert world.calls("CreateOpportunity") == 0
    assert world.calls("StartEngagementByAcceptingInvitationTask") == 0
    world.advance(seconds=3600)
    world.run_until_quiet()
    assert len(world.hubspot.account.records("deals")) == 1
    assert len(tasks(world)) == 1
    assert_clean(world)


def test_accept_makes_the_deal_that_asked_the_opportunitys() -> None:
    world = world_that_asks()
    invitation, deal = asked(world)
    say(world, deal, aws_invitation_answer="accept")
    known = world.parts.invitations.get(invitation)
    assert known.state == "accepted"
    assert value(world, deal, "aws_opportunity_id") == known.opportunity_id
    assert len(world.hubspot.account.records("deals")) == 1
    assert value(world, deal, "aws_sync_status") == "synced"
    assert value(world, deal, "aws_invitation_status") == "ACCEPTED"
    assert world.calls("StartEngagementByAcceptingInvitationTask") == 1
    assert_clean(world)


def test_link_gives_the_opportunity_to_the_named_deal_and_leaves_the_other_alone() -> None:
    world = world_that_asks()
    ours = world.hubspot.account.create(
        "deals", {"dealname": "Harbour #AWS", "pipeline": "default", "dealstage": "qualifiedtobuy"}
    ).id
    world.run_until_quiet()
    invitation, deal = asked(world)
    say(world, deal, aws_invitation_answer="link", aws_invitation_deal=ours)
    known = world.parts.invitations.get(invitation)
    assert (known.state, known.wanted_deal) == ("accepted", ours)
    assert value(world, ours, "aws_opportunity_id") == known.opportunity_id
    assert value(world, ours, "aws_sync_status") == "synced"
    assert value(world, deal, "aws_opportunity_id") is None
    assert value(world, deal, "aws_sync_status") == "paused"
    assert ours in (value(world, deal, "aws_sync_message") or "")
    assert (world.calls("CreateOpportunity"), len(world.hubspot.account.records("deals"))) == (0, 2)
    assert_clean(world)


def test_reject_needs_a_reason_and_then_goes_out_once() -> None:
    world = world_that_asks()
    invitation, deal = asked(world)
    say(world, deal, aws_invitation_answer="reject")
    assert value(world, deal, "aws_sync_status") == "blocked"
    assert "Unable to support" in (value(world, deal, "aws_sync_message") or "")
    say(world, deal, aws_invitation_reject_reason="Unable to support")
    assert world.parts.invitations.get(invitation).state == "rejected"
    assert value(world, deal, "aws_invitation_status") == "REJECTED"
    assert value(world, deal, "aws_sync_status") == "paused"
    say(world, deal, description="Whatever is written here stays here.")
    assert world.calls("RejectEngagementInvitation") == 1
    there = world.central.account.catalogs["Sandbox"].invitations[invitation]
    assert (there.status, there.rejection_reason) == ("REJECTED", "Unable to support")
    assert_clean(world)


@pytest.mark.parametrize("lost", [False, True], ids=["told by an event", "event lost"])
def test_an_invitation_that_nobody_answers_is_reminded_of_and_expires(lost: bool) -> None:
    world = world_that_asks(copies_of_events=(0,) if lost else (1,))
    invitation, deal = asked(world, expires_in_days=5)
    world.advance(seconds=2 * DAY + 600)
    world.run_until_quiet()
    assert any("about to expire" in subject for subject in tasks(world))
    world.advance(seconds=3 * DAY + 600)
    world.run_until_quiet()
    assert value(world, deal, "aws_invitation_status") == "EXPIRED"
    assert "expired" in (value(world, deal, "aws_sync_message") or "")
    assert world.parts.invitations.get(invitation).status == "EXPIRED"
    say(world, deal, aws_invitation_answer="accept")
    assert world.calls("StartEngagementByAcceptingInvitationTask") == 0
    assert len(tasks(world)) == 3
    assert_clean(world)


def test_a_deal_that_cannot_take_it_is_named_and_taken_once_it_can() -> None:
    world = world_that_asks()
    ours = world.hubspot.account.create(
        "deals", {"dealname": "Harbour", "pipeline": "default", "dealstage": "qualifiedtobuy"}
    ).id
    invitation, deal = asked(world)
    say(world, deal, aws_invitation_answer="link", aws_invitation_deal="999999")
    assert "no deal 999999" in (value(world, deal, "aws_sync_message") or "")
    say(world, deal, aws_invitation_deal=ours)
    assert "#AWS" in (value(world, deal, "aws_sync_message") or "")
    assert value(world, deal, "aws_sync_status") == "blocked"
    assert world.calls("StartEngagementByAcceptingInvitationTask") == 0
    say(world, ours, dealname="Harbour #AWS")
    world.advance(seconds=600)
    world.run_until_quiet()
    assert value(world, ours, "aws_opportunity_id") == world.parts.invitations.get(invitation).opportunity_id
    assert_clean(world)


def test_an_acceptance_in_partner_central_ties_the_deal_that_asked() -> None:
    world = world_that_asks()
    invitation, deal = asked(world)
    task = world.central.adapter.start_acceptance("by-hand", invitation)
    world.central.adapter.acceptance_task(task["task_id"])
    world.run_until_quiet()
    assert value(world, deal, "aws_opportunity_id") == world.parts.invitations.get(invitation).opportunity_id
    assert value(world, deal, "aws_sync_status") == "synced"
    assert len(world.hubspot.account.records("deals")) == 1
    assert_clean(world)


def test_what_aws_refuses_is_said_on_the_deal_and_tried_again_only_when_the_answer_is_given_anew() -> None:
    world = world_that_asks()
    world.central.account.fail_tasks("accept", "InvitationAccessDenied", catalog="Sandbox")
    invitation, deal = asked(world)
    say(world, deal, aws_invitation_answer="accept")
    assert "InvitationAccessDenied" in (value(world, deal, "aws_sync_message") or "")
    world.advance(seconds=3600)
    world.run_until_quiet()
    assert world.calls("StartEngagementByAcceptingInvitationTask") == 1
    say(world, deal, aws_invitation_answer="")
    assert value(world, deal, "aws_sync_status") == "waiting"
    say(world, deal, aws_invitation_answer="accept")
    assert value(world, deal, "aws_opportunity_id") == world.parts.invitations.get(invitation).opportunity_id
    assert_clean(world)


def test_suggestions_name_the_deals_that_it_may_be_about() -> None:
    world = world_that_asks()
    rep = world.new_deal("Harbour move", company={"domain": "bigcorp.example"})
    world.run_until_quiet()
    world.advance(seconds=60)
    _, deal = asked(world)
    matches = value(world, deal, "aws_invitation_matches") or ""
    assert matches.startswith(f"Deal {rep.deal_id} (")
    assert "same customer domain bigcorp.example" in matches


def test_the_rule_may_reject_without_asking() -> None:
    listed = {"senders": [], "industries": ["Gaming"], "countries": ["US"], "otherwise": "reject:Unable to support"}
    rule = {**ASK, "rule": "listed", "listed": listed}
    world = RecordingWorld(Options(settings={"aws": {"invitations": rule}}))
    refused = world.central.account.send_invitation(**INVITATION)
    taken = world.central.account.send_invitation(**{**INVITATION, "country": "US", "title": "Taken"})
    world.run_until_quiet()
    assert world.parts.invitations.get(refused).state == "rejected"
    assert world.parts.invitations.get(taken).state == "accepted"
    (deal,) = world.hubspot.account.records("deals")
    assert value(world, deal.id, "dealname") == "Taken #AWS"
    assert_clean(world)


LEAD: dict[str, Any] = {
    "lead": True,
    "contacts": [{"FirstName": "Ann", "LastName": "Lead", "Email": "ann@bigcorp.example", "BusinessTitle": "CIO"}],
}


def joined_lead(world: RecordingWorld) -> tuple[str, str]:
    """A lead that was accepted on its deal."""
    invitation, deal = asked(world, **LEAD)
    assert value(world, deal, "aws_lead_status") == "invited"
    say(world, deal, aws_invitation_answer="accept")
    return invitation, deal


def lead_at_aws(world: RecordingWorld, invitation: str) -> dict[str, Any]:
    state = world.central.account.catalogs["Sandbox"]
    return state.engagements[state.invitations[invitation].engagement_id].contexts[0]["Payload"]["Lead"]


def test_a_lead_is_accepted_qualified_and_becomes_the_opportunity_of_its_deal() -> None:
    world = world_that_asks()
    invitation, deal = joined_lead(world)
    assert (value(world, deal, "aws_invitation_status"), value(world, deal, "aws_lead_status")) == (
        "ACCEPTED",
        "accepted",
    )
    contacts = [world.hubspot.account.values("contacts", one.id) for one in world.hubspot.account.records("contacts")]
    assert [one["email"] for one in contacts] == ["ann@bigcorp.example"]
    assert "Qualify a lead from AWS" in tasks(world)
    assert world.calls("AcceptEngagementInvitation") == 1
    say(world, deal, aws_lead_qualification="Under evaluation")
    assert lead_at_aws(world, invitation)["QualificationStatus"] == "Under evaluation"
    assert value(world, deal, "aws_lead_status") == "Under evaluation"
    assert world.calls("StartOpportunityFromEngagementTask") == 0
    say(world, deal, aws_lead_qualification="Qualified")
    known = world.parts.invitations.get(invitation)
    assert known.state == "accepted"
    assert value(world, deal, "aws_opportunity_id") == known.opportunity_id
    assert len(world.hubspot.account.records("deals")) == 1
    assert (world.calls("StartOpportunityFromEngagementTask"), world.calls("CreateOpportunity")) == (1, 0)
    assert_clean(world)


def test_a_lead_cannot_be_linked_and_may_be_rejected() -> None:
    world = world_that_asks()
    invitation, deal = asked(world, **LEAD)
    say(world, deal, aws_invitation_answer="link", aws_invitation_deal="1")
    assert "cannot be linked" in (value(world, deal, "aws_sync_message") or "")
    say(world, deal, aws_invitation_answer="reject", aws_invitation_reject_reason="Next steps unclear")
    assert world.parts.invitations.get(invitation).state == "rejected"
    assert world.calls("AcceptEngagementInvitation") == 0
    assert_clean(world)


def test_a_lead_of_which_aws_makes_no_opportunity_says_why_and_is_tried_again_when_set_anew() -> None:
    world = world_that_asks()
    world.central.account.fail_tasks("lead", "DisqualifiedLeadNotPermitted", catalog="Sandbox")
    invitation, deal = joined_lead(world)
    say(world, deal, aws_lead_qualification="Qualified")
    assert "DisqualifiedLeadNotPermitted" in (value(world, deal, "aws_sync_message") or "")
    assert value(world, deal, "aws_sync_status") == "blocked"
    say(world, deal, aws_lead_qualification="")
    say(world, deal, aws_lead_qualification="Qualified")
    assert value(world, deal, "aws_opportunity_id") == world.parts.invitations.get(invitation).opportunity_id
    assert_clean(world)


def test_a_lead_that_was_accepted_in_partner_central_is_shown_on_its_deal() -> None:
    world = world_that_asks()
    invitation, deal = asked(world, **LEAD)
    world.central.account.handle("AcceptEngagementInvitation", {"Catalog": "Sandbox", "Identifier": invitation})
    world.run_until_quiet()
    assert value(world, deal, "aws_lead_status") == "accepted"
    assert world.parts.invitations.get(invitation).state == "joined"
    assert_clean(world)


@pytest.mark.parametrize("seed", range(4))
def test_however_events_and_runs_interleave_there_is_one_deal(seed: int) -> None:
    """Also where every opportunity becomes a deal, and the event of the new one comes before its deal knows of it."""
    start = {"opportunities": "all", "pipeline": "default", "stage": "appointmentscheduled"}
    options = Options(
        settings={"aws": {"invitations": ASK, "inbound": start}}, seed=seed, fine=True, copies_of_events=(1, 2)
    )
    world = RecordingWorld(options)
    invitation, deal = asked(world)
    say(world, deal, aws_invitation_answer="accept")
    world.advance(seconds=900)
    world.run_until_quiet()
    assert value(world, deal, "aws_opportunity_id") == world.parts.invitations.get(invitation).opportunity_id
    assert len(world.hubspot.account.records("deals")) == 1
    assert world.calls("StartEngagementByAcceptingInvitationTask") >= 1
    assert_clean(world)
