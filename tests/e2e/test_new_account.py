"""A new AWS account lets ten functions run at once; a burst must only take longer there."""

from __future__ import annotations

import pytest

from sandbox.demo import figures
from sandbox.scenarios import Stage
from sandbox.world import Options, World

pytestmark = pytest.mark.xdist_group("e2e-new-account")


def test_a_burst_in_an_account_with_little_concurrency_loses_nothing() -> None:
    with World(Options(concurrency_limit=2)) as world:
        stage = Stage(world)
        deals = [stage.new_deal(f"Burst {number} #AWS") for number in range(6)]
        for deal in deals:
            stage.opportunity_of(deal.deal_id)
        world.settle()
        counted = figures(stage)
        throttled = sum(one.throttles for one in world.cloud.counters.values())
        dead = [(one.queue_url.rsplit("/", 1)[-1], one.error, one.cause) for one in world.dead_letters().newest()]
    assert throttled > 0, "the limit was met at all"
    assert dead == []
    assert (counted["opportunities"], counted["duplicates"]) == (6, 0)
