"""SyncStack: the way of one change, from webhook to write-back."""

# jsii gives parameters of a class other names than its interface has: pyright then sees no CDK class as its interface.
# pyright: reportArgumentType=false, reportReturnType=false

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from aws_cdk import CfnOutput, CfnParameter, Duration, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from config.model import Stage
from constructs_lib.alarms import add_unauthorized_alarm
from constructs_lib.forgetting import FORGET, Forgetting, ForgettingProps
from constructs_lib.needs import Resources, build_function
from constructs_lib.notice_router import RECEIVES, NoticeRouter, NoticeRouterProps
from constructs_lib.partner_functions import COUNT_LINKS, DEAD_LETTER_POLLS, LIST_CHANGED_DEALS, NOTICES
from constructs_lib.parts import grant_send
from constructs_lib.polls import Polls, PollsProps
from constructs_lib.settings_layer import SettingsLayer, SettingsLayerProps
from constructs_lib.sync_function import FunctionDefaults
from constructs_lib.sync_queue import SyncQueue
from constructs_lib.sync_schedules import SyncSchedules, SyncSchedulesProps
from constructs_lib.webhook_ingress import WebhookIngress, WebhookIngressProps
from stacks.data_stack import DataStack
from stacks.names import Names, pascal
from stacks.partners import WIRED, Wired
from stacks.site import Base, Site
from stacks.sources import Sources


class SyncStack(Stack):
    """Ingress, router, polls and one sync per partner, wired together."""

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
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            stack_name=names.stack("sync"),
            description="cosell-sync: webhooks, router, sync machines",
            termination_protection=stage.protected,
        )
        self._base = Base(
            names=names,
            stage=stage,
            data=data,
            sources=sources,
            alarms=data.alarms,
            defaults=self._defaults(names, settings, sources),
        )
        self._core = self._base.defaults(sources.core())
        self.forgetting = self._forgetting()
        self.router = self._router()
        self.ingress = self._ingress()
        site = Site(base=self._base, router=self.router, ingress=self.ingress)
        self._partners: dict[str, Wired] = {name: WIRED[name](self, site) for name in stage.partners}
        self.polls = self._polls()
        add_unauthorized_alarm(self, names.prefix, self._base.alarms)
        self._outputs()

    def _defaults(
        self, names: Names, settings: Mapping[str, Any], sources: Sources
    ) -> Callable[[lambda_.Code], FunctionDefaults]:
        url = CfnParameter(
            self, "HubSpotApiUrl", default="https://api.hubapi.com", description="Where HubSpot's API is reached"
        )
        layer = SettingsLayer(
            self, "Settings", SettingsLayerProps(document=settings, folder=sources.settings / names.stage)
        )

        def defaults(code: lambda_.Code) -> FunctionDefaults:
            return FunctionDefaults(
                code=code,
                name_prefix=names.prefix,
                service=names.prefix,
                layers=[layer.layer],
                environment={"COSELL_HUBSPOT_API_URL": url.value_as_string},
            )

        return defaults

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

    def _ingress(self) -> WebhookIngress:
        base = self._base
        return WebhookIngress(
            self,
            "Ingress",
            WebhookIngressProps(
                functions=self._core,
                notices=self.router.notices.queue,
                ledger=base.data.ledger,
                webhook_secret=base.data.secrets.webhook,
                aliases=base.stage.partners,
                name=base.names.prefix,
                alarms=base.alarms,
            ),
        )

    def _census(self) -> lambda_.IFunction:
        base = self._base
        resources = Resources(
            functions=self._core, ledger=base.data.ledger, token_secret=base.data.secrets.token, queues={}
        )
        census = build_function(self, "CountLinks", COUNT_LINKS, resources)
        base.data.ledger.grant_scan(census)
        return census.invocable

    def _polls(self) -> Polls:
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
        functions, every = self._dead_letter_polls(), {}
        every |= {name: Duration.minutes(base.stage.intervals.dead_letters_minutes) for name in functions}
        every["hubspot.deals"] = Duration.minutes(base.stage.intervals.deals_minutes)
        every["ledger.census"] = Duration.minutes(base.stage.intervals.census_minutes)
        for wired in self._partners.values():
            functions |= wired.polls
            every |= wired.every
        polls = Polls(
            self,
            "Polls",
            PollsProps(
                name=f"{base.names.prefix}-poll",
                definition=base.sources.definitions / "poll.asl.json",
                functions={"hubspot.deals": deals.invocable, "ledger.census": self._census(), **functions},
                ledger=base.data.ledger.ledger,
                queue=base.queue("polls"),
                alarms=base.alarms,
            ),
        )
        SyncSchedules(
            self, "Schedules", SyncSchedulesProps(queue=polls.queue, name_prefix=base.names.prefix, polls=every)
        )
        return polls

    def _dead_letter_polls(self) -> dict[str, lambda_.IFunction]:
        base = self._base
        resources = Resources(
            functions=self._core, ledger=base.data.ledger, token_secret=base.data.secrets.token, queues={}
        )
        made = {
            name: build_function(self, pascal(needs.name), needs, resources)
            for name, needs in DEAD_LETTER_POLLS.items()
        }
        woken = [
            self.router.notices,
            self.forgetting.requests,
            *(queue for wired in self._partners.values() for queue in wired.queues.values()),
        ]
        for queue in woken:
            grant_send(queue.queue, made["dead-letters.due"])
        return {name: function.invocable for name, function in made.items()}

    @property
    def queues(self) -> Mapping[str, SyncQueue]:
        """Every queue whose messages a machine or the router takes, by the name of its dead letters."""
        queues: dict[str, SyncQueue] = {
            "notices": self.router.notices,
            "forget": self.forgetting.requests,
            "polls": self.polls.queue,
        }
        for wired in self._partners.values():
            queues |= wired.queues
        return queues

    def _outputs(self) -> None:
        named = {"notices": "NoticesQueueUrl", "polls": "PollQueueUrl"}
        for name, queue in self.queues.items():
            output = named.get(name, f"{pascal(name)}Url")
            CfnOutput(self, output, value=queue.queue.queue_url, description=f"The queue {name}")
