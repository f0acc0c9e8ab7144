"""PartnerInbox: wake-ups of one partner, fed one by one into its machine."""

from __future__ import annotations

from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from constructs_lib.express_pipe import ExpressPipe, ExpressPipeProps
from constructs_lib.sync_queue import SyncQueue, SyncQueueProps


class PartnerInbox(Construct):
    """A queue of wake-ups and, once ``feed`` is called, the Pipe that starts one execution for each.

    Message: ``{"link": …, "why": …, "correlation_id": …}`` (or ``invitation`` instead of ``link``). A wake-up carries
    no work: what is wanted lies on the link, so that a lost or doubled wake-up does no harm.
    """

    def __init__(self, scope: Construct, construct_id: str, props: SyncQueueProps) -> None:
        super().__init__(scope, construct_id)
        self._inbox = SyncQueue(self, "Inbox", props)
        self._purpose = props.purpose

    @property
    def inbox(self) -> SyncQueue:
        """Queue and dead letter queue."""
        return self._inbox

    @property
    def queue(self) -> sqs.IQueue:
        """The queue that wake-ups are sent to."""
        return self._inbox.queue

    def feed(self, machine: sfn.IStateMachine, *, role: iam.IRole | None = None) -> ExpressPipe:
        """Connect the queue to ``machine``; called once, after the machine (which sends to the queue) exists.

        ``role`` is the Pipe's; default an own one.
        """
        return ExpressPipe(
            self,
            "Pipe",
            ExpressPipeProps(
                queue=self.queue,
                machine=machine,
                description=f"{self._purpose}: one wake-up, one execution",
                role=role,
            ),
        )
