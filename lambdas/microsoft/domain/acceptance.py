"""Referrals that wait for our answer: accepted or declined by a property or a rule, and warned of in time.

They expire when nobody answers. https://learn.microsoft.com/partner-center/developer/referrals-api-introduction
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from lambdas.microsoft.domain import status
from lambdas.microsoft.domain.referral import epoch_ms, is_incoming
from lambdas.shared.domain.documents import text_of
from lambdas.shared.domain.values import Context
from lambdas.shared.errors import Problem

type Answer = Literal["accept", "decline"]
ANSWERS: Mapping[str, str] = {"accept": status.ACCEPTED, "decline": status.DECLINED}
"""A person's answer, and what the referral is to become."""

type Reply = tuple[Answer | None, Sequence[Problem]]
NO_REPLY: Reply = (None, ())
"""What to answer (None: nothing now), and what is wrong with what the deal says of it."""

DAYS_TO_ANSWER = 14
WARNING_DAYS = 4
_DAY_MS = 86_400_000


def needs_answer(document: Mapping[str, Any]) -> bool:
    """Whether the referral came to us and nobody has said yes or no."""
    return is_incoming(document) and status.standing_of(document) == status.FIRST


def expires_at(document: Mapping[str, Any]) -> int | None:
    """When it expires unanswered (epoch ms): as it says, else 14 days after it was made; None if it says neither."""
    stated = epoch_ms(document.get("expirationDateTime"))
    created = epoch_ms(document.get("createdDateTime"))
    return stated if stated is not None else None if created is None else created + DAYS_TO_ANSWER * _DAY_MS


def warn_at(document: Mapping[str, Any], days: int = WARNING_DAYS) -> int | None:
    """When people are warned (epoch ms): ``days`` before it expires; None while nothing waits."""
    end = expires_at(document) if needs_answer(document) else None
    return None if end is None else end - days * _DAY_MS


def answer_to(
    document: Mapping[str, Any], deal: Mapping[str, Any] | None, context: Context
) -> tuple[Answer | None, list[Problem]]:
    """What to answer now: the deal's property (role ``acceptance``) first, then the rule ``referrals``; None to wait.

    A decline of what was accepted before is a problem: Microsoft takes none any more. The rule is ``manual`` or
    ``accept-all``. ``ValueError`` for any other.
    """
    rule = context.partner.get("referrals", "manual")
    if rule not in ("manual", "accept-all"):
        raise ValueError(f"unknown rule {str(rule)[:40]!r} for referrals; allowed: manual, accept-all")
    name = context.partner["status_properties"]["acceptance"]
    said = text_of(deal, "deal", name)
    if not needs_answer(document):
        return None, _too_late(document, said, name)
    if said == "accept":
        return "accept", []
    if said == "decline":
        return "decline", []
    if said is not None:
        message = f"The deal property {name!r} has the unknown value {said[:80]!r}."
        return None, [Problem("acceptance", message, "deal", name, tuple(ANSWERS))]
    return ("accept" if rule == "accept-all" else None), []


def _too_late(document: Mapping[str, Any], said: str | None, name: str) -> list[Problem]:
    if said != "decline" or not is_incoming(document) or status.standing_of(document) != status.ACCEPTED:
        return []
    message = (
        f"The referral was accepted before the deal property {name!r} said decline, so nothing was declined. Move the "
        "deal to its lost stage to close the referral, or say accept there."
    )
    return [Problem("acceptance", message, "deal", name, ("accept",))]
