"""PartnerCentralLink: what lies in the account that is linked to AWS Partner Central."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aws_cdk import Stack, Token
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from constructs import Construct

from constructs_lib.acknowledge import acknowledge
from constructs_lib.own_parts import service_role
from constructs_lib.partner_central_events import INVITATION_EVENTS, MEMBER_EVENTS, OPPORTUNITY_EVENTS
from constructs_lib.partner_central_rights import (
    PARTNER_CENTRAL_REGION,
    acknowledge_rights,
    partner_central_statements,
)

PARTNER_CENTRAL_SOURCE = "aws.partnercentral-selling"
SNAPSHOT_JOB_SERVICE = "resource-snapshot-job.partnercentral-selling.amazonaws.com"
SNAPSHOT_JOB_POLICY = "AWSPartnerCentralSellingResourceSnapshotJobExecutionRolePolicy"
MOST_TRUST_CHARACTERS = 2048
"""IAM's quota for a role's trust policy, white space not counted."""


@dataclass(frozen=True, kw_only=True)
class PartnerCentralLinkProps:
    """The link.

    Attributes:
        catalog: ``AWS`` or ``Sandbox``.
        trusted_role_arns: roles in the home account: those of our functions, and of operators who run a backfill;
            nobody else may take the role. ``*`` and ``?`` stand for characters, as in IAM's ``ArnLike``: a name for
            each function would not fit into a trust policy.
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
                    "ArnLike": {"aws:PrincipalArn": list(props.trusted_role_arns)},
                }
            ),
        )
        self._check_trust(role)
        for statement in partner_central_statements(self, props.catalog):
            role.add_to_policy(statement)
        role.add_to_policy(
            iam.PolicyStatement(
                sid="SnapshotRole",
                actions=["iam:PassRole"],
                resources=[self._snapshot_role.role_arn],
                conditions={"StringEquals": {"iam:PassedToService": SNAPSHOT_JOB_SERVICE}},
            )
        )
        acknowledge_rights(role, props.catalog)
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

    def _check_trust(self, role: iam.Role) -> None:
        """IAM would say it in the middle of a deployment."""
        document = _as_sent(Stack.of(self).resolve(role.assume_role_policy))
        length = len(json.dumps(document, separators=(",", ":")))
        if length > MOST_TRUST_CHARACTERS:
            raise ValueError(
                f"{self.node.path}: the role's trust policy has {length} characters, and IAM takes "
                f"{MOST_TRUST_CHARACTERS}. Shorten `external_id`, or name fewer roles in `trusted_role_arns` "
                "(`operators` in stages.yaml): several people may share one, and a pattern may stand for several"
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


def _as_sent(value: Any) -> Any:
    """A resolved document as IAM gets it, as far as its length goes: the one reference in it is to the partition."""
    if isinstance(value, list):
        return [_as_sent(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "Fn::Join" in value:
        between, parts = value["Fn::Join"]
        return between.join(map(_as_sent, parts))
    return "aws" if "Ref" in value else {name: _as_sent(each) for name, each in value.items()}
