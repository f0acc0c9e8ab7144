"""Merged deals: the links follow to the deal that is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lambdas.shared.adapters.ledger.link_table import LIVE, RAISE, RAISE_AFTER_MS
from lambdas.shared.adapters.ledger.origins import ORIGIN_SORT, merged_names, origin_key
from lambdas.shared.adapters.ledger.table import Write
from lambdas.shared.adapters.ledger.ties import NOBODY, LinkTies
from lambdas.shared.domain.link import LINK_SORT, TWO_OPPORTUNITIES, Link, deal_pointer
from lambdas.shared.errors import Retryable

_TRIES = 4
_MOST_DEALS = 40


@dataclass(frozen=True, slots=True)
class Moved:
    """Where the links of merged deals went.

    ``link`` follows the deal that is left (None: none of the deals had a link); ``conflicts`` are links that hold a
    second opportunity, for a person; ``closed`` are links without an opportunity that were handed over.
    """

    link: str | None
    conflicts: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()

    @property
    def touched(self) -> tuple[str, ...]:
        """Links to wake: each has one more notice."""
        return (() if self.link is None else (self.link,)) + self.conflicts


class LinkMerges(LinkTies):
    """One merge is one transaction."""

    def move_deal(
        self,
        partner: str,
        old_ids: Sequence[str],
        new_id: str,
        lease_owner: str = NOBODY,
        *,
        named: str | None = None,
    ) -> Moved:
        """Point all merged deals at one link, the one that keeps its opportunity, and raise it.

        First choice is a link with an opportunity (or a create under way); among those the one that the deal names
        (``named``, None where that is not known), then the one that ``new_id`` had, then the one of the first of
        ``old_ids``: HubSpot keeps the primary deal's values, so that its opportunity is the one that the deal will
        name; then the oldest. Other links with an opportunity get state ``conflict`` and keep it; the rest is handed
        over. Retryable while another run than ``lease_owner`` works on a link that is to be handed over. Safe to
        repeat, and with the deal alone (no ``old_ids``) what lets a person choose the opportunity to go on with.
        """
        ids = list(dict.fromkeys([new_id, *old_ids]))
        if len(ids) > _MOST_DEALS:
            raise ValueError(f"{len(ids)} merged deals at once; allowed: {_MOST_DEALS}")
        for _ in range(_TRIES):
            pointers = self.for_deals(partner, ids)
            found = {link.key: link for key in set(pointers.values()) if (link := self.follow(key))}
            if not found:
                return Moved(None)
            self._note_merged(ids[1:], new_id)
            found |= self._holding(partner, named, ids)
            first = next(iter(old_ids), None)
            keeper, *others = _ranked(found, named, (pointers.get(new_id), pointers.get(first) if first else None))
            rivals = [link for link in others if _holds(link)]
            halves = [link for link in others if not _holds(link)]
            self._wait_for_runs(halves, lease_owner)
            writes = [self._pointing(deal_pointer(partner, each), keeper.key, pointers.get(each)) for each in ids]
            writes.append(self._following(keeper, new_id))
            writes += [self._opposing(link, new_id) for link in rivals]
            writes += [self._closing(link, keeper.key, lease_owner) for link in halves]
            if not self._table.transact(writes):
                return Moved(keeper.key, tuple(x.key for x in rivals), tuple(x.key for x in halves))
        raise Retryable(f"the links of the deals merged into {new_id} are moving")

    def _note_merged(self, old_ids: Sequence[str], new_id: str) -> None:
        """What partners wrote is marked under the old ids (see ``Origins``): whoever reads the deal has to find it."""
        if names := merged_names(old_ids):
            expression = ", ".join(f"#{name} = :one" for name in names)
            self._table.update(origin_key("deals", new_id), ORIGIN_SORT, f"SET {expression}", {"one": 1}, names=names)

    def _holding(self, partner: str, named: str | None, deal_ids: Sequence[str]) -> dict[str, Link]:
        """The link of the opportunity that the deal names, if it is one of these deals': no pointer leads to it after
        an earlier merge put it second."""
        key = self.for_opportunities(partner, [named]).get(named) if named else None
        link = self.follow(key) if key else None
        return {link.key: link} if link is not None and link.deal_id in deal_ids else {}

    def _wait_for_runs(self, links: Sequence[Link], lease_owner: str) -> None:
        now = self._clock.now_ms()
        if busy := [link.key for link in links if link.leased(now) and link.lease_owner != lease_owner]:
            raise Retryable(f"a run is working on {', '.join(busy)}, which a merge is about to hand over")

    def _following(self, link: Link, new_id: str) -> Write:
        return self._moving(link, new_id, "", {})

    def _opposing(self, link: Link, new_id: str) -> Write:
        more = ", #state = :state, #reason = :reason"
        return self._moving(link, new_id, more, {"state": "conflict", "reason": TWO_OPPORTUNITIES})

    def _moving(self, link: Link, new_id: str, more: str, values: dict[str, str]) -> Write:
        now = self._clock.now_ms()
        return self._table.updating(
            link.key,
            LINK_SORT,
            f"{RAISE}, #deal_id = :deal_id{more}",
            {"one": 1, "soon": now + RAISE_AFTER_MS, "now": now, "deal_id": new_id} | values,
            condition=LIVE,
        )


def _holds(link: Link) -> bool:
    """A create under way may have made an opportunity: it counts as one."""
    return link.opportunity_id is not None or bool(link.attempt)


def _ranked(found: dict[str, Link], named: str | None, preferred: Sequence[str | None]) -> list[Link]:
    """``preferred`` are links' keys, the better one first."""

    def rank(link: Link) -> tuple[object, ...]:
        is_named = named is not None and link.opportunity_id == named
        return (not _holds(link), not is_named, *(link.key != key for key in preferred), link.created_at, link.key)

    return sorted(found.values(), key=rank)
