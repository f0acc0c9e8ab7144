"""The task with which an opportunity goes into AWS's review.

Every method raises the classes of ``lambdas.shared.errors`` and none retries.
https://docs.aws.amazon.com/partner-central/latest/APIReference/API_StartEngagementFromOpportunityTask.html
"""

from __future__ import annotations

from functools import partial
from typing import Any

from lambdas.aws.adapters.partner_central_calls import call_catalog, having
from lambdas.aws.domain.opportunity import decoded
from lambdas.shared.errors import NotFound

_LONGEST_MESSAGE = 1000


class SubmissionTasks:
    """One catalog (``AWS`` or ``Sandbox``) through one SDK client (see ``make_client``)."""

    def __init__(self, client: Any, catalog: str) -> None:
        self._ask = partial(call_catalog, client, catalog)

    def start(self, token: str, opportunity_id: str, involvement: str, visibility: str) -> dict[str, Any]:
        """Begin to submit; return the task (see ``read``). Repeated with the same token it is the same task.

        ``Rejected`` when AWS makes no task of it, ``Conflict`` when the token was used with other choices.
        """
        what = "to submit the opportunity"
        answer = self._ask(
            "start_engagement_from_opportunity_task",
            what,
            ClientToken=token,
            Identifier=opportunity_id,
            AwsSubmission={"InvolvementType": involvement, "Visibility": visibility},
        )
        return _task(answer, what)

    def read(self, task_id: str) -> dict[str, Any]:
        """``{"task_id", "status", "engagement_id", "reason", "message"}``, the last three possibly None.

        ``status`` is IN_PROGRESS, COMPLETE or FAILED; ``reason`` AWS's code for a failure, ``message`` its own words,
        which may repeat what a customer typed: they belong into no log and no error.
        """
        what = "to read the submission task"
        found = self._ask("list_engagement_from_opportunity_tasks", what, TaskIdentifier=[task_id])
        tasks = found.get("TaskSummaries") or []
        if not tasks:
            raise NotFound(f"AWS knows no submission task {task_id}.")
        return _task(tasks[0], what)


def _task(answer: Any, what: str) -> dict[str, Any]:
    task = having(answer, what, "TaskId", "TaskStatus")
    message = _said(task.get("Message"))
    return {
        "task_id": task["TaskId"],
        "status": task["TaskStatus"],
        "engagement_id": _said(task.get("EngagementId")),
        "reason": _said(task.get("ReasonCode")),
        "message": message and decoded(message)[:_LONGEST_MESSAGE],
    }


def _said(value: Any) -> str | None:
    """AWS sometimes answers the word "null" for nothing."""
    return None if value in (None, "", "null") else str(value)
