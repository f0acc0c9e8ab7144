"""Makes the deal on which a person is asked about an invitation, with the deals that it may be about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from lambdas.aws.domain import invitation_document as stands
from lambdas.aws.domain.invitation_deal import NewDeal, deal_of_invitation, facts_of
from lambdas.aws.domain.invitation_matches import Candidate, words_of
from lambdas.aws.handlers.asking_deal import AskingDeal, on_record
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.errors import Conflict, Problem, Rejected
from lambdas.shared.handlers.deal_people import company_writes, ensure_each
from lambdas.shared.handlers.trail import Trail
from lambdas.shared.handlers.vendor_write import recorded
from lambdas.shared.runtime import Answer, Event, count, entry_point, logger


@dataclass(frozen=True)
class Collaborators:
    """What the function works with. ``settings`` is the whole settings document."""

    hubspot: Any
    invitations: Any
    runs: Any
    audit: Any
    origins: Any
    deal: AskingDeal
    settings: Mapping[str, Any]
    clock: Clock = field(default_factory=SystemClock)


def ask_on_deal(event: Event, c: Collaborators) -> Answer:
    """``invitation``, whose document is in the run item, to a deal that asks. Answer ``{"deal_id", "created"}``.

    Safe to repeat: the deal carries the invitation's id in a unique property, so HubSpot refuses a second one, and the
    first is found by it. The deal's link is opened with the invitation on it, and woken: its sync puts the question.
    """
    run, invitation_id = event["run"], event["invitation"]
    document = c.runs.get(run["run_id"], "invitation")["invitation"]
    unique = c.settings["partners"]["aws"]["status_properties"]["invitation_id"]
    found = c.hubspot.find_deal(unique, invitation_id)
    new = None
    if found is None:
        new = deal_of_invitation(document, c.settings, c.clock.now_ms(), _candidates(document, c))
        found = _make(on_record(run, invitation_id), new, unique, c)
        count("InvitationsAsked")
    c.invitations.asked(invitation_id, found, facts_of(document), stands.mark_of_invitation(document))
    c.deal.wake(c.invitations.get(invitation_id), run.get("correlation_id", "none"))
    return {"deal_id": found, "created": new is not None}


def _candidates(document: Mapping[str, Any], c: Collaborators) -> list[Candidate]:
    """Deals that HubSpot's search finds. A search that fails is no reason to make no deal."""
    names, customer = c.settings["partners"]["aws"]["status_properties"], stands.customer_of(document)
    taken = (names["opportunity_id"], names["invitation_id"])
    words = words_of(stands.title_of(document), customer.get("CompanyName"))
    try:
        found = c.hubspot.similar_deals(stands.domain_of(customer.get("WebsiteUrl")), words, taken)
    except Rejected as error:
        logger.warning("no deals to suggest", extra={"reason": str(error)})
        return []
    return [
        Candidate(
            one.deal_id,
            str(one.properties.get("dealname") or ""),
            one.same_domain,
            any(one.properties.get(name) for name in taken),
        )
        for one in found
    ]


def _make(run: Mapping[str, Any], new: NewDeal, unique: str, c: Collaborators) -> str:
    names = c.settings["partners"]["aws"]["status_properties"]
    trail = Trail(c.origins, run["partner"], c.settings["partners"]["aws"])
    refused: list[Problem] = []
    companies = ensure_each(company_writes(asdict(new.people), names, trail, c.hubspot), "company", refused, run, c)
    changes = [{"field": name, "after": text} for name, text in sorted(new.properties.items())]
    invitation_id = new.properties[unique]
    trail.before_deal(invitation_id, new.properties)
    with recorded(c.audit, None, run, "CreateDeal", changes) as done:
        try:
            made: Mapping[str, Any] = c.hubspot.create_deal(new.properties, next(iter(companies), None), ())
        except Conflict:
            made = {"id": c.hubspot.find_deal(unique, invitation_id), "properties": {}}
            if made["id"] is None:
                raise
        done(deal_id=made["id"])
    trail.after_update(made["id"], new.properties, made["properties"])
    return made["id"]


def _collaborators() -> Collaborators:
    from lambdas.aws.wiring import PARTNER
    from lambdas.shared import wiring

    return Collaborators(
        wiring.hubspot(),
        wiring.invitations(PARTNER),
        wiring.runs(),
        wiring.audit(),
        wiring.origins(),
        AskingDeal(wiring.links(), wiring.inbox(PARTNER)),
        wiring.settings(),
    )


handler = entry_point(ask_on_deal, _collaborators)
