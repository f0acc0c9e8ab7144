"""People, shared notes, and a loss that AWS reports."""

from __future__ import annotations

from sandbox.partner_central.fields import get
from sandbox.scenarios.scene import Stage


def people_and_notes(stage: Stage) -> None:
    """A company change reaches every deal's opportunity; a shared note is the next step; a Closed Lost is a task."""
    made = stage.new_deal("Canal Locks #AWS")
    opportunity = stage.opportunity_of(made.deal_id)
    hubspot = stage.world.hubspot
    with stage.timed():
        hubspot.update("companies", made.company_id, {"city": "Newport"})
        hubspot.update("contacts", made.contact_id, {"jobtitle": "Head of operations"})
        stage.wait(lambda: get(opportunity.document, "Customer.Account.Address.City") == "Newport", "the city")
    stage.wait(
        lambda: get(opportunity.document, "Customer.Contacts")[0]["BusinessTitle"] == "Head of operations", "the title"
    )
    stage.say("company and contact changes reached the opportunity")
    stage.rep_note(made.deal_id, "<p>Only for us: the budget is tight.</p>")
    stage.rep_note(made.deal_id, "<p>#share Site visit on <b>Tuesday</b></p>")
    stage.wait(lambda: get(opportunity.document, "LifeCycle.NextSteps") == "Site visit on Tuesday", "the shared note")
    stage.require("tight" not in str(opportunity.document), "the other note kept in HubSpot")
    stage.say("the note marked #share is AWS's next step; the other one stayed here")
    stage.world.settle(stage.patience)
    stage.world.central.edit_as_aws(opportunity.id, review_status="Approved")
    stage.shown(made.deal_id, aws_review_status="Approved")
    stage.world.settle(stage.patience)
    stage.world.central.edit_as_aws(opportunity.id, stage="Closed Lost", closed_lost_reason="Price")
    stage.wait(lambda: stage.world.deal(made.deal_id).get("aws_closed_lost"), "the loss on the deal")
    stage.wait(lambda: stage.told(made.deal_id, "Price"), "a task about the loss")
    stage.require(stage.world.deal(made.deal_id)["dealstage"] != "closedlost", "the deal left open for a person")
    stage.edit(made.deal_id, dealstage="closedlost", aws_closed_lost_reason="Price")
    stage.shown(made.deal_id, aws_sync_status="synced")
    stage.say("AWS's Closed Lost made a task; the deal was closed by a person")
