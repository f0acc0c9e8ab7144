"""Gathers the look ``resources``: what the engagement shares, what AWS advises, and documents of the catalogue."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lambdas.aws.domain.catalogue import document_notes, fitting, mark_of
from lambdas.aws.domain.shared_resources import advice_note, advice_of, latest, newer, snapshot_note
from lambdas.aws.handlers.snapshot_job import keep_running
from lambdas.shared.domain.notification import Notification
from lambdas.shared.errors import NotFound
from lambdas.shared.runtime import Answer, Event, entry_point


@dataclass(frozen=True)
class Collaborators:
    """What the function works with. ``rules`` is ``partners.aws.resources`` of the settings document."""

    partner_central: Any
    engagements: Any
    summary: Any
    runs: Any
    seen: Any
    audit: Any
    rules: Mapping[str, Any]
    new_token: Callable[[], str] = lambda: secrets.token_hex(16)


def gather_resources(event: Event, c: Collaborators) -> Answer:
    """Answer ``{"news", "properties": [], "facts": [keys]}``; the findings lie in the run item.

    Every engagement of the opportunity gets its snapshot job on the way. ``NotFound`` when there is no such
    opportunity; before it is submitted there is no engagement, and documents only.
    """
    run = event["run"]
    opportunity = c.partner_central.get_opportunity(run["opportunity_id"])
    engagement_ids = c.engagements.of_opportunity(run["opportunity_id"])
    for engagement_id in engagement_ids:
        keep_running(run, engagement_id, c)
    before, version = c.seen.get(run["link"], run["kind"])
    facts, seen = [], dict(before)
    for look in (_snapshots(engagement_ids, before, c), _advice(run, before, c), _documents(opportunity, before, c)):
        facts += look[0]
        seen |= look[1]
    if facts:
        findings = {"properties": {}, "facts": [one.as_dict() for one in facts], "seen": seen, "announce": []}
        c.runs.put(run["run_id"], "findings", {**findings, "seen_version": version})
    return {"news": bool(facts), "properties": [], "facts": [one.key for one in facts]}


type _Look = tuple[list[Notification], dict[str, Any]]


def _snapshots(engagement_ids: list[str], before: Mapping[str, Any], c: Collaborators) -> _Look:
    kept: dict[str, int] = dict(before.get("snapshots", {}))
    facts = []
    ours = c.rules["account"]
    for engagement_id in engagement_ids:
        listed = c.engagements.snapshots(engagement_id)
        new = newer(listed, kept, engagement_id, ours if c.rules["snapshots"] == "others" else None)
        if new and c.rules["snapshots"] != "none":
            facts.append(snapshot_note(new, engagement_id, ours))
        kept |= latest(listed, engagement_id)
    return facts, {"snapshots": kept}


def _advice(run: Mapping[str, Any], before: Mapping[str, Any], c: Collaborators) -> _Look:
    """AWS takes advice back and gives others: what was told stays known for as long as AWS says it."""
    if not c.rules["advice"]:
        return [], {}
    try:
        said = advice_of(c.summary.read(run["opportunity_id"]))
    except NotFound:
        said = []
    if not said:
        return [], {}
    known = before.get("advice", ())
    new = [one for one in said if one.mark not in known]
    return [advice_note(new)] if new else [], {"advice": [one.mark for one in said]}


def _documents(opportunity: Mapping[str, Any], before: Mapping[str, Any], c: Collaborators) -> _Look:
    told = before.get("documents", [])
    new = [one for one in fitting(c.rules["documents"], opportunity) if mark_of(one) not in told]
    return document_notes(new, c.rules["documents_per_note"]), {"documents": [*told, *map(mark_of, new)]}


def _collaborators() -> Collaborators:
    from lambdas.aws.wiring import engagements, partner_central, settings, summary
    from lambdas.shared import wiring

    return Collaborators(
        partner_central(),
        engagements(),
        summary(),
        wiring.runs(),
        wiring.seen(),
        wiring.audit(),
        settings()["resources"],
    )


handler = entry_point(gather_resources, _collaborators)
