"""Gathers the look ``summary``: what AWS says of an opportunity on its own side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lambdas.aws.domain.summary import kept, news, shown
from lambdas.shared.errors import NotFound
from lambdas.shared.runtime import Answer, Event, count, entry_point, logger

ANNOUNCED = "SummaryChanged"


@dataclass(frozen=True)
class Collaborators:
    """What the function works with."""

    summary: Any
    runs: Any
    seen: Any


def gather_summary(event: Event, c: Collaborators) -> Answer:
    """Answer ``{"news", "properties": [names], "facts": []}``; the findings lie in the run item. One read.

    Before an opportunity is submitted AWS may have no summary of it: nothing is shown then, and nothing cleared.
    """
    run = event["run"]
    try:
        summary = c.summary.read(run["opportunity_id"])
    except NotFound:
        return {"news": False, "properties": [], "facts": []}
    now = shown(summary)
    for name, wrong in now.unknown.items():
        count("UnknownInSummary")
        logger.warning("AWS's summary has what we cannot show", extra={"property": name, "wrong": wrong})
    seen, version = c.seen.get(run["link"], run["kind"])
    before = seen.get("properties", {})
    changed = news(before, now)
    if changed:
        visible = sorted(name for name, text in changed.items() if text or before.get(name))
        findings = {
            "properties": changed,
            "facts": [],
            "seen": {"properties": kept(before, now)},
            "seen_version": version,
            "announce": [{"kind": ANNOUNCED, "detail": {"properties": visible}}] if visible else [],
        }
        c.runs.put(run["run_id"], "findings", findings)
    return {"news": bool(changed), "properties": sorted(changed), "facts": []}


def _collaborators() -> Collaborators:
    from lambdas.aws.wiring import summary
    from lambdas.shared import wiring

    return Collaborators(summary(), wiring.runs(), wiring.seen())


handler = entry_point(gather_summary, _collaborators)
