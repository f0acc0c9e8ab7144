"""How a poll's watermark moves over the pages of one round: pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """One page that was read: ``stamps`` of its rows (sortable text), and the ``following`` token or None."""

    stamps: Sequence[str]
    following: str | None


def next_position(since: str, high: str | None, page: Page) -> tuple[str, str | None, str | None]:
    """Return ``(since, page token, high)`` after a page.

    While pages follow, ``since`` stays and ``high`` collects the newest stamp; with the last page ``since`` becomes
    ``high``. A round that finds nothing leaves ``since`` where it is.
    """
    newest = max([*page.stamps, high or since])
    if page.following:
        return since, page.following, newest
    return newest, None, None
