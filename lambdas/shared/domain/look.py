"""Which links are looked at: the small syncs that only show what a partner says of a deal."""

from __future__ import annotations

from lambdas.shared.domain.link import TWO_OPPORTUNITIES, Link

_LOOKED_AT = frozenset({"open", "blocked", "conflict"})
DEAL_COMES_MS = 3_600_000
"""A younger link without a deal is about to get one; an older one has a trouble of its own, which the sync tells."""


GROUP = "group"
"""What is noted under ``group_key``: the link whose record is in the partner's group of records."""


def group_key(partner: str, group: str) -> str:
    """Where it is noted to which link a group belongs (AWS's engagement): events of it name no record."""
    return f"group#{partner}#{group}"


def is_looked_at(link: Link) -> bool:
    """Whether there is a deal to show something on, and a record to look at. A merged deal shows one of its two."""
    if link.reason == TWO_OPPORTUNITIES:
        return False
    return link.state in _LOOKED_AT and link.deal_id is not None and link.opportunity_id is not None


def waits_for_deal(link: Link, now_ms: int) -> bool:
    """Whether a deal is about to be made for it, so that a look is only too early."""
    young = now_ms - link.created_at < DEAL_COMES_MS
    return link.state in _LOOKED_AT and link.opportunity_id is not None and link.deal_id is None and young
