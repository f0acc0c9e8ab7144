"""What our role may do in the account that is linked to AWS Partner Central."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from constructs_lib.acknowledge import acknowledge, acknowledge_star

PARTNER_CENTRAL_REGION = "us-east-1"

# Actions on a record of the catalog, scoped by its ARN and the catalog.
ON_OPPORTUNITIES = (
    "GetOpportunity",
    "GetAwsOpportunitySummary",
    "UpdateOpportunity",
    "AssociateOpportunity",
    "AssignOpportunity",
)
ON_INVITATIONS = ("GetEngagementInvitation", "AcceptEngagementInvitation", "RejectEngagementInvitation")
ON_ENGAGEMENTS = ("GetEngagement", "UpdateEngagementContext")
ON_SNAPSHOT_JOBS = ("GetResourceSnapshotJob",)
# Lists know no resource, and what creates a record has none yet: scoped by the catalog alone. Snapshots and submission
# are what accepting an invitation does under our rights, on records that it makes itself; submitting an opportunity
# makes its engagement and invites AWS to it.
ON_THE_CATALOG = (
    "CreateEngagement",
    "CreateEngagementInvitation",
    "CreateOpportunity",
    "CreateResourceSnapshot",
    "CreateResourceSnapshotJob",
    "GetSellingSystemSettings",
    "ListEngagementByAcceptingInvitationTasks",
    "ListEngagementFromOpportunityTasks",
    "ListEngagementInvitations",
    "ListEngagementMembers",
    "ListEngagementResourceAssociations",
    "ListOpportunities",
    "ListOpportunityFromEngagementTasks",
    "ListResourceSnapshotJobs",
    "ListResourceSnapshots",
    "ListSolutions",
    "PutSellingSystemSettings",
    "StartEngagementByAcceptingInvitationTask",
    "StartEngagementFromOpportunityTask",
    "StartOpportunityFromEngagementTask",
    "StartResourceSnapshotJob",
    "SubmitOpportunity",
)
# What AWS asks of whoever associates an entity of Marketplace's, beside AssociateOpportunity itself. All of them only
# read. Marketplace knows no catalog of Partner Central, and any deal may name an entity, whichever there will be.
ON_THE_MARKETPLACE = tuple(
    f"aws-marketplace:{operation}"
    for operation in ("DescribeAgreement", "DescribeEntity", "ListEntities", "SearchAgreements")
)


def partner_central_statements(scope: Construct, catalog: str) -> list[iam.PolicyStatement]:
    """What our functions call, limited to one ``catalog`` wherever AWS knows the limit. ``scope`` lies in the linked
    account."""
    opportunity, invitation, engagement, job, own_tags, shared_tags = _record_arns(scope, catalog)
    limited = {"StringEquals": {"partnercentral:Catalog": catalog}}
    return [
        iam.PolicyStatement(
            sid="Opportunities", actions=_named(ON_OPPORTUNITIES), resources=[opportunity], conditions=limited
        ),
        iam.PolicyStatement(
            sid="Invitations", actions=_named(ON_INVITATIONS), resources=[invitation], conditions=limited
        ),
        iam.PolicyStatement(
            sid="Engagements", actions=_named(ON_ENGAGEMENTS), resources=[engagement], conditions=limited
        ),
        iam.PolicyStatement(sid="SnapshotJobs", actions=_named(ON_SNAPSHOT_JOBS), resources=[job], conditions=limited),
        iam.PolicyStatement(sid="Catalog", actions=_named(ON_THE_CATALOG), resources=["*"], conditions=limited),
        # Tagging takes no catalog; accepting an invitation tags what it makes.
        iam.PolicyStatement(sid="Tags", actions=_named(("TagResource",)), resources=[own_tags, shared_tags]),
        iam.PolicyStatement(sid="Marketplace", actions=list(ON_THE_MARKETPLACE), resources=["*"]),
    ]


def acknowledge_rights(role: iam.Role, catalog: str) -> None:
    """Put on record why these statements, and no others, name more than one resource."""
    policy = role.node.find_child("DefaultPolicy")
    acknowledge_star(
        policy,
        "Lists and creates know no resource, and accepting or submitting snapshots and shares what it just made "
        "under our rights; each action is limited to one catalog by condition. Who associates an entity of "
        "Marketplace's must be able to read it and its agreements, which no catalog holds and any deal may name",
        actions=[*_named(ON_THE_CATALOG), *ON_THE_MARKETPLACE],
    )
    acknowledge(
        policy,
        "Which records there will be is not known beforehand; the ARN is limited to one catalog and kind",
        *(f"AwsSolutions-IAM5[Resource::{arn}]" for arn in _record_arns(role, catalog)),
    )


def _named(operations: Sequence[str]) -> list[str]:
    return [f"partnercentral:{operation}" for operation in operations]


def _record_arns(scope: Construct, catalog: str) -> tuple[str, str, str, str, str, str]:
    account = Stack.of(scope).account
    stem = f"arn:aws:partnercentral:{PARTNER_CENTRAL_REGION}"
    return (
        f"{stem}:{account}:catalog/{catalog}/opportunity/*",
        f"{stem}::catalog/{catalog}/engagement-invitation/*",
        f"{stem}::catalog/{catalog}/engagement/*",
        f"{stem}:{account}:catalog/{catalog}/resource-snapshot-job/*",
        f"{stem}:{account}:catalog/{catalog}/*",
        f"{stem}::catalog/{catalog}/*",
    )
