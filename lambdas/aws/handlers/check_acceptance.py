"""Looks at an acceptance task once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lambdas.aws.handlers.acceptance import state_of_task
from lambdas.aws.handlers.asking_deal import AskingDeal
from lambdas.shared.errors import NotFound
from lambdas.shared.runtime import Answer, Event, entry_point


@dataclass(frozen=True)
class Collaborators:
    """What the function works with."""

    partner_central: Any
    invitations: Any
    deal: AskingDeal
    leads: Any = None


def check_acceptance(event: Event, c: Collaborators) -> Answer:
    """Same answer as ``start_acceptance``; a task that the list does not show yet is still running."""
    try:
        known = c.invitations.get(event["invitation"])
        lead = known is not None and known.kind == "lead"
        task = (c.leads.opportunity_task if lead else c.partner_central.acceptance_task)(event["task_id"])
    except NotFound:
        return {"state": "running", "task_id": event["task_id"]}
    return state_of_task(event, task, c)


def _collaborators() -> Collaborators:
    from lambdas.aws.wiring import PARTNER, leads, partner_central
    from lambdas.shared import wiring

    deal = AskingDeal(wiring.links(), wiring.inbox(PARTNER))
    return Collaborators(partner_central(), wiring.invitations(PARTNER), deal, leads())


handler = entry_point(check_acceptance, _collaborators)
