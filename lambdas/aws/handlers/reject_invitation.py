"""Rejects an invitation with one of AWS's reasons."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lambdas.aws.domain.invitation_document import REJECTED as AT_AWS
from lambdas.aws.handlers.asking_deal import AskingDeal, on_record
from lambdas.shared.adapters.ledger.invitations import DECLINED, REJECTED
from lambdas.shared.errors import Conflict, NotFound, Rejected
from lambdas.shared.handlers.turn import Turn
from lambdas.shared.handlers.vendor_write import recorded
from lambdas.shared.runtime import Answer, Event, count, entry_point, logger


@dataclass(frozen=True)
class Collaborators:
    """What the function works with. ``answers`` is ``InvitationAnswers``."""

    partner_central: Any
    answers: Any
    invitations: Any
    audit: Any
    deal: AskingDeal
    turn: Turn = field(default_factory=Turn)


def reject_invitation(event: Event, c: Collaborators) -> Answer:
    """``invitation`` and ``reason``, at ``at`` (ms). Answer ``{"state": "rejected" | "declined" | "otherwise"}``.

    AWS takes no token: a rejection whose answer was lost shows as a conflict, and the invitation then says what became
    of it. ``declined``: AWS refuses it for good, and its reason is on the invitation's item. ``otherwise``: somebody
    has answered otherwise meanwhile, or it expired. The deal that asks is woken in each case.
    """
    run, invitation_id, reason = event["run"], event["invitation"], event["reason"]
    c.turn.wait(event["at"])
    state = "rejected"
    try:
        changes = [{"field": "invitation", "after": invitation_id}, {"field": "reason", "after": reason}]
        with recorded(c.audit, None, on_record(run, invitation_id), "RejectInvitation", changes):
            c.answers.reject(invitation_id, reason)
    except Conflict:
        state = _what_aws_says(invitation_id, c)
    except (Rejected, NotFound) as error:
        c.invitations.decide(invitation_id, DECLINED, str(error))
        logger.warning("rejection refused", extra={"invitation": invitation_id, "reason": str(error)})
        state = "declined"
    if state == "rejected":
        c.invitations.decide(invitation_id, REJECTED, reason)
        c.invitations.note(invitation_id, status=AT_AWS)
        c.invitations.close(invitation_id)
        count("InvitationsRejected")
    c.deal.wake(c.invitations.get(invitation_id), run.get("correlation_id", "none"))
    return {"state": state}


def _what_aws_says(invitation_id: str, c: Collaborators) -> str:
    status = c.partner_central.get_invitation(invitation_id).get("Status")
    c.invitations.note(invitation_id, status=status)
    return "rejected" if status == AT_AWS else "otherwise"


def _collaborators() -> Collaborators:
    from lambdas.aws.wiring import PARTNER, invitation_answers, partner_central
    from lambdas.shared import wiring

    return Collaborators(
        partner_central(),
        invitation_answers(),
        wiring.invitations(PARTNER),
        wiring.audit(),
        AskingDeal(wiring.links(), wiring.inbox(PARTNER)),
    )


handler = entry_point(reject_invitation, _collaborators)
