"""What a person may answer to an invitation, and what is said when the answer cannot be taken. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdas.aws.domain.invitation_document import REJECT_REASONS
from lambdas.shared.domain.documents import text_of
from lambdas.shared.domain.values import Context
from lambdas.shared.errors import Problem

QUEUE = "invitations"
"""The kind of errand that an answer is."""

ANSWERS: Mapping[str, str] = {"accept": "accept", "reject": "reject", "link": "link to another deal"}
"""The words of the property, and how they read."""

REFUSALS: Mapping[str, str] = {
    "deal-missing": "There is no deal {deal} in HubSpot, or it was deleted.",
    "deal-untagged": "The deal {deal} is not for AWS: it needs {said}.",
    "deal-tied": "The deal {deal} is tied to an opportunity already; an opportunity cannot be given to it.",
    "deal-asks": "The deal {deal} stands for an invitation itself; name a deal of your own.",
}
"""What is wrong with the deal that an answer names, by the code in the ledger."""


def refusal_text(code: str, deal_id: str, said: str) -> str:
    """The sentence for a code of ``REFUSALS``, and what to do. ``said`` is ``Tagging.said``."""
    known = REFUSALS.get(code, "The invitation cannot be given to the deal {deal}.")
    return f"{known.format(deal=deal_id, said=said)} Name another deal, or answer accept to use this one."


def problem_of(answer: str, deal: Mapping[str, Any], context: Context, kind: Any = None) -> Problem | None:
    """What is wrong with the answer as the deal says it; None if it can be sent. ``kind`` is ``lead`` for a lead."""
    names = context.partner["status_properties"]
    if kind == "lead" and answer == "link":
        text = "A lead cannot be linked: it has no opportunity yet. Accept it here, or reject it."
        return Problem("invitation_answer", text, "deal", names["invitation_answer"], ("accept", "reject"))
    if answer not in ANSWERS:
        name = names["invitation_answer"]
        message = f"The deal property {name!r} has the unknown value {answer[:40]!r}."
        return Problem("invitation_answer", message, "deal", name, tuple(ANSWERS))
    if answer == "reject":
        return _reason_problem(deal, names["invitation_reject_reason"])
    return _deal_problem(deal, names["invitation_deal"]) if answer == "link" else None


def _reason_problem(deal: Mapping[str, Any], name: str) -> Problem | None:
    reason = text_of(deal, "deal", name)
    if reason in REJECT_REASONS:
        return None
    wrong = "is empty" if reason is None else f"has the unknown value {reason[:40]!r}"
    message = f"The deal property {name!r} {wrong}; AWS wants one of its reasons with a rejection."
    return Problem("invitation_reject_reason", message, "deal", name, REJECT_REASONS)


def _deal_problem(deal: Mapping[str, Any], name: str) -> Problem | None:
    wanted = text_of(deal, "deal", name)
    if wanted is None:
        message = f"The deal property {name!r} is empty; the answer link needs the record ID of the deal."
    elif not (wanted.isascii() and wanted.isdigit()):
        message = f"The deal property {name!r} holds no record ID; it is the number at the end of the deal's address."
    elif wanted == str(deal.get("id")):
        message = f"The deal property {name!r} names this deal itself; the answer accept does that."
    else:
        return None
    return Problem("invitation_deal", message, "deal", name)
