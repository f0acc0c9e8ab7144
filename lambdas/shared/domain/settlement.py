"""What stays of a run once it is over: the link's state, the new base, and what is announced. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from lambdas.shared.domain.link import Link

STATE_OF_OUTCOME = {
    "synced": "open",
    "blocked": "blocked",
    "rejected": "blocked",
    "conflict": "conflict",
    "paused": "paused",
    "closed": "closed",
    "ignored": "ignored",
}
"""Outcome of a plan (or ``rejected`` by the partner) to the link's state."""

ANNOUNCED = {
    "open": "DealSynced",
    "blocked": "Blocked",
    "conflict": "ConflictFound",
    "paused": "Paused",
    "closed": "Closed",
    "ignored": "Ignored",
}
"""Link state to the detail type on the sync bus."""

REVIEW_CHANGED = "ReviewChanged"
"""Detail type for a deal that shows another review status from now on."""

NOTIFICATION = "Notification"
"""Detail type of what somebody should hear of: its detail says what happened, what to do and by when."""


def announced_key(fact_key: str) -> str:
    """Under what the link remembers that a fact was announced on the bus, beside being told on the deal."""
    return f"announced:{fact_key}"


ATTEMPT_ENDS_AFTER_MS = 3_600_000
"""When a create whose record is nowhere to be found is given up: its call ended with its function, seconds after it
began, and a partner's lists show a new record within minutes. An hour leaves both far behind."""


def unanswered_create(link: Link, opportunity: Mapping[str, Any], plan: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The open attempt that this run neither found the record of (``opportunity`` is the fetch's answer) nor goes on
    with: the tag was taken off meanwhile, say. While it is open, opportunities that may be its record wait."""
    found = link.opportunity_id is not None or opportunity["opportunity"] != "none"
    return None if found or plan["action"] != "none" else link.attempt


def is_over(attempt: Mapping[str, Any], now_ms: int) -> bool:
    """Whether an unanswered create is to be given up."""
    return now_ms - int(attempt["at"]) >= ATTEMPT_ENDS_AFTER_MS


CLOCKS_DIFFER_MS = 600_000
"""How far a partner's times and ours are taken to differ at most; a call is over long before."""


def may_have_made(attempt: Mapping[str, Any], created_at: int | None) -> bool:
    """Whether a record that came to be at ``created_at`` (ms; None: it does not say) may be that of an open attempt.

    An attempt that is never sent twice says until when its record may have been made (``ends_at``). One that is has no
    such end: its record may be made whenever it is sent again.
    """
    if created_at is None:
        return True
    return int(attempt["at"]) - CLOCKS_DIFFER_MS <= created_at <= int(attempt.get("ends_at", created_at))


def base_after(plan: Mapping[str, Any], before: Mapping[str, Any], refused: Collection[str] = ()) -> dict[str, Any]:
    """The base after a run. What the partner ``refused`` (field names) keeps its old base, to be planned again.

    Only those: where the update went through and an association after it was refused, the update's base stands.
    """
    after = dict(plan["base"])
    for name in {change["field"] for change in plan["opportunity_changes"]} & set(refused):
        if name in before:
            after[name] = before[name]
        else:
            after.pop(name, None)
    return after
