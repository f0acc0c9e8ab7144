"""The two asynchronous tasks: submit an opportunity, accept an invitation (fact sheet 1.7, 3.1, 3.5).

There is no GetTask: a client polls the list. A task ends when its pace allows (``TaskPace``), and does its work then.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from sandbox.partner_central import invitations, snapshots, submission
from sandbox.partner_central.call import Answer, Body, Call
from sandbox.partner_central.errors import BUSINESS, ConflictException, Problem, ValidationException
from sandbox.partner_central.fields import SPEND, put
from sandbox.partner_central.listing import is_descending, page, reply
from sandbox.partner_central.replies import task_reply
from sandbox.partner_central.state import Invitation, Opportunity, Task

_KINDS = {
    "submit": "engagement-from-opportunity-task",
    "accept": "engagement-by-accepting-invitation-task",
    "lead": "opportunity-from-engagement-task",
}
_DEFAULT_SIZE = 1000


def submit(call: Call, body: Body) -> Answer:
    """SubmitOpportunity: one step of the task, also callable alone; no engagement, no invitation."""
    opportunity = call.opportunity(body["Identifier"])
    found = _submission_problems(call, opportunity, body["InvolvementType"], body.get("Visibility"))
    if found:
        raise ValidationException(BUSINESS, found)
    _mark_submitted(opportunity, body["InvolvementType"], body.get("Visibility"))
    call.move(opportunity)
    call.announce(call.shapes.opportunity("Updated", call.state.name, opportunity, call.now_ms))
    return {}


def start_submit(call: Call, body: Body) -> Answer:
    """StartEngagementFromOpportunityTask. What keeps it from being submitted shows as a FAILED task."""

    def begin() -> str:
        opportunity = call.opportunity(body["Identifier"])
        task = begin_task(call, "submit", opportunity.id)
        wanted = body["AwsSubmission"]
        task.opportunity_id = opportunity.id
        task.involvement, task.visibility = wanted["InvolvementType"], wanted.get("Visibility")
        return task.id

    return state_of(call, call.once("StartEngagementFromOpportunityTask", body, begin))


def start_accept(call: Call, body: Body) -> Answer:
    """StartEngagementByAcceptingInvitationTask: accepts, makes the opportunity, starts a snapshot job."""

    def begin() -> str:
        invitation = invitations.find(call, body["Identifier"])
        invitations.open_for_answer(invitation)
        under_way = [t for t in _of_kind(call, "accept") if t.subject == invitation.id and t.status == "IN_PROGRESS"]
        if under_way:
            raise ConflictException(f"task {under_way[0].id} is already accepting this invitation", "3.5")
        task = begin_task(call, "accept", invitation.id)
        task.invitation_id = invitation.id
        return task.id

    return state_of(call, call.once("StartEngagementByAcceptingInvitationTask", body, begin))


def list_submits(call: Call, body: Body) -> Answer:
    """ListEngagementFromOpportunityTasks."""
    return list_tasks(call, body, "submit")


def list_accepts(call: Call, body: Body) -> Answer:
    """ListEngagementByAcceptingInvitationTasks."""
    return list_tasks(call, body, "accept")


def advance(call: Call) -> None:
    """End every task whose pace allows it."""
    for task in [call.state.tasks[identifier] for identifier in sorted(call.state.running)]:
        pace = call.settings.submit_pace if task.kind == "submit" else call.settings.accept_pace
        if call.now_ms - task.started_ms >= pace.delay_ms and task.polls >= pace.polls:
            _finish(call, task)
            call.state.running.discard(task.id)


def begin_task(call: Call, kind: str, subject: str) -> Task:
    """A new task; it fails at its end if that was ordered."""
    identifier = call.ids.new("task", 13)
    task = Task(identifier, call.shared_arn(_KINDS[kind], identifier), kind, call.now_ms, subject)
    failures = call.state.task_failures
    ordered = next((failure for failure in failures if failure[0] == kind), None)
    if ordered is not None:
        failures.remove(ordered)
        task.fail_with, task.fail_message = ordered[1:]
    call.state.tasks[identifier] = task
    call.state.running.add(identifier)
    return task


def state_of(call: Call, task_id: str) -> Answer:
    """A repeated start shows the task as it is now (1.7)."""
    advance(call)
    return task_reply(call.state.tasks[task_id], call)


def _of_kind(call: Call, kind: str) -> list[Task]:
    return [task for task in call.state.tasks.values() if task.kind == kind]


def list_tasks(call: Call, body: Body, kind: str) -> Answer:
    """The tasks of a kind that the filters name."""
    matches = [task for task in _of_kind(call, kind) if _names(task, body)]
    for task in matches:
        task.polls += 1
    advance(call)
    matches = [task for task in matches if not body.get("TaskStatus") or task.status in body["TaskStatus"]]
    sized = {"MaxResults": _DEFAULT_SIZE, **body}
    key = lambda t: (t.started_ms, t.id)  # noqa: E731
    shown, token = page(matches, sized, key=key, descending=is_descending(body))
    return reply("TaskSummaries", [task_reply(task, call) for task in shown], token)


def _names(task: Task, body: Body) -> bool:
    filters = {
        "TaskIdentifier": task.id,
        "OpportunityIdentifier": task.opportunity_id,
        "EngagementInvitationIdentifier": task.invitation_id,
        "EngagementIdentifier": task.engagement_id,
        "ContextIdentifier": task.context_id,
    }
    return all(
        not body.get(name) or value in [given.rsplit("/", 1)[-1] for given in body[name]]
        for name, value in filters.items()
    )


def _finish(call: Call, task: Task) -> None:
    if task.fail_with is not None:
        fail(task, task.fail_with, task.fail_message or "ordered by the sandbox [fact sheet 3.1]")
    else:
        FINISH[task.kind](call, task)


def fail(task: Task, reason: str, message: str) -> None:
    """End it FAILED."""
    task.status, task.reason, task.message = "FAILED", reason, message


def _finish_submit(call: Call, task: Task) -> None:
    opportunity = call.opportunity(task.subject)
    involvement = task.involvement or submission.CO_SELL
    found = _submission_problems(call, opportunity, involvement, task.visibility)
    if found:
        fail(task, "OpportunitySubmissionFailed", "; ".join(problem.as_dict()["Message"] for problem in found))
        return
    _mark_submitted(opportunity, involvement, task.visibility)
    call.move(opportunity)
    name, now = call.state.name, call.now_ms
    call.announce(call.shapes.opportunity("Updated", name, opportunity, now))
    engagement = invitations.new_engagement(call, opportunity.title, call.settings.account_id, {})
    call.announce(call.shapes.engagement_created(name, engagement, now))
    opportunity.engagement_id = engagement.id
    snapshots.begin(call, opportunity)
    member = call.settings.account_id, call.settings.company
    call.announce(call.shapes.member_added(name, engagement, *member, now))
    invitation = invitations.invite_aws(call, opportunity, engagement)
    opportunity.invitation_id = invitation.id
    task.status = "COMPLETE"
    task.engagement_id, task.invitation_id = engagement.id, invitation.id
    task.snapshot_job_id = opportunity.snapshot_job_id


def _finish_accept(call: Call, task: Task) -> None:
    invitation = call.state.invitations[task.subject]
    if invitation.payload_type != "OpportunityInvitation":
        fail(task, "InvitationValidationFailed", "a lead becomes an opportunity by another task [fact sheet 3.5]")
        return
    if invitation.status != "PENDING":
        fail(task, "InvitationValidationFailed", f"the invitation is {invitation.status} [fact sheet 3.5]")
        return
    invitations.join(call, invitation)
    opportunity = _accepted_opportunity(call, invitation)
    opportunity.engagement_id, opportunity.invitation_id = invitation.engagement_id, invitation.id
    call.announce(call.shapes.opportunity("Created", call.state.name, opportunity, call.now_ms))
    call.announce(call.shapes.opportunity("Updated", call.state.name, opportunity, call.now_ms))
    snapshots.begin(call, opportunity)
    task.status = "COMPLETE"
    task.opportunity_id = invitation.opportunity_id = opportunity.id
    task.snapshot_job_id = opportunity.snapshot_job_id


def _accepted_opportunity(call: Call, invitation: Invitation) -> Opportunity:
    waiting = call.state.opportunities.get(invitation.opportunity_id or "")
    if waiting is not None:
        waiting.hidden = False
        waiting.created_ms = call.now_ms
        call.move(waiting)
        return waiting
    identifier = call.ids.opportunity()
    now = call.now_ms - call.now_ms % call.switches.last_modified_step_ms
    opportunity = Opportunity(
        id=identifier,
        arn=call.owned_arn("opportunity", identifier),
        document=_document_from(invitation, call.switches.invited_review_status),
        created_ms=now,
        modified_ms=now,
        origin="AWS Referral" if invitation.sender_account == "aws" else "Partner Referral",
        invited_by_partner=invitation.sender_account != "aws",
    )
    call.state.opportunities[identifier] = opportunity
    return opportunity


def _document_from(invitation: Invitation, review_status: str) -> dict[str, Any]:
    """The opportunity that an accepted invitation becomes: its payload, plus what was hidden until now."""
    customer, project = invitation.payload["Customer"], invitation.payload.get("Project") or {}
    document: dict[str, Any] = {
        "OpportunityType": "Net New Business",
        "Customer": {
            "Account": {
                **{name: customer[name] for name in ("Industry", "CompanyName", "WebsiteUrl") if name in customer},
                "Address": {"CountryCode": customer.get("CountryCode")},
            }
        },
        "Project": {
            "Title": project.get("Title"),
            "CustomerBusinessProblem": project.get("BusinessProblem"),
        },
        "LifeCycle": {
            "Stage": "Prospect",
            "ReviewStatus": review_status,
            "TargetCloseDate": project.get("TargetCompletionDate"),
        },
    }
    put(document, SPEND, copy.deepcopy(project.get("ExpectedCustomerSpend")) or None)
    for path, value in invitation.hidden.items():
        put(document, path, copy.deepcopy(value))
    return document


def _mark_submitted(opportunity: Opportunity, involvement: str, visibility: str | None) -> None:
    opportunity.document["LifeCycle"]["ReviewStatus"] = "Submitted"
    opportunity.involvement, opportunity.visibility = involvement, visibility or "Full"


def _submission_problems(
    call: Call, opportunity: Opportunity, involvement: str, visibility: str | None
) -> list[Problem]:
    state = submission.state_problem(opportunity.review_status)
    if state is not None:
        return [state]
    return submission.problems(
        opportunity.document,
        involvement=involvement,
        visibility=visibility or "Full",
        catalog=call.state.name,
        has_solution=opportunity.has_solution,
        switches=call.switches,
    )


FINISH: dict[str, Callable[[Call, Task], None]] = {"submit": _finish_submit, "accept": _finish_accept}
"""What a task does at its end, by its kind; ``leads`` adds its own."""
