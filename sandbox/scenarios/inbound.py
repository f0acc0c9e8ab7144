"""From Partner Central to HubSpot."""

from __future__ import annotations

from sandbox.scenarios.scene import Stage
from sandbox.world import CATALOG

INVITED = "Harbour Data Platform"
NEXT_STEPS = "Invite the architect to the review"


def aws_edits(stage: Stage) -> None:
    """AWS changes next steps and stage; the event arrives and the deal follows within seconds."""
    deal = stage.new_deal("Vineyard Forecasting #AWS")
    opportunity = stage.opportunity_of(deal.deal_id)
    stage.world.settle(stage.patience)
    with stage.timed():
        edit_as_aws(stage, opportunity.id, aws_stage="Technical Validation")
        stage.wait(
            lambda: stage.world.deal(deal.deal_id).get("hs_next_step") == NEXT_STEPS, "AWS's next step on the deal"
        )
    shown = stage.world.deal(deal.deal_id)
    stage.require(shown["dealstage"] == "presentationscheduled", f"the mapped stage, the deal has {shown['dealstage']}")
    stage.say("next step and stage “Technical Validation” are on the deal (stage presentationscheduled)")


def edit_as_aws(stage: Stage, opportunity_id: str, *, aws_stage: str) -> None:
    """AWS moves an opportunity to that stage, and says what is to be done next."""
    stage.world.central.edit_as_aws(opportunity_id, next_steps=NEXT_STEPS, stage=aws_stage)


def invitation(stage: Stage) -> None:
    """An engagement invitation: accepted by the task flow, a deal with tag, company and contacts is made of it."""
    invitation_id = stage.world.central.send_invitation(
        catalog=CATALOG,
        title=INVITED,
        business_problem="The port authority wants its sensor data in one place before the next season.",
        company="Harbour Authority Example",
        industry="Transportation and Logistics",
        country="US",
        state="Washington",
        website="https://harbour-authority.example",
        target_completion_date="2027-06-30",
        monthly_spend="4200.00",
        contacts=[{"FirstName": "Sam", "LastName": "Sample", "Email": "sam.sample@harbour-authority.example"}],
    )
    with stage.timed():
        deal_id = stage.wait(lambda: _deal_of(stage, invitation_id), "a deal made of the invitation")
    shown = stage.world.deal(deal_id)
    stage.require(shown["dealname"] == f"{INVITED} #AWS", f"the tag in the name, it is {shown['dealname']!r}")
    companies = stage.world.hubspot.associated("deals", deal_id, "companies")
    contacts = stage.world.hubspot.associated("deals", deal_id, "contacts")
    stage.require(companies and contacts, "company and contact on the deal")
    company = stage.world.hubspot.values("companies", companies[0])
    stage.require(company["name"] == "Harbour Authority Example", "the company's name")
    stage.deals.append(deal_id)
    stage.say(f"{invitation_id} was accepted; deal “{shown['dealname']}” has company “{company['name']}” and a contact")


def _deal_of(stage: Stage, invitation_id: str) -> str | None:
    for record in stage.world.hubspot.records("deals"):
        if record.values().get("aws_invitation_id") == invitation_id:
            return record.id
    return None
