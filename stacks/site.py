"""What the sync's stack and those of the partners are built with: names, the stage's entry, data, defaults."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Duration

from config.model import Stage
from constructs_lib.alarms import AlarmSettings
from constructs_lib.notice_router import NoticeRouter
from constructs_lib.sync_queue import SyncQueueProps
from constructs_lib.webhook_ingress import WebhookIngress
from stacks.data_stack import DataStack
from stacks.defaults import Defaults
from stacks.names import Names
from stacks.sources import Sources


@dataclass(frozen=True, kw_only=True)
class Base:
    """Known before anything is built. ``defaults`` are those of functions with this code."""

    names: Names
    stage: Stage
    data: DataStack
    sources: Sources
    alarms: AlarmSettings
    defaults: Defaults

    def queue(self, purpose: str, name: str | None = None) -> SyncQueueProps:
        """Visibility and receives as the stage wants them. ``name`` is for queues that other stacks know by it."""
        queue = self.stage.queue
        return SyncQueueProps(
            purpose=purpose,
            name=name and self.names.resource(name),
            visibility=Duration.seconds(queue.visibility_seconds),
            max_receives=queue.max_receives,
            alarms=self.alarms,
        )


@dataclass(frozen=True, kw_only=True)
class Site:
    """The base, and what partners are connected to."""

    base: Base
    router: NoticeRouter
    ingress: WebhookIngress
