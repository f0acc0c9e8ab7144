"""From HubSpot to Partner Central."""

from __future__ import annotations

from sandbox.partner_central.fields import get
from sandbox.scenarios.scene import Stage

TITLE = "BigCorp Cloud Migration"


def new_deal(stage: Stage) -> None:
    """A tagged deal with company and contact: the opportunity appears, its id, title and status are on the deal."""
    with stage.timed():
        deal = stage.new_deal(f"{TITLE} #AWS")
        opportunity = stage.opportunity_of(deal.deal_id)
    stage.say(f"opportunity {opportunity.id} “{get(opportunity.document, 'Project.Title')}” is in Partner Central")
    stage.require(get(opportunity.document, "Project.Title") == TITLE, "the title without the tag")
    solutions = stage.wait(lambda: opportunity.related.get("Solutions"), "the configured solution")
    shown = stage.world.deal(deal.deal_id)
    stage.require(shown["aws_opportunity_title"] == TITLE, "the title on the deal")
    stage.require(
        shown["aws_sync_status"] == "synced", f"status synced on the deal, it says {shown['aws_sync_status']}"
    )
    stage.say(
        f"solution {', '.join(solutions)} is associated; the deal shows id, title and “{shown['aws_sync_message']}”"
    )


def edits(stage: Stage) -> None:
    """Close date and amount follow; so do two changes of which the second comes while a run is under way."""
    deal = stage.new_deal("Rolling Stock Analytics #AWS")
    opportunity = stage.opportunity_of(deal.deal_id)
    with stage.timed():
        stage.edit(deal.deal_id, closedate="2027-09-30T00:00:00Z", amount="64000")
        stage.wait(lambda: get(opportunity.document, "LifeCycle.TargetCloseDate") == "2027-09-30", "the new close date")
    stage.wait(lambda: _amount(opportunity.document) == "64000.00", "the new amount")
    stage.say("close date 2027-09-30 and amount 64000.00 arrived")
    before = len(stage.world.cloud.executions("aws-sync"))
    stage.edit(deal.deal_id, amount="65000")
    stage.wait(lambda: _under_way(stage, before), "a run under way")
    stage.edit(deal.deal_id, amount="66000", hs_next_step="Send the statement of work")
    stage.wait(lambda: _amount(opportunity.document) == "66000.00", "the second amount")
    stage.wait(
        lambda: get(opportunity.document, "LifeCycle.NextSteps") == "Send the statement of work", "the next step"
    )
    stage.say("two changes, the second while a run was under way: both arrived")


def _under_way(stage: Stage, before: int) -> bool:
    executions = stage.world.cloud.executions("aws-sync")
    return len(executions) > before or stage.world.cloud.pipes.busy > 0


def _amount(document: dict[str, object]) -> object:
    rows = get(document, "Project.ExpectedCustomerSpend") or [{}]
    return rows[0].get("Amount")
