"""The amounts that AWS bills for, as graphs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb

from constructs_lib.dashboard_parts import HALF, THIRD, graph, metric, total


def cost_widgets(
    *,
    functions: Mapping[str, int],
    machines: Mapping[str, str],
    tables: Mapping[str, dynamodb.ITable],
    log_groups: Sequence[str],
    log_words: Sequence[str],
) -> list[list[cloudwatch.IWidget]]:
    """Rows of graphs; a part that is empty has none. ``functions`` have their memory (MB), ``machines`` their ARN.

    ``log_words`` are what the names of the functions' log groups have in common: those are made by CloudFormation, so
    they are searched for.
    """
    first: list[cloudwatch.IWidget] = []
    second: list[cloudwatch.IWidget] = []
    if functions:
        first += [_invocations(functions), _gigabyte_seconds(functions)]
    if machines:
        first.append(_express(machines))
    if tables:
        second.append(_units(tables))
    second.append(_logs(log_groups, log_words))
    return [first, second]


def _invocations(functions: Mapping[str, int]) -> cloudwatch.IWidget:
    parts = [metric("AWS/Lambda", "Invocations", "Sum", {"FunctionName": name}) for name in functions]
    return graph("Invocations", [total("invocations", parts, id_prefix="i")], width=THIRD)


def _gigabyte_seconds(functions: Mapping[str, int]) -> cloudwatch.IWidget:
    """Lambda bills the time of a function times its memory; functions of one size are summed, then weighed."""
    sizes: dict[int, list[cloudwatch.IMetric]] = {}
    for name, memory in functions.items():
        sizes.setdefault(memory, []).append(metric("AWS/Lambda", "Duration", "Sum", {"FunctionName": name}))
    lines = [
        total(f"functions of {memory} MB", parts, id_prefix=f"d{memory}x", factor=f"/1000*{memory / 1024:g}")
        for memory, parts in sorted(sizes.items())
    ]
    return graph("GB-seconds of functions", lines, width=THIRD, stacked=True)


def _express(machines: Mapping[str, str]) -> cloudwatch.IWidget:
    def parts(name: str) -> list[cloudwatch.IMetric]:
        return [metric("AWS/States", name, "Sum", {"StateMachineArn": arn}) for arn in machines.values()]

    lines = [
        total("requests", parts("ExecutionsStarted"), id_prefix="r"),
        total("billed seconds", parts("ExpressExecutionBilledDuration"), id_prefix="b", factor="/1000"),
    ]
    return graph("Express executions: requests and billed time", lines, width=THIRD)


def _units(tables: Mapping[str, dynamodb.ITable]) -> cloudwatch.IWidget:
    lines = [
        metric(
            "AWS/DynamoDB",
            f"Consumed{kind}CapacityUnits",
            "Sum",
            {"TableName": table.table_name},
            label=f"{known} {kind.lower()}s",
        )
        for known, table in tables.items()
        for kind in ("Read", "Write")
    ]
    return graph("DynamoDB request units", lines, width=HALF, stacked=True)


def _logs(log_groups: Sequence[str], words: Sequence[str]) -> cloudwatch.IWidget:
    lines: list[cloudwatch.IMetric] = []
    if log_groups:
        parts = [metric("AWS/Logs", "IncomingBytes", "Sum", {"LogGroupName": name}) for name in log_groups]
        lines.append(total("machines", parts, id_prefix="l"))
    term = " AND ".join(f"LogGroupName={word}" for word in words)
    lines.append(
        cloudwatch.MathExpression(
            expression=f"SUM(SEARCH('{{AWS/Logs,LogGroupName}} MetricName=\"IncomingBytes\" {term}', 'Sum', 300))",
            using_metrics={},
            label="functions and machines",
        )
    )
    return graph("Bytes of logs", lines, width=HALF)
