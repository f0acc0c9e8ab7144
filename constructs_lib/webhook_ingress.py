"""WebhookIngress: where HubSpot's webhooks come in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from aws_cdk import CfnOutput, Duration, RemovalPolicy
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from constructs_lib.acknowledge import acknowledge
from constructs_lib.alarms import AlarmSettings, add_alarm, product_metric
from constructs_lib.own_parts import log_group
from constructs_lib.parts import grant_send
from constructs_lib.secrets import grant_secret
from constructs_lib.sync_function import FunctionDefaults, SyncFunction, SyncFunctionProps
from constructs_lib.sync_ledger import SyncLedger

WEBHOOK_PATH = "webhook/hubspot"
STAGE_NAME = "v1"


@dataclass(frozen=True, kw_only=True)
class WebhookIngressProps:
    """The webhook endpoint.

    Attributes:
        functions: what all functions share.
        notices: where a verified notice is stored.
        ledger: for the quarantine.
        webhook_secret: client secrets and allowed target URLs.
        aliases: partners with a path of their own that limits the fan-out to them; default none.
        name: name of the API; default ``cosell``.
        api: bring your own REST API (domain, WAF, logs and deployment are then yours); default an own regional one.
        base_url: where ``api`` is reached, ``https://hooks.example.com``; needed for an imported one, whose stage and
            domain nobody here knows. Default the address of the API's own stage.
        receiver: bring your own function (with its permissions); default ours.
        handler: of our function.
        requests_per_second, burst: throttling of the stage; default 500 and 1,000. HubSpot has ten requests under way
            and each takes some 20 ms, so it never meets them; a refusal would cost one of its ten redeliveries.
        manage_log_role: API Gateway writes logs with one role per account and region. Default True: the stack sets it
            (and leaves it when it is deleted), for an ``api`` of yours that of the operator's API does. False where
            something else already does.
        log_retention: default 30 days.
        alarms: default on, told to nobody.
    """

    functions: FunctionDefaults
    notices: sqs.IQueue
    ledger: SyncLedger
    webhook_secret: secretsmanager.ISecret
    aliases: Sequence[str] = ()
    name: str = "cosell"
    api: apigateway.IRestApi | None = None
    base_url: str | None = None
    receiver: lambda_.IFunction | None = None
    handler: str = "lambdas.shared.handlers.receive_webhook.handler"
    requests_per_second: int = 500
    burst: int = 1000
    manage_log_role: bool = True
    log_retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH
    alarms: AlarmSettings = field(default_factory=AlarmSettings)


class WebhookIngress(Construct):
    """A REST API whose every path and method goes to one function, which verifies, strips and stores.

    Input: HubSpot's signed webhook. Output: 200 once the notice is stored. Errors: 401 (signature), 404, 405, 413, and
    5xx when the store cannot be reached, so that HubSpot delivers again. The function answers all of them itself:
    the signature covers the raw body and the URL.
    """

    def __init__(self, scope: Construct, construct_id: str, props: WebhookIngressProps) -> None:
        super().__init__(scope, construct_id)
        if props.api is not None and props.base_url is None and not isinstance(props.api, apigateway.RestApi):
            raise ValueError(f"{self.node.path}: `api` is imported, so `base_url` must say where it is reached")
        self._base_url = props.base_url
        self._sets_log_role = props.api is None and props.manage_log_role
        self._lacks_log_role = props.api is not None and props.manage_log_role
        self._receiver = None if props.receiver else self._own_receiver(props)
        self._access_logs: logs.LogGroup | None = None
        self._api = props.api or self._own_api(props)
        self._add_methods(props.receiver or self.receiver.invocable)
        self._paths = (WEBHOOK_PATH, *(f"{WEBHOOK_PATH}/{alias}" for alias in props.aliases))
        self._add_outputs(props)
        self._add_alarms(props)

    @property
    def api(self) -> apigateway.IRestApi:
        """The REST API."""
        return self._api

    @property
    def receiver(self) -> SyncFunction:
        """Our receiver; raises ``ValueError`` where you brought your own."""
        if self._receiver is None:
            raise ValueError("WebhookIngress was given a receiver of its own, it has none of ours")
        return self._receiver

    @property
    def access_logs(self) -> logs.LogGroup | None:
        """Access logs of our own API: time, path, status; no address, no body."""
        return self._access_logs

    @property
    def sets_log_role(self) -> bool:
        """Whether the account's role for API Gateway's logs is set here: no other API deploys its logs before."""
        return self._sets_log_role

    @property
    def lacks_log_role(self) -> bool:
        """Whether another API has to set that role: this one is yours, and nobody said that something else does."""
        return self._lacks_log_role

    def url(self, path: str = WEBHOOK_PATH) -> str:
        """The address to enter in HubSpot."""
        if self._base_url is not None:
            return f"{self._base_url.rstrip('/')}/{path}"
        if isinstance(self._api, apigateway.RestApi):
            return self._api.url_for_path(f"/{path}")
        raise ValueError(f"{self.node.path}: `base_url` was not given")

    def _own_receiver(self, props: WebhookIngressProps) -> SyncFunction:
        receiver = SyncFunction(
            self,
            "Receiver",
            SyncFunctionProps(
                name="receive-webhook",
                handler=props.handler,
                defaults=props.functions,
                description="Verifies HubSpot's webhook, strips values, stores the notice",
                environment={
                    "COSELL_NOTICES_QUEUE_URL": props.notices.queue_url,
                    "COSELL_LEDGER_TABLE": props.ledger.ledger.table_name,
                },
            ),
        )
        grant_send(props.notices, receiver)
        props.ledger.grant_quarantine(receiver)
        grant_secret(receiver, "COSELL_HUBSPOT_WEBHOOK_SECRET", props.webhook_secret)
        return receiver

    def _own_api(self, props: WebhookIngressProps) -> apigateway.RestApi:
        self._access_logs = log_group(self, "AccessLogs", retention=props.log_retention)
        api = apigateway.RestApi(
            self,
            "Api",
            rest_api_name=props.name,
            description="HubSpot webhooks of cosell-sync",
            endpoint_configuration=apigateway.EndpointConfiguration(types=[apigateway.EndpointType.REGIONAL]),
            cloud_watch_role=props.manage_log_role,
            cloud_watch_role_removal_policy=RemovalPolicy.RETAIN if props.manage_log_role else None,
            deploy_options=apigateway.StageOptions(
                stage_name=STAGE_NAME,
                access_log_destination=apigateway.LogGroupLogDestination(self._access_logs),
                access_log_format=apigateway.AccessLogFormat.custom(json.dumps(ACCESS_LOG)),
                logging_level=apigateway.MethodLoggingLevel.ERROR,
                data_trace_enabled=False,
                metrics_enabled=True,
                tracing_enabled=True,
                throttling_rate_limit=props.requests_per_second,
                throttling_burst_limit=props.burst,
            ),
        )
        self._keep_execution_logs(api, props)
        self._require_tls12(api)
        for name, kind in (("ClientError", "DEFAULT_4_XX"), ("ServerError", "DEFAULT_5_XX")):
            api.add_gateway_response(
                name,
                type=getattr(apigateway.ResponseType, kind),
                templates={"application/json": '{"message":$context.error.messageString}'},
            )
        self._acknowledge_api(api, props)
        return api

    def _keep_execution_logs(self, api: apigateway.RestApi, props: WebhookIngressProps) -> None:
        """API Gateway makes this group itself when it is not there, and then keeps what is in it for ever."""
        name = f"API-Gateway-Execution-Logs_{api.rest_api_id}/{STAGE_NAME}"
        group = log_group(self, "ExecutionLogs", retention=props.log_retention, name=name)
        api.deployment_stage.node.add_dependency(group)

    def _require_tls12(self, api: apigateway.RestApi) -> None:
        resource = api.node.default_child
        if isinstance(resource, apigateway.CfnRestApi):
            resource.security_policy = "SecurityPolicy_TLS13_1_2_PQ_2025_09"
            resource.endpoint_access_mode = "BASIC"

    def _add_methods(self, receiver: lambda_.IFunction) -> None:
        integration = apigateway.LambdaIntegration(receiver, allow_test_invoke=False)
        for resource in (self._api.root, self._api.root.add_resource("{proxy+}")):
            method = resource.add_method("ANY", integration, authorization_type=apigateway.AuthorizationType.NONE)
            acknowledge(
                method,
                "HubSpot cannot sign with IAM or Cognito; the receiver demands its v3 signature and fails closed",
                "AwsSolutions-APIG4",
                "AwsSolutions-COG4",
            )

    def _acknowledge_api(self, api: apigateway.RestApi, props: WebhookIngressProps) -> None:
        acknowledge(
            api,
            "The signature covers the raw body, so it must reach the receiver unread; the receiver checks size and "
            "shape and quarantines what it cannot read",
            "AwsSolutions-APIG2",
        )
        acknowledge(
            api.deployment_stage,
            "The endpoint is throttled and takes nothing without a valid signature; `api` is exposed for a web ACL, "
            "whose monthly price is the user's choice",
            "AwsSolutions-APIG3",
        )
        role = api.node.try_find_child("CloudWatchRole")
        if role is not None:
            acknowledge(
                role,
                "API Gateway accepts only a role with this managed policy's rights for its account-wide log setting",
                "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]",
            )

    def _add_outputs(self, props: WebhookIngressProps) -> None:
        for path in self._paths:
            alias = path.removeprefix(WEBHOOK_PATH).strip("/")
            output = CfnOutput(
                self,
                f"Url{alias.capitalize()}",
                value=self.url(path),
                description=f"HubSpot target URL{f', {alias} only' if alias else ''}",
            )
            output.override_logical_id(f"WebhookUrl{alias.capitalize()}")

    def _add_alarms(self, props: WebhookIngressProps) -> None:
        thresholds = props.alarms.thresholds
        for name, runbook, threshold, description in (
            (
                "SignatureRejected",
                "signature-rejected",
                thresholds.refused_webhooks,
                "Webhooks with a wrong, old or missing signature were refused",
            ),
            (
                "Quarantined",
                "quarantined",
                1,
                "A correctly signed webhook held something unreadable; see the quarantine",
            ),
        ):
            add_alarm(
                self,
                name,
                metric=product_metric(name, props.functions.service),
                description=description,
                runbook=runbook,
                threshold=threshold,
                settings=props.alarms,
            )
        if isinstance(self._api, apigateway.RestApi):
            add_alarm(
                self,
                "NotStored",
                metric=self._api.metric_server_error(statistic="Sum", period=Duration.minutes(5)),
                description="Webhooks were answered with 5xx; HubSpot delivers them again for a day, no longer",
                runbook="not-stored",
                threshold=thresholds.failed_answers,
                settings=props.alarms,
            )


ACCESS_LOG = {
    "request_id": "$context.requestId",
    "time": "$context.requestTimeEpoch",
    "method": "$context.httpMethod",
    "path": "$context.path",
    "status": "$context.status",
    "integration_status": "$context.integration.status",
    "latency_ms": "$context.responseLatency",
    "length": "$context.responseLength",
    "trace": "$context.xrayTraceId",
}
