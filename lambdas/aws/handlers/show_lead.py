"""Puts what an accepted lead says on its deal: the contact, and the customer's problem where the deal says nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lambdas.aws.domain.lead import LeadWords, words_of_lead
from lambdas.aws.handlers.asking_deal import AskingDeal, on_record
from lambdas.shared.adapters.ledger.invitations import ASKED, JOINED
from lambdas.shared.errors import Problem
from lambdas.shared.handlers.deal_people import associate, contact_writes, ensure_each
from lambdas.shared.handlers.trail import Trail
from lambdas.shared.handlers.vendor_write import recorded
from lambdas.shared.runtime import Answer, Event, entry_point


@dataclass(frozen=True)
class Collaborators:
    """What the function works with. ``settings`` is AWS's part of the settings."""

    leads: Any
    hubspot: Any
    invitations: Any
    audit: Any
    origins: Any
    deal: AskingDeal
    settings: Mapping[str, Any]


def show_lead(event: Event, c: Collaborators) -> Answer:
    """``invitation`` of a lead that is accepted. Answer ``{"deal_id"}``. Safe to repeat; the deal is woken."""
    run, invitation_id = event["run"], event["invitation"]
    known = c.invitations.get(invitation_id)
    read = c.leads.read(known.engagement_id)
    words = words_of_lead(read["lead"])
    filed = {**on_record(run, invitation_id), "deal_id": known.deal_id}
    _contacts(filed, words, c)
    _problem(filed, known.deal_id, words, c)
    c.invitations.note(invitation_id, context_id=read["context_id"])
    if known.state == ASKED:  # accepted by a person in Partner Central
        c.invitations.decide(invitation_id, JOINED, "the lead was accepted")
    c.deal.wake(c.invitations.get(invitation_id), run.get("correlation_id", "none"))
    return {"deal_id": known.deal_id}


def _contacts(run: Mapping[str, Any], words: LeadWords, c: Collaborators) -> None:
    refused: list[Problem] = []
    trail = Trail(c.origins, run["partner"], c.settings)
    for contact_id in ensure_each(contact_writes(words.contacts, trail, c.hubspot), "contact", refused, run, c):
        associate(run, contact_id, c)


def _problem(run: Mapping[str, Any], deal_id: str, words: LeadWords, c: Collaborators) -> None:
    """The problem goes where the field map reads it, unless the deal says one."""
    rule = next((one for one in c.settings["fields"] if one["path"] == "Project.CustomerBusinessProblem"), None)
    if rule is None or words.problem is None:
        return
    held = c.hubspot.batch_read_deals([deal_id], rule["properties"]).get(deal_id)
    if held is None or any(held.get(name) for name in rule["properties"]):
        return
    written = {rule["properties"][0]: words.problem}
    trail = Trail(c.origins, run["partner"], c.settings)
    trail.before_update(deal_id, written)
    changes = [{"field": name, "after": text} for name, text in written.items()]
    with recorded(c.audit, None, run, "UpdateDeal", changes):
        trail.after_update(deal_id, written, c.hubspot.update_deal(deal_id, written)["properties"])


def _collaborators() -> Collaborators:
    from lambdas.aws.wiring import PARTNER, leads, settings
    from lambdas.shared import wiring

    return Collaborators(
        leads(),
        wiring.hubspot(),
        wiring.invitations(PARTNER),
        wiring.audit(),
        wiring.origins(),
        AskingDeal(wiring.links(), wiring.inbox(PARTNER)),
        settings(),
    )


handler = entry_point(show_lead, _collaborators)
