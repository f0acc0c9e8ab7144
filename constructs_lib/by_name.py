"""Resources of another stack of the same account and region, known by their physical name.

A reference would become an export, and CloudFormation neither deletes nor replaces what another stack imports. So what
belongs to one partner is known to the other stacks by its name alone, and can go whenever it shall.
"""

from __future__ import annotations

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct


def queue_by_name(scope: Construct, construct_id: str, name: str) -> sqs.IQueue:
    """The queue of that name. Its policy cannot be added to from here."""
    return sqs.Queue.from_queue_arn(scope, construct_id, Stack.of(scope).format_arn(service="sqs", resource=name))


def function_by_name(scope: Construct, construct_id: str, function: lambda_.IFunction) -> lambda_.IFunction:
    """The same function by its physical name, without a permission of its own for who calls it.

    Raises ``ValueError`` when it has no name but the one that CloudFormation gives it.
    """
    held = function.node.default_child
    if not isinstance(held, lambda_.CfnFunction) or held.function_name is None:
        raise ValueError(f"{function.node.path} has no physical name by which another stack could know it")
    arn = Stack.of(scope).format_arn(
        service="lambda",
        resource="function",
        resource_name=held.function_name,
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    return lambda_.Function.from_function_attributes(
        scope, construct_id, function_arn=arn, same_environment=False, skip_permissions=True
    )
