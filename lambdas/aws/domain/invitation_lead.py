"""Leads on deals, once they are accepted: qualified by a person, then made an opportunity. Pure.

| lead | the deal |
|---|---|
| accepted, not qualified | waits for a person's word in the property ``lead_qualification`` |
| a word AWS does not know yet | the word is sent |
| AWS has the word, it is the one that qualifies | an opportunity is made of it, which becomes this deal's |
| AWS has any other word | shows it, and waits for another |
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.aws.domain import invitation_document as stands
from lambdas.aws.domain.lead import qualification_mark
from lambdas.shared.domain.messages import record_fact
from lambdas.shared.errors import Problem

if TYPE_CHECKING:
    from lambdas.aws.domain.invitation import Case
    from lambdas.shared.domain.plan import Plan

_LONGEST = 255


def lead_plan(case: Case) -> Plan | None:
    """The plan of a deal whose lead we have accepted; None before that, and once its opportunity is being made."""
    if case.known.get("status") != stands.ACCEPTED or case.state not in ("joined", "declined"):
        return None
    said = case.said("lead_qualification")
    if said is None:
        return _unqualified(case)
    if len(said) > _LONGEST:
        return _wrong(case, f"is longer than the {_LONGEST} characters that AWS takes")
    if case.known.get("qualification") != qualification_mark(said):
        message = "Your qualification of the lead is on its way to AWS."
        return case.waiting(message, stands.ACCEPTED, errands=case.errand("qualify"), shown={"lead_status": "accepted"})
    return _told(case, said)


def _told(case: Case, said: str) -> Plan:
    """AWS was told of what the deal says."""
    if case.known.get("refused") == "qualification":
        return _wrong(case, "was refused by AWS; use a word that Partner Central shows for the lead")
    if said.casefold() != _qualified(case).casefold():
        message = f"AWS knows the lead as {said!r}. {_qualified(case)!r} makes an opportunity of it."
        return case.waiting(message, stands.ACCEPTED, shown={"lead_status": said})
    if case.state == "declined":
        reason = str(case.known.get("reason") or "no reason given")
        return _wrong(case, f"made no opportunity ({reason}); put that right at AWS, empty it and set it again")
    message = "The lead is qualified; AWS is making an opportunity of it, which becomes this deal's."
    return case.waiting(message, stands.ACCEPTED, errands=case.errand("start"), shown={"lead_status": said})


def _unqualified(case: Case) -> Plan:
    name = case.name("lead_qualification")
    text = (
        f"The lead was accepted, and what AWS says of it is on the deal. Qualify it in {name!r} with AWS's words: "
        f"{_qualified(case)!r} makes an opportunity of it, any other word is only told to AWS."
    )
    asked = record_fact("lead-asks", "Qualify a lead from AWS", text)
    again = case.errand("none") if case.state == "declined" or case.known.get("qualification") else ()
    return case.waiting(text, stands.ACCEPTED, tell=(asked,), errands=again, shown={"lead_status": "accepted"})


def _wrong(case: Case, what: str) -> Plan:
    name = case.name("lead_qualification")
    problem = Problem("lead_qualification", f"The deal property {name!r} {what}.", "deal", name)
    return case.blocked(problem, stands.ACCEPTED)


def _qualified(case: Case) -> str:
    return str((case.context.partner.get("invitations") or {}).get("lead_qualified", "Qualified"))
