"""Resource snapshot jobs: created Stopped, started, stopped, listed, read (fact sheet 3.4)."""

from __future__ import annotations

from sandbox.partner_central import resources, snapshots
from sandbox.partner_central.call import Answer, Body, Call
from sandbox.partner_central.errors import BAD_STATE, ConflictException, ResourceNotFoundException, refuse
from sandbox.partner_central.fields import without_nulls
from sandbox.partner_central.instants import to_text
from sandbox.partner_central.listing import is_descending, page, reply
from sandbox.partner_central.state import SnapshotJob

_ID = "ResourceSnapshotJobIdentifier"
_DEFAULT_SIZE = 1000


def create(call: Call, body: Body) -> Answer:
    """CreateResourceSnapshotJob; one for each resource and template of an engagement."""

    def work() -> Answer:
        opportunity, template = resources.resource(call, body), resources.template_of(body)
        for job in call.state.jobs.values():
            if (job.engagement_id, job.opportunity_id, job.template) == (
                opportunity.engagement_id,
                opportunity.id,
                template,
            ):
                raise ConflictException(f"job {job.id} takes snapshots of {opportunity.id} by {template}", "3.4")
        job = snapshots.open_job(call, opportunity, template)
        opportunity.snapshot_job_id = job.id
        return {"Id": job.id, "Arn": job.arn}

    return call.once("CreateResourceSnapshotJob", body, work)


def start(call: Call, body: Body) -> Answer:
    """StartResourceSnapshotJob."""
    _turn(call, body, "Running")
    return {}


def stop(call: Call, body: Body) -> Answer:
    """StopResourceSnapshotJob."""
    _turn(call, body, "Stopped")
    return {}


def list_jobs(call: Call, body: Body) -> Answer:
    """Summaries, newest first. They name neither the resource nor the template: GetResourceSnapshotJob does."""
    matches = [
        job
        for job in call.state.jobs.values()
        if body.get("EngagementIdentifier") in (None, job.engagement_id) and body.get("Status") in (None, job.status)
    ]
    sized = {"MaxResults": _DEFAULT_SIZE, **body}
    key = lambda job: (job.created_ms, job.id)  # noqa: E731
    shown, token = page(matches, sized, key=key, descending=is_descending(body))
    summaries = [
        {"Id": job.id, "Arn": job.arn, "EngagementId": job.engagement_id, "Status": job.status} for job in shown
    ]
    return reply("ResourceSnapshotJobSummaries", summaries, token)


def read(call: Call, body: Body) -> Answer:
    """GetResourceSnapshotJob."""
    job = _find(call, body)
    answer = {
        "Catalog": call.state.name,
        "Id": job.id,
        "Arn": job.arn,
        "EngagementId": job.engagement_id,
        "ResourceType": resources.KIND,
        "ResourceId": job.opportunity_id,
        "ResourceArn": call.owned_arn("opportunity", job.opportunity_id),
        "ResourceSnapshotTemplateName": job.template,
        "CreatedAt": to_text(job.created_ms),
        "Status": job.status,
        "LastSuccessfulExecutionDate": None if job.last_success_ms is None else to_text(job.last_success_ms),
        "LastFailure": job.last_failure,
    }
    return without_nulls(answer)


def _turn(call: Call, body: Body, status: str) -> None:
    job = _find(call, body)
    if job.status == status and call.switches.job_turned_twice_refused:
        raise refuse(_ID, BAD_STATE, f"the job is already {status}", "3.4")
    job.status = status


def _find(call: Call, body: Body) -> SnapshotJob:
    job = call.state.jobs.get(body[_ID])
    if job is None:
        raise ResourceNotFoundException(f"no resource snapshot job {body[_ID]} in catalog {call.state.name}", "7")
    return job
