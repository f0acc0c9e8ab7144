"""What a submission task's state means for the submission; shared by the two functions that see tasks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lambdas.aws.domain.submission_reasons import passes
from lambdas.shared.adapters.ledger.submissions import COMPLETE, FAILED, REFUSED, STARTED, Submission
from lambdas.shared.errors import NotFound
from lambdas.shared.runtime import Answer, Event, count, logger


@dataclass(frozen=True)
class Ledger:
    """Where a submission is remembered, and how its link is woken. ``most_attempts`` is the settings'."""

    submissions: Any
    links: Any
    inbox: Callable[[str], Any]
    most_attempts: int


def state_of_task(event: Event, standing: Submission, task: Mapping[str, Any], c: Ledger) -> Answer:
    """Record the task and answer ``{"state": "running" | "complete" | "again" | "refused", "task_id"}``.

    ``again``: it failed for a reason that passes, and a new token begins it once more, later. Whatever ends it wakes
    the link: the sync shows on the deal what came of it. AWS's words go onto the ledger's item and nowhere else.
    """
    opportunity_id, token, task_id = standing.opportunity_id, standing.token, task["task_id"]
    if task["status"] == "IN_PROGRESS":
        c.submissions.finish(opportunity_id, token, STARTED, task_id=task_id)
        return {"state": "running", "task_id": task_id}
    if task["status"] == "COMPLETE":
        c.submissions.finish(opportunity_id, token, COMPLETE, task_id=task_id, engagement_id=task["engagement_id"])
        wake(event, c)
        return {"state": "complete", "task_id": task_id}
    reason = task["reason"] or "no reason given"
    count("SubmissionFailed")
    logger.warning("submission failed", extra={"opportunity": opportunity_id, "reason": reason})
    if passes(reason) and standing.attempts < c.most_attempts:
        c.submissions.finish(opportunity_id, token, FAILED, task_id=task_id, reason=reason)
        return {"state": "again", "task_id": task_id}
    refuse(event, standing, reason, task["message"], c, task_id=task_id)
    return {"state": "refused", "task_id": task_id}


def refuse(
    event: Event, standing: Submission, reason: str, message: str | None, c: Ledger, *, task_id: str | None = None
) -> None:
    """Somebody has to act: remembered, and shown by the run that this wakes."""
    opportunity_id, token = standing.opportunity_id, standing.token
    c.submissions.finish(opportunity_id, token, REFUSED, task_id=task_id, reason=reason, message=message)
    wake(event, c)


def wake(event: Event, c: Ledger) -> None:
    """Have the sync look at the link; one that is gone needs nobody."""
    run = event["run"]
    try:
        link_key = c.links.raise_wanted(event["link"])
    except NotFound:
        return
    correlation_id = run.get("correlation_id", "none")
    c.inbox(run["partner"]).send({"link": link_key, "why": "partner", "correlation_id": correlation_id})
