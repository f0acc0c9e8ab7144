"""Resources of an engagement and their snapshots (fact sheet 3.4).

ListEngagementResourceAssociations, CreateResourceSnapshot, ListResourceSnapshots, GetResourceSnapshot.
"""

from __future__ import annotations

from typing import Any

from sandbox.partner_central import snapshots
from sandbox.partner_central.call import Answer, Body, Call
from sandbox.partner_central.errors import BAD_VALUE, ResourceNotFoundException, refuse
from sandbox.partner_central.instants import to_text
from sandbox.partner_central.listing import page, reply
from sandbox.partner_central.replies import encoded
from sandbox.partner_central.state import Engagement, Opportunity, Snapshot

KIND = "Opportunity"
_TEMPLATE = "ResourceSnapshotTemplateIdentifier"
_DEFAULT_SIZE = 1000


def list_associations(call: Call, body: Body) -> Answer:
    """Which opportunity is in which engagement, of the engagements of which the account is a member."""
    pairs = {(one.engagement_id, one.opportunity_id): call.settings.account_id for one in call.state.snapshots}
    matches = [
        (engagement, opportunity, owner)
        for (engagement, opportunity), owner in pairs.items()
        if _is_member(call, engagement)
        and body.get("EngagementIdentifier") in (None, engagement)
        and body.get("ResourceIdentifier") in (None, opportunity)
        and body.get("CreatedBy") in (None, owner)
    ]
    shown, token = page(matches, _sized(body), key=lambda one: (one[0], one[1]), descending=False)
    summaries = [
        {
            "Catalog": call.state.name,
            "EngagementId": engagement,
            "ResourceType": KIND,
            "ResourceId": opportunity,
            "CreatedBy": owner,
        }
        for engagement, opportunity, owner in shown
    ]
    return reply("EngagementResourceAssociationSummaries", summaries, token)


def create_snapshot(call: Call, body: Body) -> Answer:
    """CreateResourceSnapshot: a revision now, whether anything changed or not."""

    def create() -> Answer:
        opportunity = resource(call, body)
        snapshot = snapshots.take(call, opportunity, template_of(body))
        return {"Arn": snapshot.arn, "Revision": snapshot.revision}

    return call.once("CreateResourceSnapshot", body, create)


def list_snapshots(call: Call, body: Body) -> Answer:
    """Summaries of an engagement's snapshots, oldest first, without their payloads."""
    engagement = engagement_of(call, body["EngagementIdentifier"])
    matches = [
        (number, one)
        for number, one in enumerate(call.state.snapshots)
        if one.engagement_id == engagement.id
        and body.get("ResourceIdentifier") in (None, one.opportunity_id)
        and body.get(_TEMPLATE) in (None, one.template)
        and body.get("CreatedBy") in (None, one.created_by)
        and _is_shown(call, one)
    ]
    shown, token = page(matches, _sized(body), key=lambda one: (one[0], one[1].arn), descending=False)
    return reply("ResourceSnapshotSummaries", [_summary(one) for _, one in shown], token)


def read_snapshot(call: Call, body: Body) -> Answer:
    """GetResourceSnapshot: one revision, the latest unless it is named."""
    engagement = engagement_of(call, body["EngagementIdentifier"])
    found = [
        one
        for one in snapshots.of_opportunity(call, body["ResourceIdentifier"], body[_TEMPLATE])
        if one.engagement_id == engagement.id and body.get("Revision") in (None, one.revision) and _is_shown(call, one)
    ]
    if not found:
        raise ResourceNotFoundException(f"no such snapshot of {body['ResourceIdentifier']} in {engagement.id}", "3.4")
    snapshot = found[-1]
    answer = {
        "Catalog": call.state.name,
        "Arn": snapshot.arn,
        "CreatedBy": snapshot.created_by,
        "CreatedAt": to_text(snapshot.created_ms),
        "EngagementId": snapshot.engagement_id,
        "ResourceType": KIND,
        "ResourceId": snapshot.opportunity_id,
        "ResourceSnapshotTemplateName": snapshot.template,
        "Revision": snapshot.revision,
        "Payload": snapshot.payload,
        "TargetMemberAccounts": snapshot.targets,
    }
    return encoded(answer, call, ("Payload",))


def engagement_of(call: Call, identifier: str) -> Engagement:
    """The engagement of which the account is a member, by id or ARN; ``ResourceNotFoundException`` otherwise."""
    engagement = call.state.engagements.get(identifier.rsplit("/", 1)[-1])
    if engagement is None or call.settings.account_id not in engagement.members:
        raise ResourceNotFoundException(f"no engagement {identifier} in catalog {call.state.name}", "7")
    return engagement


def resource(call: Call, body: Body) -> Opportunity:
    """The opportunity that a request names together with its engagement, or a refusal."""
    engagement = engagement_of(call, body["EngagementIdentifier"])
    opportunity = call.opportunity(body["ResourceIdentifier"])
    if opportunity.engagement_id not in (None, engagement.id):
        text = f"{opportunity.id} belongs to another engagement"
        raise refuse("EngagementIdentifier", BAD_VALUE, text, "3.4")
    opportunity.engagement_id = engagement.id
    return opportunity


def template_of(body: Body) -> str:
    """The template that a request names, or a refusal."""
    template = body[_TEMPLATE]
    if template not in snapshots.TEMPLATES:
        raise refuse(_TEMPLATE, BAD_VALUE, f"a template is one of: {', '.join(snapshots.TEMPLATES)}", "3.4")
    return template


def _summary(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "Arn": snapshot.arn,
        "Revision": snapshot.revision,
        "ResourceType": KIND,
        "ResourceId": snapshot.opportunity_id,
        "ResourceSnapshotTemplateName": snapshot.template,
        "CreatedBy": snapshot.created_by,
    }


def _is_shown(call: Call, snapshot: Snapshot) -> bool:
    return call.settings.account_id in snapshot.targets


def _is_member(call: Call, engagement_id: str) -> bool:
    engagement = call.state.engagements.get(engagement_id)
    return engagement is not None and call.settings.account_id in engagement.members


def _sized(body: Body) -> Body:
    return {"MaxResults": _DEFAULT_SIZE, **body}
