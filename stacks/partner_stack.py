"""PartnerStack: all that only one partner has, but for its secrets and what lies in the account linked to it.

It takes what it needs from the data and the sync stack; nothing is taken from it: other stacks know its queues and
functions by their names. So a partner is switched off by destroying its stack, whatever else is deployed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from config.model import Stage
from constructs_lib.polls import Polls
from constructs_lib.sync_schedules import SyncSchedules, SyncSchedulesProps
from stacks.data_stack import DataStack
from stacks.dead_letter_stack import recorders
from stacks.defaults import function_defaults
from stacks.names import Names, pascal
from stacks.partners import Wired
from stacks.site import Base, Site
from stacks.sources import Sources
from stacks.sync_stack import SyncStack


class PartnerStack(Stack):
    """One partner's sync, what records its dead letters, and, once `put_on_clock` is called, its schedules."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        partner: str,
        wire: Callable[[Construct, Site], Wired],
        names: Names,
        stage: Stage,
        settings: Mapping[str, Any],
        data: DataStack,
        sources: Sources,
        sync: SyncStack,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            stack_name=names.stack(partner),
            description=f"cosell-sync: the sync with {partner}",
            termination_protection=stage.protected,
        )
        self._names = names
        base = Base(
            names=names,
            stage=stage,
            data=data,
            sources=sources,
            alarms=data.alarms,
            defaults=function_defaults(self, names=names, settings=settings, sources=sources),
        )
        self.wired = wire(self, Site(base=base, router=sync.router, ingress=sync.ingress))
        self.recorders = recorders(self, self.wired.queues, names=names, data=data, sources=sources)
        for name, queue in self.wired.queues.items():
            CfnOutput(self, f"{pascal(name)}Url", value=queue.queue.queue_url, description=f"The queue {name}")

    def put_on_clock(self, polls: Polls) -> None:
        """Have its polls asked for. Here and not beside the poll machine: they begin and end with the functions."""
        prefix = self._names.prefix
        SyncSchedules(
            self,
            "Schedules",
            SyncSchedulesProps(
                queue=polls.queue,
                name_prefix=prefix,
                group=scheduler.ScheduleGroup.from_schedule_group_name(self, "ScheduleGroup", prefix),
                polls=self.wired.every,
            ),
        )
