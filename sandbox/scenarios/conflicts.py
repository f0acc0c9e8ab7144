"""A person decides where both sides changed the same field."""

from __future__ import annotations

from sandbox.partner_central.fields import get
from sandbox.scenarios.scene import Stage

OURS, THEIRS = "Storage & Backup", "Networking"
"""Two use cases as AWS calls them; the sandbox's stage leaves this field to people (stages.yaml)."""


def pick(stage: Stage) -> None:
    """Nothing is overwritten; the deal shows both values; a mistyped pick is answered; the right one is applied."""
    deal = stage.new_deal("Tram Depot #AWS", deal={"aws_use_case": "Database"})
    opportunity = stage.opportunity_of(deal.deal_id)
    stage.world.settle(stage.patience)
    stage.world.central.edit_as_aws(opportunity.id, fields={"Project.CustomerUseCase": THEIRS})
    stage.edit(deal.deal_id, aws_use_case=OURS)
    shown = stage.wait(lambda: stage.world.deal(deal.deal_id).get("aws_conflicts"), "the conflict on the deal")
    stage.require(OURS in shown and THEIRS in shown, "both values on the deal")
    stage.shown(deal.deal_id, aws_sync_status="conflict")
    stage.wait(lambda: stage.told(deal.deal_id, "nothing was overwritten"), "a task about it")
    stage.require(get(opportunity.document, "Project.CustomerUseCase") == THEIRS, "AWS's value left alone")
    stage.require(stage.world.deal(deal.deal_id)["aws_use_case"] == OURS, "HubSpot's value left alone")
    stage.say(f"both changed the use case: the deal shows “{OURS}” and “{THEIRS}”, and a task asks")
    stage.world.settle(stage.patience)
    stage.edit(deal.deal_id, aws_conflict_field_picks="Usage: AWS")
    stage.wait(
        lambda: "Allowed: AWS use case" in stage.world.deal(deal.deal_id)["aws_sync_message"],
        "what the pick may say",
    )
    stage.say("a pick that names no field changed nothing, and the deal says what is allowed")
    with stage.timed():
        stage.edit(deal.deal_id, aws_conflict_field_picks="AWS use case: HubSpot")
        stage.wait(lambda: get(opportunity.document, "Project.CustomerUseCase") == OURS, "the picked value at AWS")
    stage.wait(lambda: not stage.world.deal(deal.deal_id).get("aws_conflicts"), "the conflict gone from the deal")
    stage.shown(deal.deal_id, aws_sync_status="synced")
    stage.require(not stage.world.deal(deal.deal_id).get("aws_conflict_field_picks"), "the pick taken off")
    stage.say("“AWS use case: HubSpot” sent HubSpot's value to AWS; who picked is in the audit trail")
