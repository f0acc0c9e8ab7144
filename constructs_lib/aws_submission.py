"""AwsSubmission: the queue and the machine that submit opportunities to AWS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from constructs_lib.alarms import AlarmSettings
from constructs_lib.express_sync import ExpressSync, ExpressSyncProps, FedMachineParts
from constructs_lib.partner_inbox import PartnerInbox
from constructs_lib.parts import function_part, grant_send, queue_part, table_part
from constructs_lib.sync_function import SyncFunction
from constructs_lib.sync_queue import SyncQueueProps

SUBMISSIONS = "COSELL_AWS_SUBMISSIONS_URL"


@dataclass(frozen=True, kw_only=True)
class AwsSubmissionProps:
    """The submission.

    Attributes:
        definition: ``aws_submit.asl.json``, or one with the same placeholders.
        functions: ``StartSubmission``, ``CheckSubmission`` and ``ReserveQuota``.
        ledger: the ledger table (what comes back when, failure reports).
        name_prefix: the machine is named ``<prefix>-aws-submission``; default ``cosell``.
        inbox: the queue; default an own one with six minutes of visibility and three receives.
        machine: bring your own role and log group of the machine and role of its Pipe; default own ones.
        alarms: default on, told to nobody.
    """

    definition: Path
    functions: Mapping[str, lambda_.IFunction]
    ledger: dynamodb.ITable
    name_prefix: str = "cosell"
    inbox: SyncQueueProps = field(default_factory=lambda: SyncQueueProps(purpose="AWS submissions"))
    machine: FedMachineParts = field(default_factory=FedMachineParts)
    alarms: AlarmSettings = field(default_factory=AlarmSettings)


class AwsSubmission(Construct):
    """Inbox and machine of the submission, with their alarms.

    Input: an array of one SQS message ``{"link", "opportunity", "involvement", "visibility", "asked_at", "why",
    "correlation_id"}``. Output: none; AWS has the opportunity in its review, or the ledger says why not; the link is
    woken. Errors: what passes by itself sends the message again, later each time; a bug fails the execution, and the
    inbox's dead letter queue takes the message.
    """

    def __init__(self, scope: Construct, construct_id: str, props: AwsSubmissionProps) -> None:
        super().__init__(scope, construct_id)
        self._inbox = PartnerInbox(self, "Inbox", replace(props.inbox, alarms=props.alarms))
        self._sync = ExpressSync(
            self,
            "Submit",
            ExpressSyncProps(
                name=f"{props.name_prefix}-aws-submission",
                definition=props.definition,
                parts={
                    **{name: function_part(function) for name, function in props.functions.items()},
                    "SubmissionsUrl": queue_part(self._inbox.queue),
                    "LedgerTable": table_part(props.ledger),
                },
                role=props.machine.role,
                log_group=props.machine.log_group,
                runbook="submission-failed",
                alarms=props.alarms,
            ),
        )
        self._inbox.feed(self._sync.machine, role=props.machine.pipe_role)

    @property
    def inbox(self) -> PartnerInbox:
        """Opportunities to be submitted."""
        return self._inbox

    @property
    def queue(self) -> sqs.IQueue:
        """The queue that the sync sends to."""
        return self._inbox.queue

    @property
    def sync(self) -> ExpressSync:
        """The machine."""
        return self._sync

    def let_ask(self, function: SyncFunction) -> None:
        """Have a function (``RecordOutcome``) find the queue and send to it."""
        function.add_environment(SUBMISSIONS, self.queue.queue_url)
        grant_send(self.queue, function)
