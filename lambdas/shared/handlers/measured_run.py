"""What a run says of itself in metrics: how long its notices waited, and what a person has to put right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdas.shared.domain.link import Link
from lambdas.shared.runtime import count, measured


def notices_answered(run: Mapping[str, Any], link: Link, now_ms: int) -> Mapping[str, int | None]:
    """What settling changes of the link's notices: those up to this run have had their answer, and one that came
    meanwhile waits from now on."""
    return {"wanted_at": now_ms if link.wanted != run.get("seen") else None, "correlation_id": None}


def measure_run(run: Mapping[str, Any], outcome: str, link: Link, documents: Mapping[str, Any], now_ms: int) -> None:
    """Measure a run that was settled at ``now_ms``; ``link`` as it was before.

    A run that found nothing to write answers an echo of our own: it is no change that anybody waited for.
    """
    plan, partner = documents["plan"], run["partner"]
    wrote = plan["action"] != "none" or plan["steps"] or plan["deal"] or plan["creates_deal"]
    if link.wanted_at is not None and wrote:
        measured("SyncLatency", max(0, now_ms - link.wanted_at), partner=partner)
    if outcome == "rejected":
        found = {"refused": len(documents["rejection"]["problems"])}
    else:
        found = {"incomplete": len(plan["problems"]), "conflict": len(plan["conflicts"])}
    for reason, number in found.items():
        if number:
            count("ProblemsFound", number, partner=partner, reason=reason)
