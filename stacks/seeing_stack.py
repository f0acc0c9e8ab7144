"""SeeingStack: two dashboards, and the alarms that concern the whole stage.

A stack of its own, because nothing depends on it: it may be left out, or be replaced by your own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast

from aws_cdk import ArnFormat, Duration, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from config.model import Stage
from constructs_lib.business_dashboard import BusinessDashboard, BusinessDashboardProps
from constructs_lib.by_name import queue_by_name
from constructs_lib.engineering_dashboard import EngineeringDashboard, EngineeringDashboardProps
from constructs_lib.operator_alarms import OperatorAlarms, OperatorAlarmsProps
from constructs_lib.sync_queue import SyncQueue, dead_letter_queue_name
from stacks.data_stack import DataStack
from stacks.names import Names, pascal


class SeeingStack(Stack):
    """What people look at. ``watched`` are the stacks whose functions, machines and APIs it shows, each and all;
    ``dead_letters`` are the queues whose messages are put on record. ``by_name`` names further queues, which have dead
    letters as well and are not to be held by a reference."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        stage: Stage,
        partners: Sequence[str],
        data: DataStack,
        queues: Mapping[str, sqs.IQueue],
        dead_letters: Mapping[str, SyncQueue | sqs.IQueue],
        by_name: Sequence[str],
        watched: Sequence[Stack],
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            stack_name=names.stack("seeing"),
            description="cosell-sync: dashboards and the alarms of the whole stage",
            termination_protection=stage.protected,
        )
        ledger = data.ledger
        tables = {"ledger": ledger.ledger, "runs": ledger.runs, "audit": ledger.audit}
        census = Duration.minutes(stage.intervals.census_minutes)
        machines = {name: self._machine_arn(name) for name in _machine_names(watched)}
        functions = dict(sorted(_functions(watched)))
        theirs = {name: queue_by_name(self, pascal(name), names.resource(name)) for name in by_name}
        their_dead_letters = {
            name: queue_by_name(self, f"{pascal(name)}Dead", dead_letter_queue_name(names.resource(name)))
            for name in by_name
        }
        self.business = BusinessDashboard(
            self,
            "Business",
            BusinessDashboardProps(
                name=f"{names.prefix}-business",
                service=names.prefix,
                partners=partners,
                census=census,
                runbooks_url=stage.runbooks_url,
            ),
        )
        self.engineering = EngineeringDashboard(
            self,
            "Engineering",
            EngineeringDashboardProps(
                name=f"{names.prefix}-engineering",
                service=names.prefix,
                partners=partners,
                queues={**queues, **theirs},
                dead_letter_queues={
                    **{
                        name: queue.dead_letter_queue if isinstance(queue, SyncQueue) else queue
                        for name, queue in dead_letters.items()
                    },
                    **their_dead_letters,
                },
                machines=machines,
                functions=functions,
                function_groups=_grouped(functions, names.prefix, partners),
                apis=sorted(_api_names(watched)),
                tables=tables,
                machine_log_groups=[f"/aws/vendedlogs/states/{name}" for name in machines],
                runbooks_url=stage.runbooks_url,
            ),
        )
        self.alarms = OperatorAlarms(
            self,
            "Alarms",
            OperatorAlarmsProps(
                service=names.prefix,
                partners=partners,
                tables=tables,
                poll_machine=self._machine_arn(f"{names.prefix}-poll"),
                census=census,
                alarms=data.alarms,
            ),
        )

    def _machine_arn(self, name: str) -> str:
        return self.format_arn(
            service="states",
            resource="stateMachine",
            resource_name=name,
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )


def _all[C](stacks: Sequence[Stack], kind: type[C]) -> Iterator[C]:
    for stack in stacks:
        yield from (each for each in stack.node.find_all() if isinstance(each, kind))


def _functions(stacks: Sequence[Stack]) -> Iterator[tuple[str, int]]:
    """Name and memory of each; the names are physical, so no stack has to export them."""
    for each in _all(stacks, lambda_.CfnFunction):
        yield cast(str, each.function_name), int(each.memory_size or 128)


def _machine_names(stacks: Sequence[Stack]) -> list[str]:
    return sorted(cast(str, each.state_machine_name) for each in _all(stacks, sfn.CfnStateMachine))


def _api_names(stacks: Sequence[Stack]) -> list[str]:
    return [cast(str, each.name) for each in _all(stacks, apigateway.CfnRestApi)]


def _grouped(functions: Iterable[str], prefix: str, partners: Sequence[str]) -> dict[str, list[str]]:
    """By partner, and the rest: a graph of all of them could not be read."""
    groups: dict[str, list[str]] = {name: [] for name in (*partners, "shared")}
    for function in functions:
        owner = function.removeprefix(f"{prefix}-").partition("-")[0]
        groups[owner if owner in partners else "shared"].append(function)
    return {title: names for title, names in groups.items() if names}
