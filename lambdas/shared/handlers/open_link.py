"""Opens the link of an accepted opportunity and wakes it; the sync machine makes the deal of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lambdas.shared.runtime import Answer, Event, entry_point


@dataclass(frozen=True)
class Collaborators:
    """What the function works with; ``inbox`` gives a partner's inbox."""

    links: Any
    inbox: Callable[[str], Any]


def open_link(event: Event, c: Collaborators) -> Answer:
    """``invitation`` and ``opportunity_id`` to a woken link. Answer ``{"link"}``. Safe to repeat."""
    run = event["run"]
    link_key = c.links.open_for_opportunity(
        run["partner"], event["opportunity_id"], invitation_id=event["invitation"], origin="invitation"
    )
    c.inbox(run["partner"]).send(
        {"link": link_key, "why": "partner", "correlation_id": run.get("correlation_id", "none")}
    )
    return {"link": link_key}


def _collaborators() -> Collaborators:
    from lambdas.shared import wiring

    return Collaborators(wiring.links(), wiring.inbox)


handler = entry_point(open_link, _collaborators)
