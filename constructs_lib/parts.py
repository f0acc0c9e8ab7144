"""What fills a definition's placeholders, and what the machine may do with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

type Grant = Callable[[iam.IGrantable, Sequence[str]], None]


@dataclass(frozen=True, slots=True)
class Part:
    """``value`` replaces the placeholder; ``grant`` gives a machine's role what it needs for that.

    ``grant`` takes the role and the DynamoDB actions of the definition.
    """

    value: str
    grant: Grant


def function_part(function: lambda_.IFunction) -> Part:
    """A Lambda function (or alias): its ARN, and leave to invoke exactly that."""
    return Part(function.function_arn, lambda role, _: grant_invoke(function, role))


def table_part(table: dynamodb.ITable) -> Part:
    """A table: its name, and those DynamoDB actions that the definition's states call."""
    return Part(table.table_name, lambda role, actions: grant_table(table, role, *actions))


def queue_part(queue: sqs.IQueue) -> Part:
    """A queue: its URL, and leave to send to it."""
    return Part(queue.queue_url, lambda role, _: grant_send(queue, role))


def queue_url_part(queue: sqs.IQueue) -> Part:
    """A queue's URL as a fact to note down, without leave to use it."""
    return Part(queue.queue_url, lambda _role, _actions: None)


def text_part(text: str) -> Part:
    """A fixed text, such as the name of a partner."""
    return Part(text, lambda _role, _actions: None)


def chosen_function_part(key: str, functions: Mapping[str, lambda_.IFunction]) -> Part:
    """One of several functions, chosen in the state: a JSONata look-up of ``key`` (an expression) by name.

    An unknown name has no value, so that the state fails with ``States.QueryEvaluationError``.
    """
    table = ", ".join(f"'{name}': '{function.function_arn}'" for name, function in functions.items())

    def grant(role: iam.IGrantable, _: Sequence[str]) -> None:
        for function in functions.values():
            grant_invoke(function, role)

    return Part(f"{{% $lookup({{{table}}}, {key}) %}}", grant)


def grant_invoke(function: lambda_.IFunction, grantee: iam.IGrantable) -> None:
    """Invoke this function or alias; CDK's own grant would add every version with a wildcard."""
    _allow(grantee, ["lambda:InvokeFunction"], [function.function_arn])


def grant_send(queue: sqs.IQueue, grantee: iam.IGrantable) -> None:
    """Send to this queue, and use its key where it has one."""
    _allow(grantee, ["sqs:SendMessage"], [queue.queue_arn])
    if queue.encryption_master_key is not None:
        queue.encryption_master_key.grant(grantee, "kms:Decrypt", "kms:GenerateDataKey")


TABLE_KEY_ACTIONS = (
    *("kms:Decrypt", "kms:Encrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo"),
    *("kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"),
)
"""What DynamoDB asks of whoever uses a table under a key of the user's, each by its name."""


def grant_table(table: dynamodb.ITable, grantee: iam.IGrantable, *actions: str, keys: str | None = None) -> None:
    """These actions on the table itself, without its indexes, and use of its key where it has one.

    ``keys`` limits them to items whose partition key is that, or is like it (``link#*``).
    """
    limited = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [keys]}} if keys else None
    _allow(grantee, list(actions), [table.table_arn], limited)
    if table.encryption_key is not None:
        table.encryption_key.grant(grantee, *TABLE_KEY_ACTIONS)


def grant_index(table: dynamodb.ITable, grantee: iam.IGrantable, index: str) -> None:
    """Query one index of the table."""
    _allow(grantee, ["dynamodb:Query"], [f"{table.table_arn}/index/{index}"])


def _allow(
    grantee: iam.IGrantable,
    actions: Sequence[str],
    resources: Sequence[str],
    conditions: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
) -> None:
    grantee.grant_principal.add_to_principal_policy(
        iam.PolicyStatement(actions=list(actions), resources=list(resources), conditions=conditions)
    )
