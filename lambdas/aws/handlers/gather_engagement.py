"""Gathers the look ``engagement``: its status, its members, and the milestones that our looks have seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lambdas.aws.domain.engagement import EngagementView, announcements, properties, remember, view_of
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.domain.look import GROUP, group_key
from lambdas.shared.runtime import Answer, Event, entry_point


@dataclass(frozen=True)
class Collaborators:
    """What the function works with. ``names`` maps roles to the deal's properties, ``most`` is how many milestones."""

    partner_central: Any
    engagements: Any
    runs: Any
    seen: Any
    names: Mapping[str, str]
    most: int
    clock: Clock = field(default_factory=SystemClock)


def gather_engagement(event: Event, c: Collaborators) -> Answer:
    """Answer ``{"news", "properties": [names], "facts": []}``; the findings lie in the run item.

    Four reads, two while there is no engagement. A new engagement is noted for the events that name nothing else.
    ``NotFound`` when there is no such opportunity.
    """
    run = event["run"]
    view = _look(run["opportunity_id"], c)
    before, version = c.seen.get(run["link"], run["kind"])
    seen = remember(before, view, c.clock.now_ms(), c.most)
    if seen == before:
        return {"news": False, "properties": [], "facts": []}
    if view.engagement_id and view.engagement_id != before.get("view", {}).get("engagement_id"):
        c.seen.update(group_key(run["partner"], view.engagement_id), GROUP, {"link": run["link"]})
    shown = properties(seen, c.names)
    findings = {"properties": shown, "facts": [], "seen": seen, "announce": announcements(before, seen)}
    c.runs.put(run["run_id"], "findings", {**findings, "seen_version": version})
    return {"news": True, "properties": sorted(shown), "facts": []}


def _look(opportunity_id: str, c: Collaborators) -> EngagementView:
    opportunity = c.partner_central.get_opportunity(opportunity_id)
    engagement_id = _newest(c.engagements.of_opportunity(opportunity_id), c)
    if engagement_id is None:
        return view_of(opportunity, None)
    members, invitations = c.engagements.members(engagement_id), c.engagements.sent_invitations(engagement_id)
    return view_of(opportunity, engagement_id, members, invitations)


def _newest(engagement_ids: Sequence[str], c: Collaborators) -> str | None:
    """One opportunity has one engagement as a rule; of several the one that was made last counts."""
    if len(engagement_ids) < 2:
        return next(iter(engagement_ids), None)
    return max(engagement_ids, key=lambda each: (str(c.engagements.read(each).get("CreatedAt", "")), each))


def _collaborators() -> Collaborators:
    from lambdas.aws.wiring import engagements, partner_central, settings
    from lambdas.shared import wiring

    ours = settings()
    names = ours["status_properties"]
    return Collaborators(
        partner_central(), engagements(), wiring.runs(), wiring.seen(), names, ours["engagement"]["milestones"]
    )


handler = entry_point(gather_engagement, _collaborators)
