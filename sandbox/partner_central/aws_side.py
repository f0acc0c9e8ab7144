"""What AWS does to an opportunity: decides a review, edits the record, fills its summary (fact sheet 1.8, 3.2)."""

from __future__ import annotations

import copy
from typing import Any

from sandbox.partner_central import review
from sandbox.partner_central.aws_summary import SUMMARY_EDITS, changed_summary, check_raise
from sandbox.partner_central.call import Call
from sandbox.partner_central.fields import put
from sandbox.partner_central.instants import to_text
from sandbox.partner_central.invitations import join
from sandbox.partner_central.model_check import ModelCheck, service_model
from sandbox.partner_central.state import Opportunity

EDITS = {
    "next_steps": "LifeCycle.NextSteps",
    "stage": "LifeCycle.Stage",
    "target_close_date": "LifeCycle.TargetCloseDate",
    "closed_lost_reason": "LifeCycle.ClosedLostReason",
    "title": "Project.Title",
}
"""Short names of the edits that scenarios need most; any other field goes by its dotted path in ``fields``."""

_REVIEW = ("review_status", "review_comments", "review_status_reason")
_ALLOWED = (*EDITS, *_REVIEW, "fields", *SUMMARY_EDITS, "involvement", "involvement_reason", "summary")


def edit(call: Call, opportunity: Opportunity, edits: dict[str, Any], check: ModelCheck) -> None:
    """Apply AWS's edits, bump LastModifiedDate, announce.

    ``edits``: members of ``EDITS``, ``review_status``, ``review_comments``, ``review_status_reason``, ``fields``
    (dotted path -> value or None); on AWS's own side members of ``SUMMARY_EDITS``, ``involvement`` (raised to Co-Sell)
    with ``involvement_reason``, and ``summary`` (merged into GetAwsOpportunitySummary's answer). AWS is bound by no
    lock, but what it writes must fit the model. ``ValueError`` or ``ValidationException`` says what does not.
    """
    _check(edits)
    check_raise(opportunity, edits)
    paths = _paths(edits)
    document, summary = copy.deepcopy(opportunity.document), changed_summary(call, opportunity, edits)
    for path, value in paths.items():
        put(document, path, copy.deepcopy(value))
    check.check("UpdateOpportunity", {**document, **_key(opportunity)})
    check.check_shape("GetAwsOpportunitySummaryResponse", {**summary, "Catalog": call.state.name})
    opportunity.document, opportunity.summary = document, summary
    opportunity.involvement = edits.get("involvement") or opportunity.involvement
    if paths.get("LifeCycle.NextSteps"):
        opportunity.history.append({"Value": paths["LifeCycle.NextSteps"], "Time": to_text(call.now_ms)})
    if any(edits.get(name) is not None for name in _REVIEW):
        status = edits.get("review_status") or opportunity.review_status
        decide_review(call, opportunity, status, edits.get("review_comments"), edits.get("review_status_reason"))
    else:
        call.announce_update(opportunity)
    call.move(opportunity)


def decide_review(call: Call, opportunity: Opportunity, status: str, comments: str | None, reason: str | None) -> None:
    """Set the review's outcome and announce it as the vendor's scenario table says (section 4)."""
    life = opportunity.document["LifeCycle"]
    before = life["ReviewStatus"]
    life["ReviewStatus"] = status
    for name, value in (("ReviewComments", comments), ("ReviewStatusReason", reason)):
        if value:
            life[name] = value
        elif status != before:
            life.pop(name, None)
    invitation = call.state.invitations.get(opportunity.invitation_id or "")
    pending = invitation is not None and invitation.participant == "SENDER" and invitation.status == "PENDING"
    if invitation is not None and pending and status == review.APPROVED:
        join(call, invitation)
    if invitation is not None and pending and status == review.REJECTED:
        invitation.status = "REJECTED"
        call.announce(call.shapes.invitation("Rejected", call.state.name, invitation, call.now_ms))
    call.announce_update(opportunity)


def _check(edits: dict[str, Any]) -> None:
    unknown = sorted(set(edits) - set(_ALLOWED))
    if unknown:
        raise ValueError(f"unknown edit {unknown[0]!r}; allowed: {', '.join(_ALLOWED)}")
    for name, shape in (
        ("stage", "Stage"),
        ("review_status", "ReviewStatus"),
        ("closed_lost_reason", "ClosedLostReason"),
    ):
        allowed = service_model().shape_for(shape).enum
        if edits.get(name) is not None and edits[name] not in allowed:
            raise ValueError(f"{name} must be one of: {'; '.join(allowed)}")


def _key(opportunity: Opportunity) -> dict[str, Any]:
    """What makes a document an UpdateOpportunity request."""
    return {"Catalog": "AWS", "Identifier": opportunity.id, "LastModifiedDate": to_text(opportunity.modified_ms)}


def _paths(edits: dict[str, Any]) -> dict[str, Any]:
    named = {path: edits[name] for name, path in EDITS.items() if name in edits}
    return {**named, **(edits.get("fields") or {})}
