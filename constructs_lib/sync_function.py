"""SyncFunction: one small Lambda function with its own log group and its own role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import jsii
from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from constructs_lib.acknowledge import XRAY, acknowledge, acknowledge_star
from constructs_lib.overrides import warn_override
from constructs_lib.own_parts import log_group


@dataclass(frozen=True, kw_only=True)
class FunctionDefaults:
    """What all functions of a deployment stage share.

    Attributes:
        code: the bundle: our rooms and the pinned SDK.
        name_prefix: functions and roles are named ``<prefix>-<name>``; default ``cosell``. The name is physical because
            the role in the account linked to Partner Central trusts the roles by name.
        service: ``POWERTOOLS_SERVICE_NAME`` and the ``service`` dimension of our metrics; default ``cosell``.
        layers: the settings layer; default none.
        environment: variables of every function, besides what a construct adds; default none.
        log_retention: default 30 days.
        log_level: ``POWERTOOLS_LOG_LEVEL``; default ``INFO``.
        tracing: X-Ray; default True.
        snap_start: publish versions and start from snapshots; default False.
        removal_policy: of log groups; default DESTROY (they hold no record that the audit table lacks).
    """

    code: lambda_.Code
    name_prefix: str = "cosell"
    service: str = "cosell"
    layers: Sequence[lambda_.ILayerVersion] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    log_retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH
    log_level: str = "INFO"
    tracing: bool = True
    snap_start: bool = False
    removal_policy: RemovalPolicy = RemovalPolicy.DESTROY


@dataclass(frozen=True, kw_only=True)
class SyncFunctionProps:
    """One function.

    Attributes:
        name: kebab case; with the prefix it names function and role.
        handler: ``lambdas.shared.handlers.fetch_deal.handler``.
        defaults: what it shares with its siblings.
        description: one line for the console.
        environment: variables besides the shared ones; default none.
        statements: all that it may do, besides its own logs and traces; default nothing.
        memory_mb: default 256.
        timeout: default 30 s.
        role: default an own role. A role that you bring must allow logs and traces itself.
        log_group: default an own log group.
        asynchronous: why a failed asynchronous invocation needs no dead letter; default None: it is only ever invoked
            synchronously.
    """

    name: str
    handler: str
    defaults: FunctionDefaults
    description: str
    environment: Mapping[str, str] = field(default_factory=dict)
    statements: Sequence[iam.PolicyStatement] = ()
    memory_mb: int = 256
    timeout: Duration = field(default_factory=lambda: Duration.seconds(30))
    role: iam.IRole | None = None
    log_group: logs.ILogGroup | None = None
    asynchronous: str | None = None


@jsii.implements(iam.IGrantable)
class SyncFunction(Construct):
    """A Python 3.13 function on arm64 with JSON logs, an own log group, an own least-privilege role and X-Ray.

    No concurrency is reserved, so that a new account with ten concurrent executions can run it. It is an
    ``IGrantable``: what it may do is granted to it and to nothing else.
    """

    def __init__(self, scope: Construct, construct_id: str, props: SyncFunctionProps) -> None:
        super().__init__(scope, construct_id)
        # Without it a version is made anew for new code only, and the alias would keep the settings layer of old.
        self.node.set_context("@aws-cdk/aws-lambda:recognizeLayerVersion", True)
        self._props = props
        self._log_group = props.log_group or self._own_log_group()
        self._role = props.role or self._own_role()
        self._function = self._build()
        for statement in props.statements:
            self._role.add_to_principal_policy(statement)
        self._alias = self._own_alias() if props.defaults.snap_start else None
        self._acknowledge()

    @property
    def function(self) -> lambda_.Function:
        """The function itself (for settings and metrics)."""
        return self._function

    @property
    def invocable(self) -> lambda_.IFunction:
        """What callers invoke: the alias ``live`` with SnapStart, else the function."""
        # pyrefly: ignore[bad-return]  # jsii: parameters named otherwise
        return self._alias or self._function

    @property
    def role(self) -> iam.IRole:
        """The execution role."""
        # pyrefly: ignore[bad-return]  # jsii: parameters named otherwise
        return self._role

    @property
    def log_group(self) -> logs.ILogGroup:
        """Where it logs."""
        return self._log_group

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """So that grants can be given to the construct itself."""
        return self._role.grant_principal

    def add_environment(self, name: str, value: str) -> None:
        """One more variable; it must name a resource, never hold a secret."""
        self._function.add_environment(name, value)

    def _own_log_group(self) -> logs.LogGroup:
        defaults = self._props.defaults
        return log_group(self, "Logs", retention=defaults.log_retention, removal_policy=defaults.removal_policy)

    def _own_role(self) -> iam.Role:
        defaults = self._props.defaults
        role = iam.Role(
            self,
            "Role",
            role_name=f"{defaults.name_prefix}-{self._props.name}",
            # pyrefly: ignore[bad-argument-type]  # jsii: parameters named otherwise
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description=f"Execution role of {self._props.name}",
        )
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[self._log_group.log_group_arn]
            )
        )
        return role

    def _build(self) -> lambda_.Function:
        props, defaults = self._props, self._props.defaults
        if not defaults.tracing:
            warn_override(self, "tracing", "a run cannot be followed through its functions in X-Ray")
        return lambda_.Function(
            self,
            "Function",
            function_name=f"{defaults.name_prefix}-{props.name}",
            description=props.description,
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            handler=props.handler,
            code=defaults.code,
            layers=list(defaults.layers),
            memory_size=props.memory_mb,
            timeout=props.timeout,
            # pyrefly: ignore[bad-argument-type]  # jsii: parameters named otherwise
            role=self._role,
            log_group=self._log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            tracing=lambda_.Tracing.ACTIVE if defaults.tracing else lambda_.Tracing.DISABLED,
            snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS if defaults.snap_start else None,
            environment={
                "POWERTOOLS_SERVICE_NAME": defaults.service,
                "POWERTOOLS_METRICS_NAMESPACE": "CosellSync",
                "POWERTOOLS_LOG_LEVEL": defaults.log_level,
                **defaults.environment,
                **props.environment,
            },
        )

    def _own_alias(self) -> lambda_.Alias:
        # pyrefly: ignore[bad-argument-type]  # jsii: parameters named otherwise
        return lambda_.Alias(self, "Live", alias_name="live", version=self._function.current_version)

    def _acknowledge(self) -> None:
        acknowledge(
            self._function,
            "3.13 is the runtime that the pinned bundle and its bytecode are built and tested for; Lambda supports it",
            "AwsSolutions-L1",
            "Serverless-LambdaLatestVersion",
        )
        acknowledge(
            self._function,
            self._props.asynchronous
            or "Only ever invoked synchronously (API Gateway, event source mapping, Step Functions): Lambda's own "
            "dead letter queue and failure destination apply to asynchronous calls; the queue before it has a DLQ",
            "Serverless-LambdaDLQ",
        )
        policy = self._role.node.try_find_child("DefaultPolicy")
        if policy is not None and self._props.defaults.tracing:
            acknowledge_star(
                policy,
                "xray:PutTraceSegments and xray:PutTelemetryRecords know no resources; nothing else is allowed on *",
                actions=XRAY,
            )
