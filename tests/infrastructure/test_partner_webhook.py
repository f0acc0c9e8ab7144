"""A partner's webhook on the ingress's API: its own path, its own function, and no more rights than it needs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Annotations, Match, Template

from constructs_lib.alarms import AlarmSettings
from constructs_lib.partner_webhook import PartnerWebhook, PartnerWebhookProps
from constructs_lib.sync_function import FunctionDefaults
from constructs_lib.sync_ledger import SyncLedger
from constructs_lib.webhook_ingress import WebhookIngress, WebhookIngressProps

HANDLER = "lambdas.microsoft.handlers.receive_notification.handler"


def webhook(stack: Stack, defaults: FunctionDefaults, ingress: dict[str, Any] | None = None, **more) -> PartnerWebhook:
    notices, ledger = sqs.Queue(stack, "Notices"), SyncLedger(stack, "Ledger")
    secret = secretsmanager.Secret.from_secret_name_v2(stack, "Secret", "mine")
    made = WebhookIngress(
        stack,
        "Ingress",
        WebhookIngressProps(
            functions=defaults, notices=notices, ledger=ledger, webhook_secret=secret, **(ingress or {})
        ),
    )
    props = PartnerWebhookProps(
        **{
            "partner": "microsoft",
            "handler": HANDLER,
            "functions": defaults,
            "ingress": made,
            "notices": notices,
            "ledger": ledger,
            **more,
        }
    )
    return PartnerWebhook(stack, "Webhook", props)


def paths(template: dict[str, Any]) -> dict[str, str]:
    """Logical id of each API resource -> its path."""
    resources = {
        name: one["Properties"]
        for name, one in template["Resources"].items()
        if one["Type"] == "AWS::ApiGateway::Resource"
    }

    def path(name: str) -> str:
        above = resources[name]["ParentId"]  # the root's id is a text where the API is imported
        parent = above.get("Ref") if isinstance(above, dict) else None
        return (path(parent) if parent else "") + "/" + resources[name]["PathPart"]

    return {name: path(name) for name in resources}


def test_its_path_goes_to_its_function_and_every_other_one_to_the_ingress(stack: Stack, defaults: FunctionDefaults):
    made = webhook(stack, defaults)
    template = Template.from_stack(stack).to_json()
    where = paths(template)
    assert sorted(where.values()) == ["/notices", "/notices/microsoft", "/{proxy+}"]
    methods = [one["Properties"] for one in template["Resources"].values() if one["Type"] == "AWS::ApiGateway::Method"]
    to = {
        where.get(one["ResourceId"].get("Ref", ""), "/"): json.dumps(one["Integration"]["Uri"])
        for one in methods
        if one["HttpMethod"] == "ANY" and one["AuthorizationType"] == "NONE"
    }
    own = stack.get_logical_id(made.receiver.function.node.default_child)
    assert [path for path, uri in to.items() if own in uri] == ["/notices/microsoft"]
    assert set(to) == {"/", "/{proxy+}", "/notices/microsoft"}


def test_the_deployment_of_the_api_knows_the_path(stack: Stack, defaults: FunctionDefaults):
    webhook(stack, defaults)
    template = Template.from_stack(stack).to_json()
    (deployment,) = [one for one in template["Resources"].values() if one["Type"] == "AWS::ApiGateway::Deployment"]
    waits_for = " ".join(deployment["DependsOn"])
    assert "noticesmicrosoftANY" in waits_for


def test_an_api_in_another_stack_knows_the_receiver_by_name_and_is_let_in_from_here(
    stack: Stack, defaults: FunctionDefaults, stand_in: Path
):
    """So that the API's stack depends on no partner's, and a partner's can be deleted."""
    theirs = Stack(stack.node.root, "Theirs", env=Environment(account=stack.account, region=stack.region))
    secret = secretsmanager.Secret.from_secret_name_v2(stack, "Secret", "mine")
    notices, ledger = sqs.Queue(stack, "Notices"), SyncLedger(stack, "Ledger")
    shared = WebhookIngressProps(functions=defaults, notices=notices, ledger=ledger, webhook_secret=secret)
    ingress = WebhookIngress(stack, "Ingress", shared)
    theirs_too = FunctionDefaults(code=lambda_.Code.from_asset(str(stand_in)))
    PartnerWebhook(
        theirs,
        "Webhook",
        PartnerWebhookProps(
            partner="microsoft", handler=HANDLER, functions=theirs_too, ingress=ingress, notices=notices, ledger=ledger
        ),
    )
    assert not stack.dependencies
    with_api = Template.from_stack(stack).to_json()
    where = paths(with_api)
    (uri,) = [
        json.dumps(one["Properties"]["Integration"]["Uri"])
        for one in with_api["Resources"].values()
        if one["Type"] == "AWS::ApiGateway::Method"
        and where.get(one["Properties"]["ResourceId"].get("Ref")) == "/notices/microsoft"
    ]
    assert ":function:cosell-receive-microsoft-notice/invocations" in uri
    (permission,) = Template.from_stack(theirs).find_resources("AWS::Lambda::Permission").values()
    assert permission["Properties"]["Principal"] == "apigateway.amazonaws.com"
    assert json.dumps(permission["Properties"]["SourceArn"]).endswith('/v1/*/notices/microsoft"]]}')


def test_the_function_may_store_notices_and_nothing_else(stack: Stack, defaults: FunctionDefaults):
    made = webhook(stack, defaults)
    document = stack.resolve(made.receiver.role.node.find_child("DefaultPolicy").document)
    actions = {
        action
        for one in document["Statement"]
        for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])
    }
    assert actions == {
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "sqs:SendMessage",
        "dynamodb:PutItem",
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
    }
    Template.from_stack(stack).has_resource_properties(
        "AWS::Lambda::Function",
        {
            "FunctionName": "cosell-receive-microsoft-notice",
            "Handler": HANDLER,
            "Environment": {
                "Variables": Match.object_like(
                    {"COSELL_NOTICES_QUEUE_URL": Match.any_value(), "COSELL_LEDGER_TABLE": Match.any_value()}
                )
            },
        },
    )


def test_its_address_is_an_output_that_hubspot_s_are_not_mixed_with(stack: Stack, defaults: FunctionDefaults):
    made = webhook(stack, defaults, {"base_url": "https://hooks.example.com/"})
    assert made.url == "https://hooks.example.com/notices/microsoft"
    outputs = Template.from_stack(stack).to_json()["Outputs"]
    assert outputs["NoticeUrlMicrosoft"]["Value"] == made.url
    assert not any(name.startswith("WebhookUrl") and "notices" in str(one) for name, one in outputs.items())


def test_refused_notices_are_told(stack: Stack, defaults: FunctionDefaults):
    webhook(stack, defaults, alarms=AlarmSettings(topic=sns.Topic(stack, "Topic")))
    Template.from_stack(stack).has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {
            "MetricName": "NoticeRefused",
            "Namespace": "CosellSync",
            "Dimensions": [{"Name": "service", "Value": "cosell"}],
            "AlarmActions": [Match.any_value()],
        },
    )


def test_alarms_left_out_are_warned_of(stack: Stack, defaults: FunctionDefaults):
    webhook(stack, defaults, alarms=AlarmSettings(enabled=False))
    Annotations.from_stack(stack).has_warning("/Try/Webhook", Match.string_like_regexp("not proven to be of microsoft"))


def test_the_receiver_can_be_the_user_s(stack: Stack, defaults: FunctionDefaults):
    mine = lambda_.Function.from_function_arn(stack, "Mine", "arn:aws:lambda:eu-central-1:111111111111:function:mine")
    made = webhook(stack, defaults, receiver=mine)
    assert '"cosell-receive-microsoft-notice"' not in json.dumps(Template.from_stack(stack).to_json())
    with pytest.raises(ValueError, match="receiver of its own"):
        _ = made.receiver


def test_it_stands_on_an_imported_api_too(defaults: FunctionDefaults):
    stack = Stack(App(), "Other")
    api = apigateway.RestApi.from_rest_api_attributes(stack, "Mine", rest_api_id="a1", root_resource_id="r1")
    made = webhook(stack, defaults, {"api": api, "base_url": "https://hooks.example.com"})
    assert made.url == "https://hooks.example.com/notices/microsoft"
    assert "/notices/microsoft" in paths(Template.from_stack(stack).to_json()).values()


def test_two_partners_share_the_path_above_them(stack: Stack, defaults: FunctionDefaults):
    first = webhook(stack, defaults)
    PartnerWebhook(
        stack,
        "Second",
        PartnerWebhookProps(
            partner="google",
            handler="a.b",
            functions=defaults,
            ingress=first.node.scope.node.find_child("Ingress"),
            notices=stack.node.find_child("Notices"),
            ledger=stack.node.find_child("Ledger"),
        ),
    )
    where = paths(Template.from_stack(stack).to_json()).values()
    assert sorted(where) == ["/notices", "/notices/google", "/notices/microsoft", "/{proxy+}"]
