"""Invitations on deals: what a deal that stands for an unanswered invitation shows, asks and sends. Pure.

Such a deal carries the tag, and nothing is ever created at AWS for it: the person's answer goes to the machine of
invitations, and what is accepted there becomes this deal's opportunity, or another deal's.

| invitation | the deal |
|---|---|
| pending, no answer | waits for a person; told when it comes and again before it ends |
| pending, answered | waits, and the answer is sent; a wrong answer blocks and says what is allowed |
| being accepted, accepted | waits until the opportunity's id is on it |
| accepted for another deal | says where it went, and is left alone |
| rejected, expired | says so, and is left alone |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from lambdas.aws.domain import invitation_document as stands
from lambdas.aws.domain.invitation_lead import lead_plan
from lambdas.aws.domain.invitation_words import ANSWERS, QUEUE, problem_of, refusal_text
from lambdas.aws.domain.notify.invitations import ending_facts
from lambdas.shared.domain.documents import text_of
from lambdas.shared.domain.finishing import restated
from lambdas.shared.domain.messages import record_fact
from lambdas.shared.domain.partner_view import OpportunityFacts, Partner
from lambdas.shared.domain.plan import Errand, Fact, Plan
from lambdas.shared.domain.situation import Situation
from lambdas.shared.domain.status import status_changes
from lambdas.shared.domain.tags import Tagging
from lambdas.shared.domain.values import Context
from lambdas.shared.errors import Problem

_DAY_MS = 86_400_000
_AFTER_THE_END_MS = 60_000
_UNTOUCHED = ("adopt", "closed", "paused", "conflict")


def settle_invitation(plan: Plan, now: Situation, partner: Partner, context: Context) -> Plan:
    """The plan of a run, with what an invitation makes of it; unchanged where the deal stands for none."""
    if now.link.deal_id is None:
        return _unclaimed(plan, now)
    deal = now.deal
    if deal is None or plan.outcome in _UNTOUCHED:
        return plan
    names, known = context.partner["status_properties"], now.extras.get("invitation") or {}
    if now.link.opportunity_id is not None:
        return _tied(plan, deal, known, context)
    invitation_id = text_of(deal, "deal", names["invitation_id"])
    if invitation_id is None or text_of(deal, "deal", names["opportunity_id"]) is not None:
        return plan
    case = Case(invitation_id, known, deal, partner, context)
    return (lead_plan(case) if known.get("kind") == "lead" else None) or opportunity_plan(case)


@dataclass(frozen=True, slots=True)
class Case:
    """A deal that stands for an invitation. ``known``: the ledger's item of it (``Invitation.as_dict``), or empty."""

    invitation_id: str
    known: Mapping[str, Any]
    deal: Mapping[str, Any]
    partner: Partner
    context: Context

    def said(self, role: str) -> str | None:
        """What the deal says in the property of this role."""
        return text_of(self.deal, "deal", self.name(role))

    def name(self, role: str) -> str:
        """The property of this role."""
        return self.context.partner["status_properties"][role]

    @property
    def state(self) -> str:
        """How far our ledger has come with it."""
        return str(self.known.get("state") or "asked")

    @property
    def ends_at(self) -> int | None:
        """Until when it may be answered (epoch ms), if AWS said so."""
        end = self.known.get("ends_at")
        return None if end is None else int(end)

    @property
    def expired(self) -> bool:
        """Whether nobody can answer it any more."""
        return self.known.get("status") == stands.EXPIRED or (
            self.ends_at is not None and self.context.now_ms >= self.ends_at
        )

    def day(self, moment_ms: int) -> str:
        """The day in the HubSpot account."""
        return datetime.fromtimestamp(moment_ms / 1000, self.context.zone).date().isoformat()

    def shown(self, status: str) -> dict[str, str | None]:
        """What the deal shows of the invitation, by role."""
        return {
            "invitation_status": status,
            "invitation_expires": None if self.ends_at is None else self.day(self.ends_at),
        }

    def waiting(self, message: str, status: str, **more: Any) -> Plan:
        """A plan that writes nothing to AWS and says what is waited for; ``more`` are further parts of it."""
        shown = {**self.shown(status), **more.pop("shown", {})}
        plan = Plan("none", "synced", **more)
        facts = OpportunityFacts(waits_for=message)
        return restated(plan, self.deal, self.partner, self.context, shown=shown, facts=facts)

    def blocked(self, problem: Problem, status: str, **more: Any) -> Plan:
        """A plan that says what is wrong with what the deal says."""
        shown = {**self.shown(status), **more.pop("shown", {})}
        plan = Plan("none", "synced", **more)
        return restated(plan, self.deal, self.partner, self.context, problems=[problem], shown=shown)

    def over(self, message: str, status: str, **more: Any) -> Plan:
        """A plan that says what became of the invitation and leaves the deal alone."""
        wanted = {**self.shown(status), **more.pop("shown", {}), "sync_status": "paused", "sync_message": message}
        names = self.context.partner["status_properties"]
        changes = status_changes(self.deal, names, wanted, self.context.now_ms)
        return Plan("none", "paused", deal=changes, **more)

    def errand(self, answer: str, **detail: str) -> tuple[Errand, ...]:
        """Word to the machine of invitations."""
        return (Errand(QUEUE, {"invitation": self.invitation_id, "answer": answer, **detail}),)


def opportunity_plan(case: Case) -> Plan:
    """The plan of a deal that stands for an invitation to an opportunity (or to a lead that nobody has accepted)."""
    known = case.known
    if case.state == "rejected" or known.get("status") == stands.REJECTED:
        return _rejected(case)
    if case.state in ("started", "failed"):
        text = "AWS is accepting the invitation; this deal gets its opportunity in a moment."
        return case.waiting(text, str(known.get("status") or stands.PENDING))
    if case.state == "accepted" or known.get("status") == stands.ACCEPTED:
        return _accepted(case)
    if case.expired:
        return _expired(case)
    return _answered(case)


def _answered(case: Case) -> Plan:
    answer, later = case.said("invitation_answer"), {"look_at": _look_at(case)}
    if answer is None:
        taken_back = case.errand("none") if case.known.get("answer") or case.state == "declined" else ()
        message = _question(case)
        return case.waiting(message, stands.PENDING, tell=_reminders(case), errands=taken_back, **later)
    if (problem := problem_of(answer, case.deal, case.context, case.known.get("kind"))) is not None:
        return case.blocked(problem, stands.PENDING, tell=_reminders(case), **later)
    if case.state == "declined":
        reason = str(case.known.get("reason") or "no reason given")
        text = (
            f"AWS did not let us accept the invitation ({reason}). Empty the answer and give it again to try once more."
        )
        return case.blocked(Problem("invitation_answer", text, "deal", case.name("invitation_answer")), stands.PENDING)
    detail = _detail(case, answer)
    refused = case.known.get("refused") if case.known.get("answer") == answer else None
    if refused and case.known.get("wanted_deal") == detail.get("deal"):
        text = refusal_text(str(refused), detail.get("deal", ""), Tagging.of(case.context.partner).said)
        problem = Problem("invitation_deal", text, "deal", case.name("invitation_deal"))
        return case.blocked(problem, stands.PENDING, errands=case.errand(answer, **detail), **later)
    message = f"Your answer ({ANSWERS[answer]}) is on its way to AWS."
    return case.waiting(message, stands.PENDING, errands=case.errand(answer, **detail), **later)


def _detail(case: Case, answer: str) -> dict[str, str]:
    if answer == "reject":
        return {"reason": case.said("invitation_reject_reason") or ""}
    return {"deal": case.said("invitation_deal") or ""} if answer == "link" else {}


def _question(case: Case) -> str:
    until = "" if case.ends_at is None else f" by {case.day(case.ends_at)}"
    return (
        f"AWS invites us. Please answer{until} in {case.name('invitation_answer')!r}: accept makes this deal the "
        f"opportunity's, link gives it to the deal whose record ID is in {case.name('invitation_deal')!r}, reject "
        f"needs {case.name('invitation_reject_reason')!r}. Nothing is shared with AWS until then."
    )


def _reminders(case: Case) -> tuple[Fact, ...]:
    if not case.known:  # the invitation itself is on record in a moment, with its date
        return ()
    if case.ends_at is None:
        return (record_fact("invitation-asks", "Answer an invitation from AWS", _question(case)),)
    day = case.day(case.ends_at)
    told = [record_fact("invitation-asks", f"Answer AWS's invitation by {day}", _question(case))]
    ending = {"id": case.invitation_id, "ends_at": case.ends_at, "do": _question(case)}
    return (*told, *ending_facts(ending, case.context))


def _reminded_before(case: Case) -> int:
    return int((case.context.partner.get("invitations") or {}).get("remind_days", 3)) * _DAY_MS


def _look_at(case: Case) -> int | None:
    """When to look although nothing moves: at the reminder, then just after the end."""
    if case.ends_at is None:
        return None
    remind, over = case.ends_at - _reminded_before(case), case.ends_at + _AFTER_THE_END_MS
    return remind if case.context.now_ms < remind else over


def _accepted(case: Case) -> Plan:
    known = case.known
    went_to, opportunity_id = known.get("wanted_deal"), known.get("opportunity_id") or "its opportunity"
    if went_to and went_to != str(case.deal.get("id")) and known.get("opportunity_id"):
        text = (
            f"The invitation was accepted for the deal {went_to}, which is synced with {opportunity_id} from now on. "
            "This deal is left as it is and shares nothing; delete it, or keep it without the tag."
        )
        return case.over(text, stands.ACCEPTED, errands=case.errand("look"), reason="it went to another deal")
    if known.get("refused") == "unnamed":
        name = case.name("opportunity_id")
        text = (
            "The invitation was accepted in Partner Central, and AWS does not say which opportunity came of it. Write "
            f"its id (O and digits) into {name!r}, and this deal is synced with it."
        )
        return case.waiting(text, stands.ACCEPTED)
    text = "The invitation was accepted; this deal gets its opportunity in a moment."
    return case.waiting(text, stands.ACCEPTED, errands=case.errand("look"))


def _rejected(case: Case) -> Plan:
    reason = case.known.get("reason") if case.state == "rejected" else None
    why = f" ({reason})" if reason else ""
    text = f"The invitation was rejected{why}. Nothing is shared; delete this deal, or keep it without the tag."
    return case.over(text, stands.REJECTED, reason="the invitation was rejected")


def _expired(case: Case) -> Plan:
    ended = "" if case.ends_at is None else f" on {case.day(case.ends_at)}"
    text = (
        f"The invitation expired{ended} without an answer, and AWS takes none any more. To work on it all the same, "
        "ask your AWS contact to invite you again, or share the deal as your own: clear "
        f"{case.name('invitation_id')!r} and it goes out as a new opportunity."
    )
    told = (record_fact("invitation-expired", "An invitation from AWS has expired", text),)
    look = case.errand("look") if case.known.get("status") != stands.EXPIRED else ()
    return case.over(text, stands.EXPIRED, tell=told, errands=look, reason="the invitation expired")


def _unclaimed(plan: Plan, now: Situation) -> Plan:
    """An opportunity without a deal waits while a deal of ours asks about an invitation that it may have come by."""
    if not plan.creates_deal or now.link.invitation_id is not None or now.opportunity is None:
        return plan
    asked = now.extras.get("asked") or ()
    if not any(mark in asked for mark in stands.marks_of_opportunity(now.opportunity)):
        return plan
    return Plan("none", "deferred", reason="a deal asks about an invitation, and this may be its opportunity")


def _tied(plan: Plan, deal: Mapping[str, Any], known: Mapping[str, Any], context: Context) -> Plan:
    """The opportunity of an accepted invitation is on its deal, which shows the invitation as accepted."""
    if not known.get("deal_id"):
        return plan
    names = context.partner["status_properties"]
    wanted: dict[str, str | None] = {"invitation_status": stands.ACCEPTED}
    changes = status_changes(deal, names, wanted, context.now_ms, other_writes=bool(plan.deal))
    return replace(plan, deal={**plan.deal, **changes}) if changes else plan
