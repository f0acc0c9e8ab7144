"""Forgetting: the queue of requests to forget a person, and the function that does it."""

from __future__ import annotations

from dataclasses import dataclass, field

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from constructs_lib.acknowledge import acknowledge
from constructs_lib.needs import Access, Needs, Resources, build_function
from constructs_lib.parts import grant_send
from constructs_lib.sync_function import FunctionDefaults, SyncFunction
from constructs_lib.sync_ledger import SyncLedger
from constructs_lib.sync_queue import SyncQueue, SyncQueueProps

FORGET = "COSELL_FORGET_URL"
"""The variable that holds the URL of the queue of requests."""

FORGET_PERSON = Needs(
    name="forget-person",
    handler="lambdas.shared.handlers.forget_person.handler",
    does="Takes a person out of ledger and runs table, and destroys the key of their values in the audit",
    ledger=Access.DELETE,
    runs=Access.WRITE,
    audit=True,
    hubspot=True,
    timeout=Duration.minutes(5),
)


@dataclass(frozen=True, kw_only=True)
class ForgettingProps:
    """Requests and who does them.

    Attributes:
        functions: what all functions share.
        ledger: the tables, and the KMS key of subjects.
        token_secret: HubSpot's access token (the task on a deal whose partner may still name the person).
        queue: the requests; its visibility must be longer than the function's five minutes. Default six minutes.
        function: bring your own function, with its permissions and variables; default ours.
    """

    functions: FunctionDefaults
    ledger: SyncLedger
    token_secret: secretsmanager.ISecret
    queue: SyncQueueProps = field(default_factory=lambda: SyncQueueProps(purpose="forget"))
    function: lambda_.IFunction | None = None


class Forgetting(Construct):
    """A queue, a function that takes one request at a time, nothing at once.

    Input: ``{"contact_id" | "subject", "asked_by", "correlation_id"}``, ids and digests only. Output: the person is in
    no item of ledger and runs table, their key is destroyed, and the audit's chain ``privacy#…`` says that it happened.
    Errors: the message comes again and the work goes on where it stood; after a few receives it is a dead letter.
    """

    def __init__(self, scope: Construct, construct_id: str, props: ForgettingProps) -> None:
        super().__init__(scope, construct_id)
        self._requests = SyncQueue(self, "Requests", props.queue)
        self._function = None if props.function else self._own_function(props)
        self._connect(props)

    @property
    def requests(self) -> SyncQueue:
        """The queue of requests and its dead letter queue."""
        return self._requests

    @property
    def function(self) -> SyncFunction:
        """Our function; raises ``ValueError`` where you brought your own."""
        if self._function is None:
            raise ValueError("Forgetting was given a function of its own, it has none of ours")
        return self._function

    def _own_function(self, props: ForgettingProps) -> SyncFunction:
        resources = Resources(
            functions=props.functions, ledger=props.ledger, token_secret=props.token_secret, queues={}
        )
        function = build_function(self, "ForgetPerson", FORGET_PERSON, resources)
        props.ledger.grant_sweep(function)
        function.add_environment(FORGET, self._requests.queue.queue_url)
        grant_send(self._requests.queue, function)
        return function

    def _connect(self, props: ForgettingProps) -> None:
        mapping = lambda_.EventSourceMapping(
            self,
            "RequestsToFunction",
            target=props.function or self.function.invocable,
            event_source_arn=self._requests.queue.queue_arn,
            batch_size=1,
            max_concurrency=2,  # the least that Lambda knows
            report_batch_item_failures=True,
        )
        if self._function is not None:
            self._requests.queue.grant_consume_messages(self._function)
            mapping.node.add_dependency(self._function.role)
        acknowledge(
            mapping,
            "An SQS source has no failure destination; the queue's own redrive policy takes what fails too often",
            "Serverless-LambdaEventSourceMappingDestination",
        )
