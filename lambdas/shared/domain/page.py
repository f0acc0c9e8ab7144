"""How a poll's watermark moves over the pages of one round: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_MOST_TOLD = 500
"""What a watermark remembers at most; of more that change within the overlap, the oldest are told anew."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page that was read: ``stamps`` of its rows (sortable text), and the ``following`` token or None."""

    stamps: Sequence[str]
    following: str | None


def next_position(since: str, high: str | None, page: Page, began: str) -> tuple[str, str | None, str | None]:
    """Return ``(since, page token, high)`` after a page of a round that ``began`` then.

    While pages follow, ``since`` stays and ``high`` collects the newest stamp; with the last page ``since`` becomes
    ``high``. A round that finds nothing leaves ``since`` where it is. After several pages ``since`` is no later than
    the beginning: what changed meanwhile may lie on a page that was read before, if the list has no order, and is
    older than the newest stamp of a page that was read after.
    """
    newest = max([*page.stamps, high or since])
    if page.following:
        return since, page.following, newest
    of_several = high is not None
    return max(since, min(newest, began)) if of_several else newest, None, None


def asked_from(since: str, overlap_ms: int) -> str:
    """From when on a round asks: a partner's list lags, and a row may show after younger ones."""
    if not overlap_ms:
        return since
    earlier = _moment(since) - timedelta(milliseconds=overlap_ms)
    return earlier.isoformat(timespec="seconds").replace("+00:00", "Z")


def still_told(told: Mapping[str, str], since: str, overlap_ms: int) -> dict[str, str]:
    """Of the rows that were told (id to version) those that the next round will read again."""
    earliest = _moment(asked_from(since, overlap_ms))
    again = {row: version for row, version in told.items() if _moment(version) >= earliest}
    newest = sorted(again, key=lambda row: again[row], reverse=True)[:_MOST_TOLD]
    return {row: again[row] for row in sorted(newest)}


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
