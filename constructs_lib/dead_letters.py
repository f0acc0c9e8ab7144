"""DeadLetters: what a queue gave up on is put on record, and somebody is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from constructs_lib.alarms import AlarmSettings, add_alarm
from constructs_lib.express_pipe import ExpressPipe, ExpressPipeProps
from constructs_lib.express_sync import ExpressSync, ExpressSyncProps, FedMachineParts
from constructs_lib.parts import queue_url_part, table_part, text_part
from constructs_lib.sync_queue import SyncQueue

UNDELIVERED = "-undelivered"
"""How the name of a queue ends that holds events as they came, and no message that anybody sent."""
_MANY_MINUTES = 15


@dataclass(frozen=True, kw_only=True)
class DeadLettersProps:
    """The dead letters of one queue.

    Attributes:
        name: physical name of the machine.
        queue_name: how letters name their queue. It says what they ask for (``work_of`` in
            ``lambdas/shared/domain/dead_letters.py``): ``<partner>-inbox``, ``polls``, ``…-undelivered``; anything else
            is a message of its own.
        source: the queue and its dead letter queue; or a queue of events (``…-undelivered``), which is read itself.
        ledger: the ledger table.
        definition: with the placeholders ``LedgerTable``, ``QueueName`` and ``SourceQueueUrl``.
        many: letters in a quarter of an hour that raise the alarm; default 10, since those whose cause passes are
            woken again by themselves. Of events that could not be delivered each one does.
        machine: bring your own role and log group of the machine and role of the Pipe; default own ones.
        alarms: default on, told to nobody.
    """

    name: str
    queue_name: str
    source: SyncQueue | sqs.IQueue
    ledger: dynamodb.ITable
    definition: Path
    many: int = 10
    machine: FedMachineParts = field(default_factory=FedMachineParts)
    alarms: AlarmSettings = field(default_factory=AlarmSettings)


class DeadLetters(Construct):
    """Dead letter queue to Pipe to Express machine to ledger.

    Input: an array of one SQS message. Output: none; the ledger then has ``dead-letter#<message id>`` with body, error,
    cause and execution, due at once for the sweep that judges it, and the message is deleted. Errors: the message stays
    in the dead letter queue, whose depth raises an alarm. Execution data is not logged here: a poisoned body may hold
    anything.
    """

    def __init__(self, scope: Construct, construct_id: str, props: DeadLettersProps) -> None:
        super().__init__(scope, construct_id)
        synced = isinstance(props.source, SyncQueue)
        if synced is props.queue_name.endswith(UNDELIVERED):
            raise ValueError(
                f"{self.node.path}: `queue_name` is {props.queue_name!r}; of a queue of events alone it ends in "
                f"{UNDELIVERED!r}, of a SyncQueue it does not"
            )
        dead = props.source.dead_letter_queue if isinstance(props.source, SyncQueue) else props.source
        self._recorder = ExpressSync(
            self,
            "Recorder",
            ExpressSyncProps(
                name=props.name,
                definition=props.definition,
                parts={
                    "LedgerTable": table_part(props.ledger),
                    "QueueName": text_part(props.queue_name),
                    "SourceQueueUrl": (
                        queue_url_part(props.source.queue) if isinstance(props.source, SyncQueue) else text_part("none")
                    ),
                },
                log_execution_data=False,
                runbook="dead-letter-not-recorded",
                role=props.machine.role,
                log_group=props.machine.log_group,
                alarms=props.alarms,
            ),
        )
        self._pipe = ExpressPipe(
            self,
            "Pipe",
            ExpressPipeProps(
                queue=dead,
                machine=self._recorder.machine,
                description=f"{props.name}: puts a dead letter on record",
                role=props.machine.pipe_role,
            ),
        )
        self._alarm = add_alarm(
            self,
            "ManyArrived",
            metric=self._recorder.machine.metric_started(statistic="Sum", period=Duration.minutes(_MANY_MINUTES)),
            threshold=props.many if synced else 1,
            description=f"{props.name}: many messages failed too often; `cosell dlq list --queue {props.queue_name}`",
            runbook="dead-letters-many",
            settings=props.alarms,
        )

    @property
    def recorder(self) -> ExpressSync:
        """The machine that puts dead letters on record."""
        return self._recorder

    @property
    def pipe(self) -> ExpressPipe:
        """From the dead letter queue into the recorder."""
        return self._pipe

    @property
    def alarm(self) -> cloudwatch.Alarm | None:
        """Fires when many arrive (metric ``AWS/States ExecutionsStarted`` of the recorder)."""
        return self._alarm
