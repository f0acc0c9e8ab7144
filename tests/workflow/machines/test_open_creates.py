"""A create without an answer whose deal loses its tag: others do not wait for it for ever."""

from __future__ import annotations

import pytest

from sandbox.turned import World
from tests.workflow.machines.bench import Bench, wake

HOUR = 3600


def test_a_create_that_is_still_open_is_looked_for_again_in_an_hour() -> None:
    bench = Bench(RecordOutcome={"state": "paused", "again": False, "look_in": HOUR, "wake_in": 0})
    key = bench.links.open_for_deal("aws", "500", "hubspot")
    result = bench.run("sync", wake(key))
    assert (result.status, result.states[-2:]) == ("SUCCEEDED", ["Is it soon", "Done"])
    link = bench.links.get(key)
    assert (link.last_error["kind"], link.lease_owner, link.done) == ("OpenCreate", None, 0)
    assert link.due_at - link.updated_at == pytest.approx(HOUR * 1000, abs=2000)
    assert dict(bench.payloads)["RecordOutcome"]["opportunity"] == {"opportunity": "none"}


def test_a_deal_that_loses_its_tag_after_a_create_without_answer_stops_holding_others_up() -> None:
    world = World()
    deal = world.new_deal()
    world.central.faults.add("CreateOpportunity", status=503, count=None)
    world.advance(seconds=20)
    assert len(world.parts.links.open_attempts("aws")) == 1
    world.hubspot.account.update("deals", deal.deal_id, {"dealname": "Harbour Migration"})
    world.central.faults.clear()
    world.advance(seconds=300)
    assert len(world.parts.links.open_attempts("aws")) == 1, "its record may still come to light"
    world.run_until_quiet(hours=3)
    assert world.parts.links.open_attempts("aws") == {}
    (link,) = world.links()
    assert (link["state"], link.get("due_at"), world.unsettled()) == ("paused", None, [])
    world.hubspot.account.update("deals", deal.deal_id, {"dealname": "Harbour Migration #AWS"})
    world.run_until_quiet()
    assert len(world.opportunities()) == 1, "with the tag back it is created after all"


def test_a_deal_that_loses_its_tag_after_a_lost_answer_keeps_the_record_that_was_made() -> None:
    world = World()
    deal = world.new_deal()
    world.central.faults.add("CreateOpportunity", status=500, answer_lost=True, count=1)
    world.central.faults.add("CreateOpportunity", status=503, count=None, skip=1)
    world.advance(seconds=20)
    world.hubspot.account.update("deals", deal.deal_id, {"dealname": "Harbour Migration"})
    world.central.faults.clear()
    world.run_until_quiet()
    (opportunity_id,) = world.opportunities()
    assert [one.get("opportunity_id") for one in world.links() if one["state"] == "paused"] == [opportunity_id]
    assert (world.parts.links.open_attempts("aws"), world.unsettled()) == ({}, [])
