"""What a Google plan has beside the shared decision: the lead, closes that a person passes on, records of our own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lambdas.google.domain.lead_plan import LeadPlan
from lambdas.google.domain.lifecycle import CLOSED
from lambdas.shared.domain.deal_codecs import is_closed
from lambdas.shared.domain.documents import text_of
from lambdas.shared.domain.link import TOLD_PENDING, TWO_OPPORTUNITIES
from lambdas.shared.domain.messages import announced, record_fact
from lambdas.shared.domain.plan import Fact, Plan
from lambdas.shared.domain.situation import Situation
from lambdas.shared.domain.status import status_changes
from lambdas.shared.domain.values import Context


def with_lead(plan: Plan, now: Situation, lead: LeadPlan, name: str | None, context: Context) -> Plan:
    """The plan with the lead that its create sends first, or with the ``name`` of the one that was made on the deal."""
    if plan.became:
        plan = replace(plan, became={**plan.became, **lead.became})
    if plan.action == "create":
        plan = replace(
            plan,
            opportunity={**plan.opportunity, **lead.values},
            opportunity_changes=(*plan.opportunity_changes, *lead.changes),
        )
    if name is None or not _speaks_to_the_deal(plan, now):
        return plan
    changes = status_changes(now.deal, context.partner["status_properties"], {"lead_name": name}, context.now_ms)
    return replace(plan, deal={**plan.deal, **changes})


def with_close(plan: Plan, now: Situation, context: Context) -> Plan:
    """The plan with a task where one side is closed and the other is not: no partner closes an opportunity of Google's.

    A task is told once for each deal stage.
    """
    if now.opportunity is None or now.opportunity_answer["opportunity"] != "current":
        return plan
    fact = _close(now.opportunity, now, context)
    told = now.link.told.get(fact.key, TOLD_PENDING) if fact is not None else None
    if fact is None or told != TOLD_PENDING or not _speaks_to_the_deal(plan, now):
        return plan
    return replace(plan, tell=(*plan.tell, fact))


def own_record(plan: Plan, now: Situation, context: Context) -> Plan:
    """No second deal is made of an opportunity that this sync created itself: its deal has only lost its id."""
    account = str((context.partner.get("identity") or {}).get("service_account") or "")
    creator = str((now.opportunity or {}).get("creatorEmail") or "")
    if not plan.creates_deal or not account or creator.casefold() != account.casefold():
        return plan
    return Plan("none", "ignored", reason="this sync created it, and no deal carries its id")


def _close(opportunity: Mapping[str, Any], now: Situation, context: Context) -> Fact | None:
    ours, theirs = is_closed(now.deal, context.partner), opportunity.get("stage") == CLOSED
    stage = text_of(now.deal, "deal", "dealstage")
    if ours and not theirs:
        text = "The deal is closed in HubSpot. Google takes no close through its API: close it in Partner Hub."
        return record_fact(f"closed-here:{stage}", "Close this deal's opportunity in Google's Partner Hub", text)
    if theirs and not ours:
        text = "Google shows the opportunity as closed, and the deal is still open. Close the deal if that is right."
        fact = record_fact(f"closed-there:{stage}", "Google closed this deal's opportunity", text)
        happened = "Google closed the opportunity of a deal that is still open."
        return announced(fact, "opportunity_closed", happened, "Close the deal if that is right.")
    return None


def _speaks_to_the_deal(plan: Plan, now: Situation) -> bool:
    """A merged deal's second opportunity has its own task and says nothing else."""
    speaks = plan.outcome in ("synced", "blocked", "conflict") and plan.reason != TWO_OPPORTUNITIES
    return now.deal is not None and speaks
