"""PartnerWebhook: where a partner's own webhook notices come in, on the API of the WebhookIngress."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from constructs_lib.acknowledge import acknowledge
from constructs_lib.alarms import AlarmSettings, add_alarm, product_metric
from constructs_lib.by_name import function_by_name
from constructs_lib.parts import grant_send
from constructs_lib.sync_function import FunctionDefaults, SyncFunction, SyncFunctionProps
from constructs_lib.sync_ledger import SyncLedger
from constructs_lib.webhook_ingress import STAGE_NAME, WebhookIngress

NOTICES_PATH = "notices"


@dataclass(frozen=True, kw_only=True)
class PartnerWebhookProps:
    """One partner's webhook.

    Attributes:
        partner: its name; the path is ``notices/<partner>``, the function ``receive-<partner>-notice``.
        handler: of our function, ``lambdas.<partner>.handlers.….handler``.
        functions: what the partner's functions share; its bundle must hold what the verification needs.
        ingress: whose API gets the path; TLS, throttling and logs are that API's.
        notices: where a verified notice is stored.
        ledger: for the quarantine.
        environment: further variables of our function; default none.
        receiver: bring your own function (with its permissions); default ours.
        memory_mb: default 512, since verifying a signature is arithmetic and somebody waits for the answer.
        timeout: default 20 s; API Gateway waits 29 s.
        alarms: default on, told to nobody.
    """

    partner: str
    handler: str
    functions: FunctionDefaults
    ingress: WebhookIngress
    notices: sqs.IQueue
    ledger: SyncLedger
    environment: Mapping[str, str] = field(default_factory=dict)
    receiver: lambda_.IFunction | None = None
    memory_mb: int = 512
    timeout: Duration = field(default_factory=lambda: Duration.seconds(20))
    alarms: AlarmSettings = field(default_factory=AlarmSettings)


class PartnerWebhook(Construct):
    """One path of the API, every method of which goes to one function, which verifies and stores.

    Input: the partner's signed notice. Output: 200 once it is stored. Errors: 401 (not proven to be the partner's),
    405, 413, and 503 when it cannot be stored, so that the partner delivers again. The function answers all of them
    itself. It may send to the notices queue and put into the quarantine, and nothing else; it calls the partner's
    certificate host without credentials.
    """

    def __init__(self, scope: Construct, construct_id: str, props: PartnerWebhookProps) -> None:
        super().__init__(scope, construct_id)
        self._path = f"{NOTICES_PATH}/{props.partner}"
        self._ingress = props.ingress
        self._receiver = None if props.receiver else self._own_receiver(props)
        self._add_method(props.receiver or self.receiver.invocable, props)
        self._add_output(props)
        self._add_alarms(props)

    @property
    def receiver(self) -> SyncFunction:
        """Our receiver; raises ``ValueError`` where you brought your own."""
        if self._receiver is None:
            raise ValueError(f"{self.node.path} was given a receiver of its own, it has none of ours")
        return self._receiver

    @property
    def url(self) -> str:
        """The address to register with the partner."""
        return self._ingress.url(self._path)

    def _own_receiver(self, props: PartnerWebhookProps) -> SyncFunction:
        receiver = SyncFunction(
            self,
            "Receiver",
            SyncFunctionProps(
                name=f"receive-{props.partner}-notice",
                handler=props.handler,
                defaults=props.functions,
                description=f"Verifies the webhook notices of {props.partner} and stores which records to read",
                environment={
                    "COSELL_NOTICES_QUEUE_URL": props.notices.queue_url,
                    "COSELL_LEDGER_TABLE": props.ledger.ledger.table_name,
                    **props.environment,
                },
                memory_mb=props.memory_mb,
                timeout=props.timeout,
            ),
        )
        grant_send(props.notices, receiver)
        props.ledger.grant_quarantine(receiver)
        return receiver

    def _add_method(self, receiver: lambda_.IFunction, props: PartnerWebhookProps) -> None:
        resource = props.ingress.api.root.resource_for_path(self._path)
        if self._receiver is not None and Stack.of(props.ingress.api).node.addr != Stack.of(self).node.addr:
            receiver = self._known_by_name(self._receiver, props.ingress.api)
        integration = apigateway.LambdaIntegration(receiver, allow_test_invoke=False)
        method = resource.add_method("ANY", integration, authorization_type=apigateway.AuthorizationType.NONE)
        acknowledge(
            method,
            f"{props.partner} cannot sign with IAM or Cognito; the receiver demands its signature and fails closed",
            "AwsSolutions-APIG4",
            "AwsSolutions-COG4",
        )

    def _known_by_name(self, receiver: SyncFunction, api: apigateway.IRestApi) -> lambda_.IFunction:
        """For an API in another stack, which must not depend on this one: it knows the receiver by name, and the leave
        to call it is given here."""
        receiver.function.add_permission(
            "Api",
            # pyrefly: ignore[bad-argument-type]  # jsii: parameters named otherwise
            principal=iam.ServicePrincipal("apigateway.amazonaws.com"),
            source_arn=api.arn_for_execute_api("*", f"/{self._path}", STAGE_NAME),
        )
        # pyrefly: ignore[bad-argument-type]  # jsii: parameters named otherwise
        return function_by_name(api, f"Receiver{receiver.node.addr}", receiver.function)

    def _add_output(self, props: PartnerWebhookProps) -> None:
        # Not WebhookUrl…: those outputs are the addresses that HubSpot signs. Beside the API, whose address it is.
        output = CfnOutput(
            self._ingress,
            f"NoticeUrl{props.partner.capitalize()}",
            value=self.url,
            description=f"Webhook address to register with {props.partner}",
        )
        output.override_logical_id(f"NoticeUrl{props.partner.capitalize()}")

    def _add_alarms(self, props: PartnerWebhookProps) -> None:
        add_alarm(
            self,
            "NoticeRefused",
            metric=product_metric("NoticeRefused", props.functions.service),
            description=f"Webhook notices were refused that are not proven to be of {props.partner}; the poll goes on",
            runbook="notice-refused",
            threshold=props.alarms.thresholds.refused_notices,
            settings=props.alarms,
        )
