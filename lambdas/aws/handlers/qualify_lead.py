"""Tells AWS how the deal qualifies its lead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdas.aws.domain.lead import qualification_mark
from lambdas.aws.handlers.asking_deal import AskingDeal, on_record
from lambdas.shared.errors import Conflict, NotFound, Rejected
from lambdas.shared.handlers.turn import Turn
from lambdas.shared.handlers.vendor_write import recorded
from lambdas.shared.runtime import Answer, Event, count, entry_point, logger

_TRIES = 3


@dataclass(frozen=True)
class Collaborators:
    """What the function works with. ``settings`` is AWS's part of the settings."""

    leads: Any
    hubspot: Any
    invitations: Any
    audit: Any
    deal: AskingDeal
    settings: Mapping[str, Any]
    turn: Turn = field(default_factory=Turn)


def qualify_lead(event: Event, c: Collaborators) -> Answer:
    """``invitation`` at ``at`` (ms). Answer ``{"state": "told" | "same" | "refused" | "nothing"}``.

    The word is read from the deal, so that it is in no message; what AWS has already is not sent again. A context that
    was modified meanwhile is read anew, then ``Conflict``. What AWS refuses is on the invitation's item, as a code.
    """
    run, invitation_id = event["run"], event["invitation"]
    known = c.invitations.get(invitation_id)
    name = c.settings["status_properties"]["lead_qualification"]
    said = str(c.hubspot.batch_read_deals([known.deal_id], [name]).get(known.deal_id, {}).get(name) or "").strip()
    if not said:
        return {"state": "nothing"}
    c.turn.wait(event["at"])
    try:
        state = _tell(on_record(run, invitation_id), known.engagement_id, said, c)
    except (Rejected, NotFound) as error:
        logger.warning("qualification refused", extra={"invitation": invitation_id, "reason": str(error)})
        state = "refused"
    c.invitations.qualified(invitation_id, qualification_mark(said), "qualification" if state == "refused" else None)
    count("LeadsQualified")
    c.deal.wake(c.invitations.get(invitation_id), run.get("correlation_id", "none"))
    return {"state": state}


def _tell(run: dict[str, Any], engagement_id: str, said: str, c: Collaborators) -> str:
    for left in reversed(range(_TRIES)):
        read = c.leads.read(engagement_id)
        if read["lead"].get("QualificationStatus") == said:
            return "same"
        changes = [{"field": "qualification", "after": said}]
        try:
            with recorded(c.audit, None, run, "QualifyLead", changes):
                c.leads.qualify(engagement_id, read, said)
        except Conflict:
            if not left:
                raise
        else:
            return "told"
    raise Conflict("the lead's engagement keeps moving")


def _collaborators() -> Collaborators:
    from lambdas.aws.wiring import PARTNER, leads, settings
    from lambdas.shared import wiring

    return Collaborators(
        leads(),
        wiring.hubspot(),
        wiring.invitations(PARTNER),
        wiring.audit(),
        AskingDeal(wiring.links(), wiring.inbox(PARTNER)),
        settings(),
    )


handler = entry_point(qualify_lead, _collaborators)
