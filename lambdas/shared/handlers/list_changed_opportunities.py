"""Poll: one page of opportunities that changed since the watermark, for what events missed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lambdas.shared.adapters.opportunities import Opportunities
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.handlers.changed_page import read_changed
from lambdas.shared.runtime import Answer, Event, count, entry_point

_SUBJECT = "opportunities"


@dataclass(frozen=True)
class Collaborators:
    """What the function works with."""

    partner: str
    opportunities: Opportunities
    links: Any
    watermarks: Any
    notices: Any
    clock: Clock


def list_changed_opportunities(event: Event, c: Collaborators) -> Answer:
    """Answer ``{"more", "count"}``. The first poll only sets the watermark: what was before is the backfill's work.

    Each round looks back a little (``read_changed``); a row whose version the link has already seen, or that was told
    before, gives no notice. A page
    that the partner no longer takes, after a round that was cut short, is given up: the next poll begins at the same
    watermark anew.
    """
    page = read_changed(c.partner, _SUBJECT, c.opportunities, c.watermarks, c.clock)
    if page is None:
        return {"more": False, "count": 0}
    changed = _unseen(page.items, c)
    if changed:
        c.notices.send(
            {
                "source": "poll",
                "partner": c.partner,
                "correlation_id": event.get("correlation_id", "none"),
                "opportunities": changed,
            }
        )
    page.move()
    count("OpportunitiesPolled", len(changed))
    return {"more": page.more, "count": len(changed)}


def _unseen(items: Sequence[Mapping[str, str]], c: Collaborators) -> list[str]:
    keys = c.links.for_opportunities(c.partner, [one["id"] for one in items])
    links = c.links.get_many(keys.values())
    seen = {link.opportunity_id: link.partner_version for link in links.values()}
    return [one["id"] for one in items if seen.get(one["id"]) != one["version"]]


def _collaborators() -> Collaborators:
    from lambdas.shared import wiring

    room = wiring.room()
    return Collaborators(
        room.PARTNER,
        room.opportunities(),
        wiring.links(),
        wiring.watermarks(),
        wiring.queue("COSELL_NOTICES_QUEUE_URL"),
        SystemClock(),
    )


handler = entry_point(list_changed_opportunities, _collaborators)
