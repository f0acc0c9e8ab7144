"""The looks at what AWS only shows: one machine for all kinds, a gather function for each, a poll and an inbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from constructs_lib.partner_central_events import INVITATION_EVENTS, MEMBER_EVENTS
from lambdas.aws.adapters.engagements import Engagements
from lambdas.aws.adapters.solution_cache import SolutionCache
from lambdas.aws.adapters.solutions import Solutions
from lambdas.aws.adapters.summary import Summaries
from lambdas.aws.handlers import (
    check_settings,
    gather_engagement,
    gather_notifications,
    gather_resources,
    gather_summary,
    list_solutions,
)
from lambdas.shared.adapters.opportunities import Opportunities
from lambdas.shared.handlers import begin_look, list_changed_for_looks, remember_findings, show_findings
from sandbox.turned.parts import LEDGER, LOOKS, Function, Parts, bound, look_inbox_of

CATALOG = "Sandbox"
MINUTES = {"summary": 60, "notifications": 30, "resources": 240, "engagement": 30}
WIRED = ("summary", "notifications", "resources", "engagement")
"""Kinds that have a gather function in ``gathers``."""
WOKEN_BY_EVENTS = ("summary", "notifications")

SETTINGS_POLL = "aws.settings"
SOLUTIONS_POLL = "aws.solutions"
POLLS = {f"aws.{kind}": MINUTES[kind] for kind in WIRED} | {SETTINGS_POLL: 1440, SOLUTIONS_POLL: 1440}
MACHINES = {look_inbox_of(kind): "look" for kind in WIRED}


def gathers(p: Parts, central: Any, client: Any, ours: Mapping[str, Any]) -> dict[str, Function]:
    """Kind to its gather function. ``central`` is the adapter, ``client`` the SDK client below it, ``ours`` AWS's
    settings."""
    summaries, engagements, names = Summaries(client, CATALOG), Engagements(client, CATALOG), ours["status_properties"]
    resources = gather_resources.Collaborators(
        central, engagements, summaries, p.runs, p.seen, p.audit, ours["resources"], p.token
    )
    engagement = gather_engagement.Collaborators(
        central, engagements, p.runs, p.seen, names, ours["engagement"]["milestones"], p.clock
    )
    notifications = gather_notifications.Collaborators(
        central, summaries, p.runs, p.seen, ours["notifications"], ZoneInfo("UTC"), p.clock
    )
    return {
        "notifications": bound(gather_notifications.gather_notifications, notifications),
        "resources": bound(gather_resources.gather_resources, resources),
        "engagement": bound(gather_engagement.gather_engagement, engagement),
        "summary": bound(gather_summary.gather_summary, gather_summary.Collaborators(summaries, p.runs, p.seen)),
    }


def settings_check(p: Parts, client: Any, ours: Mapping[str, Any]) -> dict[str, Function]:
    """The poll of the role of snapshot jobs and of the catalogue of documents."""
    cache = SolutionCache(p.store, LEDGER, CATALOG, p.clock)
    c = check_settings.Collaborators(
        Engagements(client, CATALOG),
        p.watermarks,
        cache,
        ours["resources"],
        p.audit,
    )
    listing = list_solutions.Collaborators(Solutions(client, CATALOG), cache)
    return {
        SETTINGS_POLL: bound(check_settings.check_settings, c),
        SOLUTIONS_POLL: bound(list_solutions.list_solutions, listing),
    }


def functions(
    p: Parts,
    opportunities: Opportunities,
    gathering: Mapping[str, Function],
    partners: Mapping[str, Mapping[str, Any]],
    announce: Callable[[str, dict[str, Any]], None],
) -> dict[str, Function]:
    """Name to function. Those of the machine carry ``aws.`` before their placeholder."""
    show = show_findings.Collaborators(p.hubspot, p.links, p.runs, p.seen, p.audit, p.origins, partners, p.clock)
    listing = list_changed_for_looks.Collaborators(
        "aws",
        opportunities,
        p.links,
        p.watermarks,
        lambda _partner, kind: p.queues[look_inbox_of(kind)],
        p.clock,
    )
    return {
        "aws.BeginLook": bound(begin_look.begin_look, begin_look.Collaborators(p.links, p.seen, p.clock)),
        "aws.ShowFindings": bound(show_findings.show_findings, show),
        "aws.RememberFindings": bound(
            remember_findings.remember_findings,
            remember_findings.Collaborators(p.links, p.runs, p.seen, announce),
        ),
        **{_gather(kind): work for kind, work in gathering.items()},
        **{
            poll: bound(list_changed_for_looks.list_changed_for_looks, listing)
            for poll in POLLS
            if poll not in (SETTINGS_POLL, SOLUTIONS_POLL)
        },
    }


def parts_of(queue: str) -> dict[str, str]:
    """The placeholders that are a kind's own, for the inbox of a look; none for another queue."""
    kind = next((each for each in LOOKS if look_inbox_of(each) == queue), None)
    return {} if kind is None else {"Gather": _gather(kind), "Kind": kind, "Partner": "aws", "InboxUrl": queue}


def wake(p: Parts, opportunity_id: str, correlation_id: str) -> None:
    """What the rule of the home bus does with an event of an opportunity."""
    for kind in WOKEN_BY_EVENTS:
        if kind in WIRED:
            message = {"opportunity": opportunity_id, "why": "partner", "correlation_id": correlation_id}
            p.queues[look_inbox_of(kind)].send(message)


def wake_engagement(p: Parts, event: Mapping[str, Any]) -> None:
    """What the rules of the home bus do with an event of an engagement, or of an invitation that we sent."""
    detail = event["detail"]
    group = detail["engagement"]["id"] if event["detail-type"] in MEMBER_EVENTS else None
    if event["detail-type"] in INVITATION_EVENTS:
        invitation = detail["engagementInvitation"]
        group = invitation["engagementId"] if invitation["participantType"].lower() == "sender" else None
    if group is not None and detail.get("catalog") == CATALOG:
        message = {"group": group, "why": "partner", "correlation_id": event["id"]}
        p.queues[look_inbox_of("engagement")].send(message)


def _gather(kind: str) -> str:
    return f"aws.gather.{kind}"
