"""Looks at every tagged deal and every opportunity of a partner, and finds what a backfill would make of each.

Nothing is written. A deal or an opportunity that is linked costs a look into the ledger; any other is read as a run
would read it, and its plan is rehearsed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from cli.pace import Pace
from cli.sync_access import Access, PartnerAccess
from lambdas.shared.domain.backfill import (
    Finding,
    Foreseen,
    Tagged,
    before_rehearsal,
    of_deal,
    of_linked,
    of_opportunity,
    same_title,
    search_word,
    title_of,
)
from lambdas.shared.domain.link import Link
from lambdas.shared.domain.tags import Tagging
from lambdas.shared.errors import Conflict, CosellError, Unauthorized
from lambdas.shared.handlers.rehearsal import rehearse

BEGINNING = "2000-01-01T00:00:00Z"
"""Every opportunity that a partner has was changed since."""

_ADOPTIONS = 3
_BATCH = 100


@dataclass
class Paces:
    """``searches`` for HubSpot's search (5 a second for the whole account), ``lists`` for pages of a partner's list,
    ``records`` for records that are read as a run reads them: three or four calls to HubSpot, one or two to the
    partner."""

    searches: Pace
    lists: Pace
    records: Pace

    @classmethod
    def of(cls, access: Access, records_per_second: float) -> Paces:
        """Paces that leave the live sync most of every limit."""
        return cls(access.pace(3), access.pace(2), access.pace(records_per_second))


@dataclass
class Looker:
    """One partner's backlog. ``all_the_same``: create although an opportunity that nobody claims has the same title.

    ``skip(record)`` leaves a record out that an earlier start has dealt with. ``tell(what, number)`` follows the
    listing, ``ahead(number)`` hears how many records there are to look at.
    """

    access: Access
    partner: PartnerAccess
    paces: Paces
    all_the_same: bool = False
    skip: Callable[[str], bool] = lambda _record: False
    tell: Callable[[str, int], None] = lambda _what, _number: None
    ahead: Callable[[int], None] = lambda _number: None
    _claims: dict[str, list[str]] = field(default_factory=dict)
    _unclaimed: dict[str, list[str]] = field(default_factory=dict)

    def findings(self, deal_ids: Sequence[str] | None = None) -> Iterator[Finding]:
        """One finding after the other: opportunities first, since one that names a deal must be known before the deal
        is looked at. ``deal_ids`` limits what is told to these deals and to what belongs to them."""
        deals, opportunities = self.deals(deal_ids), self._listed()
        self.ahead(len(deals) + len(opportunities))
        for finding in self._of_opportunities(opportunities):
            if finding.deal_id is not None and finding.deal_id in deals:
                continue  # the deal's own line says it
            if deal_ids is None or finding.deal_id in deal_ids:
                yield finding
        yield from self._of_deals(deals)

    def deals(self, deal_ids: Sequence[str] | None = None) -> dict[str, Tagged]:
        """Tagged deals by id, by HubSpot's search or (``deal_ids``) as they were named, tagged or not."""
        names = self.partner.settings["status_properties"]
        id_property = names["opportunity_id"]
        found: dict[str, Tagged] = {}
        if deal_ids is not None:
            wanted = list(deal_ids)
            read = self.paces.searches.patiently(
                lambda: self.access.hubspot.batch_read_deals(wanted, ("dealname", id_property))
            )
            return {key: _tagged(key, values, id_property) for key, values in read.items()}
        tagging = Tagging.of(self.partner.settings)
        word, after = search_word(tagging.tag) if tagging.in_name else None, None
        wanted = (id_property, *tagging.properties)
        while True:
            rows, after = self.paces.searches.patiently(
                lambda behind=after: self.access.hubspot.deals_with_word(word, behind, wanted, tagging.in_property)
            )
            for row in rows:
                if tagging.on(row.properties):
                    found[row.deal_id] = _tagged(row.deal_id, row.properties, id_property)
            self.tell("deals", len(found))
            if after is None:
                return found

    def _of_opportunities(self, listed: Sequence[str]) -> Iterator[Finding]:
        for start in range(0, len(listed), _BATCH):
            batch = listed[start : start + _BATCH]
            known = self._links(self.access.links.for_opportunities(self.partner.name, batch))
            for opportunity_id in batch:
                link = known.get(opportunity_id)
                if link is not None and link.deal_id is not None:
                    yield of_linked(link, kind="opportunity")
                elif not self.skip(f"opportunity#{self.partner.name}#{opportunity_id}"):
                    look = partial(self._opportunity, opportunity_id, link)
                    yield self._guarded(None, opportunity_id, look)

    def _listed(self) -> list[str]:
        """The ids of the partner's own list; what moves while it is read is told once."""
        page, told = None, dict[str, None]()
        while True:
            listed = self.paces.lists.patiently(
                lambda token=page: self.partner.stage.opportunities.list_changed(BEGINNING, token)
            )
            told |= dict.fromkeys(one["id"] for one in listed["items"])
            self.tell("opportunities", len(told))
            page = listed["next"]
            if page is None:
                return list(told)

    def _opportunity(self, opportunity_id: str, link: Link | None) -> Finding:
        name = self.partner.name
        start = link or Link(name, f"o{opportunity_id}", "opportunity", opportunity_id=opportunity_id)
        document, foreseen = self.foresee(start)
        title = title_of(document, self.partner.rules)
        deal_id = foreseen.adopted.get("deal_id")
        if deal_id is not None:
            self._claims.setdefault(deal_id, []).append(opportunity_id)
        elif title:
            key = same_title(title, self.partner.settings.get("all_tags") or ())
            self._unclaimed.setdefault(key, []).append(opportunity_id)
        return of_opportunity(name, opportunity_id, title, foreseen)

    def _of_deals(self, deals: Mapping[str, Tagged]) -> Iterator[Finding]:
        ids = list(deals)
        for start in range(0, len(ids), _BATCH):
            batch = ids[start : start + _BATCH]
            known = self._links(self.access.links.for_deals(self.partner.name, batch))
            for deal_id in batch:
                if self.skip(f"deal#{self.partner.name}#{deal_id}"):
                    continue
                deal = replace(deals[deal_id], claims=tuple(self._claims.get(deal_id, ())))
                yield self._guarded(deal, None, partial(self._deal, deal, known.get(deal_id)))

    def _deal(self, deal: Tagged, link: Link | None) -> Finding:
        name = self.partner.name
        known = before_rehearsal(name, deal, link)
        if known is not None:
            return known
        start = link or Link(name, f"d{deal.deal_id}", "deal", deal_id=deal.deal_id)
        if deal.claims:
            start = replace(start, opportunity_id=deal.claims[0])
        _, foreseen = self.foresee(start)
        names = self.partner.settings["status_properties"]
        key = same_title(deal.name, self.partner.settings.get("all_tags") or ())
        alike = () if self.all_the_same else self._unclaimed.get(key, ())
        return of_deal(name, deal, foreseen, id_property=names["opportunity_id"], alike=alike)

    def foresee(self, link: Link) -> tuple[Mapping[str, Any] | None, Foreseen]:
        """The rehearsal of the link's next runs, until one ties no further record: the opportunity's document where
        there is one, and what was found."""
        adopted: dict[str, str] = {}
        opportunity: Mapping[str, Any] | None = None
        for _ in range(_ADOPTIONS):
            found = self.paces.records.patiently(lambda one=link: rehearse(one, self.partner.stage))
            opportunity = found.opportunity or opportunity
            if found.plan is None or found.plan["outcome"] != "adopt":
                return opportunity, Foreseen(str(found.deal["deal"]), found.plan, adopted)
            adopted |= found.plan["adopt"]
            link = replace(link, **found.plan["adopt"])
        raise Conflict(f"{link.key} is tied to one record after the other: {', '.join(adopted.values())}")

    def _links(self, keys: Mapping[str, str]) -> dict[str, Link]:
        found = self.access.links.get_many(keys.values())
        return {record: found[key] for record, key in keys.items() if key in found}

    def _guarded(self, deal: Tagged | None, opportunity_id: str | None, look: Callable[[], Finding]) -> Finding:
        """A record that cannot be read is a line like any other; where we are let in no more, it is all over."""
        try:
            return look()
        except Unauthorized:
            raise
        except CosellError as error:
            why = f"it could not be read: {type(error).__name__}: {error}"
            if deal is None:
                return Finding(self.partner.name, "opportunity", None, opportunity_id, "cannot", why)
            return Finding(self.partner.name, "deal", deal.deal_id, None, "cannot", why, deal.name)


def _tagged(deal_id: str, values: Mapping[str, str | None], id_property: str) -> Tagged:
    return Tagged(deal_id, values.get("dealname") or "", (values.get(id_property) or "").strip() or None)


def limited(findings: Iterable[Finding], limit: int | None) -> Iterator[Finding]:
    """The findings up to the ``limit``-th for which something is to be done."""
    left = limit
    for finding in findings:
        if finding.by is not None and left is not None:
            if left <= 0:
                return
            left -= 1
        yield finding
