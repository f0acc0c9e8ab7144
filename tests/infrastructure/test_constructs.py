"""The constructs on their own: every part can be the user's, and no safe default is lost unnoticed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Annotations, Match, Template

import config
from constructs_lib.alarms import AlarmSettings
from constructs_lib.definition import load_definition
from constructs_lib.express_sync import ExpressSync, ExpressSyncProps
from constructs_lib.needs import Access, Needs, Resources, build_function
from constructs_lib.partner_central_link import PartnerCentralLink, PartnerCentralLinkProps
from constructs_lib.parts import function_part, queue_part, table_part
from constructs_lib.quota_limiter import QuotaLimiter, QuotaLimiterProps
from constructs_lib.settings_layer import SettingsLayer, SettingsLayerProps
from constructs_lib.sync_events import PartnerEvents, PartnerEventsProps, SyncEvents, SyncEventsProps
from constructs_lib.sync_function import FunctionDefaults, SyncFunction, SyncFunctionProps
from constructs_lib.sync_ledger import SyncLedger, SyncLedgerProps
from constructs_lib.sync_queue import SyncQueue, SyncQueueProps
from constructs_lib.webhook_ingress import WebhookIngress, WebhookIngressProps
from stacks.names import Names
from stacks.partner_central_stack import PartnerCentralStack

ARN = "arn:aws:{}:eu-central-1:111111111111:{}"


def definition(folder: Path, *placeholders: str) -> Path:
    path = folder / "machine.asl.json"
    states = {
        "Read": {
            "Type": "Task",
            "Resource": "arn:aws:states:::dynamodb:getItem",
            "Arguments": {name: f"${{{name}}}" for name in placeholders},
            "End": True,
        }
    }
    path.write_text(json.dumps({"QueryLanguage": "JSONata", "StartAt": "Read", "States": states}))
    return path


def machine(stack: Stack, path: Path, parts: dict, **others) -> ExpressSync:
    return ExpressSync(stack, "Machine", ExpressSyncProps(name="try", definition=path, parts=parts, **others))


def test_a_placeholder_that_nothing_fills_is_named(stack: Stack, tmp_path: Path):
    table = dynamodb.Table.from_table_name(stack, "Table", "mine")
    with pytest.raises(ValueError, match=r"machine\.asl\.json: nothing is filled in for \$\{InboxUrl\}"):
        machine(stack, definition(tmp_path, "LedgerTable", "InboxUrl"), {"LedgerTable": table_part(table)})


def test_a_part_that_the_definition_does_not_know_is_named(stack: Stack, tmp_path: Path):
    table = dynamodb.Table.from_table_name(stack, "Table", "mine")
    parts = {"LedgerTable": table_part(table), "LedgerTabel": table_part(table)}
    with pytest.raises(ValueError, match=r"no placeholder \$\{LedgerTabel\}; it has \$\{LedgerTable\}"):
        machine(stack, definition(tmp_path, "LedgerTable"), parts)


def test_a_definition_that_is_not_there_or_not_json_is_named(tmp_path: Path):
    with pytest.raises(ValueError, match="absent"):
        load_definition(tmp_path / "absent.asl.json")
    (tmp_path / "bad.asl.json").write_text("{")
    with pytest.raises(ValueError, match=r"bad\.asl\.json: not JSON"):
        load_definition(tmp_path / "bad.asl.json")


def test_a_machine_may_do_with_its_parts_what_its_definition_does(stack: Stack, tmp_path: Path):
    parts = {
        "LedgerTable": table_part(dynamodb.Table.from_table_arn(stack, "Table", ARN.format("dynamodb", "table/mine"))),
        "InboxUrl": queue_part(sqs.Queue.from_queue_arn(stack, "Queue", ARN.format("sqs", "mine"))),
        "FetchDeal": function_part(
            lambda_.Function.from_function_arn(stack, "Function", ARN.format("lambda", "function:mine"))
        ),
    }
    machine(stack, definition(tmp_path, *parts), parts)
    allowed = {
        json.dumps(one["Resource"]): one["Action"]
        for policy in Template.from_stack(stack).find_resources("AWS::IAM::Policy").values()
        for one in policy["Properties"]["PolicyDocument"]["Statement"]
        if one["Resource"] != "*"
    }
    assert allowed == {
        json.dumps(ARN.format("dynamodb", "table/mine")): "dynamodb:GetItem",
        json.dumps(ARN.format("sqs", "mine")): "sqs:SendMessage",
        json.dumps(ARN.format("lambda", "function:mine")): "lambda:InvokeFunction",
    }


def test_a_machine_takes_the_user_s_role(stack: Stack, tmp_path: Path):
    role = iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::111111111111:role/mine")
    table = dynamodb.Table.from_table_name(stack, "Table", "mine")
    made = machine(stack, definition(tmp_path, "LedgerTable"), {"LedgerTable": table_part(table)}, role=role)
    assert made.role is role
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::IAM::Role", 0)
    template.has_resource_properties("AWS::StepFunctions::StateMachine", {"RoleArn": role.role_arn})


def test_the_tables_can_be_the_user_s(stack: Stack):
    tables = {
        name: dynamodb.Table.from_table_arn(stack, name, ARN.format("dynamodb", f"table/{name}"))
        for name in ("ledger", "runs", "audit")
    }
    ledger = SyncLedger(stack, "Ledger", SyncLedgerProps(**tables))
    assert ledger.ledger.table_name == "ledger"
    Template.from_stack(stack).resource_count_is("AWS::DynamoDB::Table", 0)


def test_the_key_of_the_tables_can_be_the_user_s_and_readers_may_use_it(stack: Stack, defaults: FunctionDefaults):
    key = kms.Key(stack, "Key")
    ledger = SyncLedger(stack, "Ledger", SyncLedgerProps(encryption_key=key))
    resources = Resources(functions=defaults, ledger=ledger, token_secret=secret(stack), queues={})
    needs = Needs(name="read", handler="a.b", does="Reads", ledger=Access.READ)
    build_function(stack, "Reader", needs, resources)
    template = Template.from_stack(stack)
    template.all_resources_properties("AWS::DynamoDB::Table", {"SSESpecification": {"SSEEnabled": True}})
    template.has_resource_properties(
        "AWS::IAM::Policy",
        {
            "PolicyDocument": {
                "Statement": Match.array_with([Match.object_like({"Action": Match.array_with(["kms:Decrypt"])})])
            }
        },
    )


def secret(stack: Stack) -> secretsmanager.ISecret:
    return secretsmanager.Secret.from_secret_name_v2(stack, "Secret", "mine")


def test_a_function_may_do_what_it_needs_and_finds_it_in_its_environment(stack: Stack, defaults: FunctionDefaults):
    resources = Resources(functions=defaults, ledger=SyncLedger(stack, "Ledger"), token_secret=secret(stack), queues={})
    bare = build_function(stack, "Bare", Needs(name="bare", handler="a.b", does="Nothing"), resources)
    text = json.dumps(stack.resolve(bare.role.node.find_child("DefaultPolicy").document))
    assert "dynamodb" not in text
    assert "secretsmanager" not in text
    template = Template.from_stack(stack).find_resources("AWS::Lambda::Function")
    (function,) = template.values()
    names = set(function["Properties"]["Environment"]["Variables"])
    assert names == {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL"}


def test_a_partner_s_function_without_partner_access_is_refused(stack: Stack, defaults: FunctionDefaults):
    resources = Resources(
        functions=defaults,
        ledger=SyncLedger(stack, "Ledger"),
        token_secret=secret(stack),
        queues={},
        room="lambdas.aws.room",
    )
    with pytest.raises(ValueError, match="no access to it was given"):
        build_function(stack, "Needy", Needs(name="needy", handler="a.b", does="Asks", partner=True), resources)


def test_snap_start_gives_callers_an_alias(stack: Stack, defaults: FunctionDefaults):
    props = SyncFunctionProps(
        name="quick", handler="a.b", description="Quick", defaults=replace(defaults, snap_start=True)
    )
    function = SyncFunction(stack, "Quick", props)
    assert function.invocable is not function.function
    template = Template.from_stack(stack)
    template.has_resource_properties("AWS::Lambda::Function", {"SnapStart": {"ApplyOn": "PublishedVersions"}})
    template.has_resource_properties("AWS::Lambda::Alias", {"Name": "live"})


def test_new_settings_make_a_new_version_for_the_alias(tmp_path: Path, stand_in: Path):
    def versions(wish: str) -> set[str]:
        scope = Stack(App(), "Try")
        settings = SettingsLayerProps(document={"wish": wish}, folder=tmp_path / wish)
        defaults = FunctionDefaults(
            code=lambda_.Code.from_asset(str(stand_in)),
            layers=[SettingsLayer(scope, "Settings", settings).layer],
            snap_start=True,
        )
        props = SyncFunctionProps(name="quick", handler="a.b", description="Quick", defaults=defaults)
        SyncFunction(scope, "Quick", props)
        return set(Template.from_stack(scope).find_resources("AWS::Lambda::Version"))

    assert versions("one") != versions("other")


def test_a_secret_known_by_name_can_be_read(stack: Stack, defaults: FunctionDefaults):
    resources = Resources(functions=defaults, ledger=SyncLedger(stack, "Ledger"), token_secret=secret(stack), queues={})
    made = build_function(stack, "It", Needs(name="it", handler="a.b", does="Asks", hubspot=True), resources)
    text = json.dumps(stack.resolve(made.role.node.find_child("DefaultPolicy").document))
    assert ":secret:mine-??????" in text


def test_a_queue_of_the_user_s_comes_with_its_dead_letter_queue(stack: Stack):
    with pytest.raises(ValueError, match="Try/Queue: `queue` is yours, so `dead_letter_queue` must be"):
        SyncQueue(stack, "Queue", SyncQueueProps(purpose="a try", queue=sqs.Queue(stack, "Mine")))


def test_queues_can_be_the_user_s(stack: Stack):
    queue, dead = sqs.Queue(stack, "Mine"), sqs.Queue(stack, "MineToo")
    made = SyncQueue(stack, "Queue", SyncQueueProps(purpose="a try", queue=queue, dead_letter_queue=dead))
    assert made.queue is queue
    assert made.dead_letter_queue is dead
    Template.from_stack(stack).resource_count_is("AWS::SQS::Queue", 2)


def test_buses_can_be_the_user_s(stack: Stack):
    bus = events.EventBus.from_event_bus_name(stack, "Mine", "mine")
    assert SyncEvents(stack, "Events", SyncEventsProps(name="unused", bus=bus)).bus is bus
    partner = PartnerEvents(stack, "Partner", PartnerEventsProps(name="unused", sources=["aws.x"], bus=bus))
    assert partner.bus is bus
    Template.from_stack(stack).resource_count_is("AWS::Events::EventBus", 0)


def test_the_api_can_be_the_user_s(stack: Stack, defaults: FunctionDefaults):
    api = apigateway.RestApi(stack, "Mine")
    ingress = WebhookIngress(
        stack,
        "Ingress",
        WebhookIngressProps(
            functions=defaults,
            notices=sqs.Queue(stack, "Notices"),
            ledger=SyncLedger(stack, "Ledger"),
            webhook_secret=secret(stack),
            api=api,
        ),
    )
    assert ingress.api is api
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::ApiGateway::RestApi", 1)
    template.resource_count_is("AWS::ApiGateway::Method", 2)


def test_an_imported_api_says_where_it_is_reached(stack: Stack, defaults: FunctionDefaults):
    api = apigateway.RestApi.from_rest_api_attributes(stack, "Mine", rest_api_id="a1", root_resource_id="r1")
    props = WebhookIngressProps(
        functions=defaults,
        notices=sqs.Queue(stack, "Notices"),
        ledger=SyncLedger(stack, "Ledger"),
        webhook_secret=secret(stack),
        api=api,
        base_url="https://hooks.example.com/",
    )
    assert WebhookIngress(stack, "Ingress", props).url() == "https://hooks.example.com/webhook/hubspot"
    with pytest.raises(ValueError, match="`base_url` must say where it is reached"):
        WebhookIngress(Stack(App(), "Other"), "Ingress", replace(props, base_url=None))


@pytest.mark.parametrize(
    ("mine", "managed", "sets", "lacks"),
    [(False, True, True, False), (False, False, False, False), (True, True, False, True), (True, False, False, False)],
)
def test_the_role_of_the_logs_is_set_here_or_by_another_api_or_elsewhere(
    mine: bool, managed: bool, sets: bool, lacks: bool, stack: Stack, defaults: FunctionDefaults
):
    props = WebhookIngressProps(
        functions=defaults,
        notices=sqs.Queue(stack, "Notices"),
        ledger=SyncLedger(stack, "Ledger"),
        webhook_secret=secret(stack),
        api=apigateway.RestApi(stack, "Mine", cloud_watch_role=False) if mine else None,
        manage_log_role=managed,
    )
    ingress = WebhookIngress(stack, "Ingress", props)
    assert (ingress.sets_log_role, ingress.lacks_log_role) == (sets, lacks)
    Template.from_stack(stack).resource_count_is("AWS::ApiGateway::Account", int(sets))


def test_a_shared_table_s_key_may_be_used_by_who_reserves(stack: Stack):
    key = kms.Key(stack, "Key")
    table = dynamodb.Table(
        stack,
        "Shared",
        partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
        encryption_key=key,
    )
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    QuotaLimiter(stack, "Quota", QuotaLimiterProps(partner="aws", account_key="AWS", table=table)).grant_reserve(role)
    assert "kms:Decrypt" in json.dumps(stack.resolve(role.node.find_child("DefaultPolicy").document))


def test_a_quota_row_is_all_that_a_limiter_opens(stack: Stack, defaults: FunctionDefaults):
    table = dynamodb.Table.from_table_arn(stack, "Shared", ARN.format("dynamodb", "table/shared"))
    limiter = QuotaLimiter(stack, "Quota", QuotaLimiterProps(partner="aws", account_key="AWS", table=table))
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    limiter.grant_reserve(role)
    Template.from_stack(stack).has_resource_properties(
        "AWS::IAM::Policy",
        {
            "PolicyDocument": {
                "Statement": [
                    Match.object_like(
                        {"Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["quota#aws#AWS"]}}}
                    )
                ]
            }
        },
    )


def test_partner_central_is_refused_outside_us_east_1(stack: Stack):
    props = PartnerCentralLinkProps(
        catalog="AWS",
        trusted_role_arns=["arn:aws:iam::111111111111:role/mine"],
        home_account="111111111111",
        home_bus_arn=ARN.format("events", "event-bus/mine"),
    )
    with pytest.raises(ValueError, match="must lie in us-east-1, not in eu-central-1"):
        PartnerCentralLink(stack, "Link", props)


def test_only_operators_who_are_named_may_read_partner_central_as_the_functions_do():
    operator = "arn:aws:iam::111111111111:role/Operators"
    dev = config.load().stage("dev")
    names = Names("dev", dev.account, dev.region)
    for trusted in ([], [operator]):
        central = dev.partner_central.model_copy(update={"operators": trusted})
        stage = dev.model_copy(update={"partner_central": central})
        made = PartnerCentralStack(App(), "Try", names=names, stage=stage)
        roles = Template.from_stack(made).find_resources("AWS::IAM::Role").values()
        conditions = [
            one["Properties"]["AssumeRolePolicyDocument"]["Statement"][0].get("Condition", {}) for one in roles
        ]
        (arns,) = [each["ArnLike"]["aws:PrincipalArn"] for each in conditions if "ArnLike" in each]
        ours = "arn:aws:iam::111111111111:role/cosell-dev-aws-*"
        assert arns == [ours, *trusted]


def trust(characters: int) -> PartnerCentralLink:
    """A link whose trust policy has so many characters, as IAM counts them."""
    shortest = 260  # with an external id of two characters
    props = PartnerCentralLinkProps(
        catalog="AWS",
        trusted_role_arns=["arn:aws:iam::111111111111:role/mine"],
        home_account="111111111111",
        home_bus_arn=ARN.format("events", "event-bus/mine"),
        external_id="x" * (2 + characters - shortest),
    )
    stack = Stack(App(), "Try", env=Environment(account="333333333333", region="us-east-1"))
    return PartnerCentralLink(stack, "Link", props)


def test_a_trust_policy_that_iam_would_not_take_is_refused_with_what_to_do():
    assert trust(2048).role
    with pytest.raises(ValueError, match=r"has 2049 characters, and IAM takes 2048\. Shorten `external_id`, or name"):
        trust(2049)


def test_alarms_go_to_the_user_s_topic(stack: Stack):
    topic = sns.Topic.from_topic_arn(stack, "Topic", ARN.format("sns", "mine"))
    SyncQueue(stack, "Queue", SyncQueueProps(purpose="a try", alarms=AlarmSettings(topic=topic)))
    Template.from_stack(stack).all_resources_properties("AWS::CloudWatch::Alarm", {"AlarmActions": [topic.topic_arn]})


@pytest.mark.parametrize("default", ["alarms", "point_in_time_recovery", "tracing"])
def test_a_safe_default_that_is_turned_off_is_warned_of(default: str, stack: Stack, defaults: FunctionDefaults):
    if default == "alarms":
        SyncQueue(stack, "It", SyncQueueProps(purpose="a try", alarms=AlarmSettings(enabled=False)))
    elif default == "point_in_time_recovery":
        SyncLedger(stack, "It", SyncLedgerProps(point_in_time_recovery=False))
    else:
        props = SyncFunctionProps(name="a", handler="a.b", description="A", defaults=replace(defaults, tracing=False))
        SyncFunction(stack, "It", props)
    Annotations.from_stack(stack).has_warning("*", Match.string_like_regexp(f"{default} is turned off here"))


def test_safe_defaults_are_not_warned_of(stack: Stack, defaults: FunctionDefaults):
    SyncLedger(stack, "Ledger")
    SyncQueue(stack, "Queue", SyncQueueProps(purpose="a try"))
    SyncFunction(stack, "Function", SyncFunctionProps(name="a", handler="a.b", description="A", defaults=defaults))
    assert Annotations.from_stack(stack).find_warning("*", Match.any_value()) == []
