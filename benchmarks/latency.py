"""From a rep's edit to the write-back, beside the vendor calls that it had to wait for, at lifelike latency."""

from __future__ import annotations

import statistics
import time
from typing import Any

from benchmarks.arithmetic import percentile
from sandbox.scenarios import Stage
from sandbox.world import Options, World

# Calls one after another on the way of a create: see benchmarks/minimum.py. The opportunity's side is not asked, since
# there is none yet.
_HUBSPOT_CALLS = 5
_CENTRAL_CALLS = 2
# The functions that a create waits for, one after another; fetch-opportunity starts beside fetch-deal.
_PATH = (
    "receive-webhook",
    "route-notices",
    "aws-fetch-deal",
    "aws-plan-changes",
    "aws-reserve-quota",
    "aws-create-opportunity",
    "aws-complete-opportunity",
    "aws-write-deal",
)


def measure(deals: int = 10, hubspot_ms: int = 120, central_ms: int = 300) -> dict[str, Any]:
    """Milliseconds from the new deal to its opportunity's id on it, warm and with every function cold."""
    options = Options(hubspot_latency_ms=hubspot_ms, partner_central_latency_ms=central_ms, fork_workers=False)
    waited = _HUBSPOT_CALLS * hubspot_ms + _CENTRAL_CALLS * central_ms
    with World(options) as world:
        stage = Stage(world, patience=60)
        _one(stage)  # starts the workers
        world.settle(60)
        warm = [_one(stage) for _ in range(deals)]
        cold, starts = [], {name: [] for name in _PATH}
        for _ in range(3):
            world.settle(60)
            world.cloud.cold()
            before = {name: len(one.cold_start_ms) for name, one in world.cloud.counters.items()}
            cold.append(_one(stage))
            for part, found in starts.items():
                found.extend(_starts(world, part, before))
    return {
        "hubspot_ms": hubspot_ms,
        "partner_central_ms": central_ms,
        "vendor_calls_ms": waited,
        "writes_per_second": world.settings["partners"]["aws"]["quota"]["writes_per_second"],
        "warm": _summary(warm, waited),
        "cold": _summary(cold, waited),
        "cold_path": {part: round(statistics.median(found)) for part, found in starts.items() if found},
    }


def _starts(world: World, part: str, before: dict[str, int]) -> list[float]:
    """Milliseconds that starting the workers of one function took since ``before``."""
    return [
        took
        for name, one in world.cloud.counters.items()
        if name.endswith(part)
        for took in list(one.cold_start_ms)[before.get(name, 0) :]
    ]


def _one(stage: Stage) -> float:
    began = time.monotonic()
    deal = stage.new_deal("Timed #AWS")
    stage.opportunity_of(deal.deal_id)
    took = (time.monotonic() - began) * 1000
    stage.world.settle(60)
    return took


def _summary(times: list[float], waited: float) -> dict[str, float]:
    median = statistics.median(times)
    return {
        "p50_ms": round(median),
        "p95_ms": round(percentile(times, 0.95)),
        "to_vendor_calls": round(median / waited, 2),
        "deals": len(times),
    }
