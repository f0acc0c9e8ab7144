"""Looks at a submission task once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lambdas.aws.handlers.submission import Ledger, state_of_task
from lambdas.shared.adapters.ledger.submissions import STARTED
from lambdas.shared.errors import NotFound
from lambdas.shared.runtime import Answer, Event, entry_point


@dataclass(frozen=True)
class Collaborators:
    """What the function works with."""

    tasks: Any
    ledger: Ledger


def check_submission(event: Event, c: Collaborators) -> Answer:
    """Same answer as ``start_submission``; a task that the list does not show yet is still running."""
    standing = c.ledger.submissions.get(event["opportunity"])
    if standing is None or standing.state != STARTED or standing.task_id != event["task_id"]:
        return {"state": "over"}  # another run has seen its end
    try:
        task = c.tasks.read(event["task_id"])
    except NotFound:
        return {"state": "running", "task_id": event["task_id"]}
    return state_of_task(event, standing, task, c.ledger)


def _collaborators() -> Collaborators:
    from lambdas.aws.wiring import PARTNER, settings, submission_tasks
    from lambdas.shared import wiring

    most = int(settings()["submission"]["most_attempts"])
    return Collaborators(submission_tasks(), Ledger(wiring.submissions(PARTNER), wiring.links(), wiring.inbox, most))


handler = entry_point(check_submission, _collaborators)
