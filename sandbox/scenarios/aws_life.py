"""The life of one deal at AWS, from its tag to Launched, as a seller sees it on the deal."""

from __future__ import annotations

from sandbox.partner_central.fields import get
from sandbox.partner_central.state import Opportunity
from sandbox.scenarios.scene import Stage

ASKED_AT_SUBMIT = {
    "aws_use_case": "Migration / Database Migration",
    "aws_delivery_models": "SaaS or PaaS",
    "aws_sales_activities": "Customer has shown interest in solution",
    "aws_primary_needs": "Co-Sell - Technical Consultation",
}
"""What AWS wants to know before it reviews an opportunity, and nobody can know but a person."""

ADVICE = "Offer the customer a migration assessment."
REVIEWER_ASKS = "Please say which databases move and when."
LOOKS_BY_THE_CLOCK = ("engagement", "resources")
SELLER = {"FirstName": "Uma", "LastName": "Example", "Email": "uma@aws.example", "BusinessTitle": "AWSSalesRep"}


def life(stage: Stage) -> None:
    """Submit, action required, fix, approved, seller assigned, quality jump, resources, owner change, won, launched."""
    for what in LOOKS_BY_THE_CLOCK:
        stage.world.begin_polls("aws", what)
    made = stage.new_deal("Orchard Telemetry #AWS")
    opportunity = stage.opportunity_of(made.deal_id)
    _submit(stage, made.deal_id, opportunity)
    _review(stage, made.deal_id, opportunity)
    _insight(stage, made.deal_id, opportunity)
    _resources(stage, made.deal_id)
    _owner(stage, made.deal_id, opportunity)
    _won(stage, made.deal_id, opportunity)


def _submit(stage: Stage, deal_id: str, opportunity: Opportunity) -> None:
    stage.edit(deal_id, aws_submit="true")
    stage.shown(deal_id, aws_sync_status="blocked")
    message = stage.world.deal(deal_id)["aws_sync_message"]
    unnamed = [name for name in ASKED_AT_SUBMIT if name not in message]
    stage.require(not unnamed, f"every missing property at once; {', '.join(unnamed)} is not in {message!r}")
    stage.say(f"asked to submit, the deal names all {len(message.splitlines())} things that AWS would refuse it for")
    with stage.timed():
        stage.edit(deal_id, **ASKED_AT_SUBMIT, hs_next_step="Call the architects")
        stage.wait(lambda: opportunity.review_status == "Submitted", "the opportunity submitted")
    stage.shown(deal_id, aws_review_status="Submitted")
    stage.world.poll("aws.engagement")
    stage.wait(lambda: "Submitted" in stage.world.deal(deal_id).get("aws_milestones", ""), "the milestone")
    stage.say("filled in, it is submitted by AWS's task and waits for the review")


def _review(stage: Stage, deal_id: str, opportunity: Opportunity) -> None:
    stage.edit(deal_id, hs_next_step="Workshop on site")
    stage.wait(lambda: "next_steps" in stage.world.deal(deal_id)["aws_sync_message"], "the next step held")
    stage.require(get(opportunity.document, "LifeCycle.NextSteps") != "Workshop on site", "nothing sent while locked")
    central = stage.world.central
    central.edit_as_aws(
        opportunity.id,
        review_status="Action Required",
        review_comments=REVIEWER_ASKS,
        review_status_reason="Other",
    )
    stage.shown(deal_id, aws_review_status="Action Required", aws_review_comments=REVIEWER_ASKS)
    stage.wait(lambda: stage.world.hubspot.associated("deals", deal_id, "tasks"), "a task on the deal")
    stage.say("AWS asks for more: its comment and a task are on the deal; a change made meanwhile is kept")
    stage.edit(deal_id, aws_customer_problem="Two Oracle databases move to the cloud by the end of March.")
    stage.wait(lambda: opportunity.review_status == "Submitted", "the fix, which submits it again")
    central.edit_as_aws(opportunity.id, review_status="Approved")
    stage.shown(deal_id, aws_review_status="Approved")
    stage.wait(lambda: get(opportunity.document, "LifeCycle.NextSteps") == "Workshop on site", "the kept next step")
    stage.say("the fix went back into review by itself; approved, the kept change went out")


def _insight(stage: Stage, deal_id: str, opportunity: Opportunity) -> None:
    central = stage.world.central
    central.edit_as_aws(
        opportunity.id,
        summary={
            "Insights": {
                "EngagementScore": "Medium",
                "NextBestActions": ADVICE,
                "OpportunityQuality": {"Score": 60, "Trend": "Stable"},
            },
            "LifeCycle": {"NextSteps": "AWS prepares the assessment"},
        },
    )
    stage.shown(deal_id, aws_engagement_score="Medium", aws_opportunity_quality="60")
    stage.shown(deal_id, aws_their_next_steps="AWS prepares the assessment")
    stage.world.settle(stage.patience)
    central.edit_as_aws(opportunity.id, summary={"OpportunityTeam": [SELLER]})
    stage.wait(lambda: stage.told(deal_id, "Uma Example"), "word of the AWS seller on the deal")
    central.edit_as_aws(
        opportunity.id, summary={"Insights": {"OpportunityQuality": {"Score": 86, "Trend": "Improving"}}}
    )
    stage.wait(lambda: stage.told(deal_id, "86"), "word of the quality's jump on the deal")
    stage.shown(deal_id, aws_opportunity_quality="86")
    stage.wait(lambda: _messages(stage, deal_id, "quality"), "the same on the topic for mail and chat")
    spoken = "".join(_messages(stage, deal_id, ""))
    stage.require("Uma" not in spoken and "86" not in spoken, "no name and no figure outside HubSpot")
    step = stage.world.deal(deal_id)["hs_next_step"]
    stage.require(step == "Workshop on site", f"our own next step beside AWS's, it is {step!r}")
    stage.say(
        "AWS assigns a seller and its quality jumps from 60 to 86: task, note and a message for chat and mail; "
        "score, team and next steps show"
    )


def _resources(stage: Stage, deal_id: str) -> None:
    for what in LOOKS_BY_THE_CLOCK:
        stage.world.poll(f"aws.{what}")
    stage.wait(lambda: stage.world.deal(deal_id).get("aws_engagement_members"), "the engagement's members")
    milestones = stage.wait(lambda: stage.world.deal(deal_id).get("aws_milestones"), "milestones")
    stage.wait(lambda: stage.told(deal_id, ADVICE), "a note with AWS's advice")
    stage.say(f"the engagement shows members and {len(milestones.splitlines())} milestones; resources came as notes")


def _owner(stage: Stage, deal_id: str, opportunity: Opportunity) -> None:
    owner = stage.new_owner("Ann", "Example", "ann@isv.example")
    stage.edit(deal_id, hubspot_owner_id=owner)
    stage.wait(lambda: _assigned(opportunity, "ann@isv.example"), "the new owner at AWS")
    stranger = stage.new_owner("Bob", "Example", "bob@isv.example")
    stage.edit(deal_id, hubspot_owner_id=stranger)
    stage.wait(lambda: "bob@isv.example" in stage.world.deal(deal_id).get("aws_owner_status", ""), "why Bob is not")
    stage.shown(deal_id, aws_sync_status="synced")
    stage.say("a new deal owner is assigned at AWS; one who is not in the owner table is said, and holds up nothing")


def _won(stage: Stage, deal_id: str, opportunity: Opportunity) -> None:
    stage.edit(deal_id, dealstage="closedwon")
    stage.wait(lambda: get(opportunity.document, "LifeCycle.Stage") == "Committed", "Committed at AWS")
    stage.world.settle(stage.patience)
    stage.world.central.edit_as_aws(opportunity.id, stage="Launched")
    stage.world.settle(stage.patience)
    shown = stage.world.deal(deal_id)
    stage.require(shown["dealstage"] == "closedwon", f"the deal still won, it is {shown['dealstage']}")
    stage.require(get(opportunity.document, "LifeCycle.Stage") == "Launched", "Launched left as AWS has it")
    stage.say("won in HubSpot is Committed at AWS; when AWS launches it, the won deal stays as it is")


def _assigned(opportunity: Opportunity, email: str) -> bool:
    return any(str(member.get("Email", "")).lower() == email for member in opportunity.team)


def _messages(stage: Stage, deal_id: str, about: str) -> list[str]:
    """What the notification topic sent out about the deal."""
    return [text for text in stage.world.channel.messages() if f"/{deal_id}\n" in text and about in text]
