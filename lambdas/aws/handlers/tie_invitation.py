"""Puts the opportunity of an accepted invitation on the deal that is to have it; the sync then adopts it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lambdas.aws.handlers.asking_deal import AskingDeal, on_record
from lambdas.shared.adapters.ledger.invitations import ACCEPTED
from lambdas.shared.errors import Conflict, NotFound
from lambdas.shared.handlers.vendor_write import recorded
from lambdas.shared.runtime import Answer, Event, count, entry_point, logger


@dataclass(frozen=True)
class Collaborators:
    """What the function works with. ``settings`` is AWS's part of the settings."""

    hubspot: Any
    invitations: Any
    links: Any
    audit: Any
    deal: AskingDeal
    settings: Mapping[str, Any]


def tie_invitation(event: Event, c: Collaborators) -> Answer:
    """``invitation``, ``opportunity_id`` and ``deal_id`` to an id on the deal and a woken link. Answer ``{"deal_id"}``.

    The deal that asks takes the place of one that was deleted or got another opportunity meanwhile; where that cannot
    take it either, the opportunity's link is opened and a deal is made of it. Where another deal carries the id
    already, that one is the deal. Safe to repeat.
    """
    run, invitation_id, opportunity_id = event["run"], event["invitation"], event["opportunity_id"]
    known = c.invitations.get(invitation_id)
    asking = known.deal_id if known is not None else None
    taker = _write(run, invitation_id, opportunity_id, dict.fromkeys([event["deal_id"], asking or event["deal_id"]]), c)
    c.invitations.finish(invitation_id, ACCEPTED, opportunity_id=opportunity_id, wanted_deal=taker)
    if taker is None:
        logger.warning("no deal takes the accepted opportunity; a new one is made", extra={"invitation": invitation_id})
        count("InvitationWithoutDeal")
        key = c.links.open_for_opportunity(run["partner"], opportunity_id, origin="invitation")
    else:
        key = c.links.open_for_deal(run["partner"], taker, "invitation", invitation_id if taker == asking else None)
    c.invitations.close(invitation_id)
    c.deal.send(key, run.get("correlation_id", "none"))
    if asking is not None and taker != asking:
        c.deal.wake(c.invitations.get(invitation_id), run.get("correlation_id", "none"))
    return {"deal_id": taker}


def _write(
    run: Mapping[str, Any], invitation_id: str, opportunity_id: str, deals: Mapping[str, None], c: Collaborators
) -> str | None:
    """The id onto the first of ``deals`` that is there and has none; the deal that carries it now, or None."""
    name = c.settings["status_properties"]["opportunity_id"]
    read = c.hubspot.batch_read_deals(list(deals), [name])
    for deal_id in deals:
        if deal_id not in read or read[deal_id].get(name) not in (None, "", opportunity_id):
            continue
        if read[deal_id].get(name) == opportunity_id:
            return deal_id
        changes = [{"field": "opportunity_id", "after": opportunity_id}]
        filed = {**on_record(dict(run), invitation_id), "deal_id": deal_id}
        try:
            with recorded(c.audit, None, filed, "UpdateDeal", changes):
                c.hubspot.update_deal(deal_id, {name: opportunity_id})
            return deal_id
        except Conflict:
            if (carrier := c.hubspot.find_deal(name, opportunity_id)) is None:
                raise
            return carrier
        except NotFound:
            continue
    return None


def _collaborators() -> Collaborators:
    from lambdas.aws.wiring import PARTNER, settings
    from lambdas.shared import wiring

    links = wiring.links()
    return Collaborators(
        wiring.hubspot(),
        wiring.invitations(PARTNER),
        links,
        wiring.audit(),
        AskingDeal(links, wiring.inbox(PARTNER)),
        settings(),
    )


handler = entry_point(tie_invitation, _collaborators)
