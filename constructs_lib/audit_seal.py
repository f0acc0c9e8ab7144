"""AuditSeal: the function that seals the audit's days, its clock and its alarm."""

from __future__ import annotations

from dataclasses import dataclass, field

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from constructs import Construct

from constructs_lib.alarms import AlarmSettings, add_alarm, product_metric
from constructs_lib.audit_vault import AuditVault
from constructs_lib.own_parts import service_role
from constructs_lib.parts import grant_invoke
from constructs_lib.sync_function import FunctionDefaults, SyncFunction, SyncFunctionProps
from constructs_lib.sync_ledger import SyncLedger

ALARM_HOURS = 26
_AGAIN = (
    "It comes again every two hours and then makes up for every day that it missed; an alarm tells when a day has "
    "passed without its seal"
)


@dataclass(frozen=True, kw_only=True)
class AuditSealProps:
    """What is sealed, and where to.

    Attributes:
        functions: what the function shares with others.
        ledger: whose audit table is sealed.
        vault: where seals go.
        schedule: default a quarter past every second hour from one o'clock (UTC) on.
        role: the clock's; default an own one that may invoke the function.
        enabled: default True. False: nothing is sealed, and the alarm fires.
        alarms: default on, told to nobody.
    """

    functions: FunctionDefaults
    ledger: SyncLedger
    vault: AuditVault
    schedule: scheduler.ScheduleExpression | None = None
    role: iam.IRole | None = None
    enabled: bool = True
    alarms: AlarmSettings = field(default_factory=AlarmSettings)


class AuditSeal(Construct):
    """Each day's chains, where they ended, signed and locked; days that were missed are made up for."""

    def __init__(self, scope: Construct, construct_id: str, props: AuditSealProps) -> None:
        super().__init__(scope, construct_id)
        self._function = self._own_function(props)
        props.ledger.grant_audit_days(self._function)
        props.vault.grant_seal(self._function.role)
        self._schedule = self._own_schedule(props)
        self._alarm = add_alarm(
            self,
            "NotSealed",
            metric=product_metric("AuditSealed", props.functions.service, period=Duration.hours(1)),
            description=f"The audit was not sealed for {ALARM_HOURS} hours; read the log of the function seal-audit",
            runbook="audit-not-sealed",
            settings=props.alarms,
            periods=ALARM_HOURS,
            silence=True,
        )

    @property
    def function(self) -> SyncFunction:
        """What seals; an invocation with ``{}`` seals what is due."""
        return self._function

    @property
    def schedule(self) -> scheduler.Schedule:
        """Its clock."""
        return self._schedule

    @property
    def alarm(self) -> cloudwatch.Alarm | None:
        """Fires when nothing said for 26 hours that every day has its seal."""
        return self._alarm

    def _own_function(self, props: AuditSealProps) -> SyncFunction:
        return SyncFunction(
            self,
            "Function",
            SyncFunctionProps(
                name="seal-audit",
                handler="lambdas.shared.handlers.seal_audit.handler",
                defaults=props.functions,
                description="Seals the days of the audit: where each chain ended, signed and locked",
                environment={
                    "COSELL_AUDIT_TABLE": props.ledger.audit.table_name,
                    "COSELL_AUDIT_BUCKET": props.vault.bucket.bucket_name,
                    "COSELL_AUDIT_KEY": props.vault.key.key_arn,
                    "COSELL_AUDIT_LOCK_DAYS": str(props.vault.locked_days),
                },
                timeout=Duration.minutes(15),
                asynchronous=_AGAIN,
            ),
        )

    def _own_schedule(self, props: AuditSealProps) -> scheduler.Schedule:
        return scheduler.Schedule(
            self,
            "Schedule",
            schedule_name=f"{props.functions.name_prefix}-seal-audit",
            schedule=props.schedule or scheduler.ScheduleExpression.cron(minute="15", hour="1/2"),
            enabled=props.enabled,
            description="Has the audit's days sealed",
            # pyrefly: ignore[bad-argument-type]  # jsii: parameters named otherwise
            target=targets.LambdaInvoke(
                self._function.invocable,
                role=props.role or self._own_role(),
                input=scheduler.ScheduleTargetInput.from_object({}),
                max_event_age=Duration.hours(1),
                retry_attempts=2,
            ),
        )

    def _own_role(self) -> iam.IRole:
        """The target would add every version of the function with a wildcard; this role takes no more than it has."""
        role = service_role(self, "Role", "scheduler.amazonaws.com", description="Has the audit sealed")
        grant_invoke(self._function.invocable, role)
        return role.without_policy_updates()
