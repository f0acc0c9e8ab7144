"""Engagements of one catalog: who is in them, what is shared in them, and the jobs that keep it shared.

Every method raises the classes of ``lambdas.shared.errors`` and none retries.
https://docs.aws.amazon.com/partner-central/latest/APIReference/API_Operations_Partner_Central_Selling_API.html
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from lambdas.aws.adapters.partner_central_calls import call_catalog, every_page, having
from lambdas.aws.adapters.partner_central_errors import LOCK_CODES, refusal_codes
from lambdas.aws.domain.opportunity import decoded, to_document
from lambdas.shared.errors import NotFound, Rejected

RESOURCE_TYPE = "Opportunity"
SHARED_TEMPLATE = "OpportunitySummaryView"
"""What engagement members see of an opportunity. The other template, AWS's own summary, is for the owner alone."""

RUNNING = "Running"
# The most that the service model takes of each list.
_MEMBERS, _INVITATIONS, _MANY = 10, 100, 1000


class Engagements:
    """One catalog (``AWS`` or ``Sandbox``) through one SDK client (see ``make_client``)."""

    def __init__(self, client: Any, catalog: str) -> None:
        self._ask = partial(call_catalog, client, catalog)

    def of_opportunity(self, opportunity_id: str) -> list[str]:
        """Ids of the engagements that the opportunity is in; none before it is submitted or accepted."""
        what, name = "to list the opportunity's engagements", "EngagementResourceAssociationSummaries"
        about = {"ResourceType": RESOURCE_TYPE, "ResourceIdentifier": opportunity_id}
        found = every_page(self._ask, "list_engagement_resource_associations", what, name, _MANY, **about)
        return list(dict.fromkeys(str(having(one, what, "EngagementId")["EngagementId"]) for one in found))

    def read(self, engagement_id: str) -> dict[str, Any]:
        """GetEngagement's answer: decoded, times as text, empty members removed."""
        what = "to read the engagement"
        return to_document(having(self._ask("get_engagement", what, Identifier=engagement_id), what, "Id"))

    def members(self, engagement_id: str) -> list[dict[str, str]]:
        """``{"account", "company"}`` of each member, in AWS's order; the company may be empty."""
        what, name = "to list the engagement's members", "EngagementMemberList"
        found = every_page(self._ask, "list_engagement_members", what, name, _MEMBERS, Identifier=engagement_id)
        return [
            {"account": str(one.get("AccountId") or ""), "company": decoded(str(one.get("CompanyName") or ""))}
            for one in found
        ]

    def sent_invitations(self, engagement_id: str) -> list[dict[str, str]]:
        """``{"id", "status"}`` of the invitations that we sent, newest first; AWS's is one of them."""
        what, name = "to list the invitations that we sent", "EngagementInvitationSummaries"
        about = {
            "ParticipantType": "SENDER",
            "EngagementIdentifier": [engagement_id],
            "Sort": {"SortBy": "InvitationDate", "SortOrder": "DESCENDING"},
        }
        found = every_page(self._ask, "list_engagement_invitations", what, name, _INVITATIONS, **about)
        return [{"id": str(having(one, what, "Id", "Status")["Id"]), "status": str(one["Status"])} for one in found]

    def snapshots(self, engagement_id: str) -> list[dict[str, Any]]:
        """``{"resource", "template", "revision", "created_by"}`` of every snapshot that we may see, without payload."""
        what, name = "to list the engagement's snapshots", "ResourceSnapshotSummaries"
        found = every_page(self._ask, "list_resource_snapshots", what, name, _MANY, EngagementIdentifier=engagement_id)
        return [_snapshot(one, what) for one in found]

    def job_of(self, engagement_id: str, opportunity_id: str, template: str = SHARED_TEMPLATE) -> dict[str, Any] | None:
        """The job that takes snapshots of an opportunity by a template, see ``job``; None when there is none."""
        what, name = "to list snapshot jobs", "ResourceSnapshotJobSummaries"
        listed = every_page(
            self._ask, "list_resource_snapshot_jobs", what, name, _MANY, EngagementIdentifier=engagement_id
        )
        # The summaries name neither resource nor template.
        for summary in [having(one, what, "Id") for one in listed]:
            try:
                job = self.job(str(summary["Id"]))
            except NotFound:
                continue
            if (job["resource"], job["template"]) == (opportunity_id, template):
                return job
        return None

    def job(self, job_id: str) -> dict[str, Any]:
        """``{"id", "status", "engagement", "resource", "template", "failed"}`` of one snapshot job.

        ``status`` is Running or Stopped, ``failed`` whether AWS says of its last run that it failed.
        """
        what = "to read the snapshot job"
        answer = self._ask("get_resource_snapshot_job", what, ResourceSnapshotJobIdentifier=job_id)
        job = having(answer, what, "Id", "Status")
        return {
            "id": str(job["Id"]),
            "status": str(job["Status"]),
            "engagement": job.get("EngagementId"),
            "resource": job.get("ResourceId"),
            "template": job.get("ResourceSnapshotTemplateName"),
            "failed": job.get("LastFailure") not in (None, "", "null"),
        }

    def create_job(self, token: str, engagement_id: str, opportunity_id: str) -> str:
        """A job for the shared template, not running yet; its id. ``Conflict`` when there is one already.

        ``token`` was stored before the call: the same one gives the same job.
        """
        what = "to create the snapshot job"
        answer = self._ask(
            "create_resource_snapshot_job",
            what,
            ClientToken=token,
            EngagementIdentifier=engagement_id,
            ResourceType=RESOURCE_TYPE,
            ResourceIdentifier=opportunity_id,
            ResourceSnapshotTemplateIdentifier=SHARED_TEMPLATE,
        )
        return str(having(answer, what, "Id")["Id"])

    def start_job(self, job_id: str) -> None:
        """Let a job run; one that runs already is a success, also where AWS refuses to start it again."""
        try:
            self._ask("start_resource_snapshot_job", "to start the snapshot job", ResourceSnapshotJobIdentifier=job_id)
        except Rejected as error:
            if not refusal_codes(error) & LOCK_CODES or self.job(job_id)["status"] != RUNNING:
                raise

    def job_role(self) -> str | None:
        """ARN of the role that snapshot jobs of this catalog act with; None when none is registered."""
        try:
            answer = self._ask("get_selling_system_settings", "to read the selling system settings")
        except NotFound:
            return None
        return answer.get("ResourceSnapshotJobRoleArn") or None

    def register_job_role(self, role_arn: str) -> None:
        """Let snapshot jobs of this catalog act with a role of the linked account; replaces what was registered."""
        what = "to register the role of snapshot jobs"
        self._ask("put_selling_system_settings", what, ResourceSnapshotJobRoleIdentifier=role_arn)


def _snapshot(summary: Mapping[str, Any], what: str) -> dict[str, Any]:
    one = having(summary, what, "ResourceId", "ResourceSnapshotTemplateName", "Revision")
    return {
        "resource": str(one["ResourceId"]),
        "template": str(one["ResourceSnapshotTemplateName"]),
        "revision": int(one["Revision"]),
        "created_by": str(one.get("CreatedBy") or ""),
    }
