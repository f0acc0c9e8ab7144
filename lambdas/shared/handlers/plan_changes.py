"""Decides what one run does: deal, opportunity and base compared, nothing written to a vendor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.domain.documents import text_of
from lambdas.shared.domain.link import TWO_OPPORTUNITIES, Link
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
    named = text_of(documents.get("deal"), "deal", _status_properties(link, c)["opportunity_id"])
    now = Situation(
        link,
        event["deal"],
        documents.get("deal") if event["deal"]["deal"] != "none" else None,
        event["opportunity"],
        documents.get("opportunity") if event["opportunity"]["opportunity"] == "current" else None,
        c.base.get(run["link"]) or _as_created(link, c),
        open_creates=tuple(c.links.open_attempts(link.partner).values()) if unclaimed else (),
        holder=_holder(link, event["opportunity"], named, c),
        leader=_leader(link, named, c) if event["deal"]["deal"] == "current" else None,
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


def _holder(link: Link, opportunity: Mapping[str, Any], named: str | None, c: Collaborators) -> Link | None:
    """The link with a deal that has the opportunity which this one is about to adopt, or which its deal names instead
    of this one's. Half a link is no hindrance."""
    wanted = named if link.opportunity_id else opportunity.get("opportunity_id") or named
    if wanted is None or wanted == link.opportunity_id:
        return None
    key = c.links.for_opportunities(link.partner, [wanted]).get(wanted)
    holder = c.links.get(key) if key and key != link.key else None
    return holder if holder is not None and holder.deal_id is not None else None


def _leader(link: Link, named: str | None, c: Collaborators) -> Link | None:
    """The link that the deal leads to, where that is another one. Only a merge brings that about, and then the two
    differ in what they are tied to: the ledger is asked where the deal names no opportunity of this link's."""
    if link.deal_id is None or link.opportunity_id is None:
        return None
    if named == link.opportunity_id and link.reason != TWO_OPPORTUNITIES:
        return None
    key = c.links.for_deals(link.partner, [link.deal_id]).get(link.deal_id)
    leader = c.links.follow(key) if key else None
    return None if leader is None or leader.key == link.key else leader


def _status_properties(link: Link, c: Collaborators) -> Mapping[str, str]:
    properties: Mapping[str, str] = c.settings["partners"][link.partner]["status_properties"]
    return properties


def _collaborators() -> Collaborators:
    from lambdas.shared import wiring
    from lambdas.shared.room import extras_of

    room = wiring.room()
    return Collaborators(
        wiring.links(), wiring.base(), wiring.runs(), wiring.settings(), room.plan_run, extras=extras_of(room)
    )


handler = entry_point(plan_changes, _collaborators)
