"""Poll: one page of opportunities that changed since the watermark of one kind of look; their links are looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lambdas.shared.adapters.opportunities import Opportunities
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.domain.look import is_looked_at, waits_for_deal
from lambdas.shared.handlers.changed_page import read_changed
from lambdas.shared.runtime import Answer, Event, count, entry_point

# A partner's reads are counted by the second, and the sync wants some of them too: ten looks every three seconds.
_AT_ONCE = 10
_PAUSE_SECONDS = 3


@dataclass(frozen=True)
class Collaborators:
    """What the function works with; ``inbox(partner, kind)`` gives the inbox of a kind of look."""

    partner: str
    opportunities: Opportunities
    links: Any
    watermarks: Any
    inbox: Callable[[str, str], Any]
    clock: Clock


def list_changed_for_looks(event: Event, c: Collaborators) -> Answer:
    """``poll`` is ``<partner>.<kind>``. Answer ``{"more", "count"}``; one call to the partner, whatever there is.

    Each kind has a watermark of its own. As in ``list_changed_opportunities`` the first poll only sets it, each round
    looks back a little and tells a row once, and a page that the partner no longer takes is given up.
    """
    kind = event["poll"].partition(".")[2]
    page = read_changed(c.partner, kind, c.opportunities, c.watermarks, c.clock)
    if page is None:
        return {"more": False, "count": 0}
    keys = _to_look_at([one["id"] for one in page.items], c)
    _send(keys, kind, event.get("correlation_id", "none"), c)
    page.move()
    count("LooksPolled", len(keys))
    return {"more": page.more, "count": len(keys)}


def _to_look_at(opportunity_ids: Sequence[str], c: Collaborators) -> list[str]:
    keys = c.links.for_opportunities(c.partner, opportunity_ids)
    links, now = c.links.get_many(keys.values()), c.clock.now_ms()
    wanted = {key for key, link in links.items() if is_looked_at(link) or waits_for_deal(link, now)}
    return [key for key in keys.values() if key in wanted]


def _send(keys: Sequence[str], kind: str, correlation_id: str, c: Collaborators) -> None:
    inbox = c.inbox(c.partner, kind)
    for number, start in enumerate(range(0, len(keys), _AT_ONCE)):
        some = keys[start : start + _AT_ONCE]
        messages = [{"link": key, "why": "poll", "correlation_id": correlation_id} for key in some]
        inbox.send_batch(messages, delay_seconds=number * _PAUSE_SECONDS)


def _collaborators() -> Collaborators:
    from lambdas.shared import wiring

    room = wiring.room()
    return Collaborators(
        room.PARTNER, room.opportunities(), wiring.links(), wiring.watermarks(), wiring.errands, SystemClock()
    )


handler = entry_point(list_changed_for_looks, _collaborators)
