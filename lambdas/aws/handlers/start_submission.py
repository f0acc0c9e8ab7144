"""Starts AWS's submission task for an opportunity that is still Pending Submission."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lambdas.aws.domain.refusals import explained
from lambdas.aws.domain.submission import STALE_MS, fingerprint
from lambdas.aws.domain.submission_reasons import REFUSED_AT_ONCE
from lambdas.aws.handlers.submission import Ledger, refuse, state_of_task, wake
from lambdas.shared.adapters.ledger.submissions import COMPLETE, FAILED, REFUSED, STARTED, Submission
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.domain import paths
from lambdas.shared.domain.field_map import FieldRule
from lambdas.shared.domain.messages import problems_text
from lambdas.shared.errors import NotFound, Rejected, Retryable
from lambdas.shared.handlers.turn import Turn
from lambdas.shared.handlers.vendor_write import recorded
from lambdas.shared.runtime import Answer, Event, count, entry_point, logger

_OVER: Answer = {"state": "over"}


@dataclass(frozen=True)
class Collaborators:
    """What the function works with. ``rules`` say which property stands behind a field that AWS names."""

    partner_central: Any
    tasks: Any
    ledger: Ledger
    audit: Any
    rules: Sequence[FieldRule] = ()
    new_token: Callable[[], str] = lambda: secrets.token_hex(16)
    turn: Turn = field(default_factory=Turn)
    clock: Clock = field(default_factory=SystemClock)


def start_submission(event: Event, c: Collaborators) -> Answer:
    """``link``, ``opportunity``, ``involvement``, ``visibility``, ``asked_at`` (epoch ms as text), ``why``, ``at``.

    Answers what ``state_of_task`` answers, or ``over``: there is nothing to submit (any more). What was asked for
    before an earlier call ended has had its answer; only the machine that comes back (``again``) goes on from there.

    Safe to repeat: the token is stored before the call, with the choices that it was begun with, and AWS answers a
    repeated call with the task as it is. Whether a person still wants it was the sync's to say.
    """
    opportunity_id, submissions = event["opportunity"], c.ledger.submissions
    link = c.ledger.links.get(event["link"])
    if link is None or link.handed_over or link.opportunity_id != opportunity_id:
        return _OVER
    known = submissions.get(opportunity_id)
    if known is not None and known.state == STARTED and known.task_id:
        return {"state": "running", "task_id": known.task_id}
    try:
        document = c.partner_central.get_opportunity(opportunity_id)
    except NotFound:
        return _OVER  # the sync says so on the deal, or asks again once AWS shows it
    if paths.get(document, "LifeCycle.ReviewStatus") != "Pending Submission":
        return _in_review_already(event, known, c)
    if known is not None and (answered := _answered(event, known, c.clock.now_ms())) is not None:
        return answered
    standing = submissions.begin(
        opportunity_id,
        c.new_token(),
        involvement=event["involvement"],
        visibility=event["visibility"],
        fingerprint=fingerprint(document),
        link=event["link"],
        again=True,
    )
    return _call(event, standing, c)


def _answered(event: Event, known: Submission, now_ms: int) -> Answer | None:
    """Two runs of the sync may ask at once, and SQS may deliver twice: the answer for the later message, or None.

    After a failure that passes the message has to come back, in case that the run that saw it died before it did.
    """
    if known.state == COMPLETE:
        return _OVER if now_ms - known.updated_at < STALE_MS else None
    if int(event["asked_at"]) > known.updated_at or (known.state == FAILED and event["why"] == "again"):
        return None
    return {FAILED: {"state": "again"}, REFUSED: _OVER}.get(known.state)


def _in_review_already(event: Event, known: Submission | None, c: Collaborators) -> Answer:
    """Our call went through though its answer was lost, or somebody submitted it in Partner Central."""
    if known is not None and known.state == STARTED:
        c.ledger.submissions.finish(known.opportunity_id, known.token, COMPLETE)
        wake(event, c.ledger)
    return _OVER


def _call(event: Event, standing: Submission, c: Collaborators) -> Answer:
    opportunity_id, choice = standing.opportunity_id, (standing.involvement, standing.visibility)
    on_record: Mapping[str, Any] = {**event["run"], "link": event["link"], "opportunity_id": opportunity_id}
    changes = [
        {"field": "involvement", "after": standing.involvement},
        {"field": "visibility", "after": standing.visibility},
    ]
    c.turn.wait(event["at"])
    try:
        with recorded(c.audit, None, on_record, "SubmitOpportunity", changes) as done:
            task = c.tasks.start(standing.token, opportunity_id, *choice)
            done(task_id=task["task_id"], status=task["status"], reason=task["reason"])
    except NotFound as error:
        raise Retryable(str(error)) from None
    except Rejected as error:
        count("SubmissionFailed")
        logger.warning("submission refused", extra={"opportunity": opportunity_id, "reason": str(error)})
        refuse(event, standing, REFUSED_AT_ONCE, _in_sellers_words(error, c.rules), c.ledger)
        return {"state": "refused"}
    return state_of_task(event, standing, task, c.ledger)


def _in_sellers_words(error: Rejected, rules: Sequence[FieldRule]) -> str | None:
    return problems_text(explained(error.problems, rules)) or None


def _collaborators() -> Collaborators:
    from lambdas.aws.wiring import PARTNER, partner_central, settings, submission_tasks
    from lambdas.shared import wiring
    from lambdas.shared.domain.field_map import parse_rules

    ours = settings()
    ledger = Ledger(wiring.submissions(PARTNER), wiring.links(), wiring.inbox, int(ours["submission"]["most_attempts"]))
    return Collaborators(partner_central(), submission_tasks(), ledger, wiring.audit(), parse_rules(ours))


handler = entry_point(start_submission, _collaborators)
