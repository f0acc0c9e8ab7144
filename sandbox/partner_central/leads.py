"""Leads: their context in an engagement, its qualification, and the opportunity that is made of it (fact sheet 3.5)."""

from __future__ import annotations

import copy
from typing import Any

from sandbox.partner_central import tasks
from sandbox.partner_central.call import Answer, Body, Call
from sandbox.partner_central.errors import BAD_STATE, ConflictException, ResourceNotFoundException, refuse
from sandbox.partner_central.instants import to_microseconds, to_text
from sandbox.partner_central.resources import engagement_of
from sandbox.partner_central.state import Engagement, Opportunity, Task

KIND = "lead"
DISQUALIFIED = "disqualified"


def update_context(call: Call, body: Body) -> Answer:
    """UpdateEngagementContext: the Lead context is replaced, guarded by the engagement's ModifiedAt."""
    engagement = engagement_of(call, body["EngagementIdentifier"])
    context = _context(engagement, body["ContextIdentifier"])
    if to_microseconds(body["EngagementLastModifiedAt"]) // 1000 != engagement.changed_ms:
        raise ConflictException("the engagement was modified meanwhile", "3.5")
    if body["Type"] != context["Type"] or body["Type"] not in body["Payload"]:
        raise refuse("Type", BAD_STATE, f"the context is a {context['Type']}", "3.5")
    held, given = context.setdefault("Payload", {}).setdefault("Lead", {}), copy.deepcopy(body["Payload"]["Lead"])
    if "Interaction" in given:
        held.setdefault("Interactions", []).append(given.pop("Interaction"))
    held.update(given)
    engagement.modified_ms = max(call.now_ms, engagement.changed_ms + 1)
    return {
        "EngagementId": engagement.id,
        "EngagementArn": engagement.arn,
        "EngagementLastModifiedAt": to_text(engagement.modified_ms),
        "ContextId": context["Id"],
    }


def start_opportunity(call: Call, body: Body) -> Answer:
    """StartOpportunityFromEngagementTask."""

    def begin() -> str:
        engagement = engagement_of(call, body["Identifier"])
        _context(engagement, body["ContextIdentifier"])
        task = tasks.begin_task(call, KIND, engagement.id)
        task.engagement_id, task.context_id = engagement.id, body["ContextIdentifier"]
        return task.id

    return tasks.state_of(call, call.once("StartOpportunityFromEngagementTask", body, begin))


def list_opportunity_tasks(call: Call, body: Body) -> Answer:
    """ListOpportunityFromEngagementTasks."""
    return tasks.list_tasks(call, body, KIND)


def finish(call: Call, task: Task) -> None:
    """End the task: a lead that is not disqualified becomes an opportunity that waits for submission."""
    engagement = call.state.engagements[task.subject]
    lead = (_context(engagement, task.context_id or "").get("Payload") or {}).get("Lead")
    if lead is None:
        tasks.fail(task, "ContextNotFound", "the context is no lead [fact sheet 3.1]")
        return
    if str(lead.get("QualificationStatus") or "").casefold() == DISQUALIFIED:
        tasks.fail(task, "DisqualifiedLeadNotPermitted", "the lead is disqualified [fact sheet 3.1]")
        return
    identifier = call.ids.opportunity()
    now = call.now_ms - call.now_ms % call.switches.last_modified_step_ms
    opportunity = Opportunity(
        identifier, call.owned_arn("opportunity", identifier), _document(engagement, lead), now, now
    )
    opportunity.engagement_id = engagement.id
    call.state.opportunities[identifier] = opportunity
    call.announce(call.shapes.opportunity("Created", call.state.name, opportunity, call.now_ms))
    task.status, task.opportunity_id = "COMPLETE", identifier


def _document(engagement: Engagement, lead: dict[str, Any]) -> dict[str, Any]:
    customer, interaction = lead["Customer"], lead["Interactions"][-1]
    account = {name: customer[name] for name in ("CompanyName", "Industry", "WebsiteUrl") if customer.get(name)}
    problem = interaction.get("BusinessProblem")
    return {
        "OpportunityType": "Net New Business",
        "Customer": {"Account": account},
        "Project": {"Title": engagement.title, **({"CustomerBusinessProblem": problem} if problem else {})},
        "LifeCycle": {"Stage": "Prospect", "ReviewStatus": "Pending Submission"},
    }


def _context(engagement: Engagement, identifier: str) -> dict[str, Any]:
    found = next((one for one in engagement.contexts if one["Id"] == identifier), None)
    if found is None:
        raise ResourceNotFoundException(f"engagement {engagement.id} has no context {identifier}", "3.5")
    return found


tasks.FINISH[KIND] = finish
