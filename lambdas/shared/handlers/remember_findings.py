"""Ends a look: its news go onto the sync bus, and what was seen is kept, so that it is no news the next time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lambdas.shared.handlers.show_findings import findings_of
from lambdas.shared.metric_names import METRICS
from lambdas.shared.runtime import Answer, Event, count, entry_point


@dataclass(frozen=True)
class Collaborators:
    """What the function works with. ``announce(kind, detail)`` puts an event on the sync bus."""

    links: Any
    runs: Any
    seen: Any
    announce: Callable[[str, dict[str, Any]], None]


def remember_findings(event: Event, c: Collaborators) -> Answer:
    """Answer ``{"kept"}``: false when another look was there first, which then has announced the same.

    Announced before it is kept, since afterwards a repetition would see no news any more. An entry of ``announce`` with
    a ``key`` is announced once, remembered on the link like a note that was told; one without comes again if this
    function does.
    """
    run = event["run"]
    findings = findings_of(run, c.runs)
    _, version = c.seen.get(run["link"], run["kind"])
    if version != findings["seen_version"]:
        return {"kept": False}
    for one in findings.get("announce", ()):
        _announce(one, run, c)
    return {"kept": c.seen.put(run["link"], run["kind"], findings["seen"], version)}


def _announce(one: Mapping[str, Any], run: Mapping[str, Any], c: Collaborators) -> None:
    key = f"announced:{one['key']}" if one.get("key") else None
    if key and not c.links.tell_begin(run["link"], key):
        return
    about = {name: run.get(name) for name in ("partner", "deal_id", "opportunity_id", "correlation_id")}
    c.announce(one["kind"], {**one["detail"], **about})
    count(one["kind"] if one["kind"] in METRICS else "OtherAnnounced")
    if key:
        c.links.tell_done(run["link"], key, run["run_id"])


def _collaborators() -> Collaborators:
    from lambdas.shared import wiring

    return Collaborators(wiring.links(), wiring.runs(), wiring.seen(), wiring.announce())


handler = entry_point(remember_findings, _collaborators)
