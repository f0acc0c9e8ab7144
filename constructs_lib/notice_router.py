"""NoticeRouter: from notices to links and wake-ups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from constructs_lib.acknowledge import acknowledge
from constructs_lib.alarms import add_alarm
from constructs_lib.parts import grant_send
from constructs_lib.secrets import grant_secret
from constructs_lib.sync_function import FunctionDefaults, SyncFunction, SyncFunctionProps
from constructs_lib.sync_ledger import SyncLedger
from constructs_lib.sync_queue import SyncQueue, SyncQueueProps, last_queue

SQS3 = "AwsSolutions-SQS3"
RECEIVES = 10
"""A call that Lambda throttles counts as a receive, and in an account with little concurrency many are."""


@dataclass(frozen=True, kw_only=True)
class NoticeRouterProps:
    """The router.

    Attributes:
        functions: what all functions share.
        ledger: links and pointers.
        token_secret: HubSpot's access token (batch reads of deals).
        queue: the notices queue and its dead letter queue; default ``RECEIVES`` receives.
        undelivered: bring your own queue for partners' events that a rule could not deliver; default an own one.
        router: bring your own function, with its permissions and variables; default ours.
        handler: of our function; default ours.
        batch_size: notices for one call; default 10.
        max_concurrency: calls at once; default 2, the least that Lambda knows, so that the machines' functions keep
            their share of a small account's concurrency.
    """

    functions: FunctionDefaults
    ledger: SyncLedger
    token_secret: secretsmanager.ISecret
    queue: SyncQueueProps = field(default_factory=lambda: SyncQueueProps(purpose="notices", max_receives=RECEIVES))
    undelivered: sqs.IQueue | None = None
    router: lambda_.IFunction | None = None
    handler: str = "lambdas.shared.handlers.route_notices.handler"
    batch_size: int = 10
    max_concurrency: int = 2


class NoticeRouter(Construct):
    """Notices queue, router function, and the rules that put partners' events into the queue.

    Input: a notice: from HubSpot, from a poll, or what a rule makes of a partner's event. Output: raised links in the
    ledger and one wake-up each in the partner's inbox. Errors: failed messages are reported one by one and come again;
    after a few receives the dead letter queue takes them.
    """

    def __init__(self, scope: Construct, construct_id: str, props: NoticeRouterProps) -> None:
        super().__init__(scope, construct_id)
        self._notices = SyncQueue(self, "Notices", props.queue)
        self._router = None if props.router else self._own_router(props)
        self._source = self._connect(props)
        self._undelivered = props.undelivered or self._own_undelivered(props)

    @property
    def notices(self) -> SyncQueue:
        """The notices queue and its dead letter queue."""
        return self._notices

    @property
    def router(self) -> SyncFunction:
        """Our router function; raises ``ValueError`` where you brought your own."""
        if self._router is None:
            raise ValueError("NoticeRouter was given a router of its own, it has none of ours")
        return self._router

    @property
    def undelivered(self) -> sqs.IQueue:
        """Partners' events as they came, which a rule could not put into the notices queue."""
        return self._undelivered

    @property
    def event_source(self) -> lambda_.EventSourceMapping:
        """The mapping from queue to function."""
        return self._source

    def add_inbox(self, variable: str, queue: sqs.IQueue) -> None:
        """Let our router send to ``queue``, whose URL it finds in the environment variable ``variable``.

        A router that you brought has its variables and permissions from you: nothing is done to it.
        """
        if self._router is not None:
            self._router.add_environment(variable, queue.queue_url)
            grant_send(queue, self._router)

    def take_undelivered_of(self, bus: events.IEventBus) -> None:
        """Let all rules of ``bus`` leave in our ``undelivered`` queue what they cannot deliver.

        For rules in other stacks than this one; a rule beside the queue is let in by being given it.
        """
        rules = Stack.of(self).format_arn(service="events", resource="rule", resource_name=f"{bus.event_bus_name}/*")
        self._undelivered.add_to_resource_policy(
            iam.PolicyStatement(
                # pyrefly: ignore[bad-argument-type]  # jsii: parameters named otherwise
                principals=[iam.ServicePrincipal("events.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[self._undelivered.queue_arn],
                conditions={"ArnLike": {"aws:SourceArn": rules}},
            )
        )

    def add_partner_events(
        self,
        construct_id: str,
        *,
        bus: events.IEventBus,
        pattern: events.EventPattern,
        partner: str,
        names: Mapping[str, str],
    ) -> events.Rule:
        """Put matching events into the notices queue, in the form of a notice of ``partner``.

        ``names`` maps what is noticed (``opportunities``, ``invitations``) to the path of its id in the event
        (``$.detail.…``). The rule does the translating, so the router knows no partner's events.
        """
        notice = {
            "source": "partner",
            "partner": partner,
            "correlation_id": events.EventField.event_id,
            **{name: [events.EventField.from_path(path)] for name, path in names.items()},
        }
        return events.Rule(
            self,
            construct_id,
            event_bus=bus,
            description=f"{partner}: {', '.join(names)} to the notices queue",
            event_pattern=pattern,
            # pyrefly: ignore[bad-argument-type]  # jsii: parameters named otherwise
            targets=[
                targets.SqsQueue(
                    self._notices.queue,
                    dead_letter_queue=self._undelivered,
                    message=events.RuleTargetInput.from_object(notice),
                )
            ],
        )

    def _own_router(self, props: NoticeRouterProps) -> SyncFunction:
        router = SyncFunction(
            self,
            "Router",
            SyncFunctionProps(
                name="route-notices",
                handler=props.handler,
                defaults=props.functions,
                description="Finds the links that a notice is about, raises them and wakes their runs",
                environment={
                    "COSELL_LEDGER_TABLE": props.ledger.ledger.table_name,
                    "COSELL_NOTICES_QUEUE_URL": self._notices.queue.queue_url,
                },
            ),
        )
        # What cannot be routed while a vendor is away goes back to the queue with a delay.
        grant_send(self._notices.queue, router)
        props.ledger.grant_read_write(router)
        grant_secret(router, "COSELL_HUBSPOT_TOKEN_SECRET", props.token_secret)
        return router

    def _own_undelivered(self, props: NoticeRouterProps) -> sqs.Queue:
        """Not the notices' own dead letter queue: an event is no notice, and its replay would be read by nobody."""
        queue = last_queue(
            self,
            "Undelivered",
            visibility=props.queue.visibility,
            reason="Events that a rule could not deliver; the sweeps find what they were about, its depth is an alarm",
        )
        acknowledge(queue, "It is the dead letter queue of rules, which the rule pack does not look at", SQS3)
        add_alarm(
            self,
            "EventsNotDelivered",
            metric=queue.metric_approximate_number_of_messages_visible(statistic="Maximum"),
            description="A rule could not put partners' events into the notices queue; the sweeps make up for them",
            runbook="events-not-delivered",
            settings=props.queue.alarms,
        )
        return queue

    def _connect(self, props: NoticeRouterProps) -> lambda_.EventSourceMapping:
        mapping = lambda_.EventSourceMapping(
            self,
            "NoticesToRouter",
            target=props.router or self.router.invocable,
            event_source_arn=self._notices.queue.queue_arn,
            batch_size=props.batch_size,
            max_concurrency=props.max_concurrency,
            report_batch_item_failures=True,
        )
        if self._router is not None:
            self._notices.queue.grant_consume_messages(self._router)
            mapping.node.add_dependency(self._router.role)
        acknowledge(
            mapping,
            "An SQS source has no failure destination; the queue's own redrive policy takes what fails too often",
            "Serverless-LambdaEventSourceMappingDestination",
        )
        return mapping
