"""Alarms, on by default, all told to one topic."""

# jsii gives parameters of a class other names than its interface has: pyright then sees no CDK class as its interface.
# pyright: reportArgumentType=false, reportReturnType=false

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from constructs_lib.overrides import warn_override

METRICS_NAMESPACE = "CosellSync"
# Of five minutes each: an hour.
UNAUTHORIZED_PERIODS = 12


@dataclass(frozen=True, kw_only=True)
class AlarmSettings:
    """Who hears of an alarm.

    Attributes:
        topic: told when an alarm fires and when it ends. Default: nobody is told, the alarms still show in CloudWatch.
        enabled: default True. False leaves the alarms out, with a warning at synth.
    """

    topic: sns.ITopic | None = None
    enabled: bool = True


def add_alarm(
    scope: Construct,
    construct_id: str,
    *,
    metric: cloudwatch.IMetric,
    description: str,
    settings: AlarmSettings,
    threshold: float = 1,
    periods: int = 1,
    stays: bool = False,
    silence: bool = False,
) -> cloudwatch.Alarm | None:
    """An alarm that fires once ``metric`` is at or over ``threshold`` for ``periods`` periods; silence is health.

    With ``stays`` one period is enough, and it ends when all ``periods`` were below: for what is only met now and then.
    With ``silence`` it is the other way round: it fires when ``metric`` was below ``threshold`` (or there was none) for
    all ``periods``, also from the deployment on until the first word.
    """
    if not settings.enabled:
        warn_override(scope, "alarms", f"nobody hears of: {description}")
        return None
    alarm = cloudwatch.Alarm(
        scope,
        construct_id,
        metric=metric,
        threshold=threshold,
        evaluation_periods=periods,
        datapoints_to_alarm=1 if stays else None,
        comparison_operator=(
            cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
            if silence
            else cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
        ),
        treat_missing_data=(
            cloudwatch.TreatMissingData.BREACHING if silence else cloudwatch.TreatMissingData.NOT_BREACHING
        ),
        alarm_description=description,
    )
    if settings.topic is not None:
        alarm.add_alarm_action(actions.SnsAction(settings.topic))
        alarm.add_ok_action(actions.SnsAction(settings.topic))
    return alarm


def product_metric(name: str, service: str, *, period: Duration | None = None) -> cloudwatch.Metric:
    """A metric that our functions emit. ``service`` is their ``POWERTOOLS_SERVICE_NAME``, one per deployment stage.

    ``period``: default five minutes.
    """
    return cloudwatch.Metric(
        namespace=METRICS_NAMESPACE,
        metric_name=name,
        dimensions_map={"service": service},
        statistic="Sum",
        period=period or Duration.minutes(5),
    )


def add_unauthorized_alarm(scope: Construct, service: str, settings: AlarmSettings) -> None:
    """Say that a vendor refused our credentials or permissions; links wait until they are put right."""
    add_alarm(
        scope,
        "Unauthorized",
        metric=product_metric("Unauthorized", service),
        description="A vendor refused our credentials or permissions; links wait until they are put right",
        settings=settings,
        # Refused links come again after a quarter of an hour: between two tries nothing is over.
        periods=UNAUTHORIZED_PERIODS,
        stays=True,
    )


def add_dead_letter_alarms(scope: Construct, service: str, settings: AlarmSettings, every: Duration) -> None:
    """A letter that waits for a person, at once; and a sweep, due ``every`` so often, that nobody has seen for long.

    Letters whose cause passes raise none until their wakes are used up: then they wait for a person as well.
    """
    add_alarm(
        scope,
        "DeadLettersPermanent",
        metric=product_metric("DeadLettersPermanent", service).with_(period=Duration.minutes(1)),
        description="A dead letter waits for a person: see `cosell dlq list --kind permanent --state waiting`",
        settings=settings,
    )
    add_alarm(
        scope,
        "DeadLettersNotSwept",
        metric=product_metric("DeadLettersSwept", service).with_(
            statistic="SampleCount", period=Duration.minutes(max(15, 3 * every.to_minutes()))
        ),
        description="No sweep of dead letters came to its end: they are on record, but nobody judges or wakes them",
        settings=settings,
        silence=True,
    )
