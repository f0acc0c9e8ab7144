"""SyncSchedules: polls on a clock, through the queue like everything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from constructs import Construct

from constructs_lib.own_parts import service_role
from constructs_lib.parts import grant_send
from constructs_lib.sync_queue import SyncQueue


@dataclass(frozen=True, kw_only=True)
class SyncSchedulesProps:
    """What is asked how often.

    Attributes:
        polls: name of the poll (``aws.opportunities``) to its interval.
        queue: the poll queue; what cannot be delivered goes to its dead letter queue.
        name_prefix: schedules are named ``<prefix>-<poll with dashes>``; default ``cosell``.
        group: bring your own group; default an own one, named like the prefix.
        role: default an own role that may send to the queue and its dead letter queue.
        enabled: default True.
    """

    polls: Mapping[str, Duration]
    queue: SyncQueue
    name_prefix: str = "cosell"
    group: scheduler.IScheduleGroup | None = None
    role: iam.IRole | None = None
    enabled: bool = True


class SyncSchedules(Construct):
    """EventBridge Scheduler puts ``{"poll": …, "correlation_id": …}`` into the poll queue."""

    def __init__(self, scope: Construct, construct_id: str, props: SyncSchedulesProps) -> None:
        super().__init__(scope, construct_id)
        self._role = props.role or self._own_role(props)
        self._group = props.group or scheduler.ScheduleGroup(self, "Group", schedule_group_name=props.name_prefix)
        self._schedules = {name: self._schedule(name, every, props) for name, every in props.polls.items()}

    @property
    def schedules(self) -> Mapping[str, scheduler.Schedule]:
        """The schedules by the name of their poll."""
        return self._schedules

    @property
    def group(self) -> scheduler.IScheduleGroup:
        """The group they lie in."""
        return self._group

    @property
    def role(self) -> iam.IRole:
        """The role that sends."""
        # pyrefly: ignore[bad-return]  # jsii: parameters named otherwise
        return self._role

    def _schedule(self, poll: str, every: Duration, props: SyncSchedulesProps) -> scheduler.Schedule:
        return scheduler.Schedule(
            self,
            "".join(part.capitalize() for part in poll.replace(".", "_").split("_")),
            schedule_name=f"{props.name_prefix}-{poll.replace('.', '-').replace('_', '-')}",
            schedule_group=self._group,
            schedule=scheduler.ScheduleExpression.rate(every),
            enabled=props.enabled,
            description=f"Asks for {poll}",
            # pyrefly: ignore[bad-argument-type]  # jsii: parameters named otherwise
            target=targets.SqsSendMessage(
                props.queue.queue,
                # pyrefly: ignore[bad-argument-type]  # jsii: parameters named otherwise
                role=self._role,
                dead_letter_queue=props.queue.dead_letter_queue,
                input=scheduler.ScheduleTargetInput.from_object(
                    {"poll": poll, "correlation_id": scheduler.ContextAttribute.execution_id}
                ),
                # The next one comes soon enough; a pile of late ones would only repeat it.
                max_event_age=Duration.minutes(max(1, every.to_minutes())),
                retry_attempts=3,
            ),
        )

    def _own_role(self, props: SyncSchedulesProps) -> iam.Role:
        role = service_role(self, "Role", "scheduler.amazonaws.com", description="Puts polls into the poll queue")
        grant_send(props.queue.queue, role)
        grant_send(props.queue.dead_letter_queue, role)
        return role
