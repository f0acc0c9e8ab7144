"""ReviewStatus: who may move it, and where to (fact sheet 1.4, 2.1)."""

from __future__ import annotations

from typing import Any

from sandbox.partner_central.errors import BAD_ENUM, BAD_STATE, NOT_PERMITTED, Problem
from sandbox.partner_central.values import REVIEW_STATUS_REASONS

PENDING, SUBMITTED, IN_REVIEW = "Pending Submission", "Submitted", "In review"
APPROVED, REJECTED, ACTION_REQUIRED = "Approved", "Rejected", "Action Required"
REVIEW_MEMBERS = ("ReviewStatus", "ReviewComments", "ReviewStatusReason")

TRANSITIONS = {
    PENDING: frozenset({SUBMITTED}),
    SUBMITTED: frozenset({APPROVED, REJECTED, ACTION_REQUIRED}),
    IN_REVIEW: frozenset({APPROVED, REJECTED, ACTION_REQUIRED}),
    ACTION_REQUIRED: frozenset({SUBMITTED}),
}
"""Legal moves. Submitted -> In review is AWS's own and not open to a Sandbox simulation."""


def simulates(stored: dict[str, Any], wanted: dict[str, Any], catalog: str) -> bool:
    """Whether an update sets another ReviewStatus to play AWS's reviewer in Sandbox."""
    status, now = _life(wanted).get("ReviewStatus"), _life(stored).get("ReviewStatus")
    if (now, status) == (ACTION_REQUIRED, SUBMITTED):
        return False  # that is what every update of such an opportunity does
    return catalog == "Sandbox" and status is not None and status != now


def problems(stored: dict[str, Any], wanted: dict[str, Any], catalog: str) -> list[Problem]:
    """Refusals of what an update says about the review. Leaving the members out, or echoing them, is fine."""
    old, new = _life(stored), _life(wanted)
    if catalog != "Sandbox":
        return [
            Problem(f"LifeCycle.{name}", NOT_PERMITTED, f"{name} is read-only to partners in the AWS catalog", "1.4")
            for name in REVIEW_MEMBERS
            if new.get(name) and new[name] != old.get(name)
        ]
    found = []
    status, now = new.get("ReviewStatus"), old.get("ReviewStatus", PENDING)
    if status is not None and status != now:
        found += _transition(now, status)
    reason = new.get("ReviewStatusReason")
    if reason and reason not in REVIEW_STATUS_REASONS:
        text = f"ReviewStatusReason must be one of: {'; '.join(sorted(REVIEW_STATUS_REASONS))}"
        found.append(Problem("LifeCycle.ReviewStatusReason", BAD_ENUM, text, "2.2"))
    return found


def at_create(document: dict[str, Any]) -> list[Problem]:
    """A new opportunity is Pending Submission, whatever the catalog."""
    if _life(document).get("ReviewStatus", PENDING) == PENDING:
        return []
    return [Problem("LifeCycle.ReviewStatus", NOT_PERMITTED, f"a new opportunity starts as {PENDING}", "3.1")]


def _transition(now: str, then: str) -> list[Problem]:
    if now == PENDING and then == SUBMITTED:
        text = "cannot transition from Pending Submission to Submitted by an update: submit the opportunity"
    elif then in TRANSITIONS.get(now, ()):
        return []
    else:
        text = f"cannot transition from {now} to {then}"
    return [Problem("LifeCycle.ReviewStatus", BAD_STATE, text, "1.4")]


def _life(document: dict[str, Any]) -> dict[str, Any]:
    return document.get("LifeCycle") or {}
