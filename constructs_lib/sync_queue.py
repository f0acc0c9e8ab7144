"""SyncQueue: a standard queue with its dead letter queue, TLS only."""

from __future__ import annotations

from dataclasses import dataclass, field

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from constructs_lib.acknowledge import acknowledge
from constructs_lib.alarms import AlarmSettings, add_alarm


@dataclass(frozen=True, kw_only=True)
class SyncQueueProps:
    """A queue and its dead letter queue.

    Attributes:
        purpose: for alarms, e.g. ``"notices"``.
        visibility: how long a failed message stays away. Default 6 minutes: longer than an Express execution can last.
        max_receives: receives before the dead letter queue takes a message; default 3.
        retention: default 7 days. A dead letter keeps the age that it had, and its queue keeps 14 days, the longest
            there is: so at least seven are left to put it on record. Nothing is lost with a message: the link is the
            work list.
        max_age: the age of the oldest message that raises an alarm; default 30 minutes.
        queue: bring your own queue; it must have its own redrive policy.
        dead_letter_queue: bring your own; needed with ``queue``, since an own one would be filled by nothing.
        name: physical name of an own queue, for stacks that must know it without a reference; its dead letter queue is
            named ``<name>-dead-letters``. Default None: CloudFormation names both.
        alarms: default on, told to nobody.
    """

    purpose: str
    visibility: Duration = field(default_factory=lambda: Duration.minutes(6))
    max_receives: int = 3
    retention: Duration = field(default_factory=lambda: Duration.days(7))
    max_age: Duration = field(default_factory=lambda: Duration.minutes(30))
    queue: sqs.IQueue | None = None
    dead_letter_queue: sqs.IQueue | None = None
    name: str | None = None
    alarms: AlarmSettings = field(default_factory=AlarmSettings)


class SyncQueue(Construct):
    """A standard SQS queue: TLS only, encrypted by SQS, never without a dead letter queue.

    Standard, because FIFO deduplication would drop a repeated notice for five minutes; order is not needed, the
    lease on the link orders runs.
    """

    def __init__(self, scope: Construct, construct_id: str, props: SyncQueueProps) -> None:
        super().__init__(scope, construct_id)
        if props.queue is not None and props.dead_letter_queue is None:
            raise ValueError(
                f"{self.node.path}: `queue` is yours, so `dead_letter_queue` must be the one that it fills"
            )
        self._dead_letter_queue = props.dead_letter_queue or last_queue(
            self,
            "DeadLetterQueue",
            visibility=props.visibility,
            reason="This is the dead letter queue; its messages are recorded in the ledger, its depth raises an alarm",
            name=dead_letter_queue_name(props.name) if props.name else None,
        )
        self._queue = props.queue or self._own_queue(props)
        self._add_alarms(props)

    @property
    def queue(self) -> sqs.IQueue:
        """The queue."""
        return self._queue

    @property
    def dead_letter_queue(self) -> sqs.IQueue:
        """Where a message goes that failed too often."""
        return self._dead_letter_queue

    def _own_queue(self, props: SyncQueueProps) -> sqs.Queue:
        return sqs.Queue(
            self,
            "Queue",
            queue_name=props.name,
            enforce_ssl=True,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            visibility_timeout=props.visibility,
            retention_period=props.retention,
            dead_letter_queue=sqs.DeadLetterQueue(queue=self._dead_letter_queue, max_receive_count=props.max_receives),
        )

    def _unrecorded(self) -> cloudwatch.MathExpression:
        """Dead letters that wait, and those on which a recorder that cannot finish is at work, minute by minute.

        One that fails is in flight for most of the time, so the visible ones alone would never show it. A plain metric
        cannot either: SQS leaves a message that was received three times out of the age of the oldest one.
        """
        queue, minute = self._dead_letter_queue, Duration.minutes(1)
        counts = {
            "visible": queue.metric_approximate_number_of_messages_visible(statistic="Maximum", period=minute),
            "in_flight": queue.metric_approximate_number_of_messages_not_visible(statistic="Maximum", period=minute),
        }
        return cloudwatch.MathExpression(
            expression="visible + in_flight", using_metrics=counts, label="dead letters", period=minute
        )

    def _add_alarms(self, props: SyncQueueProps) -> None:
        unrecorded = props.alarms.thresholds.unrecorded_minutes
        add_alarm(
            self,
            "NotRecorded",
            metric=self._unrecorded(),
            periods=unrecorded,
            description=f"Dead letters of {props.purpose} have waited {unrecorded} minutes without being recorded",
            runbook="dead-letter-not-recorded",
            settings=props.alarms,
        )
        add_alarm(
            self,
            "Waiting",
            metric=self._queue.metric_approximate_age_of_oldest_message(statistic="Maximum"),
            threshold=props.max_age.to_seconds(),
            description=f"The oldest message of {props.purpose} has waited {props.max_age.to_minutes()} minutes",
            runbook="queue-waiting",
            settings=props.alarms,
        )


def dead_letter_queue_name(name: str) -> str:
    """What the dead letter queue of the queue of that physical name is called."""
    return f"{name}-dead-letters"


def last_queue(
    scope: Construct, construct_id: str, *, visibility: Duration, reason: str, name: str | None = None
) -> sqs.Queue:
    """A queue behind which there is no other, TLS only, 14 days; ``reason`` says why that is all right."""
    queue = sqs.Queue(
        scope,
        construct_id,
        queue_name=name,
        enforce_ssl=True,
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        visibility_timeout=visibility,
        retention_period=Duration.days(14),
    )
    acknowledge(queue, reason, "Serverless-SQSRedrivePolicy")
    return queue
