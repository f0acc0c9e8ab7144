"""OperatorAlarms: what concerns a whole stage and no part of it alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from constructs_lib.alarms import METRICS_NAMESPACE, AlarmSettings, add_alarm, product_metric
from constructs_lib.dashboard_parts import metric


@dataclass(frozen=True, kw_only=True)
class OperatorAlarmsProps:
    """What is watched, and from when on somebody is called.

    Attributes:
        service: the ``service`` of the metrics, one per deployment stage.
        partners: the partners that are on.
        tables: DynamoDB tables by name.
        poll_machine: ARN of the machine of the polls; None: silence of the polls is not watched.
        namespace: of the product's metrics; default the product's own.
        quota_percent: of the day's writes to a partner; default 80.
        oldest_work: how long a change may wait without an answer; default 4 hours.
        table_throttles: refused requests of one table in five minutes; default 50, since single ones are tried again.
        throttled_invocations: in five minutes, of the whole account and region, whose concurrency is one pool; default
            100.
        silent_polls: how long no poll may have begun; default 30 minutes.
        census: how often links are counted; default an hour.
        alarms: default on, told to nobody.
    """

    service: str
    partners: Sequence[str]
    tables: Mapping[str, dynamodb.ITable] = field(default_factory=dict)
    poll_machine: str | None = None
    namespace: str = METRICS_NAMESPACE
    quota_percent: float = 80
    oldest_work: Duration = field(default_factory=lambda: Duration.hours(4))
    table_throttles: int = 50
    throttled_invocations: int = 100
    silent_polls: Duration = field(default_factory=lambda: Duration.minutes(30))
    census: Duration = field(default_factory=lambda: Duration.hours(1))
    alarms: AlarmSettings = field(default_factory=AlarmSettings)


class OperatorAlarms(Construct):
    """Quota nearly used up, work that waits too long, throttling, and polls that stopped."""

    def __init__(self, scope: Construct, construct_id: str, props: OperatorAlarmsProps) -> None:
        super().__init__(scope, construct_id)
        self._props = props
        for partner in props.partners:
            self._of_partner(partner)
        for name, table in props.tables.items():
            self._of_table(name, table)
        self._of_functions()
        if props.poll_machine is not None:
            self._of_polls(props.poll_machine)

    def _of_partner(self, partner: str) -> None:
        props, name = self._props, partner.capitalize()
        add_alarm(
            self,
            f"{name}QuotaNearlyUsed",
            metric=self._product("QuotaUsed", partner),
            threshold=props.quota_percent,
            description=f"{props.quota_percent:g} % of the day's writes to {partner} are used; at 100 % changes wait",
            runbook="quota-nearly-used",
            settings=props.alarms,
        )
        add_alarm(
            self,
            f"{name}WorkWaiting",
            metric=self._product("OldestWork", partner, props.census),
            threshold=props.oldest_work.to_seconds(),
            description=f"A change for {partner} has waited {props.oldest_work.to_hours():g} hours without an answer",
            runbook="work-waiting",
            settings=props.alarms,
        )

    def _product(self, name: str, partner: str, period: Duration | None = None) -> cloudwatch.Metric:
        props = self._props
        return product_metric(
            name, props.service, namespace=props.namespace, statistic="Maximum", period=period, partner=partner
        )

    def _of_table(self, name: str, table: dynamodb.ITable) -> None:
        where = {"TableName": table.table_name}
        both = {
            "reads": metric("AWS/DynamoDB", "ReadThrottleEvents", "Sum", where),
            "writes": metric("AWS/DynamoDB", "WriteThrottleEvents", "Sum", where),
        }
        add_alarm(
            self,
            f"{name.capitalize()}Throttled",
            # Without a fill a table that only throttles reads would have no sum.
            metric=cloudwatch.MathExpression(
                expression="FILL(reads, 0) + FILL(writes, 0)", using_metrics=both, period=Duration.minutes(5)
            ),
            threshold=self._props.table_throttles,
            description=f"DynamoDB refuses requests to the table of {name}; runs come later, nothing is lost",
            runbook="table-throttled",
            settings=self._props.alarms,
        )

    def _of_functions(self) -> None:
        add_alarm(
            self,
            "FunctionsThrottled",
            metric=metric("AWS/Lambda", "Throttles", "Sum"),
            threshold=self._props.throttled_invocations,
            description="Lambda refuses invocations in this account and region: its concurrency is used up",
            runbook="functions-throttled",
            settings=self._props.alarms,
        )

    def _of_polls(self, machine: str) -> None:
        minutes = int(self._props.silent_polls.to_minutes())
        add_alarm(
            self,
            "PollsStopped",
            metric=metric(
                "AWS/States",
                "ExecutionsStarted",
                "Sum",
                {"StateMachineArn": machine},
                period=self._props.silent_polls,
            ),
            description=f"No poll has begun for {minutes} minutes: what webhooks and events miss is not found",
            runbook="polls-stopped",
            settings=self._props.alarms,
            silence=True,
        )
