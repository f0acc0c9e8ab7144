"""Asks the rule whether an invitation is to be accepted, and starts AWS's acceptance task if so."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lambdas.aws.handlers.acceptance import state_of_task
from lambdas.shared.adapters.ledger import Invitation
from lambdas.shared.adapters.ledger.invitations import DECLINED
from lambdas.shared.errors import NotFound, Rejected
from lambdas.shared.handlers.turn import Turn
from lambdas.shared.handlers.vendor_write import recorded
from lambdas.shared.runtime import Answer, Event, count, entry_point, logger


@dataclass(frozen=True)
class Collaborators:
    """What the function works with. ``rule`` is ``accept-all`` or ``manual``."""

    partner_central: Any
    invitations: Any
    audit: Any
    rule: str
    new_token: Callable[[], str] = lambda: secrets.token_hex(16)
    turn: Turn = field(default_factory=Turn)


def start_acceptance(event: Event, c: Collaborators) -> Answer:
    """Answer ``{"state": "running" | "complete" | "declined", "task_id"?, "opportunity_id"?}``.

    Safe to repeat: the token is stored before the call, and AWS answers a repeated call with the task as it is.
    An invitation that is decided, expired or a lead is left alone, also when an earlier task of ours failed. One that
    AWS refused to let us accept is declined with AWS's reason, and not asked for again. The call is on record under
    the invitation's key.
    """
    invitation_id = event["invitation"]
    known = c.invitations.get(invitation_id)
    if known is not None and known.state == "accepted":
        return {"state": "complete", "task_id": known.task_id, "opportunity_id": known.opportunity_id}
    if known is not None and known.state == DECLINED:
        return {"state": "declined"}
    try:
        reason = _left_because(invitation_id, known, c)
        return _leave(invitation_id, reason, c) if reason else _begin(event, c)
    except (Rejected, NotFound) as error:
        return _leave(invitation_id, str(error), c)


def _left_because(invitation_id: str, known: Invitation | None, c: Collaborators) -> str | None:
    failed = known is not None and known.state == "failed"
    if known is not None and known.task_id is not None and not failed:
        return None
    taken = ("PENDING", "ACCEPTED") if failed else ("PENDING",)  # a task of ours may fail after it has accepted
    reason = _why_not(c.partner_central.get_invitation(invitation_id), c.rule, taken)
    return reason if known is None or known.token is None or failed else None


def _begin(event: Event, c: Collaborators) -> Answer:
    run, invitation_id = event["run"], event["invitation"]
    token = c.invitations.begin(invitation_id, c.new_token())
    c.turn.wait(event["at"])
    on_record = {**run, "link": f"invitation#{run['partner']}#{invitation_id}"}
    changes = [{"field": "invitation", "after": invitation_id}]
    with recorded(c.audit, None, on_record, "StartAcceptance", changes) as done:
        try:
            task = c.partner_central.start_acceptance(token, invitation_id)
        except (Rejected, NotFound) as error:
            c.invitations.finish(invitation_id, DECLINED, reason=str(error))
            count("AcceptanceFailed")
            logger.warning("acceptance refused", extra={"invitation": invitation_id, "reason": str(error)})
            raise
        done(task_id=task["task_id"], status=task["status"])
    return state_of_task(invitation_id, task, c.invitations)


def _why_not(invitation: dict[str, Any], rule: str, taken: tuple[str, ...]) -> str | None:
    """Why an invitation is left to a person, or None when it is to be accepted; ``taken`` are the statuses for that."""
    if invitation.get("PayloadType") != "OpportunityInvitation":
        return "it shares a lead, not an opportunity"
    if invitation.get("Status") not in taken:
        return f"it is {invitation.get('Status')}, not PENDING"
    return None if rule == "accept-all" else "invitations are decided by a person here"


def _leave(invitation_id: str, reason: str, c: Collaborators) -> Answer:
    if c.invitations.ignore(invitation_id, reason):
        count("InvitationsLeft")
        logger.info("invitation left alone", extra={"invitation": invitation_id, "reason": reason})
    return {"state": "declined"}


def _collaborators() -> Collaborators:
    from lambdas.aws.wiring import PARTNER, partner_central, settings
    from lambdas.shared import wiring

    return Collaborators(partner_central(), wiring.invitations(PARTNER), wiring.audit(), settings()["invitations"]["rule"])


handler = entry_point(start_acceptance, _collaborators)
