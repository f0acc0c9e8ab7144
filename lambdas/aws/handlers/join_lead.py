"""Accepts the invitation to a lead: we join its engagement, and see its contact and problem."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lambdas.aws.domain.invitation_document import ACCEPTED as AT_AWS
from lambdas.aws.handlers.asking_deal import AskingDeal, on_record
from lambdas.shared.adapters.ledger.invitations import DECLINED, JOINED
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


def join_lead(event: Event, c: Collaborators) -> Answer:
    """``invitation`` at ``at`` (ms). Answer ``{"state": "joined" | "declined"}``.

    AWS takes no token: one that was accepted already, by a call whose answer was lost or by a person, counts as joined.
    """
    run, invitation_id = event["run"], event["invitation"]
    c.turn.wait(event["at"])
    refused: str | None = None
    try:
        changes = [{"field": "invitation", "after": invitation_id}]
        with recorded(c.audit, None, on_record(run, invitation_id), "AcceptLead", changes):
            c.answers.join(invitation_id)
    except Conflict:
        status = c.partner_central.get_invitation(invitation_id).get("Status")
        c.invitations.note(invitation_id, status=status)
        refused = None if status == AT_AWS else f"it is {status}"
    except (Rejected, NotFound) as error:
        refused = str(error)
    if refused is not None:
        c.invitations.decide(invitation_id, DECLINED, refused)
        logger.warning("lead refused", extra={"invitation": invitation_id, "reason": refused})
        c.deal.wake(c.invitations.get(invitation_id), run.get("correlation_id", "none"))
        return {"state": "declined"}
    c.invitations.decide(invitation_id, JOINED, "the lead was accepted")
    c.invitations.note(invitation_id, status=AT_AWS)
    count("LeadsJoined")
    return {"state": "joined"}


def _collaborators() -> Collaborators:
    from lambdas.aws.wiring import PARTNER, invitation_answers, partner_central
    from lambdas.shared import wiring

    deal = AskingDeal(wiring.links(), wiring.inbox(PARTNER))
    return Collaborators(partner_central(), invitation_answers(), wiring.invitations(PARTNER), wiring.audit(), deal)


handler = entry_point(join_lead, _collaborators)
