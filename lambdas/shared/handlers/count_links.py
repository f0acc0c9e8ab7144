"""The census: how many links stand how, one page of the ledger a run, told as metrics once the last page is read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lambdas.shared.adapters.ledger import Watermark
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.domain.standing import STANDINGS, Count
from lambdas.shared.runtime import Answer, Event, count, entry_point, measured

_WHOSE, _SUBJECT = "ledger", "census"


@dataclass(frozen=True)
class Collaborators:
    """What the function works with. ``partners`` are those that are on."""

    census: Any
    watermarks: Any
    partners: Sequence[str]
    clock: Clock = field(default_factory=SystemClock)


def count_links(event: Event, c: Collaborators) -> Answer:
    """``poll`` is ``ledger.census``. Answer ``{"more", "count"}``.

    The count so far lies in the watermark beside the place to go on from, so that a run reads one page, however many
    links there are, and a crash repeats one page. What nothing has is told as zero: a gauge has to come down.
    """
    before = c.watermarks.get(_WHOSE, _SUBJECT)
    so_far = Count.from_dict(json.loads(before.high)) if before.page and before.high else Count()
    page = c.census.page(before.page)
    total = so_far.plus(page.links)
    after = Watermark(page=page.following, high=json.dumps(total.as_dict())) if page.following else Watermark()
    if not c.watermarks.move(_WHOSE, _SUBJECT, after, before):
        return {"more": False, "count": 0}  # another census has read this page meanwhile, and goes on
    if page.following is None:
        _tell(total, c)
    return {"more": page.following is not None, "count": len(page.links)}


def _tell(total: Count, c: Collaborators) -> None:
    now = c.clock.now_ms()
    for partner in c.partners:
        of_partner = total.standing.get(partner, {})
        for standing in STANDINGS:
            count("Links", of_partner.get(standing, 0), partner=partner, standing=standing)
        waited = now - total.oldest.get(partner, now)
        measured("OldestWork", max(0, waited) // 1000, partner=partner)


def _collaborators() -> Collaborators:
    from lambdas.shared import wiring

    return Collaborators(wiring.census(), wiring.watermarks(), tuple(wiring.settings()["partners"]))


handler = entry_point(count_links, _collaborators)
