"""The operator's API: IAM on every method, as docs/openapi.yaml says it, with least rights, and open to be replaced."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Annotations, Match, Template

from constructs_lib.alarms import AlarmSettings
from constructs_lib.aws_functions import API_FUNCTIONS
from constructs_lib.operator_api import GATEWAY_PROBLEMS, ROUTES, OperatorApi, OperatorApiProps
from constructs_lib.partner_access import RoleAccess
from constructs_lib.sync_function import FunctionDefaults
from constructs_lib.sync_ledger import SyncLedger
from lambdas.aws.handlers import api_matches, api_solutions, api_submit
from lambdas.shared.handlers import api_audit
from tests.unit.api.openapi_document import check_schema, document, operations, parameters

ROLE = "arn:aws:iam::222222222222:role/HubSpotPartnerCentralServiceRole"
HANDLERS = {
    "solutions": api_solutions.ROUTES,
    "matches": api_matches.ROUTES,
    "submit": api_submit.ROUTES,
    "audit": api_audit.ROUTES,
}


def build(stack: Stack, defaults: FunctionDefaults, **more: Any) -> OperatorApi:
    props = OperatorApiProps(
        functions=defaults,
        ledger=SyncLedger(stack, "Ledger"),
        token_secret=secretsmanager.Secret.from_secret_name_v2(stack, "Secret", "mine"),
        inbox=sqs.Queue(stack, "Inbox"),
        partner_central=RoleAccess(role_arn=ROLE, external_id="x1"),
        **more,
    )
    return OperatorApi(stack, "Operator", props)


def methods(template: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """Properties of each method, by verb and path."""
    resources = {name: one.get("Properties", {}) for name, one in template["Resources"].items()}

    def path(reference: Any) -> str:
        name = reference.get("Ref") if isinstance(reference, dict) else None
        if name is None or "PathPart" not in resources.get(name, {}):
            return ""
        return f"{path(resources[name]['ParentId'])}/{resources[name]['PathPart']}"

    found = [one["Properties"] for one in template["Resources"].values() if one["Type"] == "AWS::ApiGateway::Method"]
    return {(one["HttpMethod"], path(one["ResourceId"])): one for one in found}


@pytest.fixture
def template(stack: Stack, defaults: FunctionDefaults) -> dict[str, Any]:
    build(stack, defaults)
    return Template.from_stack(stack).to_json()


def test_what_is_deployed_is_what_is_documented(template: dict[str, Any]) -> None:
    deployed = methods(template)
    assert set(deployed) == set(operations())
    for (verb, path), method in deployed.items():
        documented = {
            f"method.request.{'querystring' if place == 'query' else place}.{name}": bool(one.get("required"))
            for (place, name), one in parameters(verb, path).items()
        }
        assert method.get("RequestParameters", {}) == documented, (verb, path)


def test_the_handlers_take_what_is_deployed() -> None:
    routed = {(route.method, route.path): route.function for route in ROUTES}
    taken = {key: name for name, routes in HANDLERS.items() for key in routes}
    assert taken == routed


def test_every_method_wants_iam_and_is_validated(template: dict[str, Any]) -> None:
    for method in methods(template).values():
        assert method["AuthorizationType"] == "AWS_IAM"
        assert "RequestValidatorId" in method
    assert document()["security"] == [{"sigv4": []}]
    Template.from_json(template).has_resource_properties(
        "AWS::ApiGateway::RequestValidator", {"ValidateRequestParameters": True, "ValidateRequestBody": True}
    )


def test_the_stage_is_throttled_traced_and_logs_nobody(template: dict[str, Any]) -> None:
    (stage,) = [one["Properties"] for one in template["Resources"].values() if one["Type"] == "AWS::ApiGateway::Stage"]
    (settings,) = stage["MethodSettings"]
    assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == (10, 20)
    assert (settings["DataTraceEnabled"], stage["TracingEnabled"]) == (False, True)
    logged = json.loads(stage["AccessLogSetting"]["Format"])
    assert not any(re.search(r"identity|querystring|authorizer", text, re.IGNORECASE) for text in logged.values())
    assert "$context.path" not in logged.values(), "a path's template, without the deal's id"


@pytest.mark.parametrize("kind", [kind for kind, *_ in GATEWAY_PROBLEMS])
def test_what_the_gateway_answers_is_a_problem_too(template: dict[str, Any], kind: str) -> None:
    (answer,) = [
        one["Properties"]
        for one in template["Resources"].values()
        if one["Type"] == "AWS::ApiGateway::GatewayResponse" and one["Properties"]["ResponseType"] == kind
    ]
    text = answer["ResponseTemplates"]["application/json"].replace("$context.error.messageString", '"text"')
    body = json.loads(text)
    check_schema(body, {"$ref": "#/components/schemas/Problem"})
    assert str(body["status"]) == answer["StatusCode"]
    assert answer["ResponseParameters"] == {"gatewayresponse.header.Content-Type": "'application/problem+json'"}


def actions_of(stack: Stack, made: OperatorApi, name: str) -> set[str]:
    policy = stack.resolve(made.functions[name].role.node.find_child("DefaultPolicy").document)
    listed = ([one["Action"]] if isinstance(one["Action"], str) else one["Action"] for one in policy["Statement"])
    return {action for each in listed for action in each if not action.startswith(("logs:", "xray:"))}


def test_each_function_may_do_what_it_is_for(stack: Stack, defaults: FunctionDefaults) -> None:
    made = build(stack, defaults)
    read = {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}
    secret = {"secretsmanager:GetSecretValue"}
    assert actions_of(stack, made, "solutions") == read
    assert actions_of(stack, made, "matches") - {"secretsmanager:DescribeSecret"} == read | secret
    assert actions_of(stack, made, "submit") - {"secretsmanager:DescribeSecret"} == {
        *read,
        *secret,
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "kms:Encrypt",  # of personal values in the audit; nobody may read them back
        "sqs:SendMessage",
        "sts:AssumeRole",
    }
    assert actions_of(stack, made, "audit") == read


def test_reports_of_the_audit_read_the_audit_table_and_nothing_else(
    stack: Stack, defaults: FunctionDefaults, template: dict[str, Any]
) -> None:
    (name, function) = next(
        (name, one["Properties"])
        for name, one in template["Resources"].items()
        if one["Type"] == "AWS::Lambda::Function" and one["Properties"]["Handler"] == API_FUNCTIONS["audit"].handler
    )
    given = function["Environment"]["Variables"]
    assert [each for each in given if each.startswith("COSELL_")] == ["COSELL_AUDIT_TABLE"], name
    statements = [
        statement
        for one in template["Resources"].values()
        if one["Type"] == "AWS::IAM::Policy"
        and one["Properties"]["Roles"] == [{"Ref": function["Role"]["Fn::GetAtt"][0]}]
        for statement in one["Properties"]["PolicyDocument"]["Statement"]
        if "dynamodb" in str(statement["Action"])
    ]
    table = given["COSELL_AUDIT_TABLE"]["Ref"]
    arn = {"Fn::GetAtt": [table, "Arn"]}
    assert [(one["Action"], one["Resource"]) for one in statements] == [
        (["dynamodb:GetItem", "dynamodb:BatchGetItem"], arn),
        ("dynamodb:Query", {"Fn::Join": ["", [arn, "/index/deal"]]}),
        ("dynamodb:Query", {"Fn::Join": ["", [arn, "/index/day"]]}),
    ]


def test_only_the_function_that_submits_takes_the_role_at_aws() -> None:
    assert [needs.name for needs in API_FUNCTIONS.values() if needs.partner] == ["aws-api-submit"]


def test_leave_is_given_for_reading_submitting_and_the_audit_apart(stack: Stack, defaults: FunctionDefaults) -> None:
    made = build(stack, defaults)
    reader, submitter, auditor = (
        iam.Role(stack, name, assumed_by=iam.AccountRootPrincipal()) for name in ("Reader", "Submitter", "Auditor")
    )
    made.grant_read(reader)
    made.grant_submit(submitter)
    made.grant_audit(auditor)
    policies = [
        (one["Properties"]["Roles"][0]["Ref"], json.dumps(one["Properties"]["PolicyDocument"]))
        for one in Template.from_stack(stack).to_json()["Resources"].values()
        if one["Type"] == "AWS::IAM::Policy" and "execute-api:Invoke" in json.dumps(one["Properties"])
    ]
    given = {role[:6]: text for role, text in policies}
    assert set(given) == {"Reader", "Submit", "Audito"}
    assert given["Audito"].count("/GET/audit/records") == given["Audito"].count("execute-api:Invoke") == 1
    assert "solutions" not in given["Audito"]
    assert "audit" not in given["Reader"] + given["Submit"]
    assert "/GET/solutions" in given["Reader"]
    assert "/POST/" not in given["Reader"]
    assert "/POST/deals/*/submit" in given["Submit"]
    assert "/GET/" not in given["Submit"]


def test_its_address_is_an_output(stack: Stack, defaults: FunctionDefaults) -> None:
    build(stack, defaults, base_url="https://operator.example.com/")
    assert Template.from_stack(stack).to_json()["Outputs"]["OperatorApiUrl"]["Value"] == "https://operator.example.com"


def test_it_stands_on_an_imported_api_which_must_say_where_it_is(defaults: FunctionDefaults) -> None:
    stack = Stack(App(), "Other")
    api = apigateway.RestApi.from_rest_api_attributes(stack, "Mine", rest_api_id="a1", root_resource_id="r1")
    with pytest.raises(ValueError, match="base_url"):
        build(Stack(App(), "Third"), defaults, api=api)
    made = build(stack, defaults, api=api, base_url="https://operator.example.com")
    assert made.access_logs is None
    template = Template.from_stack(stack).to_json()
    assert set(methods(template)) == set(operations())
    assert not [one for one in template["Resources"].values() if one["Type"] == "AWS::ApiGateway::RestApi"]


def test_functions_can_be_the_user_s(stack: Stack, defaults: FunctionDefaults) -> None:
    mine = lambda_.Function.from_function_arn(stack, "Mine", "arn:aws:lambda:eu-central-1:111111111111:function:mine")
    made = build(stack, defaults, own={"matches": mine})
    assert set(made.functions) == {"solutions", "submit", "audit"}
    to = json.dumps(methods(Template.from_stack(stack).to_json())["GET", "/deals/{id}/solutions"]["Integration"])
    assert ":function:mine" in to


def test_an_unknown_function_of_the_user_s_is_refused(stack: Stack, defaults: FunctionDefaults) -> None:
    mine = lambda_.Function.from_function_arn(stack, "Mine", "arn:aws:lambda:eu-central-1:111111111111:function:mine")
    with pytest.raises(ValueError, match="allowed: solutions, matches, submit, audit"):
        build(stack, defaults, own={"match": mine})


def test_alarms_left_out_are_warned_of(stack: Stack, defaults: FunctionDefaults) -> None:
    build(stack, defaults, alarms=AlarmSettings(enabled=False))
    Annotations.from_stack(stack).has_warning("/Try/Operator", Match.string_like_regexp("operator's API"))
