"""Decides what one run does: deal, opportunity and base compared, nothing written to a vendor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.domain.documents import text_of
from lambdas.shared.domain.link import Link
from lambdas.shared.domain.plan import Plan
from lambdas.shared.domain.situation import Situation
from lambdas.shared.errors import NotFound
from lambdas.shared.runtime import Answer, Event, entry_point


@dataclass(frozen=True)
class Collaborators:
    """What the function works with. ``settings`` is the settings document, ``plan_run`` the partner's decision,
    ``extras`` what else it reads for one."""

    links: Any
    base: Any
    runs: Any
    settings: Mapping[str, Any]
    plan_run: Callable[[Situation, Mapping[str, Any], int], Plan]
    clock: Clock = field(default_factory=SystemClock)
    extras: Callable[[Link], Mapping[str, Any]] = lambda _link: {}


def plan_changes(event: Event, c: Collaborators) -> Answer:
    """``deal`` and ``opportunity`` are the answers of the two fetches. Answers the plan's outline, without a value.

    ``{"action", "outcome", "writes", "write_deal", "fields", "steps", "problems", "blocked", "conflicts"}``; the
    plan itself goes to the run item (``plan``).
    """
    run = event["run"]
    link = c.links.get(run["link"])
    if link is None:
        raise NotFound(f"no link {run['link']}")
    documents = c.runs.get(run["run_id"], "deal", "opportunity")
    unclaimed = link.deal_id is None
    now = Situation(
        link,
        event["deal"],
        documents.get("deal") if event["deal"]["deal"] != "none" else None,
        event["opportunity"],
        documents.get("opportunity") if event["opportunity"]["opportunity"] == "current" else None,
        c.base.get(run["link"]) or _as_created(link, c),
        open_creates=unclaimed and bool(c.links.open_attempts(link.partner)),
        holder=_holder(link, event["opportunity"], documents.get("deal"), c),
        extras=c.extras(link),
    )
    plan = c.plan_run(now, c.settings, c.clock.now_ms())
    c.runs.put(run["run_id"], "plan", plan.as_dict())
    return {
        "action": plan.action,
        "outcome": plan.outcome,
        "writes": plan.writes,
        "write_deal": plan.write_deal,
        "fields": sorted(change.field for change in (*plan.opportunity_changes, *plan.deal_changes)),
        "steps": list(plan.steps),
        "problems": sorted({problem.field for problem in plan.problems}),
        "blocked": list(plan.blocked),
        "conflicts": sorted(conflict.field for conflict in plan.conflicts),
    }


def _as_created(link: Link, c: Collaborators) -> Mapping[str, Any] | None:
    """What a create of ours sent whose run did not come to record it: the first base, or None.

    Without it, what the seller changed meanwhile could not be told from what the partner changed.
    """
    if link.opportunity_id is None or link.attempt is None:
        return None
    sent = c.runs.get(link.attempt["token"], "sent").get("sent")
    return None if sent is None else {"fields": sent, "opportunity_seen_at": link.attempt["at"]}


def _holder(
    link: Link, opportunity: Mapping[str, Any], deal: Mapping[str, Any] | None, c: Collaborators
) -> Link | None:
    """Another deal's link that has the opportunity which this one is about to adopt. Half a link is no hindrance."""
    if link.opportunity_id is not None:
        return None
    name = c.settings["partners"][link.partner]["status_properties"]["opportunity_id"]
    wanted = opportunity.get("opportunity_id") or text_of(deal, "deal", name)
    key = c.links.for_opportunities(link.partner, [wanted]).get(wanted) if wanted else None
    holder = c.links.get(key) if key and key != link.key else None
    return holder if holder is not None and holder.deal_id is not None else None


def _collaborators() -> Collaborators:
    from lambdas.shared import wiring
    from lambdas.shared.room import extras_of

    room = wiring.room()
    return Collaborators(
        wiring.links(), wiring.base(), wiring.runs(), wiring.settings(), room.plan_run, extras=extras_of(room)
    )


handler = entry_point(plan_changes, _collaborators)
