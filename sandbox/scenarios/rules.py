"""What the sync must not do, must say, and must not do twice."""

from __future__ import annotations

import dataclasses

from sandbox.partner_central.fields import get
from sandbox.scenarios.scene import Stage


def tags(stage: Stage) -> None:
    """An untagged deal causes no partner call; a tag taken off pauses the sync, put back it resumes."""
    stage.world.settle(stage.patience)
    calls = _calls(stage)
    plain = stage.new_deal("Deal nobody shares", tagged=False)
    stage.edit(plain.deal_id, amount="123")
    stage.world.settle(stage.patience)
    if stage.calm:
        stage.require(_calls(stage) == calls, "no call to Partner Central for an untagged deal")
    stage.require(not stage.world.links().for_deals("aws", [plain.deal_id]), "no link, so no run, for an untagged deal")
    stage.say("the untagged deal caused no call to Partner Central")
    deal = stage.new_deal("Orchard Robotics #AWS")
    opportunity = stage.opportunity_of(deal.deal_id)
    stage.edit(deal.deal_id, dealname="Orchard Robotics")
    stage.wait(lambda: stage.world.deal(deal.deal_id)["aws_sync_status"] == "paused", "the status paused")
    stage.edit(deal.deal_id, amount="71000")
    stage.world.settle(stage.patience)
    stage.require(_amount(opportunity.document) != "71000.00", "nothing sent while paused")
    stage.say("without the tag it is paused and the new amount stays in HubSpot")
    stage.edit(deal.deal_id, dealname="Orchard Robotics #AWS")
    stage.wait(lambda: _amount(opportunity.document) == "71000.00", "the amount, after the tag was put back")
    stage.wait(lambda: stage.world.deal(deal.deal_id)["aws_sync_status"] == "synced", "the status synced again")
    stage.say("with the tag back the amount went out")


def missing_country(stage: Stage) -> None:
    """Nothing is invented: the deal names the property, and filling it in is all that is needed."""
    deal = stage.new_deal("Lighthouse Archive #AWS", country=None)
    message = stage.wait(
        lambda: (
            stage.world.deal(deal.deal_id).get("aws_sync_status") == "blocked"
            and stage.world.deal(deal.deal_id)["aws_sync_message"]
        ),
        "the deal saying what is missing",
    )
    stage.require("country" in message, f"a message that names the country, it says {message!r}")
    stage.wait(lambda: stage.world.hubspot.associated("deals", deal.deal_id, "tasks"), "a task on the deal")
    stage.world.settle(stage.patience)
    tasks = stage.world.hubspot.associated("deals", deal.deal_id, "tasks")
    stage.require(len(tasks) == 1, f"one task on the deal, there are {len(tasks)}")
    stage.say(f"the deal says: “{message.splitlines()[0]}”, and has one task")
    with stage.timed():
        stage.world.hubspot.update("companies", deal.company_id, {"country": "US", "state": "WA"})
        opportunity = stage.opportunity_of(deal.deal_id)
    stage.wait(lambda: stage.world.deal(deal.deal_id)["aws_sync_status"] == "synced", "the status synced")
    stage.say(f"with the country filled in it became {opportunity.id}")


def duplicates(stage: Stage) -> None:
    """Webhooks delivered three times and shuffled: one opportunity and no extra note or task."""
    sender = stage.world.webhooks
    quiet = sender.trouble
    sender.trouble = dataclasses.replace(quiet, copies=3, shuffle=True, delay_ms=(0, 300), max_batch=5)
    try:
        deal = stage.new_deal("Meadow Sensors #AWS")
        opportunity = stage.opportunity_of(deal.deal_id)
        stage.edit(deal.deal_id, amount="81000")
        stage.wait(lambda: _amount(opportunity.document) == "81000.00", "the amount")
        stage.world.settle(stage.patience)
    finally:
        sender.trouble = quiet
    same = [
        one
        for one in stage.world.opportunities().values()
        if one.document.get("PartnerOpportunityIdentifier") == deal.deal_id
    ]
    told = [
        *stage.world.hubspot.associated("deals", deal.deal_id, "notes"),
        *stage.world.hubspot.associated("deals", deal.deal_id, "tasks"),
    ]
    stage.require(len(same) == 1, f"one opportunity, there are {len(same)}")
    stage.require(not told, f"no note or task, there are {len(told)}")
    stage.say("one opportunity, no note, no task")


def _calls(stage: Stage) -> int:
    """Calls that a deal which AWS does not know could cause; polls list, and looks read, at any time."""
    return sum(not operation.startswith(("List", "Get")) for operation, _at in stage.world.central.calls)


def _amount(document: dict[str, object]) -> object:
    rows = get(document, "Project.ExpectedCustomerSpend") or [{}]
    return rows[0].get("Amount")
