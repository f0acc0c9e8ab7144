"""Answers in the form of the service model, with the vendor's oddities by switch (fact sheet section 6)."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from typing import Any

from sandbox.partner_central.call import Answer, Call
from sandbox.partner_central.fields import PARTNER_ID, SPEND, get, put, without_nulls
from sandbox.partner_central.instants import to_text
from sandbox.partner_central.model_check import service_model
from sandbox.partner_central.state import Invitation, Opportunity, Task

# sections that hold a customer's or a person's text, and so carry encoded signs (6 no. 1)
_TEXT_SECTIONS = ("PrimaryNeedsFromAws", "Customer", "Project", "LifeCycle", "Marketing", "SoftwareRevenue", "Insights")
_TEXT_SECTIONS_OF_INVITATION = ("Payload", "EngagementTitle", "InvitationMessage", "EngagementDescription")
_RELATED = (
    "AwsMarketplaceOffers",
    "AwsMarketplaceOfferSets",
    "Solutions",
    "AwsProducts",
    "AwsMarketplaceSolutions",
    "AwsMarketplaceProducts",
)


def opportunity_reply(opportunity: Opportunity, call: Call) -> Answer:
    """GetOpportunity's answer."""
    answer: Answer = copy.deepcopy(opportunity.document)
    answer.pop(PARTNER_ID, None)
    answer |= partner_identifier(opportunity, call) | _head(opportunity, call)
    answer["RelatedEntityIdentifiers"] = {name: list(opportunity.related.get(name, ())) for name in _RELATED}
    answer["OpportunityTeam"] = copy.deepcopy(opportunity.team)
    answer["LifeCycle"]["NextStepsHistory"] = copy.deepcopy(opportunity.history)
    if call.switches.stub_rows:
        _add_stubs(answer)
    return encoded(answer, call, _TEXT_SECTIONS)


def opportunity_summary(opportunity: Opportunity, call: Call) -> Answer:
    """One summary of ListOpportunities: only the members of the model, so no title, problem text or contacts."""
    answer = copy.deepcopy(opportunity.document)
    answer.pop(PARTNER_ID, None)
    answer |= partner_identifier(opportunity, call) | _head(opportunity, call)
    return encoded(members_of("ListOpportunities", "OpportunitySummaries")(answer), call, _TEXT_SECTIONS)


def partner_identifier(opportunity: Opportunity, call: Call) -> Answer:
    """PartnerOpportunityIdentifier, which the vendor leaves out at times (2.1)."""
    value = get(opportunity.document, PARTNER_ID)
    if value is None or call.ids.chance(call.switches.partner_identifier_null_rate):
        return {}
    return {PARTNER_ID: value}


def aws_summary_reply(opportunity: Opportunity, call: Call) -> Answer:
    """GetAwsOpportunitySummary's answer: what AWS keeps about the opportunity (3.2)."""
    answer = copy.deepcopy(opportunity.summary)
    answer |= {"Catalog": call.state.name, "RelatedOpportunityId": opportunity.id, "Origin": opportunity.origin}
    if opportunity.involvement:
        answer["InvolvementType"] = opportunity.involvement
        answer["Visibility"] = opportunity.visibility
    answer["RelatedEntityIds"] = {name: list(opportunity.related.get(name, ())) for name in _RELATED[2:]}
    return encoded(without_nulls(answer), call, _TEXT_SECTIONS)


def invitation_summary(invitation: Invitation, call: Call) -> Answer:
    """One summary of ListEngagementInvitations."""
    answer = {
        "Catalog": call.state.name,
        "Arn": invitation.arn,
        "Id": invitation.id,
        "PayloadType": invitation.payload_type,
        "EngagementId": invitation.engagement_id,
        "EngagementTitle": invitation.title,
        "Status": invitation.status,
        "InvitationDate": to_text(invitation.invited_ms),
        "ExpirationDate": to_text(invitation.expires_ms),
        "SenderAwsAccountId": invitation.sender_account,
        "SenderCompanyName": invitation.sender_company,
        "Receiver": {"Account": {"AwsAccountId": invitation.receiver_account}},
        "ParticipantType": invitation.participant,
    }
    return encoded(answer, call, _TEXT_SECTIONS_OF_INVITATION)


def invitation_reply(invitation: Invitation, call: Call) -> Answer:
    """GetEngagementInvitation's answer; address, contacts and account id of the customer stay hidden (3.5)."""
    answer = invitation_summary(invitation, call)
    del answer["ParticipantType"]
    payload = {invitation.payload_type: copy.deepcopy(invitation.payload)}
    members = [{"CompanyName": invitation.sender_company}]
    answer |= {
        "Payload": payload,
        "InvitationMessage": invitation.message,
        "EngagementDescription": invitation.message,
        "ExistingMembers": members,
        "RejectionReason": invitation.rejection_reason,
    }
    return without_nulls(encoded(answer, call, _TEXT_SECTIONS_OF_INVITATION[:1] + _TEXT_SECTIONS_OF_INVITATION[2:]))


def task_reply(task: Task, call: Call) -> Answer:
    """A task record (3.1); on COMPLETE its last ids may be missing, by switch."""
    answer = {
        "TaskId": task.id,
        "TaskArn": task.arn,
        "StartTime": to_text(task.started_ms),
        "TaskStatus": task.status,
        "Message": "null" if call.switches.task_message_null_text and task.message is None else task.message,
        "ReasonCode": task.reason,
        "OpportunityId": task.opportunity_id,
        "EngagementInvitationId": task.invitation_id,
    }
    if task.kind == "submit":
        answer["EngagementId"] = task.engagement_id
    if task.kind == "lead":
        answer |= {"EngagementId": task.engagement_id, "ContextId": task.context_id}
    if not call.switches.task_ids_null:
        answer["ResourceSnapshotJobId"] = task.snapshot_job_id
    elif task.kind == "submit":
        del answer["EngagementId"], answer["EngagementInvitationId"]
    return without_nulls(answer)


@cache
def members_of(operation: str, member: str) -> Callable[[Any], Any]:
    """A function that keeps of a document only what the model's summary shape has."""
    return _projection(service_model().operation_model(operation).output_shape.members[member].member)


def _projection(shape: Any) -> Callable[[Any], Any]:
    if shape.type_name == "structure":
        inner = {name: _projection(member) for name, member in shape.members.items()}
        return lambda value: {name: keep(value[name]) for name, keep in inner.items() if name in value}
    if shape.type_name == "list":
        keep = _projection(shape.member)
        return lambda value: [keep(item) for item in value]
    return lambda value: value


def _head(opportunity: Opportunity, call: Call) -> Answer:
    return {
        "Catalog": call.state.name,
        "Id": opportunity.id,
        "Arn": opportunity.arn,
        "CreatedDate": to_text(opportunity.created_ms),
        "LastModifiedDate": to_text(opportunity.modified_ms),
    }


def _add_stubs(answer: Answer) -> None:
    """What UpdateOpportunity rejects when it is echoed (6 no. 4)."""
    rows = get(answer, SPEND) or []
    put(answer, SPEND, [*rows, {"CurrencyCode": "USD"}])
    customer = answer.setdefault("Customer", {})
    customer["Contacts"] = [*(customer.get("Contacts") or []), {"FirstName": ""}]
    answer["Project"].setdefault("ApnPrograms", [])
    answer.setdefault("Marketing", {}).setdefault("Channels", [])


def encoded(answer: Answer, call: Call, sections: tuple[str, ...]) -> Answer:
    """Signs of a person's text as the vendor encodes them at times, by switch (6 no. 1)."""
    if call.switches.encode_entities:
        for name in sections:
            if name in answer:
                answer[name] = _encode(answer[name])
    return answer


def _encode(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: item if name == "Time" else _encode(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_encode(item) for item in value]
    if isinstance(value, str):
        return value.replace(":", "&colon;").replace("&", "&amp;")
    return value
