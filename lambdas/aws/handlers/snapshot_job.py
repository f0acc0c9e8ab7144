"""Keeps the job running that shares later changes of an opportunity with the members of its engagement.

AWS publishes no rate for these calls, so they take no slot of the write quota; a look creates and starts one job at
most, and AWS's throttling brings the look back later.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdas.aws.adapters.engagements import RUNNING
from lambdas.shared.errors import Conflict, NotFound, Rejected, Retryable, Unauthorized
from lambdas.shared.handlers.vendor_write import recorded
from lambdas.shared.runtime import count, logger


def keep_running(run: Mapping[str, Any], engagement_id: str, c: Any) -> None:
    """Start the job if it is stopped, create and start it if there is none. Safe to repeat.

    ``c`` has ``engagements``, ``seen``, ``audit`` and ``new_token``. What AWS refuses for good is counted and logged,
    and keeps nothing else from being looked at; ``Throttled`` and ``Retryable`` come through.
    """
    try:
        job = _known(run, engagement_id, c) or _create(run, engagement_id, c)
        if job["status"] != RUNNING:
            with recorded(c.audit, None, run, "StartResourceSnapshotJob", [_change(job["id"])]) as done:
                c.engagements.start_job(job["id"])
                done(job=job["id"])
            count("SnapshotJobStarted")
        elif job["failed"]:
            count("SnapshotJobRunFailed")
            logger.warning("the snapshot job's last run failed; see its role", extra={"job": job["id"]})
    except (Rejected, Unauthorized, Conflict, NotFound) as error:
        count("SnapshotJobRefused")
        logger.warning("snapshot job refused", extra={"engagement": engagement_id, "reason": str(error)})


def _known(run: Mapping[str, Any], engagement_id: str, c: Any) -> dict[str, Any] | None:
    kept = _kept(run, engagement_id, c)
    if kept.get("id"):
        try:
            return c.engagements.job(kept["id"])
        except NotFound:
            pass  # it was deleted at AWS: look for another, else a new one with a new token
    found = c.engagements.job_of(engagement_id, run["opportunity_id"])
    if found is not None and kept.get("id") != found["id"]:
        _keep(run, engagement_id, {"id": found["id"]}, c)
    return found


def _create(run: Mapping[str, Any], engagement_id: str, c: Any) -> dict[str, Any]:
    token = _kept(run, engagement_id, c).get("token")
    if token is None:
        token = c.new_token()
        _keep(run, engagement_id, {"token": token}, c)
    with recorded(c.audit, None, run, "CreateResourceSnapshotJob", [_change(engagement_id)]) as done:
        job_id = c.engagements.create_job(token, engagement_id, run["opportunity_id"])
        done(job=job_id)
    _keep(run, engagement_id, {"id": job_id}, c)
    count("SnapshotJobCreated")
    return c.engagements.job(job_id)


def _kept(run: Mapping[str, Any], engagement_id: str, c: Any) -> Mapping[str, str]:
    return c.seen.get(run["link"], run["kind"])[0].get("jobs", {}).get(engagement_id, {})


def _keep(run: Mapping[str, Any], engagement_id: str, entry: Mapping[str, str], c: Any) -> None:
    document, version = c.seen.get(run["link"], run["kind"])
    jobs = {**document.get("jobs", {}), engagement_id: entry}
    if not c.seen.put(run["link"], run["kind"], {**document, "jobs": jobs}, version):
        raise Retryable("another look at this link is under way")


def _change(value: str) -> dict[str, str]:
    return {"field": "snapshot_job", "after": value}
