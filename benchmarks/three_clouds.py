"""From a rep's new deal with three tags to the write-back of all three partners, beside a deal with one."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable
from typing import Any

from benchmarks.arithmetic import percentile
from sandbox.scenarios import Stage
from sandbox.world import Options, World

ALL = "#AWS #Microsoft #GCP"
_NAMES = {"#AWS": "aws_opportunity_id", "#Microsoft": "microsoft_referral_id", "#GCP": "gcp_opportunity_id"}


def measure(deals: int = 5, hubspot_ms: int = 120, partner_ms: int = 300) -> dict[str, Any]:
    """``{tags: {"p50_ms", "p95_ms", "deals"}}``, warm: milliseconds until the last partner's id is on the deal."""
    options = Options(
        hubspot_latency_ms=hubspot_ms,
        partner_central_latency_ms=partner_ms,
        microsoft_latency_ms=partner_ms,
        google_latency_ms=partner_ms,
    )
    with World(options) as world:
        stage = Stage(world, patience=60)
        _one(stage, ALL)  # starts the workers
        found = {tags: _summary([_one(stage, tags) for _ in range(deals)]) for tags in (*_NAMES, ALL)}
    return {"hubspot_ms": hubspot_ms, "partner_ms": partner_ms, "deals": found}


def _one(stage: Stage, tags: str) -> float:
    wanted = [name for tag, name in _NAMES.items() if tag in tags]
    began = time.monotonic()
    deal = stage.new_deal(f"Timed {tags}")
    stage.wait(lambda: all(stage.world.deal(deal.deal_id).get(name) for name in wanted), f"{tags} on the deal")
    took = (time.monotonic() - began) * 1000
    stage.world.settle(60)
    return took


def _summary(times: Iterable[float]) -> dict[str, float]:
    kept = list(times)
    return {
        "p50_ms": round(statistics.median(kept)),
        "p95_ms": round(percentile(kept, 0.95)),
        "deals": len(kept),
    }
