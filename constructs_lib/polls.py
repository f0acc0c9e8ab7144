"""Polls: one queue, one Pipe and one machine for every page that is read on a clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from constructs_lib.alarms import AlarmSettings
from constructs_lib.express_sync import ExpressSync, ExpressSyncProps, FedMachineParts
from constructs_lib.partner_inbox import PartnerInbox
from constructs_lib.parts import chosen_function_part, queue_part, table_part
from constructs_lib.sync_queue import SyncQueue, SyncQueueProps

POLL_NAME = "$parse($states.input[0].body).poll"


@dataclass(frozen=True, kw_only=True)
class PollsProps:
    """The polls.

    Attributes:
        name: physical name of the machine.
        definition: with the placeholders ``ListPage``, ``PollQueueUrl`` and ``LedgerTable``; ``ListPage`` stands in its
            first Task, where the Pipe's message is still the state's input.
        functions: name of the poll to the function that reads one page of it.
        ledger: the ledger table (failure reports).
        queue: the poll queue.
        machine: bring your own role and log group of the machine and role of the Pipe; default own ones.
        alarms: default on, told to nobody.
    """

    name: str
    definition: Path
    functions: Mapping[str, lambda_.IFunction]
    ledger: dynamodb.ITable
    queue: SyncQueueProps = field(default_factory=lambda: SyncQueueProps(purpose="polls"))
    machine: FedMachineParts = field(default_factory=FedMachineParts)
    alarms: AlarmSettings = field(default_factory=AlarmSettings)


class Polls(Construct):
    """Reads one page of what changed and stores notices for it.

    Input: an array of one SQS message ``{"poll": …, "correlation_id": …}``. Output: none; notices lie in their queue
    and the watermark has moved. Errors: throttled, refused or unreachable vendors end well (the next poll goes on
    from the watermark); an unknown poll or a bug fails the execution.
    """

    def __init__(self, scope: Construct, construct_id: str, props: PollsProps) -> None:
        super().__init__(scope, construct_id)
        self._inbox = PartnerInbox(self, "PollQueue", props.queue)
        self._sync = ExpressSync(
            self,
            "Poll",
            ExpressSyncProps(
                name=props.name,
                definition=props.definition,
                parts={
                    "ListPage": chosen_function_part(POLL_NAME, props.functions),
                    "PollQueueUrl": queue_part(self._inbox.queue),
                    "LedgerTable": table_part(props.ledger),
                },
                role=props.machine.role,
                log_group=props.machine.log_group,
                runbook="poll-failed",
                alarms=props.alarms,
            ),
        )
        self._pipe = self._inbox.feed(self._sync.machine, role=props.machine.pipe_role)

    @property
    def queue(self) -> SyncQueue:
        """The poll queue and its dead letter queue."""
        return self._inbox.inbox

    @property
    def sync(self) -> ExpressSync:
        """The poll machine."""
        return self._sync
