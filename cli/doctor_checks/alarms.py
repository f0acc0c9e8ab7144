"""Alarms: which fire, whether they are told to anybody, and whether anybody listens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cli.doctor_checks.check import Check, Finding, error, ok, warning
from cli.doctor_checks.deployment import Deployment

AREA = "alarms"
RUNBOOK = "docs/operations.md#alarms"


def firing(d: Deployment) -> Iterator[Finding]:
    """Alarms in ALARM. A warning: an alarm lags behind its cause, and what causes it is looked at by other checks."""
    alarms = _alarms(d)
    if d.is_local:
        yield ok(f"{len(alarms)} are there; the local cloud does not evaluate them", "alarms")
        return
    fires = [each for each in alarms if each["StateValue"] == "ALARM"]
    for each in fires:
        what, _, do = str(each.get("AlarmDescription", "")).partition(" What to do: ")
        yield warning(f"fires: {what}", each["AlarmName"], do or RUNBOOK)
    if not fires:
        yield ok(f"none of {len(alarms)} fires", "alarms")


def told(d: Deployment) -> Iterator[Finding]:
    """Each alarm acts, and tells the stage's topic or another."""
    alarms, mute = _alarms(d), 0
    for each in alarms:
        name = each["AlarmName"]
        if not each.get("ActionsEnabled", True):
            mute += 1
            yield warning(
                "tells nobody: it is muted", name, f"aws cloudwatch enable-alarm-actions --alarm-names {name}"
            )
        elif not each.get("AlarmActions"):
            mute += 1
            yield warning("tells nobody: it has no action", name, f"npx cdk deploy '{d.name}/*'")
    if not mute:
        yield ok(f"all {len(alarms)} are told", "alarms")


def heard(d: Deployment) -> Iterator[Finding]:
    """Somebody has subscribed to the alarm topic, and has confirmed it."""
    topic = d.place.output("AlarmTopicArn")
    pages = d.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    every = [each for page in pages for each in page["Subscriptions"]]
    confirmed = [each for each in every if str(each["SubscriptionArn"]).startswith("arn:")]
    subscribe = f"aws sns subscribe --topic-arn {topic} --protocol email --notification-endpoint YOUR-ADDRESS"
    make = error if d.stage.protected else warning
    if confirmed:
        yield ok(f"{len(confirmed)} subscribers", topic)
    elif d.is_local:
        yield ok("nobody has subscribed, and in the local cloud nobody needs to", topic)
    elif every:
        yield make(
            f"{len(every)} subscribers, none of whom has confirmed", topic, "confirm by the link in SNS's message"
        )
    else:
        yield make("nobody hears of alarms", topic, subscribe)


def _alarms(d: Deployment) -> list[dict[str, Any]]:
    def read() -> list[dict[str, Any]]:
        ours = {each.physical_id for each in d.resources("AWS::CloudWatch::Alarm")}
        pages = d.client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmNamePrefix=f"cosell-{d.name}-")
        return [each for page in pages for each in page["MetricAlarms"] if each["AlarmName"] in ours]

    return d.once("alarms", read)


CHECKS = [
    Check(area=AREA, name="firing", run=firing, needs="cloudwatch:DescribeAlarms"),
    Check(area=AREA, name="told", run=told, needs="cloudwatch:DescribeAlarms"),
    Check(area=AREA, name="heard", run=heard, needs="sns:ListSubscriptionsByTopic"),
]
