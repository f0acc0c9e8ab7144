"""EngineeringDashboard: what runs, what stands still, what fails, and what it costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from constructs_lib.alarms import METRICS_NAMESPACE, product_metric
from constructs_lib.cost_drivers import cost_widgets
from constructs_lib.dashboard_parts import FULL, HALF, QUARTER, THIRD, graph, heading, metric

VENDORS = ("hubspot", "aws", "microsoft", "google")
STATUSES = ("2xx", "4xx", "429", "5xx", "none")
ERRORS = ("Throttled", "Retryable", "Unauthorized", "Conflict", "Rejected", "Unexpected")


@dataclass(frozen=True, kw_only=True)
class EngineeringDashboardProps:
    """What is watched; each part may be empty.

    Attributes:
        name: physical name of the dashboard.
        service: the ``service`` of the metrics, one per deployment stage.
        partners: the partners that are on.
        queues: queues by the name that people know them under.
        dead_letter_queues: the same of their dead letter queues.
        machines: ARNs of Express machines by name.
        functions: memory in MB by the functions' names.
        function_groups: title to the functions of it; default one group of all. A graph shows one group.
        apis: names of REST APIs.
        tables: DynamoDB tables by name.
        machine_log_groups: names of the machines' log groups, whose bytes are counted.
        namespace: of the product's metrics; default the product's own.
        runbooks_url: address of docs/operations.md, linked at the top; default none.
    """

    name: str
    service: str
    partners: Sequence[str] = ()
    queues: Mapping[str, sqs.IQueue] = field(default_factory=dict)
    dead_letter_queues: Mapping[str, sqs.IQueue] = field(default_factory=dict)
    machines: Mapping[str, str] = field(default_factory=dict)
    functions: Mapping[str, int] = field(default_factory=dict)
    function_groups: Mapping[str, Sequence[str]] | None = None
    apis: Sequence[str] = ()
    tables: Mapping[str, dynamodb.ITable] = field(default_factory=dict)
    machine_log_groups: Sequence[str] = ()
    namespace: str = METRICS_NAMESPACE
    runbooks_url: str | None = None


class EngineeringDashboard(Construct):
    """One dashboard for whoever is called at night."""

    def __init__(self, scope: Construct, construct_id: str, props: EngineeringDashboardProps) -> None:
        super().__init__(scope, construct_id)
        self._props = props
        self._dashboard = cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=props.name,
            default_interval=Duration.hours(12),
            widgets=[
                [heading("Queues", "What waits, and what could not be done.", props.runbooks_url)],
                self._queues(),
                [heading("Machines", "Express executions.")],
                self._machines(),
                *self._functions(),
                [heading("APIs, tables, vendors", "Answers by class, throttles, quota.")],
                self._apis_and_tables(),
                self._vendors(),
                [heading("What it costs", "The amounts that AWS bills, in five minutes.")],
                *cost_widgets(
                    functions=props.functions,
                    machines=props.machines,
                    tables=props.tables,
                    log_groups=props.machine_log_groups,
                    log_words=props.service.split("-"),
                ),
            ],
        )

    @property
    def dashboard(self) -> cloudwatch.Dashboard:
        """The dashboard."""
        return self._dashboard

    def _queues(self) -> list[cloudwatch.IWidget]:
        props = self._props

        def lines(queues: Mapping[str, sqs.IQueue], name: str) -> list[cloudwatch.Metric]:
            return [
                metric("AWS/SQS", name, "Maximum", {"QueueName": queue.queue_name}, label=known)
                for known, queue in queues.items()
            ]

        return [
            graph("Age of the oldest message (s)", lines(props.queues, "ApproximateAgeOfOldestMessage"), width=THIRD),
            graph("Messages waiting", lines(props.queues, "ApproximateNumberOfMessagesVisible"), width=THIRD),
            graph(
                "Dead letters not yet on record",
                lines(props.dead_letter_queues, "ApproximateNumberOfMessagesVisible"),
                width=THIRD,
            ),
        ]

    def _machines(self) -> list[cloudwatch.IWidget]:
        def lines(name: str, statistic: str = "Sum") -> list[cloudwatch.Metric]:
            return [
                metric("AWS/States", name, statistic, {"StateMachineArn": arn}, label=known)
                for known, arn in self._props.machines.items()
            ]

        return [
            graph("Failed", lines("ExecutionsFailed"), width=QUARTER),
            graph("Timed out", lines("ExecutionsTimedOut"), width=QUARTER),
            graph("Throttled", lines("ExecutionThrottled"), width=QUARTER),
            graph("Duration p95 (ms)", lines("ExecutionTime", "p95"), width=QUARTER),
        ]

    def _functions(self) -> Iterable[list[cloudwatch.IWidget]]:
        groups = self._props.function_groups
        for title, names in ({"All": tuple(self._props.functions)} if groups is None else groups).items():
            yield [heading(f"Functions: {title}", "Named errors that the machines wait out count as errors, too.")]
            yield [
                graph(label, _of_functions(names, name, statistic), width=QUARTER)
                for label, name, statistic in (
                    ("Errors", "Errors", "Sum"),
                    ("Throttles", "Throttles", "Sum"),
                    ("Duration p95 (ms)", "Duration", "p95"),
                    ("At the same time", "ConcurrentExecutions", "Maximum"),
                )
            ]

    def _apis_and_tables(self) -> list[cloudwatch.IWidget]:
        apis, tables = self._props.apis, self._props.tables
        answers = [
            metric("AWS/ApiGateway", name, "Sum", {"ApiName": api}, label=f"{api} {name[:3]}")
            for api in apis
            for name in ("4XXError", "5XXError")
        ]
        slow = [metric("AWS/ApiGateway", "Latency", "p99", {"ApiName": api}, label=api) for api in apis]
        throttles = [
            metric("AWS/DynamoDB", name, "Sum", {"TableName": table.table_name}, label=f"{known} {name}")
            for known, table in tables.items()
            for name in ("ReadThrottleEvents", "WriteThrottleEvents")
        ]
        return [
            graph("Refused and failed answers of the APIs", answers, width=THIRD),
            graph("Latency of the APIs p99 (ms)", slow, width=THIRD),
            graph("Throttles of the tables", throttles, width=THIRD),
        ]

    def _product(self, name: str, statistic: str, label: str, **dimensions: str) -> cloudwatch.Metric:
        props = self._props
        return product_metric(
            name,
            props.service,
            namespace=props.namespace,
            statistic=statistic,
            label=label,
            period=None,
            **dimensions,
        )

    def _vendors(self) -> list[cloudwatch.IWidget]:
        vendors = [name for name in VENDORS if name == "hubspot" or name in self._props.partners]
        calls = [
            self._product("VendorCalls", "Sum", f"{vendor} {status}", vendor=vendor, status=status)
            for vendor in vendors
            for status in STATUSES
        ]
        times = [self._product("VendorTime", "p95", vendor, vendor=vendor) for vendor in vendors]
        quota = [self._product("QuotaUsed", "Maximum", name, partner=name) for name in self._props.partners]
        return [
            graph("Calls to vendors by answer", calls, width=HALF),
            graph("Vendors' answers p95 (ms)", times, width=QUARTER // 2),
            graph("Write quota of the day used (%)", quota, width=QUARTER // 2),
            graph("Errors by name", [self._product(name, "Sum", name) for name in ERRORS], width=FULL - HALF - QUARTER),
        ]


def _of_functions(names: Sequence[str], name: str, statistic: str) -> list[cloudwatch.Metric]:
    return [metric("AWS/Lambda", name, statistic, {"FunctionName": each}, label=each) for each in names]
