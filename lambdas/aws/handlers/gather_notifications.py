"""Gathers the look ``notifications``: what AWS did with an opportunity that somebody should hear of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from lambdas.aws.domain.notify.findings import find
from lambdas.aws.domain.notify.view import View, view_of
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.errors import NotFound
from lambdas.shared.runtime import Answer, Event, count, entry_point, logger

_NAMES = {"engagement_score": "UnknownEngagementScore", "opportunity_quality": "UnknownOpportunityQuality"}


@dataclass(frozen=True)
class Collaborators:
    """What the function works with. ``rules`` is ``partners.aws.notifications`` of the settings document, ``zone`` the
    time zone in which the deal's readers live."""

    partner_central: Any
    summary: Any
    runs: Any
    seen: Any
    rules: Mapping[str, Any]
    zone: ZoneInfo
    clock: Clock = field(default_factory=SystemClock)


def gather_notifications(event: Event, c: Collaborators) -> Answer:
    """Answer ``{"news", "properties": [], "facts": [keys]}``; the findings lie in the run item.

    Two reads. An opportunity that AWS has no summary of yet has nothing in it. ``NotFound`` when there is no such
    opportunity.
    """
    run = event["run"]
    opportunity = c.partner_central.get_opportunity(run["opportunity_id"])
    view = view_of(opportunity, _summary(run["opportunity_id"], c))
    _count_unknown(view)
    before, version = c.seen.get(run["link"], run["kind"])
    found = find(before, view, c.rules, now_ms=c.clock.now_ms(), zone=c.zone)
    news = found["seen"] != before
    if news:
        c.runs.put(run["run_id"], "findings", {"properties": {}, **found, "seen_version": version})
    return {"news": news, "properties": [], "facts": [fact["key"] for fact in found["facts"]]}


def _summary(opportunity_id: str, c: Collaborators) -> Mapping[str, Any]:
    try:
        return c.summary.read(opportunity_id)
    except NotFound:
        return {}


def _count_unknown(view: View) -> None:
    """A word of AWS's that we do not know is no reason to miss the other news; somebody sees the count."""
    for what, value in view.unknown:
        count(_NAMES[what])
        logger.warning("AWS says what no rule knows", extra={"what": what, "value": value})


def _collaborators() -> Collaborators:
    from lambdas.aws.wiring import partner_central, settings, summary
    from lambdas.shared import wiring

    return Collaborators(
        partner_central(),
        summary(),
        wiring.runs(),
        wiring.seen(),
        settings()["notifications"],
        ZoneInfo(wiring.settings()["hubspot"]["time_zone"]),
    )


handler = entry_point(gather_notifications, _collaborators)
