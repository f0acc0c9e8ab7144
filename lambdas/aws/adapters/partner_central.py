"""AWS Partner Central, as the product sees it: opportunities and invitations of one catalog.

Every method raises the classes of ``lambdas.shared.errors`` and none retries.
https://docs.aws.amazon.com/partner-central/latest/APIReference/Welcome.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from lambdas.aws.adapters.partner_central_calls import call_catalog, having
from lambdas.aws.adapters.partner_central_client import make_client
from lambdas.aws.adapters.partner_central_errors import (
    LOCK_CODES,
    of_entity,
    refusal_codes,
    unknown_entity,
)
from lambdas.aws.domain.opportunity import iso_text, to_document
from lambdas.shared.errors import Conflict, NotFound, Problem, Rejected, Retryable, Unauthorized

__all__ = ["LOCK_CODES", "PartnerCentral", "make_client", "refusal_codes"]

PAGE_LIMIT = 100
UNNAMED_LIMIT = 25
_ALREADY_THERE = frozenset({"DUPLICATE_KEY_VALUE"})


class PartnerCentral:
    """One catalog (``AWS`` or ``Sandbox``) through one SDK client (see ``make_client``)."""

    def __init__(self, client: Any, catalog: str) -> None:
        self._client = client
        self._catalog = catalog

    def get_opportunity(self, opportunity_id: str) -> dict[str, Any]:
        """The opportunity document of ``docs/architecture.md``. ``NotFound`` also for seconds after a creation."""
        what = "to read the opportunity"
        answer = self._call("get_opportunity", what, Identifier=opportunity_id)
        return to_document(having(answer, what, "Id", "LastModifiedDate"))

    def create_opportunity(self, token: str, body: Mapping[str, Any]) -> dict[str, str]:
        """Create from ``to_create_body``'s result; return ``{"id", "version"}``.

        ``token`` was stored before the call: the same token with the same body gives the same opportunity, with another
        body ``Conflict``.
        """
        what = "to create the opportunity"
        answer = self._call("create_opportunity", what, **{**body, "ClientToken": token})
        return {"id": str(having(answer, what, "Id")["Id"]), "version": _version(answer, what)}

    def update_opportunity(self, opportunity_id: str, version: str, body: Mapping[str, Any]) -> dict[str, str]:
        """Replace the whole record with ``to_update_body``'s result; return ``{"version"}``.

        ``version`` is the ``LastModifiedDate`` text that the body was built on; ``Conflict`` when it is no longer true.
        """
        what = "to update the opportunity"
        own = {"Identifier": opportunity_id, "LastModifiedDate": version}
        return {"version": _version(self._call("update_opportunity", what, **{**body, **own}), what)}

    def associate(self, opportunity_id: str, entity_type: str, entity_id: str) -> None:
        """Tie an entity (``Solutions``, ``AwsProducts`` …) to the opportunity; tied already is a success.

        ``Rejected`` names the entity that AWS does not know or does not take; ``Retryable`` while the opportunity
        itself is not visible yet, or AWS has it in hand.
        """
        what = f"to associate {entity_type} with the opportunity"
        try:
            self._call(
                "associate_opportunity",
                what,
                OpportunityIdentifier=opportunity_id,
                RelatedEntityType=entity_type,
                RelatedEntityIdentifier=entity_id,
            )
        except Conflict as error:
            # Not in the model, but met in the field for an entity that is there. The record itself tells.
            related = self.get_opportunity(opportunity_id).get("RelatedEntityIdentifiers", {})
            if entity_id not in related.get(entity_type, ()):
                raise Retryable(str(error)) from None
        except NotFound as error:
            self._visible(opportunity_id)
            raise Rejected(str(error), [unknown_entity(entity_type, entity_id)]) from None
        except Rejected as error:
            if refusal_codes(error) != _ALREADY_THERE:
                raise Rejected(
                    str(error), [of_entity(each, entity_type, entity_id) for each in error.problems]
                ) from None

    def assign(self, opportunity_id: str, user: Mapping[str, str]) -> None:
        """Make ``user`` (``email``, ``first_name``, ``last_name``, ``title``) the owner; twice changes nothing.

        ``Rejected`` whatever AWS has against it, also a right that our role lacks for this: nothing else has to wait.
        """
        what = "to assign the owner"
        assignee = {
            "Email": user["email"],
            "FirstName": user["first_name"],
            "LastName": user["last_name"],
            "BusinessTitle": user["title"],
        }
        try:
            self._call("assign_opportunity", what, Identifier=opportunity_id, Assignee=assignee)
        except (NotFound, Unauthorized) as error:
            if isinstance(error, Unauthorized) and not error.denied:
                raise  # credentials that are out of date say nothing about the user
            # Readable: then it is the user that AWS does not know, or this one right; else all of our access is gone.
            self._visible(opportunity_id)
            raise Rejected(str(error), [Problem("owner", "The owner cannot be assigned.")]) from None

    def find_by_partner_identifier(self, deal_id: str, created_after_ms: int) -> str | None:
        """Id of the first opportunity since then that carries ``deal_id``, or None: the orphan of a lost answer.

        AWS cannot be asked by that identifier, so this reads the list by creation date, oldest first, and stops at
        the first that fits. Summaries leave the identifier out at times: if none fits, the oldest of those are read.
        """
        unnamed: list[str] = []
        for summary in self._created_since(created_after_ms):
            found = summary.get("PartnerOpportunityIdentifier")
            if found == deal_id:
                return str(summary["Id"])
            if found is None and len(unnamed) < UNNAMED_LIMIT:
                unnamed.append(str(summary["Id"]))
        for opportunity_id in unnamed:
            if self._visible(opportunity_id).get("PartnerOpportunityIdentifier") == deal_id:
                return opportunity_id
        return None

    def list_opportunities(
        self, since: int | str | None, next_token: str | None = None, max_results: int = PAGE_LIMIT
    ) -> dict[str, Any]:
        """One page of what changed at or after ``since`` (ms, or a version text), oldest change first.

        Returns ``{"items": [{"id", "version"}], "next": token or None}``; pass the same ``since`` with a token.
        """
        what = "to list opportunities"
        filters = {} if since is None else {"LastModifiedDate": {"AfterLastModifiedDate": _moment(since)}}
        answer = self._list_opportunities(next_token, max_results, "LastModifiedDate", **filters)
        items = [
            {"id": str(having(one, what, "Id")["Id"]), "version": _version(one, what)}
            for one in answer["OpportunitySummaries"]
        ]
        return {"items": items, "next": answer.get("NextToken") or None}

    def list_pending_invitations(self, next_token: str | None = None) -> dict[str, Any]:
        """One page of invitations that wait for us, oldest first.

        Returns ``{"items": [{"id", "payload_type", "engagement_id", "expires_at" (ms or None)}], "next"}``.
        """
        what = "to list invitations"
        answer = self._call(
            "list_engagement_invitations",
            what,
            ParticipantType="RECEIVER",
            Status=["PENDING"],
            Sort={"SortBy": "InvitationDate", "SortOrder": "ASCENDING"},
            MaxResults=PAGE_LIMIT,
            **_token(next_token),
        )
        found = having(answer, what, "EngagementInvitationSummaries")["EngagementInvitationSummaries"]
        return {"items": [_invitation(one, what) for one in found], "next": answer.get("NextToken") or None}

    def get_invitation(self, invitation_id: str) -> dict[str, Any]:
        """GetEngagementInvitation's answer: decoded, times as text, empty members removed."""
        what = "to read the invitation"
        return to_document(having(self._call("get_engagement_invitation", what, Identifier=invitation_id), what, "Id"))

    def start_acceptance(self, token: str, invitation_id: str) -> dict[str, Any]:
        """Accept an opportunity invitation; return the task (see ``acceptance_task``). Repeat with the same token."""
        what = "to accept the invitation"
        operation = "start_engagement_by_accepting_invitation_task"
        return _task(self._call(operation, what, ClientToken=token, Identifier=invitation_id), what)

    def acceptance_task(self, task_id: str) -> dict[str, Any]:
        """``{"task_id", "status", "opportunity_id", "invitation_id", "reason"}``, the last three possibly None.

        ``status`` is IN_PROGRESS, COMPLETE or FAILED; ``reason`` AWS's code for a failure.
        """
        what = "to read the acceptance task"
        operation = "list_engagement_by_accepting_invitation_tasks"
        found = self._call(operation, what, TaskIdentifier=[task_id]).get("TaskSummaries") or []
        if not found:
            raise NotFound(f"AWS knows no acceptance task {task_id}.")
        return _task(found[0], what)

    def _created_since(self, created_after_ms: int) -> Iterator[dict[str, Any]]:
        page: str | None = None
        created = {"AfterCreatedDate": _moment(created_after_ms)}
        while True:
            answer = self._list_opportunities(page, PAGE_LIMIT, "CreatedDate", CreatedDate=created)
            yield from answer["OpportunitySummaries"]
            page = answer.get("NextToken")
            if not page:
                return

    def _visible(self, opportunity_id: str) -> dict[str, Any]:
        """The document of an opportunity that exists for certain: it was listed, or AWS answered its create."""
        try:
            return self.get_opportunity(opportunity_id)
        except NotFound:
            raise Retryable(f"{opportunity_id} exists but is not visible yet; it was created a moment ago.") from None

    def _list_opportunities(self, page: str | None, size: int, sort_by: str, **filters: Any) -> dict[str, Any]:
        what = "to list opportunities"
        sort = {"SortBy": sort_by, "SortOrder": "ASCENDING"}
        answer = self._call("list_opportunities", what, MaxResults=size, Sort=sort, **filters, **_token(page))
        return having(answer, what, "OpportunitySummaries")

    def _call(self, operation: str, what: str, **parameters: Any) -> dict[str, Any]:
        return call_catalog(self._client, self._catalog, operation, what, **parameters)


def _version(answer: Any, what: str) -> str:
    return iso_text(having(answer, what, "LastModifiedDate")["LastModifiedDate"])


def _moment(since: int | str) -> datetime:
    if isinstance(since, str):
        return datetime.fromisoformat(since)
    return datetime.fromtimestamp(since // 1000, UTC).replace(microsecond=since % 1000 * 1000)


def _token(next_token: str | None) -> dict[str, str]:
    return {"NextToken": next_token} if next_token else {}


def _invitation(summary: Mapping[str, Any], what: str) -> dict[str, Any]:
    expires = summary.get("ExpirationDate")
    return {
        "id": str(having(summary, what, "Id")["Id"]),
        "payload_type": summary.get("PayloadType"),
        "engagement_id": summary.get("EngagementId"),
        "expires_at": None if expires is None else round(expires.timestamp() * 1000),
    }


def _task(answer: Any, what: str) -> dict[str, Any]:
    task = having(answer, what, "TaskId", "TaskStatus")
    return {
        "task_id": task["TaskId"],
        "status": task["TaskStatus"],
        "opportunity_id": _said(task.get("OpportunityId")),
        "invitation_id": _said(task.get("EngagementInvitationId")),
        "reason": _said(task.get("ReasonCode")),
    }


def _said(value: Any) -> str | None:
    """AWS sometimes answers the word "null" for nothing."""
    return None if value in (None, "", "null") else str(value)
