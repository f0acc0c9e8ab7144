"""ListEngagements, GetEngagement, ListEngagementMembers and GetAwsOpportunitySummary (fact sheet 3.2, 3.6)."""

from __future__ import annotations

from typing import Any

from sandbox.partner_central.call import Answer, Body, Call
from sandbox.partner_central.errors import ResourceNotFoundException
from sandbox.partner_central.instants import to_text
from sandbox.partner_central.listing import is_descending, page, reply
from sandbox.partner_central.replies import aws_summary_reply
from sandbox.partner_central.resources import engagement_of
from sandbox.partner_central.state import Engagement

_MOST_MEMBERS = 10


def list_engagements(call: Call, body: Body) -> Answer:
    """Summaries of the engagements of which the account is a member, newest first."""
    account = call.settings.account_id
    matches = [e for e in call.state.engagements.values() if account in e.members and _matches(e, body)]
    key = lambda e: (e.created_ms, e.id)  # noqa: E731
    shown, token = page(matches, body, key=key, descending=is_descending(body))
    return reply("EngagementSummaryList", [_summary(engagement) for engagement in shown], token)


def read(call: Call, body: Body) -> Answer:
    """GetEngagement; only members see an engagement."""
    engagement = engagement_of(call, body["Identifier"])
    answer = _summary(engagement)
    del answer["ContextTypes"]
    return {**answer, "Description": engagement.title, "Contexts": engagement.contexts}


def list_members(call: Call, body: Body) -> Answer:
    """ListEngagementMembers: account and company of each, in the order in which they joined."""
    engagement = engagement_of(call, body["Identifier"])
    members = [(number, account) for number, account in enumerate(engagement.members)]
    sized = {"MaxResults": _MOST_MEMBERS, **body}
    shown, token = page(members, sized, key=lambda one: one, descending=False)
    found = [{"AccountId": account, "CompanyName": engagement.companies.get(account, account)} for _, account in shown]
    return reply("EngagementMemberList", found, token)


def add_member(call: Call, engagement: Engagement, account: str, company: str) -> None:
    """A member joins; announces it. ``ValueError`` if it is one already, or there are as many as there may be (1.5)."""
    if account in engagement.members:
        raise ValueError(f"{account} is a member of {engagement.id} already")
    if len(engagement.members) >= _MOST_MEMBERS:
        raise ValueError(f"an engagement has at most {_MOST_MEMBERS} members")
    engagement.members.append(account)
    engagement.companies[account] = company
    call.announce(call.shapes.member_added(call.state.name, engagement, account, company, call.now_ms))


def aws_summary(call: Call, body: Body) -> Answer:
    """GetAwsOpportunitySummary: AWS's side of an opportunity. Any section may be missing."""
    opportunity = call.opportunity(body["RelatedOpportunityIdentifier"], reading=True)
    untouched = opportunity.involvement is None and not opportunity.summary and opportunity.origin != "AWS Referral"
    if untouched and call.switches.summary_before_submission == "not-found":
        raise ResourceNotFoundException(f"no AWS summary of {opportunity.id} before it is submitted", "3.2")
    return aws_summary_reply(opportunity, call)


def _summary(engagement: Engagement) -> dict[str, Any]:
    created = to_text(engagement.created_ms)
    return {
        "Arn": engagement.arn,
        "Id": engagement.id,
        "Title": engagement.title,
        "CreatedAt": created,
        "CreatedBy": engagement.created_by,
        "MemberCount": len(engagement.members),
        "ModifiedAt": to_text(engagement.changed_ms),
        "ModifiedBy": engagement.created_by,
        "ContextTypes": [context["Type"] for context in engagement.contexts],
    }


def _matches(engagement: Engagement, body: Body) -> bool:
    types = {context["Type"] for context in engagement.contexts}
    wanted = [name.rsplit("/", 1)[-1] for name in body.get("EngagementIdentifier") or []]
    return (
        (not body.get("CreatedBy") or engagement.created_by in body["CreatedBy"])
        and engagement.created_by not in (body.get("ExcludeCreatedBy") or ())
        and (not body.get("ContextTypes") or bool(types & set(body["ContextTypes"])))
        and not types & set(body.get("ExcludeContextTypes") or ())
        and (not wanted or engagement.id in wanted)
    )
