"""What an acceptance task's state means for the invitation; shared by the two functions that see tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdas.shared.errors import Retryable
from lambdas.shared.runtime import Answer, count, logger

# AWS's own trouble, not ours: the run comes back later and begins a new task with a new token.
_PASSING_REASONS = frozenset({"InternalError", "RequestThrottled", "ServiceQuotaExceeded"})


def state_of_task(invitation_id: str, task: Mapping[str, Any], invitations: Any) -> Answer:
    """Record the task on the invitation and answer what ``start_acceptance`` answers.

    ``Retryable`` when it failed for a passing reason, or is complete and does not name its opportunity yet: then the
    machine comes back until it does, since an accepted invitation is in no poll any more.
    """
    if task["status"] == "IN_PROGRESS":
        invitations.finish(invitation_id, "started", task_id=task["task_id"])
        return {"state": "running", "task_id": task["task_id"]}
    if task["status"] == "COMPLETE":
        if not task["opportunity_id"]:
            raise Retryable("the acceptance is complete and its opportunity is not named yet")
        invitations.finish(invitation_id, "accepted", task_id=task["task_id"], opportunity_id=task["opportunity_id"])
        return {"state": "complete", "task_id": task["task_id"], "opportunity_id": task["opportunity_id"]}
    reason = task["reason"] or "no reason given"
    invitations.finish(invitation_id, "failed", task_id=task["task_id"], reason=reason)
    count("AcceptanceFailed")
    logger.warning("acceptance failed", extra={"invitation": invitation_id, "reason": reason})
    if reason in _PASSING_REASONS or reason.endswith("Conflict"):
        raise Retryable(f"the acceptance task failed: {reason}")
    return {"state": "declined", "task_id": task["task_id"]}
