"""PartnerCentralLink: what lies in the account that is linked to AWS Partner Central."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Stack, Token
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from constructs import Construct

from constructs_lib.acknowledge import acknowledge, acknowledge_star
from constructs_lib.own_parts import service_role
from constructs_lib.partner_central_events import INVITATION_EVENTS, MEMBER_EVENTS, OPPORTUNITY_EVENTS

PARTNER_CENTRAL_REGION = "us-east-1"
PARTNER_CENTRAL_SOURCE = "aws.partnercentral-selling"
SNAPSHOT_JOB_SERVICE = "resource-snapshot-job.partnercentral-selling.amazonaws.com"
SNAPSHOT_JOB_POLICY = "AWSPartnerCentralSellingResourceSnapshotJobExecutionRolePolicy"

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


@dataclass(frozen=True, kw_only=True)
class PartnerCentralLinkProps:
    """The link.

    Attributes:
        catalog: ``AWS`` or ``Sandbox``.
        trusted_role_arns: roles in the home account: those of our functions, and of operators who run a backfill;
            nobody else may take the role.
        home_account: the account of those roles.
        home_bus_arn: the bus in the home region that events are forwarded to.
        role_name: default ``HubSpotPartnerCentralServiceRole``.
        external_id: default ``HubSpotPartnerCentralIntegration``.
        snapshot_role_name: of the role that AWS's resource snapshot jobs act with, registered at Partner Central by our
            functions where none is; default ``HubSpotPartnerCentralSnapshotRole``.
        snapshot_role: bring your own, with its trust in ``SNAPSHOT_JOB_SERVICE`` and its permissions; default an own
            one with AWS's managed policy for it.
        forwarder_role_name: default made by CloudFormation.
        role: bring your own role for our functions, with its trust and its permissions; default an own one.
        forwarder_role: bring your own; leave to put events on the home bus is added to it. Default an own role.
        detail_types: the events that are forwarded; default those that the home bus has rules for.
        event_bus: where Partner Central's events arrive; default the account's default bus.
    """

    catalog: str
    trusted_role_arns: Sequence[str]
    home_account: str
    home_bus_arn: str
    role_name: str = "HubSpotPartnerCentralServiceRole"
    external_id: str = "HubSpotPartnerCentralIntegration"
    snapshot_role_name: str = "HubSpotPartnerCentralSnapshotRole"
    snapshot_role: iam.IRole | None = None
    forwarder_role_name: str | None = None
    role: iam.IRole | None = None
    forwarder_role: iam.IRole | None = None
    detail_types: Sequence[str] = (*OPPORTUNITY_EVENTS, *INVITATION_EVENTS, *MEMBER_EVENTS)
    event_bus: events.IEventBus | None = None


class PartnerCentralLink(Construct):
    """A role that our functions take, limited to one catalog, and a rule that forwards its events home.

    Place it in a stack of the linked account in us-east-1: Partner Central speaks and listens nowhere else. Nothing
    else of ours lies there. Vendor pages: "Access for the Selling API", "Notifications for the AWS Partner Central
    Selling API".
    """

    def __init__(self, scope: Construct, construct_id: str, props: PartnerCentralLinkProps) -> None:
        super().__init__(scope, construct_id)
        region = Stack.of(self).region
        if not Token.is_unresolved(region) and region != PARTNER_CENTRAL_REGION:
            raise ValueError(f"PartnerCentralLink must lie in {PARTNER_CENTRAL_REGION}, not in {region}")
        self._snapshot_role = props.snapshot_role or self._own_snapshot_role(props)
        self._role = props.role or self._own_role(props)
        self._rule = self._own_rule(props)

    @property
    def role(self) -> iam.IRole:
        """The role that our functions take."""
        # pyrefly: ignore[bad-return]  # jsii: parameters named otherwise
        return self._role

    @property
    def snapshot_role(self) -> iam.IRole:
        """The role that resource snapshot jobs act with."""
        # pyrefly: ignore[bad-return]  # jsii: parameters named otherwise
        return self._snapshot_role

    @property
    def rule(self) -> events.Rule:
        """The rule that forwards."""
        return self._rule

    def _own_role(self, props: PartnerCentralLinkProps) -> iam.Role:
        # The account is the principal and the roles a condition: a principal that names a role must exist already,
        # and the two stacks may be deployed in either order.
        role = iam.Role(
            self,
            "Role",
            role_name=props.role_name,
            description=f"cosell-sync in the catalog {props.catalog} of Partner Central",
            # pyrefly: ignore[bad-argument-type]  # jsii: parameters named otherwise
            assumed_by=iam.AccountPrincipal(props.home_account).with_conditions(
                {
                    "StringEquals": {"sts:ExternalId": props.external_id},
                    "ArnEquals": {"aws:PrincipalArn": list(props.trusted_role_arns)},
                }
            ),
        )
        for statement in _statements(self, props.catalog):
            role.add_to_policy(statement)
        role.add_to_policy(
            iam.PolicyStatement(
                sid="SnapshotRole",
                actions=["iam:PassRole"],
                resources=[self._snapshot_role.role_arn],
                conditions={"StringEquals": {"iam:PassedToService": SNAPSHOT_JOB_SERVICE}},
            )
        )
        self._acknowledge(role, props.catalog)
        return role

    def _own_snapshot_role(self, props: PartnerCentralLinkProps) -> iam.Role:
        # AWS's own sample of this trust has no condition, and whether the service says for which account it acts is
        # not documented: so another account is kept out wherever it says so, and the job works where it does not.
        account = {"StringEqualsIfExists": {"aws:SourceAccount": Stack.of(self).account}}
        role = iam.Role(
            self,
            "SnapshotRole",
            role_name=props.snapshot_role_name,
            description=f"AWS's resource snapshot jobs in the catalog {props.catalog} of Partner Central",
            # pyrefly: ignore[bad-argument-type]  # jsii: parameters named otherwise
            assumed_by=iam.ServicePrincipal(SNAPSHOT_JOB_SERVICE, conditions=account),
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(SNAPSHOT_JOB_POLICY)],
        )
        acknowledge(
            role,
            "AWS wants this policy of its own on the role: it reads opportunities and makes snapshots of them",
            f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{SNAPSHOT_JOB_POLICY}]",
        )
        return role

    def _acknowledge(self, role: iam.Role, catalog: str) -> None:
        policy = role.node.find_child("DefaultPolicy")
        acknowledge_star(
            policy,
            "Lists and creates know no resource, and accepting or submitting snapshots and shares what it just made "
            "under our rights; each action is limited to one catalog by condition",
            actions=_named(ON_THE_CATALOG),
        )
        acknowledge(
            policy,
            "Which records there will be is not known beforehand; the ARN is limited to one catalog and kind",
            *(f"AwsSolutions-IAM5[Resource::{arn}]" for arn in _record_arns(self, catalog)),
        )

    def _own_rule(self, props: PartnerCentralLinkProps) -> events.Rule:
        home_bus = events.EventBus.from_event_bus_arn(self, "HomeBus", props.home_bus_arn)
        forwarder = props.forwarder_role or service_role(
            self,
            "Forwarder",
            "events.amazonaws.com",
            name=props.forwarder_role_name,
            description="Forwards Partner Central's events to the home bus",
        )
        rule = events.Rule(
            self,
            "Rule",
            event_bus=props.event_bus,
            description=f"Partner Central, catalog {props.catalog}, to the home bus",
            event_pattern=events.EventPattern(
                source=[PARTNER_CENTRAL_SOURCE],
                detail_type=list(props.detail_types),
                detail={"catalog": [props.catalog]},
            ),
            # pyrefly: ignore[bad-argument-type]  # jsii: parameters named otherwise
            targets=[targets.EventBus(home_bus, role=forwarder)],
        )
        acknowledge(
            rule,
            "Events are best effort by the vendor's word: the sweep finds what one of them missed, and nothing but the "
            "role and the rule shall lie in the linked account",
            "Serverless-EventBusDLQ",
        )
        return rule


def _statements(scope: Construct, catalog: str) -> list[iam.PolicyStatement]:
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
    ]


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
