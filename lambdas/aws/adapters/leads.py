"""Leads of one catalog: their context in an engagement, their qualification, and the opportunity made of one.

Every method raises the classes of ``lambdas.shared.errors`` and none retries.
https://docs.aws.amazon.com/partner-central/latest/developer-guide/working-with-your-leads.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from lambdas.aws.adapters.partner_central_calls import call_catalog, having
from lambdas.aws.domain.opportunity import to_document
from lambdas.shared.errors import NotFound

_LEAD = "Lead"


class Leads:
    """One catalog (``AWS`` or ``Sandbox``) through one SDK client (see ``make_client``)."""

    def __init__(self, client: Any, catalog: str) -> None:
        self._ask = partial(call_catalog, client, catalog)

    def read(self, engagement_id: str) -> dict[str, Any]:
        """``{"context_id", "modified_at" (text), "lead"}`` of the engagement's lead. ``NotFound`` when it has none."""
        what = "to read the lead's engagement"
        found = to_document(having(self._ask("get_engagement", what, Identifier=engagement_id), what, "Id"))
        for context in found.get("Contexts") or ():
            lead = (context.get("Payload") or {}).get(_LEAD)
            if context.get("Type") == _LEAD and lead and context.get("Id"):
                modified = having(found, what, "ModifiedAt")["ModifiedAt"]
                return {"context_id": str(context["Id"]), "modified_at": str(modified), "lead": lead}
        raise NotFound(f"the engagement {engagement_id} shows no lead")

    def qualify(self, engagement_id: str, read: Mapping[str, Any], status: str) -> None:
        """UpdateEngagementContext with QualificationStatus; the customer goes back as it was ``read``.

        ``Conflict`` when the engagement was modified since: read it again.
        """
        self._ask(
            "update_engagement_context",
            "to qualify the lead",
            EngagementIdentifier=engagement_id,
            ContextIdentifier=read["context_id"],
            EngagementLastModifiedAt=datetime.fromisoformat(read["modified_at"]),
            Type=_LEAD,
            Payload={_LEAD: {"QualificationStatus": status, "Customer": dict(read["lead"]["Customer"])}},
        )

    def start_opportunity(self, token: str, engagement_id: str, context_id: str) -> dict[str, Any]:
        """StartOpportunityFromEngagementTask; the task as ``PartnerCentral.acceptance_task`` gives one."""
        what, operation = "to make an opportunity of the lead", "start_opportunity_from_engagement_task"
        about = {"ClientToken": token, "Identifier": engagement_id, "ContextIdentifier": context_id}
        return _task(self._ask(operation, what, **about), what)

    def opportunity_task(self, task_id: str) -> dict[str, Any]:
        """That task as it is now; ``NotFound`` while the list does not show it."""
        what, operation = "to read the lead's task", "list_opportunity_from_engagement_tasks"
        found = self._ask(operation, what, TaskIdentifier=[task_id]).get("TaskSummaries") or []
        if not found:
            raise NotFound(f"AWS knows no task {task_id} of a lead.")
        return _task(found[0], what)


def _task(answer: Any, what: str) -> dict[str, Any]:
    task = having(answer, what, "TaskId", "TaskStatus")
    said = {name: task.get(name) for name in ("OpportunityId", "ReasonCode")}
    plain = {name: None if value in (None, "", "null") else str(value) for name, value in said.items()}
    return {
        "task_id": task["TaskId"],
        "status": task["TaskStatus"],
        "opportunity_id": plain["OpportunityId"],
        "invitation_id": None,
        "reason": plain["ReasonCode"],
    }
