"""Evaluates a deployed alarm: its own metric, statistic, period, threshold and treatment of missing data.

Only the metrics that reached the local CloudWatch count, with one exception: the depth of a queue
(``AWS/SQS ApproximateNumberOfMessages…``), which ministack does not publish, is read from the queue itself.
"""

from __future__ import annotations

import datetime
import math
import time
from typing import Any

from sandbox.local_cloud.clients import Clients

_COMPARISONS = {
    "GreaterThanThreshold": lambda value, limit: value > limit,
    "GreaterThanOrEqualToThreshold": lambda value, limit: value >= limit,
    "LessThanThreshold": lambda value, limit: value < limit,
    "LessThanOrEqualToThreshold": lambda value, limit: value <= limit,
}
_QUEUE_DEPTH = {
    "ApproximateNumberOfMessagesVisible": "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible": "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed": "ApproximateNumberOfMessagesDelayed",
}


class UnknownAlarm(LookupError):
    """No deployed alarm has that name; the message lists those there are."""


def find_alarm(clients: Clients, name: str, *, region: str | None = None, account: str | None = None) -> dict[str, Any]:
    """The deployed alarm with that name, or the only one whose name contains it. Raises UnknownAlarm."""
    client = clients.get("cloudwatch", region=region, account=account)
    pages = client.get_paginator("describe_alarms").paginate()
    alarms = [alarm for page in pages for alarm in page.get("MetricAlarms", [])]
    exact = [alarm for alarm in alarms if alarm["AlarmName"] == name]
    found = exact or [alarm for alarm in alarms if name in alarm["AlarmName"]]
    if len(found) != 1:
        names = ", ".join(sorted(alarm["AlarmName"] for alarm in alarms))
        raise UnknownAlarm(f"{len(found)} alarms match {name!r}; deployed: {names or 'none'}")
    return found[0]


def alarm_state(clients: Clients, alarm: dict[str, Any]) -> str:
    """``ALARM``, ``OK`` or ``INSUFFICIENT_DATA`` at this moment."""
    period, periods = int(alarm["Period"]), int(alarm["EvaluationPeriods"])
    needed = int(alarm.get("DatapointsToAlarm") or periods)
    values = _values(clients, alarm, period, periods)
    compare = _COMPARISONS[alarm["ComparisonOperator"]]
    breaching = sum(1 for value in values if compare(value, alarm["Threshold"]))
    missing = max(0, periods - len(values))
    treatment = alarm.get("TreatMissingData", "missing")
    if treatment == "breaching":
        breaching += missing
    if breaching >= needed:
        return "ALARM"
    if not values and treatment == "missing":
        return "INSUFFICIENT_DATA"
    if not values and treatment == "ignore":
        return str(alarm.get("StateValue", "INSUFFICIENT_DATA"))
    return "OK"


def _values(clients: Clients, alarm: dict[str, Any], period: int, periods: int) -> list[float]:
    dimensions = {entry["Name"]: entry["Value"] for entry in alarm.get("Dimensions", [])}
    if alarm["Namespace"] == "AWS/SQS" and alarm["MetricName"] in _QUEUE_DEPTH:
        sqs = clients.for_arn("sqs", alarm["AlarmArn"])
        url = sqs.get_queue_url(QueueName=dimensions["QueueName"])["QueueUrl"]
        name = _QUEUE_DEPTH[alarm["MetricName"]]
        return [float(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name])]
    statistic = alarm.get("Statistic")
    extended = alarm.get("ExtendedStatistic")
    now = time.time()
    end = (math.floor(now / period) + 1) * period
    client = clients.for_arn("cloudwatch", alarm["AlarmArn"])
    answer = client.get_metric_statistics(
        Namespace=alarm["Namespace"],
        MetricName=alarm["MetricName"],
        Dimensions=alarm.get("Dimensions", []),
        StartTime=datetime.datetime.fromtimestamp(end - period * (periods + 1), datetime.UTC),
        EndTime=datetime.datetime.fromtimestamp(end, datetime.UTC),
        Period=period,
        **({"Statistics": [statistic]} if statistic else {"ExtendedStatistics": [extended]}),
    )
    newest = sorted(answer["Datapoints"], key=lambda point: point["Timestamp"])[-(periods + 1) :]
    if statistic:
        return [float(point[statistic]) for point in newest]
    return [float(point["ExtendedStatistics"][extended]) for point in newest]
