"""Acknowledging a cdk-nag finding: one resource, one reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import jsii
from aws_cdk import Acknowledgment, Aspects, IAspect, Stack, Validations
from aws_cdk import aws_iam as iam
from constructs import IConstruct

XRAY = (
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)
LOG_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)


def acknowledge(construct: IConstruct, reason: str, *rules: str) -> None:
    """Put on record why ``rules`` (``AwsSolutions-IAM5[Resource::*]``, …) stand on ``construct``.

    The reason must hold for this resource; a rule is never acknowledged on a stack or an app.
    """
    for rule in rules:
        Validations.of(construct).acknowledge(Acknowledgment(id=rule, reason=reason))


def acknowledge_star(policy: IConstruct, reason: str, *, actions: Iterable[str]) -> None:
    """The packs' finding on resource ``*``, for as long as only these of our ``actions`` stand on it.

    A rule pack sees a policy, not a statement: whatever a user adds to the policy with resource ``*``, at any time
    before the synth, is not ours to excuse, and makes the finding show.
    """
    if isinstance(policy, iam.Policy):
        Aspects.of(policy).add(_OurStar(reason, frozenset(actions)))


@jsii.implements(IAspect)
class _OurStar:
    """Looks at the finished policy, which is when all statements are in it."""

    def __init__(self, reason: str, actions: frozenset[str]) -> None:
        self._reason = reason
        self._actions = actions

    def visit(self, node: IConstruct) -> None:
        """Acknowledge on the policy, unless somebody else's statement is among those with ``*``."""
        if isinstance(node, iam.Policy) and _on_everything(Stack.of(node).resolve(node.document)) <= self._actions:
            acknowledge(node, self._reason, "AwsSolutions-IAM5[Resource::*]")


def _on_everything(document: Mapping[str, Any] | None) -> set[str]:
    """The actions that are allowed on ``*``."""
    statements = (document or {}).get("Statement", ())
    return {action for one in statements if "*" in _listed(one.get("Resource")) for action in _listed(one["Action"])}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
