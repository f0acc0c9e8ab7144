"""Engagement invitations: sent by AWS or a partner, listed, read, accepted, rejected, expired (fact sheet 3.5)."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, field
from typing import Any

from sandbox.partner_central.call import Answer, Body, Call
from sandbox.partner_central.errors import BAD_STATE, ConflictException, ResourceNotFoundException, refuse
from sandbox.partner_central.fields import ACCOUNT, ADDRESS, SPEND, get
from sandbox.partner_central.instants import DAY_MS
from sandbox.partner_central.lead_context import lead_context
from sandbox.partner_central.listing import is_descending, page, reply
from sandbox.partner_central.replies import invitation_reply, invitation_summary
from sandbox.partner_central.state import Engagement, Invitation, Opportunity

EXPIRES_AFTER_MS = 15 * DAY_MS
_TITLE_LENGTH = 40
_AWS = "aws"


@dataclass(frozen=True, slots=True)
class Offer:
    """What an invitation offers: ``payload`` in the API's form, ``hidden`` document sections shown on acceptance."""

    payload: dict[str, Any]
    hidden: dict[str, Any] = field(default_factory=dict)
    sender_account: str = _AWS
    sender_company: str = "AWS"
    message: str = ""
    payload_type: str = "OpportunityInvitation"


def receive(call: Call, offer: Offer, expires_ms: int | None = None, opportunity_id: str | None = None) -> Invitation:
    """An invitation to this account arrives; announces ``Engagement Invitation Created`` with RECEIVER."""
    project = offer.payload.get("Project") or {}
    title = str(project.get("Title") or offer.payload["Customer"]["CompanyName"])[:_TITLE_LENGTH]
    engagement = new_engagement(call, title, offer.sender_account, offer.payload, offer.sender_company)
    if offer.payload_type == "LeadInvitation":
        engagement.contexts[0]["Payload"] = {"Lead": lead_context(offer.payload, offer.hidden)}
    invitation = _invitation(call, engagement, expires_ms)
    invitation.participant = "RECEIVER"
    invitation.payload = copy.deepcopy(offer.payload)
    invitation.payload_type = offer.payload_type
    invitation.sender_account, invitation.sender_company = offer.sender_account, offer.sender_company
    invitation.receiver_account = call.settings.account_id
    invitation.message, invitation.hidden = offer.message, copy.deepcopy(offer.hidden)
    invitation.opportunity_id = opportunity_id
    call.announce(call.shapes.invitation("Created", call.state.name, invitation, call.now_ms))
    return invitation


def invite_for_referral(call: Call, opportunity: Opportunity) -> Invitation:
    """The invitation behind an AWS referral that a partner simulates in Sandbox (1.4)."""
    return receive(call, Offer(payload=_payload_of(opportunity)), opportunity_id=opportunity.id)


def invite_aws(call: Call, opportunity: Opportunity, engagement: Engagement) -> Invitation:
    """The invitation to AWS that a submission sends (3.1); this account is the SENDER."""
    invitation = _invitation(call, engagement, None)
    invitation.payload = _payload_of(opportunity)
    invitation.opportunity_id = opportunity.id
    call.announce(call.shapes.invitation("Created", call.state.name, invitation, call.now_ms))
    return invitation


def new_engagement(
    call: Call,
    title: str,
    created_by: str,
    payload: dict[str, Any],
    company: str | None = None,
) -> Engagement:
    """A new engagement; ``payload`` gives its CustomerProject context, ``company`` is the creator's (default ours)."""
    identifier = call.ids.new("eng", 14)
    lead = "Interaction" in payload
    context: dict[str, Any] = {"Id": "1", "Type": "Lead" if lead else "CustomerProject"}
    project = payload.get("Project")
    if project:
        kept = {name: project[name] for name in ("Title", "BusinessProblem", "TargetCompletionDate") if name in project}
        context["Payload"] = {"CustomerProject": {"Customer": payload["Customer"], "Project": kept}}
    engagement = Engagement(
        id=identifier,
        arn=call.shared_arn("engagement", identifier),
        title=title[:_TITLE_LENGTH],
        created_ms=call.now_ms,
        created_by=created_by,
        members=[created_by],
        contexts=[context],
        companies={created_by: company or call.settings.company},
    )
    call.state.engagements[identifier] = engagement
    return engagement


def list_invitations(call: Call, body: Body) -> Answer:
    """Summaries of the invitations sent or received (ParticipantType is required), newest first."""
    matches = [invitation for invitation in call.state.invitations.values() if _matches(invitation, body)]
    key = lambda i: (i.invited_ms, i.id)  # noqa: E731
    shown, token = page(matches, body, key=key, descending=is_descending(body))
    return reply("EngagementInvitationSummaries", [invitation_summary(i, call) for i in shown], token)


def read(call: Call, body: Body) -> Answer:
    """GetEngagementInvitation."""
    return invitation_reply(find(call, body["Identifier"]), call)


def accept(call: Call, body: Body) -> Answer:
    """AcceptEngagementInvitation only joins the engagement; no opportunity comes of it (3.5)."""
    invitation = find(call, body["Identifier"])
    open_for_answer(invitation)
    join(call, invitation)
    return {}


def reject(call: Call, body: Body) -> Answer:
    """RejectEngagementInvitation."""
    invitation = find(call, body["Identifier"])
    open_for_answer(invitation)
    invitation.status = "REJECTED"
    invitation.rejection_reason = body.get("RejectionReason")
    call.announce(call.shapes.invitation("Rejected", call.state.name, invitation, call.now_ms))
    return {}


def join(call: Call, invitation: Invitation) -> None:
    """Mark an invitation accepted; announces the acceptance and the new member."""
    invitation.status = "ACCEPTED"
    sender = invitation.participant == "SENDER"
    account, company = (_AWS, "AWS") if sender else (call.settings.account_id, call.settings.company)
    engagement = call.state.engagements[invitation.engagement_id]
    engagement.members.append(account)
    engagement.companies[account] = company
    call.announce(call.shapes.invitation("Accepted", call.state.name, invitation, call.now_ms))
    call.announce(call.shapes.member_added(call.state.name, engagement, account, company, call.now_ms))


def expire(call: Call) -> None:
    """Let every invitation lapse whose ExpirationDate has come."""
    if call.now_ms < call.state.next_expiry_ms:
        return
    for invitation in call.state.invitations.values():
        if invitation.status == "PENDING" and invitation.expires_ms <= call.now_ms:
            invitation.status = "EXPIRED"
            call.announce(call.shapes.invitation("Expired", call.state.name, invitation, call.now_ms))
    waiting = [i.expires_ms for i in call.state.invitations.values() if i.status == "PENDING"]
    call.state.next_expiry_ms = min(waiting, default=math.inf)


def find(call: Call, identifier: str) -> Invitation:
    """By id or ARN; ``ResourceNotFoundException`` otherwise."""
    invitation = call.state.invitations.get(identifier.rsplit("/", 1)[-1])
    if invitation is None:
        raise ResourceNotFoundException(f"no invitation {identifier} in catalog {call.state.name}", "7")
    return invitation


def open_for_answer(invitation: Invitation) -> None:
    """Raise unless the invitation is received and still pending."""
    if invitation.participant != "RECEIVER":
        raise refuse("Identifier", BAD_STATE, "only the receiver answers an invitation", "3.5")
    if invitation.status in ("ACCEPTED", "REJECTED"):
        raise ConflictException(f"the invitation is already {invitation.status}", "3.5")
    if invitation.status == "EXPIRED":
        raise refuse("Identifier", BAD_STATE, "the invitation is EXPIRED", "3.5")


def _invitation(call: Call, engagement: Engagement, expires_ms: int | None) -> Invitation:
    identifier = call.ids.new("engi", 13)
    invitation = Invitation(
        id=identifier,
        arn=call.shared_arn("engagement-invitation", identifier),
        engagement_id=engagement.id,
        participant="SENDER",
        payload={},
        sender_account=call.settings.account_id,
        sender_company=call.settings.company,
        receiver_account=_AWS,
        invited_ms=call.now_ms,
        expires_ms=call.now_ms + EXPIRES_AFTER_MS if expires_ms is None else expires_ms,
        title=engagement.title,
    )
    call.state.invitations[identifier] = invitation
    call.state.next_expiry_ms = min(call.state.next_expiry_ms, invitation.expires_ms)
    return invitation


def _payload_of(opportunity: Opportunity) -> dict[str, Any]:
    document = opportunity.document
    return {
        "ReceiverResponsibilities": ["Software Partner"],
        "Customer": {
            "Industry": get(document, f"{ACCOUNT}.Industry"),
            "CompanyName": get(document, f"{ACCOUNT}.CompanyName"),
            "WebsiteUrl": get(document, f"{ACCOUNT}.WebsiteUrl"),
            "CountryCode": get(document, f"{ADDRESS}.CountryCode"),
        },
        "Project": {
            "BusinessProblem": get(document, "Project.CustomerBusinessProblem"),
            "Title": opportunity.title,
            "TargetCompletionDate": get(document, "LifeCycle.TargetCloseDate"),
            "ExpectedCustomerSpend": copy.deepcopy(get(document, SPEND) or []),
        },
    }


def _matches(invitation: Invitation, body: Body) -> bool:
    engagements = [name.rsplit("/", 1)[-1] for name in body.get("EngagementIdentifier") or []]
    return (
        invitation.participant == body["ParticipantType"]
        and (not body.get("Status") or invitation.status in body["Status"])
        and (not body.get("PayloadType") or invitation.payload_type in body["PayloadType"])
        and (not engagements or invitation.engagement_id in engagements)
        and (not body.get("SenderAwsAccountId") or invitation.sender_account in body["SenderAwsAccountId"])
    )
