"""Decides what is to be done about an invitation: by the person's answer, else by the rule, else by how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdas.aws.domain import invitation_document as stands
from lambdas.aws.domain.invitation_deal import facts_of
from lambdas.aws.domain.invitation_rules import ACCEPT, ASK, REJECT, verdict
from lambdas.aws.handlers.asking_deal import AskingDeal, target_of
from lambdas.shared.adapters.ledger import Invitation
from lambdas.shared.adapters.ledger.invitations import ACCEPTED, ASKED, DECLINED, FAILED, JOINED, REJECTED, STARTED
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.domain.tags import Tagging
from lambdas.shared.errors import NotFound, Rejected, Retryable
from lambdas.shared.runtime import Answer, Event, count, entry_point, logger

_ANSWERS = ("accept", "reject", "link")
# Why the machine sends itself a message.
_OWN_MESSAGES = ("again", "slot")
_NOTHING: Answer = {"do": "nothing"}
# So long (seconds) the machine comes back for the opportunity of an acceptance that was not ours, before it gives up.
_LONGEST_WAIT = 900


@dataclass(frozen=True)
class Collaborators:
    """What the function works with. ``answers`` is ``InvitationAnswers``, ``settings`` AWS's part of the settings."""

    partner_central: Any
    answers: Any
    invitations: Any
    links: Any
    hubspot: Any
    runs: Any
    deal: AskingDeal
    settings: Mapping[str, Any]
    clock: Clock = field(default_factory=SystemClock)


def decide_invitation(event: Event, c: Collaborators) -> Answer:
    """``message`` is the inbox's. Answer ``{"do": …, "opportunity_id"?, "deal_id"?, "reason"?}``.

    ``do`` is ``accept``, ``reject``, ``ask`` (make the deal that asks; the invitation is in the run item), ``tie`` (its
    opportunity is known and is to be put on a deal), ``join``, ``show`` or ``qualify`` a lead, or ``nothing``. Nothing
    is written to AWS here. What is left alone has its reason on the invitation's item. ``Retryable`` while AWS does not
    name the opportunity of an acceptance that was not ours. Safe to repeat.
    """
    message = event["message"]
    invitation_id = message["invitation"]
    known = c.invitations.get(invitation_id)
    if message.get("answer") == "none":
        joined = known is not None and known.kind == "lead" and known.status == stands.ACCEPTED
        if c.invitations.reopen(invitation_id, JOINED if joined else ASKED):
            c.deal.wake(c.invitations.get(invitation_id), message.get("correlation_id", "none"))
        return _NOTHING
    if known is not None and (settled := _settled(known, message, c)) is not None:
        return settled
    try:
        document = c.partner_central.get_invitation(invitation_id)
    except (NotFound, Rejected) as error:
        return _leave(invitation_id, str(error), c)
    if known is not None and known.deal_id is not None:
        if c.invitations.note(invitation_id, **facts_of(document)):
            c.deal.wake(known, message.get("correlation_id", "none"))
        known = c.invitations.get(invitation_id)
    if document.get("Status") != stands.PENDING:
        return _no_longer_pending(document, known, message, c)
    return _pending(event, document, known, c)


def _settled(known: Invitation, message: Mapping[str, Any], c: Collaborators) -> Answer | None:
    """What is known without asking AWS; None where AWS has to be asked."""
    if known.state == JOINED:
        return _of_lead(known, message)
    if known.state == ACCEPTED and known.opportunity_id is not None:
        return _NOTHING if _is_tied(known, known.opportunity_id, c) else _tie(known.opportunity_id, target_of(known))
    if known.state in (REJECTED, DECLINED):
        return _NOTHING
    if known.state == STARTED and known.task_id is not None:
        return {"do": "accept"}
    return None


def _of_lead(known: Invitation, message: Mapping[str, Any]) -> Answer:
    """A lead that we have accepted: shown first, then qualified, then made an opportunity, as its deal asks."""
    if known.context_id is None:
        return {"do": "show"}
    return {"do": {"qualify": "qualify", "start": "accept"}.get(str(message.get("answer")), "nothing")}


def _is_tied(known: Invitation, opportunity_id: str, c: Collaborators) -> bool:
    """Whether its opportunity has reached its deal, or the link of which a deal is made."""
    if known.deal_id is not None:
        return not c.invitations.is_open(known.invitation_id)
    key = c.links.for_opportunities("aws", [opportunity_id]).get(opportunity_id)
    link = c.links.get(key) if key else None
    return link is not None and link.invitation_id is not None


def _tie(opportunity_id: str, deal_id: str | None) -> Answer:
    return {"do": "tie", "opportunity_id": opportunity_id, **({"deal_id": deal_id} if deal_id else {})}


def _no_longer_pending(
    document: Mapping[str, Any], known: Invitation | None, message: Mapping[str, Any], c: Collaborators
) -> Answer:
    status = document.get("Status")
    if status == stands.ACCEPTED and known is not None and known.token is not None:
        return {"do": "accept"}  # a task of ours accepted it: its answer was lost, or it failed after that
    if known is None or known.deal_id is None:
        return _leave(document["Id"], f"it is {status}, not PENDING", c)
    if status == stands.ACCEPTED and stands.is_lead(document):
        return {"do": "show"}  # by a person in Partner Central
    if status != stands.ACCEPTED:
        c.invitations.close(known.invitation_id)
        return _NOTHING
    return _accepted_elsewhere(known, message, c)


def _accepted_elsewhere(known: Invitation, message: Mapping[str, Any], c: Collaborators) -> Answer:
    """Somebody accepted it in Partner Central: the opportunity goes onto the deal that asks, if AWS names it."""
    opportunity_id = c.answers.opportunity_of(known.invitation_id)
    if opportunity_id is not None:
        c.invitations.finish(known.invitation_id, ACCEPTED, opportunity_id=opportunity_id)
        return _tie(opportunity_id, known.deal_id)
    if int(message.get("waited", 0)) < _LONGEST_WAIT and known.refused != "unnamed":
        raise Retryable("the invitation was accepted elsewhere and its opportunity is not named yet")
    c.invitations.close(known.invitation_id)
    if c.invitations.note(known.invitation_id, refused="unnamed"):
        c.deal.wake(known, message.get("correlation_id", "none"))
    return _NOTHING


def _pending(event: Event, document: Mapping[str, Any], known: Invitation | None, c: Collaborators) -> Answer:
    message = event["message"]
    answer = message.get("answer") if message.get("answer") in _ANSWERS else None
    if message.get("why") in _OWN_MESSAGES and known is not None and known.answer is not None:
        answer = None  # sent before: what is on record now may be a later one
    if answer is None and known is not None and (known.state == FAILED or known.token is not None):
        return {"do": "accept"}
    if answer is not None or (known is not None and known.answer is not None):
        return _by_answer(message if answer else {}, document["Id"], known, c)
    if known is not None and known.deal_id is not None:
        return _NOTHING
    return _by_rule(event, document, c)


def _by_rule(event: Event, document: Mapping[str, Any], c: Collaborators) -> Answer:
    said = verdict(document, c.settings["invitations"], c.clock.now_ms())
    if said == ACCEPT and stands.is_lead(document):
        said = ASK  # a lead needs a deal in any case: it is where a person qualifies it
    if said == ASK:
        c.runs.put(event["run"]["run_id"], "invitation", document)
        return {"do": "ask"}
    return {"do": "accept"} if said == ACCEPT else {"do": "reject", "reason": said.removeprefix(REJECT)}


def _by_answer(message: Mapping[str, Any], invitation_id: str, known: Invitation | None, c: Collaborators) -> Answer:
    if message and not _same_answer(message, known):
        c.invitations.answered(invitation_id, message["answer"], message.get("reason"), message.get("deal"))
        known = c.invitations.get(invitation_id)
    if known is None or known.answer is None:
        return _NOTHING
    if known.answer == "reject":
        return {"do": "reject", "reason": known.answer_reason or "Other"}
    if known.wanted_deal is not None and (code := _unfit(known.wanted_deal, c)) is not None:
        if c.invitations.note(invitation_id, refused=code):
            c.deal.wake(known, message.get("correlation_id", "none"))
        return _NOTHING
    if known.refused is not None:  # what was wrong with the deal it names has been put right
        c.invitations.answered(invitation_id, known.answer, None, known.wanted_deal)
    return {"do": "join" if known.kind == "lead" else "accept"}


def _same_answer(message: Mapping[str, Any], known: Invitation | None) -> bool:
    given = (message["answer"], message.get("reason"), message.get("deal"))
    return known is not None and given == (known.answer, known.answer_reason, known.wanted_deal)


def _unfit(deal_id: str, c: Collaborators) -> str | None:
    """Why the opportunity cannot be given to this deal (a code of ``REFUSALS``), or None."""
    names = c.settings["status_properties"]
    tagging = Tagging.of(c.settings)
    wanted = (*tagging.properties, names["opportunity_id"], names["invitation_id"])
    read = c.hubspot.batch_read_deals([deal_id], wanted).get(deal_id)
    if read is None:
        return "deal-missing"
    if read.get(names["opportunity_id"]):
        return "deal-tied"
    if read.get(names["invitation_id"]):
        return "deal-asks"
    return None if tagging.on(read) else "deal-untagged"


def _leave(invitation_id: str, reason: str, c: Collaborators) -> Answer:
    if c.invitations.ignore(invitation_id, reason):
        count("InvitationsLeft")
        logger.info("invitation left alone", extra={"invitation": invitation_id, "reason": reason})
    return _NOTHING


def _collaborators() -> Collaborators:
    from lambdas.aws.wiring import PARTNER, invitation_answers, partner_central, settings
    from lambdas.shared import wiring

    links = wiring.links()
    return Collaborators(
        partner_central(),
        invitation_answers(),
        wiring.invitations(PARTNER),
        links,
        wiring.hubspot(),
        wiring.runs(),
        AskingDeal(links, wiring.inbox(PARTNER)),
        settings(),
    )


handler = entry_point(decide_invitation, _collaborators)
