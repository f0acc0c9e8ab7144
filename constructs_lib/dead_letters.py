"""DeadLetters: what a queue gave up on is put on record, and somebody is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from constructs_lib.alarms import AlarmSettings, add_alarm
from constructs_lib.express_pipe import ExpressPipe, ExpressPipeProps
from constructs_lib.express_sync import ExpressSync, ExpressSyncProps, FedMachineParts
from constructs_lib.parts import queue_url_part, table_part
from constructs_lib.sync_queue import SyncQueue


@dataclass(frozen=True, kw_only=True)
class DeadLettersProps:
    """The dead letters of one queue.

    Attributes:
        name: physical name of the machine.
        source: the queue and its dead letter queue.
        ledger: the ledger table.
        definition: with the placeholders ``LedgerTable`` and ``SourceQueueUrl``.
        machine: bring your own role and log group of the machine and role of the Pipe; default own ones.
        alarms: default on, told to nobody.
    """

    name: str
    source: SyncQueue
    ledger: dynamodb.ITable
    definition: Path
    machine: FedMachineParts = field(default_factory=FedMachineParts)
    alarms: AlarmSettings = field(default_factory=AlarmSettings)


class DeadLetters(Construct):
    """Dead letter queue to Pipe to Express machine to ledger.

    Input: an array of one SQS message. Output: none; the ledger then has ``dead-letter#<message id>`` with body, error,
    cause and execution, and the message is deleted (``replay`` sends the body to the source queue again). Errors: the
    message stays in the dead letter queue, whose depth raises an alarm. Execution data is not logged here: a
    poisoned body may hold anything.
    """

    def __init__(self, scope: Construct, construct_id: str, props: DeadLettersProps) -> None:
        super().__init__(scope, construct_id)
        self._recorder = ExpressSync(
            self,
            "Recorder",
            ExpressSyncProps(
                name=props.name,
                definition=props.definition,
                parts={
                    "LedgerTable": table_part(props.ledger),
                    "SourceQueueUrl": queue_url_part(props.source.queue),
                },
                log_execution_data=False,
                role=props.machine.role,
                log_group=props.machine.log_group,
                alarms=props.alarms,
            ),
        )
        self._pipe = ExpressPipe(
            self,
            "Pipe",
            ExpressPipeProps(
                queue=props.source.dead_letter_queue,
                machine=self._recorder.machine,
                description=f"{props.name}: puts a dead letter on record",
                role=props.machine.pipe_role,
            ),
        )
        self._alarm = add_alarm(
            self,
            "DeadLetterArrived",
            metric=self._recorder.machine.metric_started(statistic="Sum", period=Duration.minutes(1)),
            description=f"{props.name}: a message failed too often; replay it with `cosell dlq` once the cause is gone",
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
        """Fires within a minute of a dead letter (metric ``AWS/States ExecutionsStarted`` of the recorder)."""
        return self._alarm
