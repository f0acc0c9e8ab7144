"""ExpressSync: an Express state machine from an ``.asl.json``, with its log, its role and its alarms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from constructs_lib.acknowledge import LOG_DELIVERY, XRAY, acknowledge_star
from constructs_lib.alarms import AlarmSettings, add_alarm
from constructs_lib.definition import load_definition
from constructs_lib.overrides import warn_override
from constructs_lib.own_parts import log_group, service_role
from constructs_lib.parts import Part


@dataclass(frozen=True, kw_only=True)
class ExpressSyncProps:
    """One machine.

    Attributes:
        name: physical name, as people see it in the console.
        definition: an Amazon States Language file.
        parts: what fills its placeholders. The machine may do with each what the definition does, and no more.
        log_execution_data: default True. Ours hold ids, field names and actions only; False where input may hold more.
        log_retention: default 30 days.
        tracing: X-Ray; default True.
        role: default an own role. Permissions for the parts are added to it.
        log_group: default an own log group.
        alarm_on_failure: default True.
        runbook: anchor in the runbook for a run that failed; default that of a sync.
        alarms: default on, told to nobody.
    """

    name: str
    definition: Path
    parts: Mapping[str, Part]
    log_execution_data: bool = True
    log_retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH
    tracing: bool = True
    role: iam.IRole | None = None
    log_group: logs.ILogGroup | None = None
    alarm_on_failure: bool = True
    runbook: str = "run-failed"
    alarms: AlarmSettings = field(default_factory=AlarmSettings)


@dataclass(frozen=True, kw_only=True)
class FedMachineParts:
    """The parts of a machine that a Pipe feeds, for constructs that make both.

    Attributes:
        role: the machine's; default an own role. Permissions are added to it.
        log_group: the machine's; default an own log group.
        pipe_role: default an own role; one that you bring must itself allow reading the queue and starting the machine.
    """

    role: iam.IRole | None = None
    log_group: logs.ILogGroup | None = None
    pipe_role: iam.IRole | None = None


class ExpressSync(Construct):
    """An Express machine with log level ALL, X-Ray, and alarms on failed and timed-out executions.

    Input, output and errors are those of the definition. A placeholder that nothing fills, or a part that the
    definition does not know, stops the synth with a ``ValueError`` that names it.
    """

    def __init__(self, scope: Construct, construct_id: str, props: ExpressSyncProps) -> None:
        super().__init__(scope, construct_id)
        definition = load_definition(props.definition)
        definition.check(props.parts)
        self._log_group = props.log_group or self._own_log_group(props)
        self._role = props.role or service_role(
            self, "Role", "states.amazonaws.com", description=f"Role of the state machine {props.name}"
        )
        for part in props.parts.values():
            part.grant(self._role, definition.table_actions)
        if not props.tracing:
            warn_override(self, "tracing", "a run cannot be followed through its functions in X-Ray")
        self._machine = sfn.StateMachine(
            self,
            "Machine",
            state_machine_name=props.name,
            state_machine_type=sfn.StateMachineType.EXPRESS,
            definition_body=sfn.DefinitionBody.from_string(definition.text),
            definition_substitutions={name: part.value for name, part in props.parts.items()},
            logs=sfn.LogOptions(
                destination=self._log_group,
                level=sfn.LogLevel.ALL,
                include_execution_data=props.log_execution_data,
            ),
            tracing_enabled=props.tracing,
            # pyrefly: ignore[bad-argument-type]  # jsii: parameters named otherwise
            role=self._role,
        )
        self._acknowledge()
        if props.alarm_on_failure:
            self._add_alarms(props)

    @property
    def machine(self) -> sfn.StateMachine:
        """The state machine."""
        return self._machine

    @property
    def role(self) -> iam.IRole:
        """Its role."""
        # pyrefly: ignore[bad-return]  # jsii: parameters named otherwise
        return self._role

    @property
    def log_group(self) -> logs.ILogGroup:
        """Where its executions are logged, every event."""
        return self._log_group

    def _own_log_group(self, props: ExpressSyncProps) -> logs.LogGroup:
        # Under this prefix the log service needs no line per group in its one resource policy (it is limited in size).
        name = f"/aws/vendedlogs/states/{props.name}"
        return log_group(self, "Logs", retention=props.log_retention, name=name)

    def _acknowledge(self) -> None:
        policy = self._role.node.try_find_child("DefaultPolicy")
        if policy is not None:
            acknowledge_star(
                policy,
                "Setting up log delivery (logs:*LogDelivery, log resource policies) and writing X-Ray segments know "
                "no resources; functions, tables and queues are named one by one",
                actions=(*LOG_DELIVERY, *XRAY),
            )

    def _add_alarms(self, props: ExpressSyncProps) -> None:
        machine, period = self._machine, Duration.minutes(5)
        for name, metric, what in (
            ("Failed", machine.metric_failed, "failed: a bug or a poisoned message, see its log"),
            ("TimedOut", machine.metric_timed_out, "ran into its time limit"),
        ):
            add_alarm(
                self,
                name,
                metric=metric(statistic="Sum", period=period),
                description=f"An execution of {props.name} {what}",
                runbook=props.runbook,
                threshold=props.alarms.thresholds.failed_runs,
                settings=props.alarms,
            )
