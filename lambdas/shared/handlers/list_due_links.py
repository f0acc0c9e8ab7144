"""The sweep: wakes the links whose time has come. What a lost message or a crashed run left behind is found here."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.runtime import Answer, Event, count, entry_point

PAGE = 100
# The sweep comes each minute: what falls due before the next one is sent now, to be seen at its own moment.
_AHEAD_MS = 60_000


@dataclass(frozen=True)
class Collaborators:
    """What the function works with; ``inbox`` gives a partner's inbox."""

    links: Any
    inbox: Callable[[str], Any]
    clock: Clock


def list_due_links(event: Event, c: Collaborators) -> Answer:
    """``poll`` is ``<partner>.due``. Answer ``{"more", "count"}``.

    ``due_at`` is moved on a little before the wake-up is sent, so that the next sweep does not send a second one
    while the first still waits in the queue; if the wake-up is lost, the link is due again.
    """
    partner, now = event["poll"].partition(".")[0], c.clock.now_ms()
    keys = c.links.due(partner, now + _AHEAD_MS, PAGE)
    woken = 0
    for key, link in c.links.get_many(keys).items():
        due_at = link.due_at
        if due_at is not None and due_at <= now + _AHEAD_MS and c.links.put_off(key, due_at):
            # A run that was put off goes on under the id of the notice that it answers, not the sweep's.
            belongs = link.correlation_id or event.get("correlation_id", "none")
            wake = {"link": key, "why": "sweep", "correlation_id": belongs}
            c.inbox(partner).send(wake, delay_seconds=max(0, math.ceil((due_at - now) / 1000)))
            woken += 1
    count("LinksSwept", woken)
    return {"more": len(keys) == PAGE, "count": woken}


def _collaborators() -> Collaborators:
    from lambdas.shared import wiring

    return Collaborators(wiring.links(), wiring.inbox, SystemClock())


handler = entry_point(list_due_links, _collaborators)
