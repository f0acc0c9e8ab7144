"""SyncStack: the way of one change as far as all partners share it: webhooks, router, polls, forgetting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from config.model import Stage
from constructs_lib.alarms import add_unauthorized_alarm
from constructs_lib.by_name import function_by_name, queue_by_name
from constructs_lib.forgetting import FORGET, Forgetting, ForgettingProps
from constructs_lib.needs import Resources, build_function
from constructs_lib.notice_router import RECEIVES, NoticeRouter, NoticeRouterProps
from constructs_lib.partner_functions import COUNT_LINKS, DEAD_LETTER_POLLS, LIST_CHANGED_DEALS, NOTICES
from constructs_lib.parts import grant_send
from constructs_lib.polls import Polls, PollsProps
from constructs_lib.sync_queue import SyncQueue
from constructs_lib.sync_schedules import SyncSchedules, SyncSchedulesProps
from constructs_lib.webhook_ingress import WebhookIngress, WebhookIngressProps
from stacks.data_stack import DataStack
from stacks.defaults import function_defaults
from stacks.names import Names, pascal
from stacks.own_parts import OwnParts
from stacks.partners import Wired
from stacks.site import Base
from stacks.sources import Sources


class SyncStack(Stack):
    """Ingress and router, and, once `connect` is called with the partners, the polls.

    Partners' stacks take from this one; of them it knows names alone, see ``constructs_lib/by_name.py``. ``aliases``
    are the partners that have a path of their own at the webhook.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        stage: Stage,
        settings: Mapping[str, Any],
        data: DataStack,
        sources: Sources,
        own: OwnParts,
        aliases: Sequence[str],
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            stack_name=names.stack("sync"),
            description="cosell-sync: webhooks, router, polls",
            termination_protection=stage.protected,
        )
        self._base = Base(
            names=names,
            stage=stage,
            data=data,
            sources=sources,
            alarms=data.alarms,
            defaults=function_defaults(self, names=names, settings=settings, sources=sources),
        )
        self._core = self._base.defaults(sources.core())
        self.forgetting = self._forgetting()
        self.router = self._router()
        self.ingress = self._ingress(own, aliases)
        add_unauthorized_alarm(self, names.prefix, self._base.alarms)

    def connect(self, partners: Sequence[Wired]) -> None:
        """Have the router send to the partners' queues, and the polls ask their functions. Called once."""
        their_queues, their_polls = Construct(self, "TheirQueues"), Construct(self, "TheirPolls")
        queues = {
            name: queue_by_name(their_queues, pascal(name), self._base.names.resource(name))
            for wired in partners
            for name in wired.queues
        }
        functions: dict[str, lambda_.IFunction] = {}
        for wired in partners:
            for variable, name in wired.routed.items():
                self.router.add_inbox(variable, queues[name])
            for poll, function in wired.polls.items():
                functions[poll] = function_by_name(their_polls, poll, function)
        self.polls = self._polls(functions, list(queues.values()))
        self._outputs()

    def _forgetting(self) -> Forgetting:
        base = self._base
        return Forgetting(
            self,
            "Forgetting",
            ForgettingProps(
                functions=self._core,
                ledger=base.data.ledger,
                token_secret=base.data.secrets.token,
                queue=base.queue("forget"),
            ),
        )

    def _router(self) -> NoticeRouter:
        base = self._base
        notices = base.queue("notices")
        router = NoticeRouter(
            self,
            "Router",
            NoticeRouterProps(
                functions=self._core,
                ledger=base.data.ledger,
                token_secret=base.data.secrets.token,
                queue=replace(notices, max_receives=max(notices.max_receives, RECEIVES)),
            ),
        )
        router.add_inbox(FORGET, self.forgetting.requests.queue)
        return router

    def _ingress(self, own: OwnParts, aliases: Sequence[str]) -> WebhookIngress:
        base = self._base
        props = WebhookIngressProps(
            functions=self._core,
            notices=self.router.notices.queue,
            ledger=base.data.ledger,
            webhook_secret=base.data.secrets.webhook,
            aliases=aliases,
            name=base.names.prefix,
            alarms=base.alarms,
        )
        return WebhookIngress(self, "Ingress", own.ingress(self, props))

    def _census(self) -> lambda_.IFunction:
        base = self._base
        resources = Resources(
            functions=self._core, ledger=base.data.ledger, token_secret=base.data.secrets.token, queues={}
        )
        census = build_function(self, "CountLinks", COUNT_LINKS, resources)
        base.data.ledger.grant_scan(census)
        return census.invocable

    def _polls(self, theirs: Mapping[str, lambda_.IFunction], woken: Sequence[sqs.IQueue]) -> Polls:
        base = self._base
        deals = build_function(
            self,
            "ListChangedDeals",
            LIST_CHANGED_DEALS,
            Resources(
                functions=self._core,
                ledger=base.data.ledger,
                token_secret=base.data.secrets.token,
                queues={NOTICES: self.router.notices.queue},
            ),
        )
        functions = self._dead_letter_polls(woken)
        every = {name: Duration.minutes(base.stage.intervals.dead_letters_minutes) for name in functions}
        every["hubspot.deals"] = Duration.minutes(base.stage.intervals.deals_minutes)
        every["ledger.census"] = Duration.minutes(base.stage.intervals.census_minutes)
        polls = Polls(
            self,
            "Polls",
            PollsProps(
                name=f"{base.names.prefix}-poll",
                definition=base.sources.definitions / "poll.asl.json",
                functions={"hubspot.deals": deals.invocable, "ledger.census": self._census(), **functions, **theirs},
                ledger=base.data.ledger.ledger,
                queue=base.queue("polls"),
                alarms=base.alarms,
            ),
        )
        SyncSchedules(
            self, "Schedules", SyncSchedulesProps(queue=polls.queue, name_prefix=base.names.prefix, polls=every)
        )
        return polls

    def _dead_letter_polls(self, woken: Sequence[sqs.IQueue]) -> dict[str, lambda_.IFunction]:
        base = self._base
        resources = Resources(
            functions=self._core, ledger=base.data.ledger, token_secret=base.data.secrets.token, queues={}
        )
        made = {
            name: build_function(self, pascal(needs.name), needs, resources)
            for name, needs in DEAD_LETTER_POLLS.items()
        }
        for queue in (self.router.notices.queue, self.forgetting.requests.queue, *woken):
            grant_send(queue, made["dead-letters.due"])
        return {name: function.invocable for name, function in made.items()}

    @property
    def queues(self) -> Mapping[str, SyncQueue]:
        """Every queue that all partners share, by the name of its dead letters."""
        return {"notices": self.router.notices, "forget": self.forgetting.requests, "polls": self.polls.queue}

    def _outputs(self) -> None:
        named = {"notices": "NoticesQueueUrl", "polls": "PollQueueUrl"}
        for name, queue in self.queues.items():
            output = named.get(name, f"{pascal(name)}Url")
            CfnOutput(self, output, value=queue.queue.queue_url, description=f"The queue {name}")
