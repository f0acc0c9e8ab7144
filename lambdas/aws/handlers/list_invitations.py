"""Poll: invitations that wait for us, for those whose event was missed or whose acceptance was interrupted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lambdas.aws.wiring import PARTNER
from lambdas.shared.adapters.ledger import Watermark
from lambdas.shared.adapters.ledger.invitations import ASKED, DECLINED, IGNORED, REJECTED
from lambdas.shared.errors import Rejected
from lambdas.shared.runtime import Answer, Event, count, entry_point

_SUBJECT = "invitations"


@dataclass(frozen=True)
class Collaborators:
    """What the function works with."""

    partner_central: Any
    invitations: Any
    watermarks: Any
    notices: Any


def list_invitations(event: Event, c: Collaborators) -> Answer:
    """Answer ``{"more", "count"}``. Pending is pending however often it is listed: accepting is safe to repeat.

    What AWS has refused us for good, and what waits for a person's answer on a deal, stays pending there; it is
    counted, and nobody is woken for it.
    A page that AWS no longer takes, after a round that was cut short, is given up: the next poll begins anew.
    """
    before = c.watermarks.get(PARTNER, _SUBJECT)
    try:
        listed = c.partner_central.list_pending_invitations(before.page)
    except Rejected:
        if before.page is None:
            raise
        c.watermarks.move(PARTNER, _SUBJECT, Watermark(), before)
        return {"more": False, "count": 0}
    waiting = [one["id"] for one in listed["items"]]
    wanted = [each for each in waiting if not _rests(each, c)]
    if wanted:
        c.notices.send(
            {
                "source": "poll",
                "partner": PARTNER,
                "correlation_id": event.get("correlation_id", "none"),
                "invitations": wanted,
            }
        )
    if listed["next"] != before.page:
        c.watermarks.move(PARTNER, _SUBJECT, Watermark(page=listed["next"]), before)
    count("InvitationsPending", len(waiting))
    return {"more": listed["next"] is not None, "count": len(waiting)}


def _rests(invitation_id: str, c: Collaborators) -> bool:
    known = c.invitations.get(invitation_id)
    if known is None or known.state == IGNORED:
        return False
    return known.state in (DECLINED, REJECTED) or (known.state == ASKED and known.answer is None)


def _collaborators() -> Collaborators:
    from lambdas.aws.wiring import partner_central
    from lambdas.shared import wiring

    return Collaborators(
        partner_central(),
        wiring.invitations(PARTNER),
        wiring.watermarks(),
        wiring.queue("COSELL_NOTICES_QUEUE_URL"),
    )


handler = entry_point(list_invitations, _collaborators)
