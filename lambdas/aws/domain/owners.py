"""The deal's owner as the opportunity's owner at AWS, through the table ``owners`` of the settings.

AWS lists its users nowhere and takes only active ones, so that a table says who is who: HubSpot owner's e-mail address
to a user of Partner Central. Nothing here holds up a deal: whom AWS does not know is shown on the deal, and everything
else goes on.
https://docs.aws.amazon.com/partner-central/latest/APIReference/API_AssignOpportunity.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lambdas.shared.domain import paths
from lambdas.shared.domain.documents import text_of
from lambdas.shared.domain.field_map import OWNER_ID
from lambdas.shared.domain.messages import digest, note_fact
from lambdas.shared.domain.plan import REFUSED, Fact, Otherwise, Plan
from lambdas.shared.domain.situation import Situation
from lambdas.shared.domain.status import status_changes
from lambdas.shared.domain.values import Context

ASSIGN = "assign:"
"""A step that makes somebody the owner begins so; a digest of the user follows, since steps go on record."""

_AT_AWS = "OpportunityTeam[BusinessTitle=OpportunityOwner].Email"
_FACT = "owner-"

type User = Mapping[str, str]
"""A user of Partner Central: ``email``, ``first_name``, ``last_name``, ``title``."""


def assignment_of(user: User) -> str:
    """The step that makes ``user`` the owner. Another one once the table says something else of them."""
    return ASSIGN + digest(*(user[name] for name in ("email", "first_name", "last_name", "title")))


def users_by_step(settings: Mapping[str, Any]) -> dict[str, User]:
    """Every user of the owner table by their step. ``settings`` is ``partners.aws`` of the settings document."""
    return {assignment_of(user): user for user in (settings.get("owners") or {}).values()}


def assign_owner(plan: Plan, now: Situation, partner: Any, context: Context) -> Plan:
    """The plan with the deal's owner assigned at AWS, where they are not; and with what the deal shows of it.

    An owner is assigned when the deal's is another than the last one that we assigned, and AWS shows another. Where
    people at AWS assign somebody else, that stands until the deal's owner moves.
    """
    table = context.partner.get("owners") or {}
    role = context.partner["status_properties"].get("owner_status")
    if not table or role is None or now.deal is None or not _goes_on(plan, now):
        return plan
    user, wrong = _user_of(now.deal, table)
    if user is None:
        fact = _not_assigned(f"{_FACT}unknown:{digest(text_of(now.deal, 'deal', OWNER_ID))}", wrong)
        # Whoever made the deal and is in no table has done nothing that did not work: the deal shows it, no more.
        news = bool(wrong) and text_of(now.deal, "deal", role) not in (None, wrong)
        return _shown(plan, now, context, wrong, (fact,) if news else ())
    step, known = assignment_of(user), now.link.associated
    refusal = _refusal(user)
    refused = _not_assigned(f"{_FACT}refused:{step.removeprefix(ASSIGN)}", refusal)
    done = f"Assigned to {user['first_name']} {user['last_name']} ({user['email']})."
    if step in known:
        return _shown(plan, now, context, done)
    if _is_owner(now.opportunity, user):
        earlier = tuple(each for each in known if each.removeprefix(REFUSED).startswith(ASSIGN))
        shown = _shown(plan, now, context, done)
        return replace(shown, remember=(*shown.remember, step), no_longer=(*shown.no_longer, *earlier))
    if REFUSED + step in known:
        return _shown(plan, now, context, refusal, (refused,))
    shown = _shown(plan, now, context, done)
    instead = status_changes(now.deal, {"owner_status": role}, {"owner_status": refusal}, context.now_ms)
    told = now.link.told.get(refused.key) not in (None, "pending")
    # First of the steps: what AWS refuses of the others, it refuses without harm to this one.
    return replace(
        shown,
        steps=(step, *plan.steps),
        otherwise={**plan.otherwise, step: Otherwise({role: refusal, **instead}, () if told else (refused,))},
    )


def _goes_on(plan: Plan, now: Situation) -> bool:
    """Whether the deal and its opportunity belong together, or one is about to be made."""
    if plan.action == "create":
        return True
    torn = plan.outcome == "conflict" and not plan.conflicts
    return now.opportunity is not None and plan.outcome in ("synced", "blocked", "conflict") and not torn


def _user_of(deal: Mapping[str, Any], table: Mapping[str, User]) -> tuple[User | None, str]:
    """The user for the deal's owner, or why there is none; no reason where the deal has no owner."""
    if text_of(deal, "deal", OWNER_ID) is None:
        return None, ""
    email = text_of(deal, "owner", "email")
    if email is None:
        return None, "Not assigned: HubSpot knows no active user who owns this deal. Give the deal another owner."
    user = table.get(email.lower())
    if user is not None:
        return user, ""
    return None, (
        f"Not assigned: {email} is not in the owner table. Give the deal another owner, or have {email} added to "
        "'owners' in the settings for AWS."
    )


def _refusal(user: User) -> str:
    return (
        f"Not assigned: AWS does not take {user['email']} as the owner, who has to be an active user of Partner "
        "Central with access to opportunities. Give the deal another owner, or correct the user there or in 'owners' "
        "of the settings for AWS."
    )


def _is_owner(opportunity: Mapping[str, Any] | None, user: User) -> bool:
    return str(paths.get(opportunity, _AT_AWS) or "").lower() == user["email"].lower()


def _not_assigned(key: str, text: str) -> Fact:
    return note_fact(key, "The deal's owner is not the owner at AWS", text)


def _shown(plan: Plan, now: Situation, context: Context, text: str, facts: tuple[Fact, ...] = ()) -> Plan:
    """The text on the deal; facts of an earlier owner are over, and news should they come back."""
    changes = status_changes(now.deal, context.partner["status_properties"], {"owner_status": text}, context.now_ms)
    keys = {fact.key for fact in facts}
    over = [key for key in now.link.told if key.startswith(_FACT) and key not in keys]
    return replace(
        plan,
        deal={**plan.deal, **changes},
        tell=(*plan.tell, *facts),
        no_longer=(*plan.no_longer, *over),
    )
