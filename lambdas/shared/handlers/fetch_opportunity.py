"""Reads the opportunity as the partner has it now, or finds the one whose create lost its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lambdas.shared.adapters.opportunities import Opportunities
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.domain.link import Link
from lambdas.shared.errors import NotFound, Retryable
from lambdas.shared.runtime import Answer, Event, entry_point

# A fresh opportunity may answer "not found" for a while after it was created.
_FRESH_MS = 300_000


@dataclass(frozen=True)
class Collaborators:
    """What the function works with."""

    opportunities: Opportunities
    links: Any
    runs: Any
    clock: Clock = field(default_factory=SystemClock)


def fetch_opportunity(event: Event, c: Collaborators) -> Answer:
    """Answer ``{"opportunity": "current" | "missing" | "none" | "orphan" | "several", "opportunity_id"?, "version"?}``.

    ``orphan``: no opportunity is tied, but an earlier create of this link went through; its id is given. ``several``:
    more than one (``candidates``) may be what it made. The document itself goes to the run item, and so does when it
    was looked for such a record (``looked_at``).
    """
    run = event["run"]
    opportunity_id = run.get("opportunity_id")
    if opportunity_id is None:
        return _look_for_orphan(run, c)
    try:
        found = c.opportunities.read(opportunity_id)
    except NotFound:
        if _is_fresh(c.links.get(run["link"]), c.clock.now_ms()):
            raise Retryable(f"{opportunity_id} is not visible yet; it was created a moment ago") from None
        return {"opportunity": "missing", "opportunity_id": opportunity_id}
    c.runs.put(run["run_id"], "opportunity", _complete(found.document, run["link"], c))
    return {"opportunity": "current", "opportunity_id": opportunity_id, "version": found.version}


def _complete(document: Mapping[str, Any], link_key: str, c: Collaborators) -> Mapping[str, Any]:
    """With the reference to our deal that the partner leaves out at times, as the link remembers it."""
    name = c.opportunities.own_reference
    if name is None:
        return document
    link = c.links.get(link_key)
    known, found = link and link.names_deal, document.get(name)
    if found and found != known:
        c.links.note_named_deal(link_key, found)
    return document if found or not known else {**document, name: known}


def _look_for_orphan(run: Mapping[str, Any], c: Collaborators) -> Answer:
    link = c.links.get(run["link"])
    if link is None or link.attempt is None:
        return {"opportunity": "none"}
    looked_at = c.clock.now_ms()
    found = list(c.opportunities.find_created(link.attempt))
    c.runs.put(run["run_id"], "looked_at", looked_at)
    if len(found) > 1:
        return {"opportunity": "several", "candidates": found}
    return {"opportunity": "orphan", "opportunity_id": found[0]} if found else {"opportunity": "none"}


def _is_fresh(link: Link | None, now_ms: int) -> bool:
    if link is None:
        return False
    known_since = [link.created_at]
    if link.attempt:  # found by its create's attempt, so its version is not known yet
        known_since.append(int(link.attempt["at"]))
    if link.partner_version:
        known_since.append(int(datetime.fromisoformat(link.partner_version).timestamp() * 1000))
    return now_ms - max(known_since) < _FRESH_MS


def _collaborators() -> Collaborators:
    from lambdas.shared import wiring

    return Collaborators(wiring.room().opportunities(), wiring.links(), wiring.runs())


handler = entry_point(fetch_opportunity, _collaborators)
