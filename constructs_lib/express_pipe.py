"""ExpressPipe: a queue feeds an Express machine, one message at a time."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_iam as iam
from aws_cdk import aws_pipes as pipes
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from constructs_lib.own_parts import service_role


@dataclass(frozen=True, kw_only=True)
class ExpressPipeProps:
    """From which queue into which machine.

    Attributes:
        queue: its visibility timeout must outlast an execution (5 minutes).
        machine: an Express machine.
        description: one line for the console.
        role: default an own role that may read this queue and start this machine.
    """

    queue: sqs.IQueue
    machine: sfn.IStateMachine
    description: str
    role: iam.IRole | None = None


class ExpressPipe(Construct):
    """An EventBridge Pipe, batch of one, synchronous.

    Input of the machine: an array with one SQS message (``messageId``, ``body``, ``attributes``, …). A failed or
    timed-out execution leaves the message invisible for the queue's timeout and raises its receive count.
    """

    def __init__(self, scope: Construct, construct_id: str, props: ExpressPipeProps) -> None:
        super().__init__(scope, construct_id)
        self._role = props.role or self._own_role(props)
        self._pipe = pipes.CfnPipe(
            self,
            "Pipe",
            description=props.description,
            role_arn=self._role.role_arn,
            source=props.queue.queue_arn,
            source_parameters=pipes.CfnPipe.PipeSourceParametersProperty(
                sqs_queue_parameters=pipes.CfnPipe.PipeSourceSqsQueueParametersProperty(batch_size=1)
            ),
            target=props.machine.state_machine_arn,
            target_parameters=pipes.CfnPipe.PipeTargetParametersProperty(
                step_function_state_machine_parameters=pipes.CfnPipe.PipeTargetStateMachineParametersProperty(
                    invocation_type="REQUEST_RESPONSE"
                )
            ),
        )
        # A pipe checks on creation that its role may already read the source.
        self._pipe.node.add_dependency(self._role)

    @property
    def pipe(self) -> pipes.CfnPipe:
        """The pipe."""
        return self._pipe

    @property
    def role(self) -> iam.IRole:
        """The pipe's role."""
        # pyrefly: ignore[bad-return]  # jsii: parameters named otherwise
        return self._role

    def _own_role(self, props: ExpressPipeProps) -> iam.Role:
        role = service_role(self, "Role", "pipes.amazonaws.com")
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
                resources=[props.queue.queue_arn],
            )
        )
        role.add_to_policy(
            iam.PolicyStatement(actions=["states:StartSyncExecution"], resources=[props.machine.state_machine_arn])
        )
        if props.queue.encryption_master_key is not None:
            props.queue.encryption_master_key.grant_decrypt(role)
        return role
