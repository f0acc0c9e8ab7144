"""A look as a construct, and the looks of a stage: what wakes them, what they may do, what becomes of what fails."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk.assertions import Template

from constructs_lib.aws_functions import LOOKS
from constructs_lib.partner_look import PartnerLook, PartnerLookProps
from constructs_lib.sync_ledger import SyncLedger
from tests.infrastructure.assembly import Assembly

DEFINITION = Path(__file__).resolve().parents[2] / "statemachines/look.asl.json"
FUNCTIONS = ("BeginLook", "Gather", "ShowFindings", "RememberFindings")


def build(stack: Stack, *functions: str, **more: Any) -> PartnerLook:
    arn = "arn:aws:lambda:eu-central-1:111111111111:function:{}"
    made = {name: lambda_.Function.from_function_arn(stack, name, arn.format(name)) for name in functions}
    ledger = SyncLedger(stack, "Ledger").ledger
    props = PartnerLookProps(
        partner="aws", kind="summary", definition=DEFINITION, functions=made, ledger=ledger, **more
    )
    return PartnerLook(stack, "Look", props)


def test_a_look_is_an_inbox_with_dead_letters_and_an_express_machine(stack: Stack):
    look = build(stack, *FUNCTIONS, name_prefix="mine")
    template = Template.from_stack(stack)
    template.has_resource_properties(
        "AWS::StepFunctions::StateMachine", {"StateMachineName": "mine-aws-summary", "StateMachineType": "EXPRESS"}
    )
    template.resource_count_is("AWS::SQS::Queue", 2)
    template.resource_count_is("AWS::Pipes::Pipe", 1)
    (machine,) = template.find_resources("AWS::StepFunctions::StateMachine").values()
    filled = machine["Properties"]["DefinitionSubstitutions"]
    assert (filled["Partner"], filled["Kind"]) == ("aws", "summary")
    assert look.inbox.queue is look.inbox.inbox.queue
    assert look.sync.machine.node.path.startswith("Try/Look")


def test_its_machine_may_call_its_functions_send_to_its_inbox_let_go_and_report_failures_and_no_more(stack: Stack):
    build(stack, *FUNCTIONS)
    policies = Template.from_stack(stack).find_resources("AWS::IAM::Policy").values()
    (document,) = [
        one["Properties"]["PolicyDocument"] for one in policies if "lambda:InvokeFunction" in json.dumps(one)
    ]
    actions = {
        action
        for one in document["Statement"]
        for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])
    }
    ours = {each for each in actions if each.partition(":")[0] in ("lambda", "sqs", "dynamodb")}
    assert ours == {"lambda:InvokeFunction", "sqs:SendMessage", "dynamodb:PutItem", "dynamodb:UpdateItem"}


def test_a_look_without_its_gather_function_is_not_built(stack: Stack):
    with pytest.raises(ValueError, match=r"nothing is filled in for \$\{Gather\}"):
        build(stack, "BeginLook", "ShowFindings", "RememberFindings")


@pytest.mark.parametrize("kind", sorted(LOOKS))
def test_every_kind_of_a_stage_is_polled_recorded_and_named_after_itself(kind: str, assembly: Assembly):
    machines = [
        one["Properties"]["StateMachineName"] for _, _, one in assembly.resources("AWS::StepFunctions::StateMachine")
    ]
    for stage in ("dev", "prod"):
        assert f"cosell-{stage}-aws-{kind}" in machines
        assert f"cosell-{stage}-aws-{kind}-dead-letters" in machines
        schedules = [one for _, _, one in assembly.resources("AWS::Scheduler::Schedule", stack=f"{stage}Aws")]
        assert f'\\"aws.{kind}\\"' in json.dumps([one["Properties"]["Target"]["Input"] for one in schedules])


def targets(assembly: Assembly) -> Mapping[str, Any]:
    """The targets of the rule that wakes looks, by the logical id of their queue."""
    (rule,) = [
        one["Properties"]
        for _, name, one in assembly.resources("AWS::Events::Rule", stack="devAws")
        if name.startswith("LookEvents")
    ]
    assert rule["EventPattern"] == {
        "source": ["aws.partnercentral-selling"],
        "detail-type": ["Opportunity Created", "Opportunity Updated"],
        "detail": {"catalog": ["Sandbox"]},
    }
    return {target["Arn"]["Fn::GetAtt"][0]: target for target in rule["Targets"]}


def test_an_event_becomes_a_message_of_ids_in_the_inboxes_that_it_may_be_news_for(assembly: Assembly):
    found = targets(assembly)
    kinds = [kind for kind in ("summary", "notifications") if kind in LOOKS]
    assert sorted(name.removeprefix("Aws").partition("Inbox")[0].lower() for name in found) == sorted(kinds)
    for target in found.values():
        template = target["InputTransformer"]["InputTemplate"]
        assert template == '{"opportunity":<detail-opportunity-identifier>,"why":"partner","correlation_id":<id>}'
        paths = target["InputTransformer"]["InputPathsMap"]
        assert paths == {"detail-opportunity-identifier": "$.detail.opportunity.identifier", "id": "$.id"}
        assert "DeadLetterConfig" in target


def test_only_that_rule_may_send_to_such_an_inbox_from_outside(assembly: Assembly):
    for queue in targets(assembly):
        allowed = [
            statement
            for _, _, policy in assembly.resources("AWS::SQS::QueuePolicy", stack="devAws")
            if {"Ref": queue} in policy["Properties"]["Queues"]
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]
            if statement["Effect"] == "Allow"
        ]
        assert [one["Principal"] for one in allowed] == [{"Service": "events.amazonaws.com"}]
        ((source,),) = [one["Condition"]["ArnEquals"].values() for one in allowed]
        assert source["Fn::GetAtt"][0].startswith("LookEvents")


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_a_stack_stays_within_what_cloudformation_takes(stage: str, assembly: Assembly):
    for name, template in assembly.templates.items():
        if name.startswith(stage):
            assert len(template["Resources"]) <= 480, f"{name} nears the 500 resources that a stack may hold"
