"""One page of what changed at a partner since a watermark: what every poll of opportunities begins and ends with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lambdas.shared.adapters.ledger import Watermark
from lambdas.shared.adapters.opportunities import Opportunities
from lambdas.shared.clock import Clock
from lambdas.shared.domain.page import Page, asked_from, next_position, still_told
from lambdas.shared.errors import Rejected

_SKEW_MS = 60_000
"""By how much the partner's clock may be behind ours."""


@dataclass(frozen=True)
class ChangedPage:
    """``items`` are rows ``{"id", "version"}`` that were not told before; ``move`` moves the watermark, once they are
    dealt with."""

    items: Sequence[Mapping[str, str]]
    more: bool
    move: Callable[[], Any]


def read_changed(
    partner: str, subject: str, opportunities: Opportunities, watermarks: Any, clock: Clock
) -> ChangedPage | None:
    """One call to the partner; None when there is nothing to deal with.

    The first poll only sets the watermark: what was before is the backfill's work. A partner's list lags, and rows may
    appear a while after their own time of change, behind younger ones (``create_shows_after_ms``): so each round asks
    from that much earlier. What it told of that time is remembered with the watermark and told once. A page that the
    partner no longer takes, after a round that was cut short, is given up: the next poll begins at the same watermark
    anew.
    """
    before = watermarks.get(partner, subject)
    if before.since is None:
        watermarks.move(partner, subject, Watermark(since=_now_text(clock)), before)
        return None
    overlap_ms = opportunities.create_shows_after_ms
    try:
        listed = opportunities.list_changed(asked_from(before.since, overlap_ms), before.page)
    except Rejected:
        if before.page is None:
            raise
        watermarks.move(partner, subject, Watermark(since=before.since, told=before.told), before)
        return None
    rows, began = {one["id"]: one["version"] for one in listed["items"]}, _began(before, clock)
    page = Page(list(rows.values()), listed["next"])
    since, token, high = next_position(before.since, before.high, page, began)
    told = still_told({**before.told, **rows}, since, overlap_ms)
    after = Watermark(since, token, high, told, began if token else None)
    fresh = [one for one in listed["items"] if before.told.get(one["id"]) != one["version"]]
    return ChangedPage(
        fresh,
        token is not None,
        lambda: after == before or watermarks.move(partner, subject, after, before),
    )


def _began(mark: Watermark, clock: Clock) -> str:
    """When the round began, by the partner's clock at the latest; one of an earlier version does not say it."""
    if mark.page is None:
        return _now_text(clock, less_ms=_SKEW_MS)
    return mark.began or mark.since or ""


def _now_text(clock: Clock, *, less_ms: int = 0) -> str:
    return (
        datetime.fromtimestamp((clock.now_ms() - less_ms) / 1000, UTC)
        .isoformat(timespec="seconds")
        .replace("+00:00", "Z")
    )
