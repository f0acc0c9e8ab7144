"""Starts AWS's task that accepts an invitation to an opportunity, once it is decided that it is accepted."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdas.aws.handlers.acceptance import refused, state_of_known, state_of_task
from lambdas.aws.handlers.asking_deal import AskingDeal, on_record
from lambdas.shared.adapters.ledger import Invitation
from lambdas.shared.adapters.ledger.invitations import ACCEPTED, DECLINED
from lambdas.shared.errors import NotFound, Rejected
from lambdas.shared.handlers.turn import Turn
from lambdas.shared.handlers.vendor_write import recorded
from lambdas.shared.runtime import Answer, Event, entry_point


@dataclass(frozen=True)
class Collaborators:
    """What the function works with."""

    partner_central: Any
    invitations: Any
    audit: Any
    deal: AskingDeal
    leads: Any = None
    new_token: Callable[[], str] = lambda: secrets.token_hex(16)
    turn: Turn = field(default_factory=Turn)


def start_acceptance(event: Event, c: Collaborators) -> Answer:
    """Answer ``{"state": "running" | "complete" | "declined", "task_id"?, "opportunity_id"?, "deal_id"?}``.

    Safe to repeat: the token is stored before the call, and AWS answers a repeated call with the task as it is.
    ``decide_invitation`` has said that it is to be accepted. One that AWS refused to let us accept is declined with
    AWS's reason, and not asked for again. The call is on record under the invitation's key. ``deal_id`` is the deal
    that is to have the opportunity, if a person named or answered on one.
    """
    run, invitation_id = event["run"], event["invitation"]
    known = c.invitations.get(invitation_id)
    if known is not None and known.state == ACCEPTED:
        return state_of_known(known)
    if known is not None and known.state == DECLINED:
        return {"state": "declined"}
    if known is not None and known.kind == "lead":
        c.invitations.expect(invitation_id)
    token = c.invitations.begin(invitation_id, c.new_token())
    c.turn.wait(event["at"])
    changes = [{"field": "invitation", "after": invitation_id}]
    try:
        with recorded(c.audit, None, on_record(run, invitation_id), "StartAcceptance", changes) as done:
            task = _start(token, invitation_id, known, c)
            done(task_id=task["task_id"], status=task["status"])
    except (Rejected, NotFound) as error:
        return refused(event, str(error), c)
    return state_of_task(event, task, c)


def _start(token: str, invitation_id: str, known: Invitation | None, c: Collaborators) -> Mapping[str, Any]:
    """An invitation is accepted; of a lead that is accepted already, an opportunity is made."""
    if known is None or known.kind != "lead":
        return c.partner_central.start_acceptance(token, invitation_id)
    return c.leads.start_opportunity(token, known.engagement_id, known.context_id)


def _collaborators() -> Collaborators:
    from lambdas.aws.wiring import PARTNER, leads, partner_central
    from lambdas.shared import wiring

    deal = AskingDeal(wiring.links(), wiring.inbox(PARTNER))
    return Collaborators(partner_central(), wiring.invitations(PARTNER), wiring.audit(), deal, leads())


handler = entry_point(start_acceptance, _collaborators)
