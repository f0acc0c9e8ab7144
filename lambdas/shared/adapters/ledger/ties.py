"""Tying a deal and an opportunity to one link, also when each of them already has half a link of its own.

An event may overtake our own create, and a webhook our own inbound deal: then two *half links* stand, one with the
deal and no opportunity, one with the opportunity and no deal. One of them is handed over: its pointer moves, it is
closed with the reason ``handed over``, names its taker in ``handed_to`` and keeps no id, and the notices that were
counted on it are counted on the link that stays. All of that is one transaction.

Who stays: the link on which the caller works. ``tie_opportunity`` is called on the deal's half (its create answered),
``attach_deal`` on the opportunity's half (its inbound deal was made): whichever comes first wins, and the other caller
finds its link closed (Conflict, so it plans again and ends).

Never handed over, Conflict for a person instead: a link that holds both a deal and an opportunity, and a link with a
create under way (``attempt``). A half link on which another run works right now is waited for (Retryable).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from lambdas.shared.adapters.ledger.link_table import LIVE, RAISE, RAISE_AFTER_MS, LinkTable
from lambdas.shared.adapters.ledger.table import Write
from lambdas.shared.domain.link import (
    HANDED_OVER,
    LINK_SORT,
    POINTER_SORT,
    Link,
    deal_pointer,
    opportunity_pointer,
)
from lambdas.shared.errors import Conflict, Retryable

_TRIES = 4
_FREE = "(attribute_not_exists(#lease_owner) OR #lease_until < :now OR #lease_owner = :me)"
_HALF = f"{LIVE} AND attribute_not_exists(#attempt) AND {_FREE}"
_CLOSE = (
    "SET #state = :closed, #reason = :handed_over, #handed_to = :taker, #done = #wanted, #updated_at = :now "
    "REMOVE #due_at, #deal_id, #opportunity_id"
)
NOBODY = "-"
"""Lease owner of a caller that holds no lease; no run is called so."""


class LinkTies(LinkTable):
    """Each call is safe to repeat."""

    def tie_opportunity(
        self, link_key: str, opportunity_id: str, version: str | None = None, lease_owner: str = NOBODY
    ) -> Literal["tied", "already"]:
        """Give the opportunity to the link; ``version`` becomes ``partner_version``.

        Takes over an opportunity's half link without a deal. Conflict when this link has another opportunity, was
        itself handed over, or when the opportunity belongs to a link that has a deal.
        """
        for _ in range(_TRIES):
            link = self._live(link_key)
            if link.opportunity_id not in (None, opportunity_id):
                raise Conflict(f"{link_key} is tied to {link.opportunity_id}, not to {opportunity_id}")
            pointer = opportunity_pointer(link.partner, opportunity_id)
            before = self._pointed_at(pointer)
            if before == link_key and link.opportunity_id:
                return "already"
            writes = self._taking(before, "opportunity_id", opportunity_id, link_key, lease_owner)
            if not self._table.transact(
                [
                    self._pointing(pointer, link_key, before),
                    self._tying(link_key, opportunity_id, version, raised=bool(writes)),
                    *writes,
                ]
            ):
                return "tied"
        raise Retryable(f"{link_key} and {opportunity_id} are moving")

    def attach_deal(self, link_key: str, deal_id: str, lease_owner: str = NOBODY) -> Literal["attached", "already"]:
        """Give the deal to the link (of an opportunity, as a rule).

        Takes over a deal's half link without an opportunity. Conflict when this link has another deal, was itself
        handed over, or when the deal belongs to a link that has an opportunity: two opportunities on one deal.
        """
        for _ in range(_TRIES):
            link = self._live(link_key)
            if link.deal_id not in (None, deal_id):
                raise Conflict(f"{link_key} is tied to deal {link.deal_id}, not to {deal_id}")
            pointer = deal_pointer(link.partner, deal_id)
            before = self._pointed_at(pointer)
            if before == link_key and link.deal_id:
                return "already"
            writes = self._taking(before, "deal_id", deal_id, link_key, lease_owner)
            if not self._table.transact(
                [
                    self._pointing(pointer, link_key, before),
                    self._giving(link_key, "deal_id", deal_id, {}, raised=bool(writes)),
                    *writes,
                ]
            ):
                return "attached"
        raise Retryable(f"{link_key} and deal {deal_id} are moving")

    def hand_over(self, from_link: str, to_link: str, opportunity_id: str, lease_owner: str = NOBODY) -> None:
        """``from_link``, whose run found that the opportunity is ``to_link``'s, gives it up and is closed.

        ``lease_owner`` is the caller's lease on ``from_link``. Fine when it has happened already. Conflict when
        ``from_link`` does not hold the opportunity, or as in ``tie_opportunity``.
        """
        holder = self.for_opportunities(self._known(from_link).partner, [opportunity_id]).get(opportunity_id)
        if holder not in (from_link, to_link):
            raise Conflict(f"{opportunity_id} belongs to {holder}, not to {from_link}")
        self.tie_opportunity(to_link, opportunity_id, None, lease_owner)

    def _live(self, link_key: str) -> Link:
        link = self._known(link_key)
        if link.handed_over:
            raise Conflict(f"{link_key} was handed over to another link")
        return link

    def _pointed_at(self, pointer: str) -> str | None:
        """The link that a pointer names, None when nothing stands there."""
        item = self._table.get(pointer, POINTER_SORT)
        return item["link"] if item else None

    def _pointing(self, pointer: str, link_key: str, before: str | None) -> Write:
        item = {"pk": pointer, "sk": POINTER_SORT, "link": link_key}
        if before is None:
            return self._table.putting(item, "attribute_not_exists(#pk)")
        return self._table.putting(item, "#link = :before", {"before": before})

    def _tying(self, link_key: str, opportunity_id: str, version: str | None, *, raised: bool) -> Write:
        more = {"partner_version": version} if version else {}
        return self._giving(link_key, "opportunity_id", opportunity_id, more, raised=raised)

    def _giving(self, link_key: str, attribute: str, value: str, more: dict[str, str], *, raised: bool) -> Write:
        """Set an id on a live link that has none or this one; ``raised`` counts a notice on it as well."""
        now = self._clock.now_ms()
        values: dict[str, Any] = {attribute: value, **more}
        sets = ", ".join(f"#{name} = :{name}" for name in values)
        values["now"] = now
        if raised:
            values |= {"one": 1, "soon": now + RAISE_AFTER_MS}
        return self._table.updating(
            link_key,
            LINK_SORT,
            f"{RAISE if raised else 'SET #updated_at = :now'}, {sets}",
            values,
            condition=f"{LIVE} AND (attribute_not_exists(#{attribute}) OR #{attribute} = :{attribute})",
        )

    def _taking(
        self, other_key: str | None, attribute: str, value: str, link_key: str, lease_owner: str
    ) -> Sequence[Write]:
        """The write that closes the other half link, none when there is no other."""
        other = self.follow(other_key) if other_key else None
        if other is None or other.key == link_key:
            return ()
        if getattr(other, attribute) != value:
            raise Conflict(f"{value} is no longer the {attribute} of {other.key}, it is {getattr(other, attribute)}")
        missing = "deal_id" if attribute == "opportunity_id" else "opportunity_id"
        if getattr(other, missing) is not None or other.attempt:
            held = f"deal {other.deal_id}, opportunity {other.opportunity_id}"
            raise Conflict(f"{link_key} wants what {other.key} holds ({held}, create under way: {bool(other.attempt)})")
        if other.leased(self._clock.now_ms()) and other.lease_owner != lease_owner:
            raise Retryable(f"a run is working on {other.key}, which {link_key} is about to take over")
        return (self._closing(other, link_key, lease_owner),)

    def _closing(self, half: Link, taker: str, lease_owner: str = NOBODY) -> Write:
        """Close a half link, provided that it is still what was read and that nobody works on it."""
        held, missing = ("deal_id", "opportunity_id") if half.deal_id else ("opportunity_id", "deal_id")
        values = {"closed": "closed", "handed_over": HANDED_OVER, "taker": taker, "now": self._clock.now_ms()}
        return self._table.updating(
            half.key,
            LINK_SORT,
            _CLOSE,
            values | {"me": lease_owner, "held": getattr(half, held)},
            condition=f"{_HALF} AND #{held} = :held AND attribute_not_exists(#{missing})",
        )
