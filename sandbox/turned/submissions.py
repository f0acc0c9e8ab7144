"""The submission to AWS in the world: its queue, its machine, its functions, and what a decision is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdas.aws.adapters.submission_tasks import SubmissionTasks
from lambdas.aws.domain.submission import ERRAND
from lambdas.aws.handlers import check_submission, start_submission
from lambdas.aws.handlers.submission import Ledger
from lambdas.shared.adapters.ledger import Submissions
from lambdas.shared.domain.field_map import parse_rules
from lambdas.shared.domain.link import Link
from sandbox.turned.parts import LEDGER, Function, Parts, bound

QUEUE = ERRAND
MACHINES = {QUEUE: "aws_submit"}


def of(p: Parts) -> Submissions:
    """What the ledger keeps of submissions."""
    return Submissions(p.store, LEDGER, "aws", p.clock)


def functions(p: Parts, central: Any, client: Any, settings: Mapping[str, Any]) -> dict[str, Function]:
    """The two functions of the machine."""
    aws = settings["partners"]["aws"]
    tasks = SubmissionTasks(client, aws["catalog"])
    ledger = Ledger(of(p), p.links, p.inbox, aws["submission"]["most_attempts"])
    start = start_submission.Collaborators(central, tasks, ledger, p.audit, parse_rules(aws), p.token, p.turn, p.clock)
    return {
        "aws.StartSubmission": bound(start_submission.start_submission, start),
        "aws.CheckSubmission": bound(check_submission.check_submission, check_submission.Collaborators(tasks, ledger)),
    }


def extras(p: Parts, link: Link) -> dict[str, Any]:
    """What ``lambdas.aws.room.extras`` reads of a link's submission."""
    found = of(p).get(link.opportunity_id) if link.opportunity_id else None
    return {"submission": None if found is None else found.as_dict()}


def parts_of(queue: str) -> Mapping[str, str]:
    """The machine comes back through its own queue."""
    return {"SubmissionsUrl": QUEUE} if queue == QUEUE else {}
