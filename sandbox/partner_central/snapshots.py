"""Snapshots of an opportunity in an engagement: what a template shows, when a revision is made (fact sheet 3.4).

Two templates: ``OpportunitySummaryView`` is shared with the members, ``AwsOpportunitySummaryFullView`` is the owner's.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from sandbox.partner_central.model_check import service_model
from sandbox.partner_central.state import Opportunity, Snapshot, SnapshotJob

if TYPE_CHECKING:
    from sandbox.partner_central.call import Call

SUMMARY_VIEW, AWS_VIEW = "OpportunitySummaryView", "AwsOpportunitySummaryFullView"
TEMPLATES = (SUMMARY_VIEW, AWS_VIEW)
AWS = "aws"

_MEMBER = {SUMMARY_VIEW: "OpportunitySummary", AWS_VIEW: "AwsOpportunitySummaryFullView"}
_NO_ROLE = "no role for resource snapshot jobs is registered for the catalog"
_LIFE = ("TargetCloseDate", "ReviewStatus", "Stage", "NextSteps")


def of_opportunity(call: Call, opportunity_id: str, template: str | None = None) -> list[Snapshot]:
    """Every revision, oldest first."""
    return [
        one for one in call.state.snapshots if one.opportunity_id == opportunity_id and template in (None, one.template)
    ]


def take(call: Call, opportunity: Opportunity, template: str = SUMMARY_VIEW, created_by: str | None = None) -> Snapshot:
    """Record a new revision and announce it. ``created_by``: this account unless given."""
    engagement_id = opportunity.engagement_id or ""
    before = [one for one in of_opportunity(call, opportunity.id, template) if one.engagement_id == engagement_id]
    revision = len(before) + 1
    path = f"{engagement_id}/resource/Opportunity/{opportunity.id}/template/{template}/snapshot/{revision}"
    members = call.state.engagements[engagement_id].members
    snapshot = Snapshot(
        arn=call.shared_arn("engagement", path),
        engagement_id=engagement_id,
        opportunity_id=opportunity.id,
        template=template,
        revision=revision,
        created_ms=call.now_ms,
        created_by=created_by or call.settings.account_id,
        payload={_MEMBER[template]: _view(opportunity, template)},
        targets=list(members) if template == SUMMARY_VIEW else [call.settings.account_id],
    )
    call.state.snapshots.append(snapshot)
    call.announce(call.shapes.snapshot(call.state.name, snapshot, call.now_ms))
    return snapshot


def open_job(call: Call, opportunity: Opportunity, template: str = SUMMARY_VIEW) -> SnapshotJob:
    """A new job, Stopped until it is started."""
    identifier = call.ids.new("job", 13)
    job = SnapshotJob(
        identifier,
        call.owned_arn("resource-snapshot-job", identifier),
        opportunity.engagement_id or "",
        opportunity.id,
        template,
        call.now_ms,
    )
    call.state.jobs[identifier] = job
    return job


def begin(call: Call, opportunity: Opportunity) -> SnapshotJob:
    """What both tasks do under the caller's rights: a first snapshot, and a job that runs from now on."""
    take(call, opportunity)
    job = open_job(call, opportunity)
    job.status = "Running"
    opportunity.snapshot_job_id = job.id
    return job


def after_change(call: Call, opportunity: Opportunity) -> None:
    """Each running job makes a new revision if a field of its template has changed; AWS makes one of its own summary.

    A job acts with the role that is registered for the catalog; without one its run fails and says so.
    """
    if opportunity.engagement_id is None:
        return
    for job in [one for one in call.state.jobs.values() if one.opportunity_id == opportunity.id]:
        if job.status != "Running" or not _has_news(call, opportunity, job.template):
            continue
        if call.switches.snapshot_job_needs_role and call.state.job_role_arn is None:
            job.last_failure = _NO_ROLE
            continue
        take(call, opportunity, job.template)
        job.last_success_ms, job.last_failure = call.now_ms, None
    if opportunity.summary and _has_news(call, opportunity, AWS_VIEW):
        take(call, opportunity, AWS_VIEW, AWS)


def _has_news(call: Call, opportunity: Opportunity, template: str) -> bool:
    before = of_opportunity(call, opportunity.id, template)
    return not before or before[-1].payload[_MEMBER[template]] != _view(opportunity, template)


def _view(opportunity: Opportunity, template: str) -> dict[str, Any]:
    document, related = opportunity.document, {name: ids for name, ids in opportunity.related.items() if ids}
    if template == AWS_VIEW:
        view = {
            **opportunity.summary,
            "RelatedOpportunityId": opportunity.id,
            "Origin": opportunity.origin,
            "InvolvementType": opportunity.involvement,
            "Visibility": opportunity.visibility,
            "RelatedEntityIds": related,
        }
        return copy.deepcopy(_known(view, template))
    life, project = document.get("LifeCycle") or {}, document.get("Project") or {}
    view = {
        **document,
        "Lifecycle": {name: life[name] for name in _LIFE if name in life},
        "Project": _known(project, "ProjectView"),
        "OpportunityTeam": opportunity.team,
        "RelatedEntityIdentifiers": related,
    }
    return copy.deepcopy(_known(view, template))


def _known(document: dict[str, Any], shape: str) -> dict[str, Any]:
    """What of a document the model's shape has."""
    members = service_model().shape_for(shape).members
    return {name: value for name, value in document.items() if name in members and value not in (None, [], {})}
