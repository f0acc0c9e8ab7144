"""Deal and opportunity do not belong together as they stand: nothing is synced until a person has decided. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lambdas.shared.domain.link import TWO_OPPORTUNITIES, Link
from lambdas.shared.domain.messages import record_fact
from lambdas.shared.domain.partner_view import Partner
from lambdas.shared.domain.plan import Plan
from lambdas.shared.domain.status import status_changes
from lambdas.shared.domain.values import Context


def two_opportunities(
    deal: Mapping[str, Any], tied: str, named: str | None, partner: Partner, context: Context
) -> Plan:
    """The deal is tied to one opportunity and ``named`` another, or was merged with a deal that has another."""
    both = " and ".join(each for each in (tied, named) if each)
    name = context.partner["status_properties"]["opportunity_id"]
    text = (
        f"Two {partner.label} opportunities ({both}) belong to this one deal, so nothing is synced. To go on with "
        f"{tied}, write {tied} into the deal property {name!r} and close the other at {partner.label}."
    )
    return _plan(deal, partner, context, TWO_OPPORTUNITIES, text)


def second(tied: str, leader: Link, partner: Partner, context: Context) -> Plan:
    """The deal was merged with another one and goes on with the opportunity of ``leader``. It is told in a task and
    nowhere else: the deal's status says how that one's sync stands."""
    name = context.partner["status_properties"]["opportunity_id"]
    kept = leader.opportunity_id or "one that is being created"
    text = (
        f"Since it was merged with another deal, two {partner.label} opportunities belong to this one. It goes on with "
        f"{kept}; {tied} is not synced any more: please close it at {partner.label}. To go on with {tied} instead, "
        f"write {tied} into the deal property {name!r}, and close the other one."
    )
    key = f"conflict:second-opportunity:{leader.opportunity_id}"
    fact = record_fact(key, f"Close this deal's second {partner.label} opportunity", text)
    return Plan("none", "conflict", tell=(fact,), reason=TWO_OPPORTUNITIES)


def missing(deal: Mapping[str, Any], tied: str, partner: Partner, context: Context) -> Plan:
    """The partner does not show the opportunity any more."""
    text = f"{partner.label} has no opportunity {tied} any more, or does not show it to us. Nothing was changed."
    return _plan(deal, partner, context, "the opportunity is missing", text)


def several(deal: Mapping[str, Any], candidates: Sequence[str], partner: Partner, context: Context) -> Plan:
    """An earlier create had no answer, and more than one record may be what it made."""
    name = context.partner["status_properties"]["opportunity_id"]
    text = (
        f"{partner.label} did not answer when this deal's opportunity was created, and has more than one that may be "
        f"it: {', '.join(candidates)}. Write the right one into the deal property {name!r}."
    )
    return _plan(deal, partner, context, "several records of one create", text)


def of_another_deal(
    deal: Mapping[str, Any], opportunity_id: str, holder: Link, partner: Partner, context: Context
) -> Plan:
    """The opportunity that this deal is to be tied to is another deal's (``holder``)."""
    name = context.partner["status_properties"]["opportunity_id"]
    text = (
        f"The {partner.label} opportunity {opportunity_id} belongs to the deal {holder.deal_id} already, so nothing is "
        f"synced. Merge the two deals, or empty this deal's property {name!r} to share it on its own."
    )
    return _plan(deal, partner, context, "the opportunity belongs to another deal", text)


def _plan(deal: Mapping[str, Any], partner: Partner, context: Context, reason: str, text: str) -> Plan:
    names = context.partner["status_properties"]
    wanted = {"sync_status": "conflict", "sync_message": text}
    fact = record_fact(f"conflict:{reason.replace(' ', '-')}", f"Look at this deal's {partner.label} opportunity", text)
    changes = status_changes(deal, names, wanted, context.now_ms)
    return Plan("none", "conflict", deal=changes, tell=(fact,), reason=reason)
