"""What an acceptance task's state means for the invitation; shared by the two functions that see tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdas.aws.handlers.asking_deal import target_of
from lambdas.shared.adapters.ledger import Invitation
from lambdas.shared.adapters.ledger.invitations import ACCEPTED, DECLINED, FAILED, STARTED
from lambdas.shared.errors import Retryable
from lambdas.shared.runtime import Answer, Event, count, logger

# AWS's own trouble, not ours: the run comes back later and begins a new task with a new token.
_PASSING_REASONS = frozenset({"InternalError", "RequestThrottled", "ServiceQuotaExceeded"})


def state_of_task(event: Event, task: Mapping[str, Any], c: Any) -> Answer:
    """Record the task on the invitation and answer what ``start_acceptance`` answers.

    ``c`` has ``invitations`` and ``deal``. ``Retryable`` when it failed for a passing reason, or is complete and does
    not name its opportunity yet: then the machine comes back until it does, since an accepted invitation is in no poll
    any more. One that failed for good is declined, and no poll begins it anew.
    """
    invitation_id = event["invitation"]
    if task["status"] == "IN_PROGRESS":
        c.invitations.finish(invitation_id, STARTED, task_id=task["task_id"])
        return {"state": "running", "task_id": task["task_id"]}
    if task["status"] == "COMPLETE":
        if not task["opportunity_id"]:
            raise Retryable("the acceptance is complete and its opportunity is not named yet")
        c.invitations.finish(invitation_id, ACCEPTED, task_id=task["task_id"], opportunity_id=task["opportunity_id"])
        return state_of_known(c.invitations.get(invitation_id))
    reason = task["reason"] or "no reason given"
    if reason in _PASSING_REASONS or reason.endswith("Conflict"):
        c.invitations.finish(invitation_id, FAILED, task_id=task["task_id"], reason=reason)
        count("AcceptanceFailed")
        raise Retryable(f"the acceptance task failed: {reason}")
    return refused(event, reason, c, task["task_id"])


def state_of_known(known: Invitation) -> Answer:
    """The answer for an invitation that is accepted."""
    target = target_of(known)
    answer = {"state": "complete", "task_id": known.task_id, "opportunity_id": known.opportunity_id}
    return {**answer, **({"deal_id": target} if target else {})}


def refused(event: Event, reason: str, c: Any, task_id: str | None = None) -> Answer:
    """AWS will not let us accept it: on record with the reason, and told to the deal that asks."""
    invitation_id = event["invitation"]
    c.invitations.finish(invitation_id, DECLINED, task_id=task_id, reason=reason)
    count("AcceptanceFailed")
    logger.warning("acceptance refused", extra={"invitation": invitation_id, "reason": reason})
    c.deal.wake(c.invitations.get(invitation_id), event["run"].get("correlation_id", "none"))
    return {"state": "declined", **({"task_id": task_id} if task_id else {})}
