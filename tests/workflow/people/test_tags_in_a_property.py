"""Deals that say by a property which partners they are for: webhook, poll, pause and what a new deal carries."""

from __future__ import annotations

from sandbox.turned import Options, World
from tests.workflow.backlog.backlog import by_record, findings, past_deal
from tests.workflow.three_partners.support import come_to_rest, look_at_everything

# A choice of HubSpot's own that the simulated account has; a checkbox list of one's own is read alike.
BY_PROPERTY = {"tag_property": {"name": "hs_priority", "value": "high", "or_name": False}}


def world_by_property(**more: object) -> World:
    return World(Options(partners=("aws",), settings={"aws": {**BY_PROPERTY, **more}}))


def test_the_property_shares_a_deal_pauses_it_and_the_name_says_nothing() -> None:
    world = world_by_property()
    by_name = world.new_deal(number=1)
    chosen = world.new_deal("Harbour Migration", number=2)
    come_to_rest(world)
    assert not world.opportunities()
    world.hubspot.account.update("deals", chosen.deal_id, {"hs_priority": "high"})
    come_to_rest(world)
    (identifier,) = world.opportunities()
    assert world.deal(chosen.deal_id)["aws_opportunity_id"] == identifier
    assert "aws_sync_status" not in world.deal(by_name.deal_id)
    world.hubspot.account.update("deals", chosen.deal_id, {"hs_priority": "low"})
    come_to_rest(world)
    assert world.deal(chosen.deal_id)["aws_sync_status"] == "paused"
    assert "'high' in its property 'hs_priority'" in world.deal(chosen.deal_id)["aws_sync_message"]
    assert look_at_everything(world) == {}


def test_the_poll_and_the_backfill_find_what_no_webhook_told() -> None:
    world = world_by_property()
    chosen = past_deal(world, "Harbour Migration", deal={"hs_priority": "high"})
    past_deal(world, "Another #AWS", number=2)
    world.clock.advance(seconds=60)
    assert by_record(findings(world)) == {f"deal#aws#{chosen}": "create"}
    look_at_everything(world)
    come_to_rest(world)
    assert list(world.opportunities()) == [world.deal(chosen)["aws_opportunity_id"]]
