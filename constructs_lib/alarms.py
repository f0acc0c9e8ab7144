"""Alarms, on by default, all told to one topic."""

from __future__ import annotations

from dataclasses import dataclass, field

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from constructs_lib.overrides import warn_override

METRICS_NAMESPACE = "CosellSync"
RUNBOOKS_URL = "docs/operations.md"
# Of five minutes each: an hour.
UNAUTHORIZED_PERIODS = 12


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """From when on somebody is called, for alarms on what may happen now and then. Counts are of five minutes.

    Attributes:
        refused_webhooks: with a signature that is not good; default 1.
        refused_notices: not proven to be a partner's; default 1.
        failed_answers: 5xx of an API; default 1.
        failed_runs: failed or timed-out executions of one machine; default 1.
        unrecorded_minutes: that dead letters lie unrecorded; default 15.
    """

    refused_webhooks: int = 1
    refused_notices: int = 1
    failed_answers: int = 1
    failed_runs: int = 1
    unrecorded_minutes: int = 15


@dataclass(frozen=True, kw_only=True)
class AlarmSettings:
    """Who hears of an alarm, from when on, and where it says what to do.

    Attributes:
        topic: told when an alarm fires and when it ends. Default: nobody is told, the alarms still show in CloudWatch.
        enabled: default True. False leaves the alarms out, with a warning at synth.
        runbooks_url: address of the runbook; each alarm's description ends in it and the alarm's anchor there.
            Default the path in the repository: name the address at which your people read it.
        thresholds: default those of ``Thresholds``.
    """

    topic: sns.ITopic | None = None
    enabled: bool = True
    runbooks_url: str = RUNBOOKS_URL
    thresholds: Thresholds = field(default_factory=Thresholds)


def add_alarm(
    scope: Construct,
    construct_id: str,
    *,
    metric: cloudwatch.IMetric,
    description: str,
    runbook: str,
    settings: AlarmSettings,
    threshold: float = 1,
    periods: int = 1,
    stays: bool = False,
    silence: bool = False,
) -> cloudwatch.Alarm | None:
    """An alarm that fires once ``metric`` is at or over ``threshold`` for ``periods`` periods; silence is health.

    ``runbook`` is the anchor in the runbook. With ``stays`` one period is enough, and it ends when all ``periods`` were
    below: for what is only met now and then. With ``silence`` it is the other way round, for what has to go on: it
    fires when ``metric`` was below ``threshold`` (or there was none) for all ``periods``, also from the deployment on
    until the first word.
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
        alarm_description=f"{description}. What to do: {settings.runbooks_url}#{runbook}",
    )
    if settings.topic is not None:
        # pyrefly: ignore[bad-argument-type]  # jsii: parameters named otherwise
        alarm.add_alarm_action(actions.SnsAction(settings.topic))
        # pyrefly: ignore[bad-argument-type]  # jsii: parameters named otherwise
        alarm.add_ok_action(actions.SnsAction(settings.topic))
    return alarm


def product_metric(
    name: str,
    service: str,
    *,
    namespace: str = METRICS_NAMESPACE,
    statistic: str = "Sum",
    period: Duration | None = None,
    label: str | None = None,
    **dimensions: str,
) -> cloudwatch.Metric:
    """A metric that our functions emit. ``service`` is their ``POWERTOOLS_SERVICE_NAME``, one per deployment stage.

    ``dimensions`` are those that the metric has beside it (docs/seeing.md); without ``period`` five minutes.
    """
    return cloudwatch.Metric(
        namespace=namespace,
        metric_name=name,
        dimensions_map={"service": service, **dimensions},
        statistic=statistic,
        period=period or Duration.minutes(5),
        label=label,
    )


def add_unauthorized_alarm(scope: Construct, service: str, settings: AlarmSettings) -> None:
    """Say that a vendor refused our credentials or permissions; links wait until they are put right."""
    add_alarm(
        scope,
        "Unauthorized",
        metric=product_metric("Unauthorized", service),
        description="A vendor refused our credentials or permissions; links wait until they are put right",
        runbook="unauthorized",
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
        runbook="dead-letter",
        settings=settings,
    )
    add_alarm(
        scope,
        "DeadLettersNotSwept",
        metric=product_metric("DeadLettersSwept", service).with_(
            statistic="SampleCount", period=Duration.minutes(max(15, 3 * every.to_minutes()))
        ),
        description="No sweep of dead letters came to its end: they are on record, but nobody judges or wakes them",
        runbook="dead-letters-not-swept",
        settings=settings,
        silence=True,
    )
