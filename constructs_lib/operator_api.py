"""OperatorApi: the REST API for whoever looks after the sync: solutions, what fits a deal, submitting it, the audit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from aws_cdk import CfnOutput, Duration, RemovalPolicy
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from constructs_lib.acknowledge import acknowledge
from constructs_lib.alarms import AlarmSettings, add_alarm
from constructs_lib.aws_functions import API_FUNCTIONS
from constructs_lib.needs import Resources, build_function
from constructs_lib.own_parts import log_group
from constructs_lib.partner_access import PartnerAccess
from constructs_lib.partner_functions import inbox_of
from constructs_lib.sync_function import FunctionDefaults, SyncFunction
from constructs_lib.sync_ledger import SyncLedger

ROOM = "lambdas.aws.room"
STAGE_NAME = "v1"
PAGE = {"limit": False, "next": False, "category": False, "status": False}
REPORT = dict.fromkeys(("deal", "partner", "from", "to", "field", "format", "limit", "next"), False)
AUDIT_PATH = "/audit/records"


@dataclass(frozen=True, slots=True)
class Route:
    """One operation: ``function`` is a key of ``API_FUNCTIONS``, ``query`` says of each parameter if it is required."""

    method: str
    path: str
    function: str
    query: Mapping[str, bool] = field(default_factory=dict)


ROUTES = (
    Route("GET", "/solutions", "solutions", PAGE),
    Route("GET", "/solutions/search", "solutions", {"q": True, **PAGE}),
    Route("GET", "/solutions/{id}", "solutions"),
    Route("GET", "/deals/{id}/solutions", "matches"),
    Route("POST", "/deals/{id}/submit", "submit"),
    Route("GET", AUDIT_PATH, "audit", REPORT),
)
"""docs/openapi.yaml describes them; a test holds both to each other."""

# What API Gateway answers by itself, in the form of every other error: response type, status, title, problem type.
GATEWAY_PROBLEMS = (
    ("BAD_REQUEST_PARAMETERS", 400, "Bad Request", "invalid-request"),
    ("BAD_REQUEST_BODY", 400, "Bad Request", "invalid-request"),
    ("MISSING_AUTHENTICATION_TOKEN", 403, "Forbidden", "not-signed"),
    ("INVALID_SIGNATURE", 403, "Forbidden", "not-signed"),
    ("EXPIRED_TOKEN", 403, "Forbidden", "not-signed"),
    ("ACCESS_DENIED", 403, "Forbidden", "not-permitted"),
    ("REQUEST_TOO_LARGE", 413, "Content Too Large", "invalid-request"),
    ("UNSUPPORTED_MEDIA_TYPE", 415, "Unsupported Media Type", "invalid-request"),
    ("THROTTLED", 429, "Too Many Requests", "too-many-requests"),
    ("QUOTA_EXCEEDED", 429, "Too Many Requests", "too-many-requests"),
    ("INTEGRATION_FAILURE", 502, "Bad Gateway", "failed"),
    ("INTEGRATION_TIMEOUT", 504, "Gateway Timeout", "failed"),
    ("DEFAULT_4XX", 403, "Forbidden", "refused"),
    ("DEFAULT_5XX", 500, "Internal Server Error", "failed"),
)

# No caller, no address, no query: the path's template and the request's id, by which the audit table knows the rest.
ACCESS_LOG = {
    "request_id": "$context.requestId",
    "time": "$context.requestTimeEpoch",
    "method": "$context.httpMethod",
    "path": "$context.resourcePath",
    "status": "$context.status",
    "integration_status": "$context.integration.status",
    "latency_ms": "$context.responseLatency",
    "length": "$context.responseLength",
    "trace": "$context.xrayTraceId",
}


@dataclass(frozen=True, kw_only=True)
class OperatorApiProps:
    """The API.

    Attributes:
        functions: what its functions share; the AWS bundle.
        ledger: the catalogue of solutions, and the links.
        token_secret: HubSpot's access token.
        inbox: the AWS inbox, where a submitted deal's link is woken.
        partner_central: the role in the account linked to Partner Central.
        name: name of the API; default ``cosell-operator``.
        api: bring your own REST API (domain, WAF, logs, gateway responses and deployment are then yours); default an
            own regional one.
        base_url: where ``api`` is reached; needed for an imported one, whose stage and domain nobody here knows.
        own: bring your own functions, by what they are for: ``solutions``, ``matches``, ``submit``, ``audit``; default
            ours.
        requests_per_second, burst: throttling of the stage; default 10 and 20 (people, and a few scripts).
        manage_log_role: API Gateway writes logs with one role per account and region. Default True: the stack sets it
            (and leaves it when it is deleted). False where something else does, such as ``WebhookIngress``.
        log_retention: default 30 days.
        alarms: default on, told to nobody.
    """

    functions: FunctionDefaults
    ledger: SyncLedger
    token_secret: secretsmanager.ISecret
    inbox: sqs.IQueue
    partner_central: PartnerAccess
    name: str = "cosell-operator"
    api: apigateway.IRestApi | None = None
    base_url: str | None = None
    own: Mapping[str, lambda_.IFunction] = field(default_factory=dict)
    requests_per_second: int = 10
    burst: int = 20
    manage_log_role: bool = True
    log_retention: logs.RetentionDays = logs.RetentionDays.ONE_MONTH
    alarms: AlarmSettings = field(default_factory=AlarmSettings)


class OperatorApi(Construct):
    """A REST API with IAM authorization on every method, whose functions read the ledger and HubSpot.

    Input: calls signed with Signature Version 4 (docs/openapi.yaml). Output: JSON; errors as problem details (RFC
    9457), also those that API Gateway answers by itself. Nobody may call it until ``grant_read``, ``grant_submit`` or
    ``grant_audit``, or a policy of yours, says so.
    """

    def __init__(self, scope: Construct, construct_id: str, props: OperatorApiProps) -> None:
        super().__init__(scope, construct_id)
        if props.api is not None and props.base_url is None and not isinstance(props.api, apigateway.RestApi):
            raise ValueError(f"{self.node.path}: `api` is imported, so `base_url` must say where it is reached")
        if unknown := sorted(set(props.own) - set(API_FUNCTIONS)):
            raise ValueError(f"{self.node.path}: `own` has {unknown}; allowed: {', '.join(API_FUNCTIONS)}")
        self._props = props
        self._functions = self._own_functions(props)
        self._access_logs: logs.LogGroup | None = None
        self._api = props.api or self._own_api(props)
        self._methods = {(route.method, route.path): method for route, method in self._add_methods(props)}
        output = CfnOutput(self, "Url", value=self.url, description="Where the operator's API is reached")
        output.override_logical_id("OperatorApiUrl")
        self._add_alarm(props)

    @property
    def api(self) -> apigateway.IRestApi:
        """The REST API."""
        return self._api

    @property
    def functions(self) -> Mapping[str, SyncFunction]:
        """Our functions, by what they are for; those that you brought are not among them."""
        return self._functions

    @property
    def methods(self) -> Mapping[tuple[str, str], apigateway.Method]:
        """The methods by verb and path."""
        return self._methods

    @property
    def access_logs(self) -> logs.LogGroup | None:
        """Access logs of our own API."""
        return self._access_logs

    @property
    def url(self) -> str:
        """Where the API is reached, without a slash at its end."""
        if self._props.base_url is not None:
            return self._props.base_url.rstrip("/")
        assert isinstance(self._api, apigateway.RestApi)  # noqa: S101 - the constructor made sure of it
        stack = self._api.stack
        return f"https://{self._api.rest_api_id}.execute-api.{stack.region}.{stack.url_suffix}/{STAGE_NAME}"

    def grant_read(self, grantee: iam.IGrantable) -> None:
        """Let somebody read solutions and matches."""
        self._grant(grantee, *(route for route in ROUTES if route.method == "GET" and route.path != AUDIT_PATH))

    def grant_submit(self, grantee: iam.IGrantable) -> None:
        """Let somebody submit deals."""
        self._grant(grantee, *(route for route in ROUTES if route.method == "POST"))

    def grant_audit(self, grantee: iam.IGrantable) -> None:
        """Let somebody read reports of the audit: every value that was ever synced, and who changed it."""
        self._grant(grantee, *(route for route in ROUTES if route.path == AUDIT_PATH))

    def _grant(self, grantee: iam.IGrantable, *routes: Route) -> None:
        arns = [self._methods[route.method, route.path].method_arn for route in routes]
        grantee.grant_principal.add_to_principal_policy(
            iam.PolicyStatement(actions=["execute-api:Invoke"], resources=arns)
        )

    def _own_functions(self, props: OperatorApiProps) -> dict[str, SyncFunction]:
        resources = Resources(
            functions=props.functions,
            ledger=props.ledger,
            token_secret=props.token_secret,
            queues={inbox_of("aws"): props.inbox},
            partner=props.partner_central,
            room=ROOM,
        )
        return {
            name: build_function(self, name.capitalize(), needs, resources)
            for name, needs in API_FUNCTIONS.items()
            if name not in props.own
        }

    def _own_api(self, props: OperatorApiProps) -> apigateway.RestApi:
        self._access_logs = log_group(self, "AccessLogs", retention=props.log_retention)
        api = apigateway.RestApi(
            self,
            "Api",
            rest_api_name=props.name,
            description="The operator's API of cosell-sync",
            endpoint_configuration=apigateway.EndpointConfiguration(types=[apigateway.EndpointType.REGIONAL]),
            endpoint_export_name=None,
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
        name = f"API-Gateway-Execution-Logs_{api.rest_api_id}/{STAGE_NAME}"
        group = log_group(self, "ExecutionLogs", retention=props.log_retention, name=name)
        api.deployment_stage.node.add_dependency(group)
        resource = api.node.default_child
        if isinstance(resource, apigateway.CfnRestApi):
            resource.security_policy = "SecurityPolicy_TLS13_1_2_PQ_2025_09"
            resource.endpoint_access_mode = "BASIC"
        for kind, status, title, problem in GATEWAY_PROBLEMS:
            _gateway_problem(api, kind, status, title, problem)
        self._acknowledge_api(api)
        return api

    def _add_methods(self, props: OperatorApiProps) -> list[tuple[Route, apigateway.Method]]:
        # A validator of our own: `add_request_validator` is there for an API of ours only.
        validator = apigateway.RequestValidator(
            self,
            "Validator",
            rest_api=self._api,
            validate_request_parameters=True,
            validate_request_body=True,
        )
        made: list[tuple[Route, apigateway.Method]] = []
        for route in ROUTES:
            function = props.own.get(route.function) or self._functions[route.function].invocable
            method = self._api.root.resource_for_path(route.path).add_method(
                route.method,
                apigateway.LambdaIntegration(function, allow_test_invoke=False),
                authorization_type=apigateway.AuthorizationType.IAM,
                request_validator=validator,
                request_parameters=_parameters(route),
            )
            acknowledge(
                method,
                "Operators are principals of IAM: every call is signed with Signature Version 4 and needs a policy",
                "AwsSolutions-COG4",
            )
            made.append((route, method))
        return made

    def _acknowledge_api(self, api: apigateway.RestApi) -> None:
        acknowledge(
            api.deployment_stage,
            "Nothing is answered without a signature of the account's IAM, and the stage is throttled; `api` is "
            "exposed for a web ACL, whose monthly price is the user's choice",
            "AwsSolutions-APIG3",
        )
        role = api.node.try_find_child("CloudWatchRole")
        if role is not None:
            acknowledge(
                role,
                "API Gateway accepts only a role with this managed policy's rights for its account-wide log setting",
                "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]",
            )

    def _add_alarm(self, props: OperatorApiProps) -> None:
        if isinstance(self._api, apigateway.RestApi):
            add_alarm(
                self,
                "Failing",
                metric=self._api.metric_server_error(statistic="Sum", period=Duration.minutes(5)),
                description="The operator's API answered with 5xx: a vendor is not reached, or a function failed",
                runbook="api-failing",
                threshold=props.alarms.thresholds.failed_answers,
                settings=props.alarms,
            )


def _parameters(route: Route) -> dict[str, bool]:
    query = {f"method.request.querystring.{name}": required for name, required in route.query.items()}
    path = {"method.request.path.id": True} if "{id}" in route.path else {}
    return {**query, **path}


def _gateway_problem(api: apigateway.RestApi, kind: str, status: int, title: str, problem: str) -> None:
    """An answer of API Gateway's own as problem details. Its message is quoted, as JSON; it holds no value."""
    body = (
        f'{{"type":"urn:cosell-sync:problem:{problem}","title":"{title}","status":{status},'
        '"detail":$context.error.messageString,"errors":[]}'
    )
    api.add_gateway_response(
        "".join(part.capitalize() for part in kind.split("_")),
        type=getattr(apigateway.ResponseType, kind.replace("4XX", "4_XX").replace("5XX", "5_XX")),
        status_code=str(status),
        response_headers={"Content-Type": "'application/problem+json'"},
        templates={"application/json": body},
    )
