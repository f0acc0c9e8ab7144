"""The deal that is made of an invitation at once, before anybody has answered it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lambdas.aws.domain import invitation_document as stands
from lambdas.aws.domain.invitation_matches import Candidate, matches_text, ranked
from lambdas.aws.domain.partner import Aws
from lambdas.shared.domain.inbound import make_deal
from lambdas.shared.domain.link import Link
from lambdas.shared.domain.plan import People
from lambdas.shared.domain.values import Context

_ASKS = "AWS invites us; the question follows in a moment. Nothing is shared with AWS."


@dataclass(frozen=True, slots=True)
class NewDeal:
    """Properties of the deal (the unique invitation id among them) and who comes with it."""

    properties: Mapping[str, str]
    people: People = field(default_factory=People)


def deal_of_invitation(
    invitation: Mapping[str, Any], settings: Mapping[str, Any], now_ms: int, candidates: Sequence[Candidate] = ()
) -> NewDeal:
    """``settings`` is the whole settings document, ``candidates`` the deals that the invitation may be about.

    What AWS shows goes through the field map as an opportunity's would; nothing else is filled in.
    """
    aws = settings["partners"]["aws"]
    context = Context(now_ms, aws, settings.get("hubspot") or {})
    partner, document = Aws(aws), stands.as_opportunity(invitation)
    facts = partner.facts(document)
    link = Link("aws", "invitation", "invitation", invitation_id=str(invitation["Id"]))
    plan = make_deal(link, document, facts, partner, context)
    names = aws["status_properties"]
    shown = {
        "invitation_status": invitation.get("Status"),
        "invitation_expires": _day(stands.ends_at(invitation), context),
        "invitation_matches": _matches(invitation, candidates),
        "sync_status": "waiting",
        "sync_message": _ASKS,
        "lead_status": "invited" if stands.is_lead(invitation) else None,
    }
    added = {names[role]: text for role, text in shown.items() if text and role in names}
    return NewDeal({**plan.deal, **added}, plan.deal_people or People())


def facts_of(invitation: Mapping[str, Any]) -> dict[str, Any]:
    """What the ledger keeps of an invitation: nothing of the customer's."""
    return {
        "status": invitation.get("Status"),
        "ends_at": stands.ends_at(invitation),
        "kind": "lead" if stands.is_lead(invitation) else "opportunity",
        "engagement_id": invitation.get("EngagementId"),
    }


def _matches(invitation: Mapping[str, Any], candidates: Sequence[Candidate]) -> str:
    customer = stands.customer_of(invitation)
    domain = stands.domain_of(customer.get("WebsiteUrl"))
    return matches_text(ranked(candidates, stands.title_of(invitation), customer.get("CompanyName"), domain))


def _day(moment_ms: int | None, context: Context) -> str | None:
    return None if moment_ms is None else datetime.fromtimestamp(moment_ms / 1000, context.zone).date().isoformat()
