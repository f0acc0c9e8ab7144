"""Invitations that a person answers on a deal: accepted, rejected, linked. The sandbox asks about those from abroad."""

from __future__ import annotations

from sandbox.scenarios.scene import Stage
from sandbox.world import CATALOG


def answers(stage: Stage) -> None:
    """Three invitations become deals that wait; each is answered by a property of its deal."""
    accepted, rejected, linked = (_invited(stage, number) for number in (1, 2, 3))
    _accept(stage, *accepted)
    _reject(stage, *rejected)
    _link(stage, *linked)


def _invited(stage: Stage, number: int) -> tuple[str, str]:
    """The invitation's id, and the deal that asks what to answer."""
    invitation_id = stage.world.central.send_invitation(
        catalog=CATALOG,
        title=f"Alpine Weather {number}",
        business_problem="The weather service wants its radar pictures within a minute of the sweep.",
        company=f"Alpine Weather Example {number}",
        industry="Government",
        country="CH",
        website=f"https://alpine-weather-{number}.example",
        target_completion_date="2027-08-31",
        monthly_spend="2500.00",
    )
    deal_id = stage.wait(lambda: stage.deal_with("aws_invitation_id", invitation_id), "a deal that asks")
    stage.wait(lambda: stage.world.hubspot.associated("deals", deal_id, "tasks"), "a task to answer")
    return invitation_id, deal_id


def _accept(stage: Stage, invitation_id: str, deal_id: str) -> None:
    before = len(stage.world.opportunities())
    stage.world.settle(stage.patience)
    stage.require(len(stage.world.opportunities()) == before, "no opportunity of ours for a deal that asks")
    with stage.timed():
        stage.edit(deal_id, aws_invitation_answer="accept")
        opportunity = stage.opportunity_of(deal_id)
    stage.require(opportunity.origin == "AWS Referral", "AWS's own opportunity, tied to the deal that asked")
    stage.deals.append(deal_id)
    stage.say(f"{invitation_id} asked on a deal; accepted there, {opportunity.id} is tied to that deal")


def _reject(stage: Stage, invitation_id: str, deal_id: str) -> None:
    stage.edit(deal_id, aws_invitation_answer="reject")
    stage.wait(
        lambda: "aws_invitation_reject_reason" in stage.world.deal(deal_id).get("aws_sync_message", ""),
        "the deal asking for the reason",
    )
    stage.edit(deal_id, aws_invitation_reject_reason="Unable to support")
    stage.wait(lambda: stage.invitation(invitation_id).status == "REJECTED", "the rejection at AWS")
    stage.shown(deal_id, aws_invitation_status="REJECTED")
    stage.say(f"{invitation_id} is rejected once the deal gives one of AWS's reasons")


def _link(stage: Stage, invitation_id: str, deal_id: str) -> None:
    ours = stage.new_deal("Alpine Weather renewal #AWS", country=None)
    stage.shown(ours.deal_id, aws_sync_status="blocked")
    stage.edit(deal_id, aws_invitation_answer="link", aws_invitation_deal=ours.deal_id)
    opportunity = stage.opportunity_of(ours.deal_id)
    stage.require(opportunity.origin == "AWS Referral", "AWS's opportunity on the deal that was there")
    stage.require(not stage.world.deal(deal_id).get("aws_opportunity_id"), "nothing tied to the deal that asked")
    stage.say(f"{invitation_id} is linked to a deal that was there already")
