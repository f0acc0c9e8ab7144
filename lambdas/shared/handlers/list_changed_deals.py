"""Poll: one page of deals that changed since the watermark, for what webhooks missed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lambdas.shared.adapters.hubspot.deals import SEARCH_TOTAL_LIMIT, ModifiedDeal
from lambdas.shared.adapters.ledger import Watermark
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.domain.tags import Tagging
from lambdas.shared.runtime import Answer, Event, count, entry_point, logger

_OWNER, _SUBJECT = "hubspot", "deals"
# HubSpot's search index lags: rows may appear a while after their own time of change.
_OVERLAP_MS = 120_000
_SEPARATOR = ":"


@dataclass(frozen=True)
class Collaborators:
    """What the function works with. ``tags`` say how deals are tagged, by enabled partner."""

    hubspot: Any
    links: Any
    base: Any
    watermarks: Any
    notices: Any
    tags: Mapping[str, Tagging]
    clock: Clock


@dataclass(frozen=True)
class _Place:
    """Where a search begins: at ``from_ms``, and after ``after`` rows where that millisecond has more than a page.

    HubSpot's ``after`` is an offset into a list that every write sorts anew, our own write-backs too: whoever goes on
    by it skips as many rows as moved to the end meanwhile. The time of the last row stays where it is.
    """

    from_ms: int
    after: str | None = None

    @classmethod
    def of(cls, mark: Watermark) -> _Place:
        """The place of the round under way, or the beginning of a round."""
        from_ms, separator, after = (mark.page or "").partition(_SEPARATOR)
        return cls(int(from_ms), after or None) if separator else cls(int(mark.since or 0) - _OVERLAP_MS)

    def text(self) -> str:
        """As it lies in the watermark's ``page``."""
        return f"{self.from_ms}{_SEPARATOR}{self.after or ''}"


def list_changed_deals(event: Event, c: Collaborators) -> Answer:
    """Answer ``{"more", "count"}``. The first poll only sets the watermark: what was before is the backfill's work.

    Each page begins at the time of the last row before it, so the 10,000 rows at which HubSpot's search ends are no
    limit, and a row on the border may be told twice. A deal gives no notice when each partner whose tag it carries has
    a link of it, and every link of it has read it at its time of change or later.
    """
    before = c.watermarks.get(_OWNER, _SUBJECT)
    if before.since is None:
        c.watermarks.move(_OWNER, _SUBJECT, Watermark(since=str(c.clock.now_ms())), before)
        return {"more": False, "count": 0}
    place = _Place.of(before)
    names = dict.fromkeys(name for one in c.tags.values() for name in one.properties)
    found, following = c.hubspot.search_modified_deals(place.from_ms, place.after, properties=list(names))
    changed = _unseen(found, c)
    if changed:
        c.notices.send({"source": "poll", "correlation_id": event.get("correlation_id", "none"), "deals": changed})
    began = before.high or str(c.clock.now_ms())
    onward = _onward(place, found, following)
    # What changed after the round began is the next round's: else our own writes would keep this one going.
    more = onward is not None and onward.from_ms <= int(began)
    after = Watermark(before.since, onward.text(), began) if onward and more else Watermark(since=began)
    c.watermarks.move(_OWNER, _SUBJECT, after, before)
    count("DealsPolled", len(changed))
    return {"more": more, "count": len(changed)}


def _onward(place: _Place, found: list[ModifiedDeal], following: str | None) -> _Place | None:
    """Where the page after this one begins; None when HubSpot has no more."""
    ended_by_limit = following is None and int(place.after or 0) + len(found) >= SEARCH_TOTAL_LIMIT
    if not found or (following is None and not ended_by_limit):
        return None
    newest = found[-1].modified_at
    if newest > place.from_ms:
        return _Place(newest)
    if ended_by_limit:  # HubSpot shows no more of this millisecond
        logger.warning("more deals in one millisecond than a search shows", extra={"deals": SEARCH_TOTAL_LIMIT})
        return _Place(newest + 1)
    return _Place(newest, following)


def _unseen(found: list[ModifiedDeal], c: Collaborators) -> list[str]:
    deals = {one.deal_id: one for one in found}
    keys: dict[str, dict[str, str]] = {deal_id: {} for deal_id in deals}
    for partner in c.tags:
        for deal_id, key in c.links.for_deals(partner, deals).items():
            keys[deal_id][partner] = key
    return [deal_id for deal_id, one in deals.items() if not _all_read(one, keys[deal_id], c)]


def _all_read(deal: ModifiedDeal, keys: Mapping[str, str], c: Collaborators) -> bool:
    """``keys`` are the deal's links by partner."""
    if any(partner not in keys and tag.on(deal.properties) for partner, tag in c.tags.items()):
        return False
    bases = [c.base.get(key) for key in keys.values()]
    return all(base is not None and (base["deal_seen_at"] or 0) >= deal.modified_at for base in bases)


def _collaborators() -> Collaborators:
    from lambdas.shared import wiring

    return Collaborators(
        hubspot=wiring.hubspot(),
        links=wiring.links(),
        base=wiring.base(),
        watermarks=wiring.watermarks(),
        notices=wiring.queue("COSELL_NOTICES_QUEUE_URL"),
        tags={name: Tagging.of(one) for name, one in wiring.settings()["partners"].items()},
        clock=SystemClock(),
    )


handler = entry_point(list_changed_deals, _collaborators)
