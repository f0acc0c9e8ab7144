"""What is counted and not timed, in one metered world: cost, and polls over many records."""

from __future__ import annotations

from typing import Any

from benchmarks import cost, polls
from benchmarks.metered_world import MeteredWorld
from sandbox.world import Options


def measure(
    deals: int = 5,
    links: int = 1_000,
    stages: tuple[str, ...] = ("sandbox", "prod"),
    hubspot_ms: int = 120,
    partner_ms: int = 300,
) -> dict[str, Any]:
    """``{"cost": …, "polls": …}``; see the two modules."""
    options = Options(
        hubspot_latency_ms=hubspot_ms,
        partner_central_latency_ms=partner_ms,
        microsoft_latency_ms=partner_ms,
        google_latency_ms=partner_ms,
    )
    latencies = {
        "hubspot": hubspot_ms,
        "partnercentral": partner_ms,
        "microsoft": partner_ms,
        "google": partner_ms,
    }
    with MeteredWorld(options) as world:
        return {"cost": cost.measure(world, deals, latencies, stages), "polls": polls.measure(world, links=links)}
