"""The parts that several constructs make for themselves when the user brings none: log group and role."""

from __future__ import annotations

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct


def log_group(
    scope: Construct,
    construct_id: str,
    *,
    retention: logs.RetentionDays,
    name: str | None = None,
    removal_policy: RemovalPolicy = RemovalPolicy.DESTROY,
) -> logs.LogGroup:
    """A log group that ends: it keeps ``retention`` and, unless told otherwise, goes with its stack.

    Our logs hold no record that the audit table lacks. ``name`` is physical; default made by CloudFormation.
    """
    return logs.LogGroup(scope, construct_id, log_group_name=name, retention=retention, removal_policy=removal_policy)


def service_role(
    scope: Construct, construct_id: str, service: str, *, description: str | None = None, name: str | None = None
) -> iam.Role:
    """A role that ``service`` (``states.amazonaws.com``) may take for this account and for no other."""
    account = {"StringEquals": {"aws:SourceAccount": Stack.of(scope).account}}
    return iam.Role(
        scope,
        construct_id,
        role_name=name,
        # pyrefly: ignore[bad-argument-type]  # jsii: parameters named otherwise
        assumed_by=iam.ServicePrincipal(service, conditions=account),
        description=description,
    )
