"""What became of a link that an operator's command woke. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lambdas.shared.domain.link import Link, State

FAILED, WAITING = "failed", "waiting"
AGAIN_MS = 65_000
"""A run that wants another right behind it releases its link as due in a minute; what is due later is settled."""

_RESULT: Mapping[State, str] = {
    "open": "synced",
    "blocked": "blocked",
    "conflict": "conflict",
    "paused": "paused",
    "closed": "closed",
    "ignored": "ignored",
}
RESULTS = (*_RESULT.values(), FAILED, WAITING)
"""All that may become of it. ``failed``: a run gave up for now and says when it comes back; ``waiting``: nothing was
heard in the time given."""


@dataclass(frozen=True, slots=True)
class Result:
    """``state`` is one of ``RESULTS``; ``why`` holds no customer's value."""

    state: str
    why: str = ""


def result_of(link: Link, wanted: int, woken_at: int, now_ms: int) -> Result | None:
    """How the link stands once generation ``wanted`` is settled; None while a run of it is still to come.

    A link that a run of ours postponed since ``woken_at`` (ms) has failed for now: the sweep brings it back by itself,
    and whoever waits need not. ``wanted`` counts notices on the link that was woken; one that took over another's
    notices is asked to settle all of its own.
    """
    if link.leased(now_ms) or _comes_again(link):
        return None
    if link.done >= min(wanted, link.wanted):
        state = _RESULT[link.state]
        tied = link.deal_id is not None and link.opportunity_id is not None
        if state == "synced" and not tied:
            return Result(WAITING, "settled, and one side has no record yet")
        return Result(state, (link.reason or "") if state != "synced" else "")
    error = link.last_error
    if error is not None and int(error["at"]) >= woken_at:
        return Result(FAILED, f"{error['kind']}: {error['reason']}")
    return None


def _comes_again(link: Link) -> bool:
    return link.done >= link.wanted and link.due_at is not None and link.due_at - link.updated_at <= AGAIN_MS
