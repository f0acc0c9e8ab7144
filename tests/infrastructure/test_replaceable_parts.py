"""Every part underneath a construct can be the user's own, and then none of ours is made beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Template

from constructs_lib.aws_functions import LOOKS
from constructs_lib.aws_sync import AwsSync, AwsSyncProps
from constructs_lib.dead_letters import DeadLetters, DeadLettersProps
from constructs_lib.express_sync import FedMachineParts
from constructs_lib.notice_router import NoticeRouter, NoticeRouterProps
from constructs_lib.partner_access import RoleAccess
from constructs_lib.partner_central_link import PartnerCentralLink, PartnerCentralLinkProps
from constructs_lib.polls import Polls, PollsProps
from constructs_lib.settings_layer import SettingsLayer, SettingsLayerProps
from constructs_lib.sync_events import SyncEvents, SyncEventsProps
from constructs_lib.sync_function import FunctionDefaults
from constructs_lib.sync_ledger import SyncLedger
from constructs_lib.sync_queue import SyncQueue, SyncQueueProps

DEFINITIONS = Path(__file__).resolve().parents[2] / "statemachines"
ARN = "arn:aws:{}:eu-central-1:111111111111:{}"


def role(stack: Stack, name: str) -> iam.IRole:
    return iam.Role.from_role_arn(stack, name, f"arn:aws:iam::111111111111:role/{name}")


def given(stack: Stack, prefix: str = "") -> FedMachineParts:
    return FedMachineParts(
        role=role(stack, f"{prefix}Machine"),
        log_group=logs.LogGroup.from_log_group_arn(
            stack, f"{prefix}MyLogs", ARN.format("logs", f"log-group:{prefix}Logs:*")
        ),
        pipe_role=role(stack, f"{prefix}Pipe"),
    )


def assert_given_is_used(stack: Stack, parts: FedMachineParts) -> None:
    assert None not in (parts.role, parts.pipe_role, parts.log_group)
    template = Template.from_stack(stack)
    template.has_resource_properties("AWS::StepFunctions::StateMachine", {"RoleArn": parts.role.role_arn})
    template.has_resource_properties("AWS::Pipes::Pipe", {"RoleArn": parts.pipe_role.role_arn})
    machines = template.find_resources("AWS::StepFunctions::StateMachine").values()
    logged = [one["Properties"]["LoggingConfiguration"]["Destinations"] for one in machines]
    group = {"CloudWatchLogsLogGroup": {"LogGroupArn": stack.resolve(parts.log_group.log_group_arn)}}
    assert [group] in logged


def no_machine_parts_of_ours(stack: Stack) -> None:
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::IAM::Role", 0)
    template.resource_count_is("AWS::Logs::LogGroup", 0)


def test_the_recorder_of_dead_letters_works_with_the_user_s_parts(stack: Stack):
    parts = given(stack)
    props = DeadLettersProps(
        name="letters",
        queue_name="a-try",
        source=SyncQueue(stack, "Source", SyncQueueProps(purpose="a try")),
        ledger=SyncLedger(stack, "Ledger").ledger,
        definition=DEFINITIONS / "dead_letter.asl.json",
        machine=parts,
    )
    DeadLetters(stack, "Letters", props)
    assert_given_is_used(stack, parts)
    no_machine_parts_of_ours(stack)


def test_polls_work_with_the_user_s_parts(stack: Stack):
    parts = given(stack)
    page = lambda_.Function.from_function_arn(stack, "Page", ARN.format("lambda", "function:page"))
    props = PollsProps(
        name="polls",
        definition=DEFINITIONS / "poll.asl.json",
        functions={"aws.due": page},
        ledger=SyncLedger(stack, "Ledger").ledger,
        machine=parts,
    )
    Polls(stack, "Polls", props)
    assert_given_is_used(stack, parts)
    no_machine_parts_of_ours(stack)


def test_the_machines_of_the_aws_sync_work_with_the_user_s_parts(stack: Stack, defaults: FunctionDefaults):
    sync, acceptance, submission = given(stack, "Sync"), given(stack, "Acceptance"), given(stack, "Submission")
    looks = {kind: given(stack, kind.capitalize()) for kind in LOOKS}
    props = AwsSyncProps(
        functions=defaults,
        ledger=SyncLedger(stack, "Ledger"),
        token_secret=secretsmanager.Secret.from_secret_name_v2(stack, "Secret", "mine"),
        notices=sqs.Queue(stack, "Notices"),
        events=SyncEvents(stack, "Events", SyncEventsProps(name="events")),
        partner_central=RoleAccess(role_arn="arn:aws:iam::111111111111:role/central", external_id="x"),
        catalog="Sandbox",
        definitions=DEFINITIONS,
        sync_machine=sync,
        acceptance_machine=acceptance,
        submission_machine=submission,
        look_machines=looks,
    )
    AwsSync(stack, "Aws", props)
    for parts in (sync, acceptance, submission, *looks.values()):
        assert_given_is_used(stack, parts)
    roles = Template.from_stack(stack).find_resources("AWS::IAM::Role").values()
    services = {one["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"] for one in roles}
    assert services == {"lambda.amazonaws.com"}


def router_props(stack: Stack, defaults: FunctionDefaults, **others) -> NoticeRouterProps:
    return NoticeRouterProps(
        functions=defaults,
        ledger=SyncLedger(stack, "Ledger"),
        token_secret=secretsmanager.Secret.from_secret_name_v2(stack, "Secret", "mine"),
        **others,
    )


def test_the_router_s_function_can_be_the_user_s(stack: Stack, defaults: FunctionDefaults):
    mine = lambda_.Function.from_function_arn(stack, "Mine", ARN.format("lambda", "function:mine"))
    made = NoticeRouter(stack, "Router", router_props(stack, defaults, router=mine))
    made.add_inbox("COSELL_AWS_INBOX_URL", sqs.Queue(stack, "Inbox"))
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::Lambda::Function", 0)
    template.has_resource_properties("AWS::Lambda::EventSourceMapping", {"FunctionName": "mine"})
    with pytest.raises(ValueError, match="it has none of ours"):
        _ = made.router


def test_the_queue_of_undelivered_events_can_be_the_user_s(stack: Stack, defaults: FunctionDefaults):
    mine = sqs.Queue(stack, "Mine")
    made = NoticeRouter(stack, "Router", router_props(stack, defaults, undelivered=mine))
    assert made.undelivered is mine
    Template.from_stack(stack).resource_count_is("AWS::SQS::Queue", 3)  # with the notices and their dead letters


def test_the_roles_in_the_linked_account_can_be_the_user_s():
    stack = Stack(App(), "Linked", env=Environment(account="111111111111", region="us-east-1"))
    ours, forwarder, snapshots = role(stack, "Ours"), role(stack, "Forwarder"), role(stack, "Snapshots")
    props = PartnerCentralLinkProps(
        catalog="AWS",
        trusted_role_arns=["arn:aws:iam::111111111111:role/mine"],
        home_account="111111111111",
        home_bus_arn=ARN.format("events", "event-bus/home"),
        role=ours,
        forwarder_role=forwarder,
        snapshot_role=snapshots,
    )
    link = PartnerCentralLink(stack, "Link", props)
    assert (link.role, link.snapshot_role) == (ours, snapshots)
    template = Template.from_stack(stack)
    template.resource_count_is("AWS::IAM::Role", 0)
    (rule,) = template.find_resources("AWS::Events::Rule").values()
    assert [target["RoleArn"] for target in rule["Properties"]["Targets"]] == [forwarder.role_arn]


def test_the_settings_layer_can_be_the_user_s(stack: Stack, tmp_path: Path):
    mine = lambda_.LayerVersion.from_layer_version_arn(stack, "Mine", ARN.format("lambda", "layer:mine:1"))
    props = SettingsLayerProps(document={}, folder=tmp_path / "unused", layer=mine)
    assert SettingsLayer(stack, "Settings", props).layer is mine
    assert not (tmp_path / "unused").exists()
