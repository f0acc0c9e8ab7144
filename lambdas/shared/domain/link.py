"""The link: what the ledger knows about one deal and one opportunity, and the work still wanted on it.

The item's layout is docs/architecture.md, "Ledger table". A link holds ids, names and times only, never a value of
a customer: the machine's lease step returns it into execution data, which is logged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, Self

State = Literal["open", "blocked", "paused", "conflict", "closed", "ignored"]
Origin = Literal["deal", "opportunity", "invitation"]

STATES: tuple[State, ...] = ("open", "blocked", "paused", "conflict", "closed", "ignored")
ORIGINS: tuple[Origin, ...] = ("deal", "opportunity", "invitation")

HANDED_OVER = "handed over"
"""Reason of a closed link whose deal or opportunity now belongs to another link."""

TWO_OPPORTUNITIES = "two opportunities on one deal"
"""Reason of a link in conflict: its deal was merged with one that has an opportunity too, or names another."""

TOLD_PENDING = "pending"
"""Value in ``told`` while a note or task is being written."""

DEAD_LETTER_FACT = "dead-letter"
"""Key of the task that says that somebody who runs us has to act; forgotten once the link is synced."""

LINK_SORT = "link"
BASE_SORT = "base"
POINTER_SORT = "pointer"


def link_key(partner: str, *, deal_id: str | None = None, opportunity_id: str | None = None) -> str:
    """Key of the link that is born from a deal, or from an opportunity: name exactly one of the two.

    Only for opening: once a link exists, the pointers say which link a deal or an opportunity belongs to.
    """
    if (deal_id is None) == (opportunity_id is None):
        raise ValueError("link_key: name either deal_id or opportunity_id")
    link_id = f"d{deal_id}" if deal_id is not None else f"o{opportunity_id}"
    return f"link#{partner}#{link_id}"


def deal_pointer(partner: str, deal_id: str) -> str:
    """Key of the item that says to which link a deal belongs."""
    return f"deal#{partner}#{deal_id}"


def opportunity_pointer(partner: str, opportunity_id: str) -> str:
    """Key of the item that says to which link an opportunity belongs."""
    return f"opportunity#{partner}#{opportunity_id}"


def open_attempts_key(partner: str) -> str:
    """Partition of the markers of the creates that are under way for a partner; the sort key is the link's key."""
    return f"attempt#{partner}"


def partner_of(key: str) -> str:
    """The partner in a link's key, ``aws`` for ``link#aws#d500``."""
    return split_link_key(key)[0]


def split_link_key(key: str) -> tuple[str, str]:
    """``("aws", "d500")`` for ``link#aws#d500``; ValueError for anything that is no link's key."""
    kind, _, rest = key.partition("#")
    partner, _, link_id = rest.partition("#")
    if kind != "link" or not partner or not link_id:
        raise ValueError(f"{key!r} is not a link's key; allowed: link#<partner>#d<deal id> or link#<partner>#o<id>")
    return partner, link_id


@dataclass(frozen=True, slots=True)
class Notice:
    """What is kept of a notice on the links that it raises: its correlation id, and when it came (ms; None: now)."""

    correlation_id: str
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """One link item. Times are epoch milliseconds.

    ``wanted`` counts notices, ``done`` is the generation that a run has settled; ``due_at`` is there while work is
    left. ``attempt`` is ``{"token", "at", "deal_id", "mark"?, "ends_at"?}`` of a create that was begun and not yet
    settled; ``names_deal`` is what the partner's record names as its deal, also after that deal was merged away;
    ``associated`` are the steps that were done on the record; ``told`` maps a fact to the id of the note or task that
    told it, or ``pending``; ``notes_wanted`` counts words of notes on the deal, ``notes_done`` those after which they
    were read; ``conflicts_shown`` maps a field to what the deal shows of its conflict: ``{"digest", "side"?, "by"?}``,
    a digest of both values, and the side that a person picked where that could not be applied yet; ``last_error`` is
    ``{"kind", "reason", "at"}``; ``handed_to`` is the key of the link that has taken this one's place. ``wanted_at``
    and ``correlation_id`` are of the first notice that no run has answered yet; ``status`` is what the deal shows of
    its sync (``status.STATUSES``).
    """

    partner: str
    link_id: str
    origin: Origin
    state: State = "open"
    reason: str | None = None
    handed_to: str | None = None
    deal_id: str | None = None
    opportunity_id: str | None = None
    invitation_id: str | None = None
    wanted: int = 0
    done: int = 0
    lease_owner: str | None = None
    lease_until: int | None = None
    due_at: int | None = None
    attempts: int = 0
    last_error: Mapping[str, Any] | None = None
    partner_version: str | None = None
    attempt: Mapping[str, Any] | None = None
    names_deal: str | None = None
    slot_at: int | None = None
    slot_writes: int | None = None
    associated: tuple[str, ...] = ()
    blocked_fields: tuple[str, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)
    notes_wanted: int = 0
    notes_done: int = 0
    conflicts_shown: Mapping[str, Mapping[str, str]] | None = None
    wanted_at: int | None = None
    correlation_id: str | None = None
    status: str | None = None
    created_at: int = 0
    updated_at: int = 0

    @property
    def key(self) -> str:
        """The link's partition key, ``link#aws#d500``."""
        return f"link#{self.partner}#{self.link_id}"

    @property
    def handed_over(self) -> bool:
        """True when another link has taken this one's place: nothing is ever to be done here again."""
        return self.handed_to is not None

    def leased(self, now_ms: int) -> bool:
        """True while a run holds the lease."""
        return self.lease_owner is not None and (self.lease_until or 0) >= now_ms

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """The link of a ledger item in plain Python values; attributes that are none of the link's are left out."""
        known = {name: item[name] for name in _NAMES if name in item}
        for name in ("associated", "blocked_fields"):
            known[name] = tuple(known.get(name, ()))
        return cls(**known)

    def to_item(self) -> dict[str, Any]:
        """The ledger item in plain Python values; attributes without a value are absent."""
        item: dict[str, Any] = {"pk": self.key, "sk": LINK_SORT}
        for name in _NAMES:
            value = getattr(self, name)
            if value is not None:
                item[name] = list(value) if isinstance(value, tuple) else value
        return item


_NAMES = tuple(each.name for each in fields(Link))
