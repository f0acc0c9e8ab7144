"""Counts at the vendors: what each partner holds, what stands there twice, and what never arrived."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.google.schema import get
from sandbox.world import World


@dataclass(frozen=True, kw_only=True)
class Held:
    """One partner's records by id. ``claims`` of them that we made say for which deal, in the partner's own terms."""

    partner: str
    tag: str
    property: str
    records: frozenset[str]
    claims: tuple[Hashable, ...]


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What there is of the tagged deals at one partner; ``lost`` are deals whose record is not there."""

    partner: str
    tagged: int
    records: int
    duplicates: int
    lost: tuple[str, ...]


def count_all(world: World, deal_ids: Iterable[str]) -> list[Counted]:
    """The counts of all three partners over these deals."""
    deals = {deal_id: world.deal(deal_id) for deal_id in deal_ids}
    partners = world.settings["partners"]
    return [
        _count(
            Held(
                partner=partner,
                tag=partners[partner]["tag"],
                property=partners[partner]["status_properties"]["opportunity_id"],
                records=frozenset(records),
                claims=tuple(claim for claim in records.values() if claim),
            ),
            deals,
        )
        for partner, look in _LOOKS.items()
        for records in [look(world)]
    ]


def _count(held: Held, deals: Mapping[str, Mapping[str, str]]) -> Counted:
    tagged = {deal_id: deal for deal_id, deal in deals.items() if held.tag in deal["dealname"]}
    named = Counter(deal.get(held.property) for deal in deals.values() if deal.get(held.property))
    twice = [*named.values(), *Counter(held.claims).values()]
    return Counted(
        partner=held.partner,
        tagged=len(tagged),
        records=len(held.records),
        duplicates=sum(count - 1 for count in twice),
        lost=tuple(deal_id for deal_id, deal in tagged.items() if deal.get(held.property) not in held.records),
    )


def _aws(world: World) -> dict[str, Hashable]:
    return {name: one.document.get("PartnerOpportunityIdentifier") for name, one in world.opportunities().items()}


def _microsoft(world: World) -> dict[str, Hashable]:
    return {name: one["externalReferenceId"] for name, one in world.microsoft.referrals.documents.items()}


def _google(world: World) -> dict[str, Hashable]:
    """Google keeps no reference of ours: two records of ours with one name and customer are the same deal's."""
    found = world.google.state.opportunities.values()
    return {one.name.removeprefix("opportunities/"): _google_claim(one.document) for one in found}


def _google_claim(document: Mapping[str, Any]) -> Hashable:
    if "creatorEmail" not in document:
        return None  # Google's own
    names = ("opportunityInfo.displayName", "customerInfo.customerDetails.organizationName")
    return tuple(get(document, name) for name in names)


_LOOKS: Mapping[str, Callable[[World], dict[str, Hashable]]] = {
    "aws": _aws,
    "microsoft": _microsoft,
    "google": _google,
}
