"""Poll: one page of opportunities that changed since the watermark of one kind of look; their links are looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lambdas.shared.adapters.ledger import Watermark
from lambdas.shared.adapters.opportunities import Opportunities
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.domain.look import is_looked_at, waits_for_deal
from lambdas.shared.domain.page import Page, next_position
from lambdas.shared.errors import Rejected
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

    Each kind has a watermark of its own. As in ``list_changed_opportunities`` the first poll only sets it, its own
    instant is read again (such a look finds nothing new), and a page that the partner no longer takes is given up.
    """
    kind = event["poll"].partition(".")[2]
    before = c.watermarks.get(c.partner, kind)
    if before.since is None:
        c.watermarks.move(c.partner, kind, Watermark(since=_now_text(c.clock)), before)
        return {"more": False, "count": 0}
    try:
        listed = c.opportunities.list_changed(before.since, before.page)
    except Rejected:
        if before.page is None:
            raise
        c.watermarks.move(c.partner, kind, Watermark(since=before.since), before)
        return {"more": False, "count": 0}
    keys = _to_look_at([one["id"] for one in listed["items"]], c)
    _send(keys, kind, event.get("correlation_id", "none"), c)
    page = Page([one["version"] for one in listed["items"]], listed["next"])
    since, token, high = next_position(before.since, before.high, page)
    c.watermarks.move(c.partner, kind, Watermark(since, token, high), before)
    count("LooksPolled", len(keys))
    return {"more": token is not None, "count": len(keys)}


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


def _now_text(clock: Clock) -> str:
    return datetime.fromtimestamp(clock.now_ms() / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _collaborators() -> Collaborators:
    from lambdas.shared import wiring

    room = wiring.room()
    return Collaborators(
        room.PARTNER, room.opportunities(), wiring.links(), wiring.watermarks(), wiring.errands, SystemClock()
    )


handler = entry_point(list_changed_for_looks, _collaborators)
