"""Deals that a person named on a command line: the links that belong to them, and what is said of an id that nobody
knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cli.main import UserError
from lambdas.shared.domain.link import Link, link_key


def keys_of(deal_id: str, links: Any, partners: Iterable[str] | None = None) -> set[str]:
    """Keys of the links of a deal, and those that it would have been born with: a link may be gone from it since."""
    from config.rooms import ROOMS

    found: set[str] = set()
    for partner in ROOMS if partners is None else partners:
        found |= {link_key(partner, deal_id=deal_id), *links.for_deals(partner, [deal_id]).values()}
    return found


def links_of(deal_id: str, links: Any, partners: Iterable[str] | None = None) -> list[Link]:
    """The links that there are of a deal."""
    return list(links.get_many(sorted(keys_of(deal_id, links, partners))).values())


def unknown(deal_id: str, what: str) -> UserError:
    """The error of a deal of which there is neither a link nor ``what``."""
    return UserError(
        f"nothing is known of a deal {deal_id}: no link, and no {what}. If HubSpot has it, "
        f"`cosell backfill --deal {deal_id}` says what would become of it"
    )


def check_linked(deal_ids: Sequence[str], links: Any, hubspot: Any, partners: Sequence[str]) -> None:
    """``UserError`` for the first of the deals that has no link with one of ``partners``; it says where to look."""
    for deal_id in deal_ids:
        held = links_of(deal_id, links, partners)
        if any(one.deal_id == deal_id and not one.handed_over for one in held):
            continue
        moved = next((one.deal_id for one in held if one.deal_id not in (None, deal_id)), None)
        if moved is not None:
            raise UserError(f"the deal {deal_id} was merged into {moved}, which has its link now: --deal {moved}")
        check_there([deal_id], hubspot)
        raise UserError(
            f"the deal {deal_id} has no link with {', '.join(partners)}: `cosell backfill --deal {deal_id}` says why, "
            "and what would become of it"
        )


def check_there(deal_ids: Sequence[str], hubspot: Any) -> None:
    """``UserError`` for deals that HubSpot does not have, all of them at once."""
    wrong = [one for one in deal_ids if not one.isdecimal()]
    if wrong:
        raise UserError(f"{', '.join(map(repr, wrong))} is no deal's id; allowed: the digits in the deal's address")
    found = hubspot.batch_read_deals(deal_ids, ["dealname"])
    missing = [one for one in deal_ids if one not in found]
    if missing:
        word = "deals" if len(missing) > 1 else "deal"
        raise UserError(f"HubSpot has no {word} {', '.join(missing)}, and there is no link")
