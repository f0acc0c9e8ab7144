"""Forgetting a person: what its function may do, what nobody may, and that a request that fails is seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Template

from constructs_lib.sync_ledger import SyncLedger, SyncLedgerProps
from tests.infrastructure.assembly import FUNCTION_STACKS, Assembly
from tests.infrastructure.test_functions import NAMES, deployed


def statements(assembly: Assembly, name: str) -> Iterator[Mapping[str, Any]]:
    role = deployed(assembly)[name]["Role"]["Fn::GetAtt"][0]
    for stack in FUNCTION_STACKS:
        for _, _, policy in assembly.resources("AWS::IAM::Policy", stack=stack):
            if {"Ref": role} in policy["Properties"]["Roles"]:
                yield from policy["Properties"]["PolicyDocument"]["Statement"]


def actions(assembly: Assembly, name: str, service: str) -> set[str]:
    named = (each["Action"] for each in statements(assembly, name))
    every = {one for each in named for one in ([each] if isinstance(each, str) else each)}
    return {one for one in every if one.startswith(f"{service}:")}


def test_whoever_writes_the_audit_seals_and_no_function_can_open(assembly: Assembly):
    for name, properties in deployed(assembly).items():
        variables = properties["Environment"]["Variables"]
        seals = {"COSELL_AUDIT_TABLE", "COSELL_LEDGER_TABLE"} <= set(variables)
        assert ("COSELL_SUBJECT_KEY" in variables) is seals, name
        subject = [one for one in statements(assembly, name) if "SubjectKey" in str(one["Resource"])]
        assert [one["Action"] for one in subject] == (["kms:Encrypt"] if seals else []), name


def test_only_who_forgets_and_who_counts_reads_whole_tables(assembly: Assembly):
    scanning = [name for name in NAMES if "dynamodb:Scan" in actions(assembly, name, "dynamodb")]
    assert sorted(scanning) == ["count-links", "forget-person"]


def test_the_function_that_forgets_cannot_touch_the_audit_but_for_appending(assembly: Assembly):
    audit = [one for one in statements(assembly, "forget-person") if "LedgerAudit" in str(one["Resource"])]
    assert [one["Action"] for one in audit] == ["dynamodb:PutItem"]


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_requests_that_fail_are_dead_letters_on_record(assembly: Assembly, stage: str):
    machines = assembly.resources("AWS::StepFunctions::StateMachine", stack=f"{stage}DeadLetters")
    names = [one["Properties"]["StateMachineName"] for _, _, one in machines]
    assert f"cosell-{stage}-forget-dead-letters" in names
    queues = assembly.resources("AWS::SQS::Queue", stack=f"{stage}Sync")
    mine = [one["Properties"] for _, logical, one in queues if logical.startswith("ForgettingRequestsQueue")]
    assert len(mine) == 1
    assert "RedrivePolicy" in mine[0]


def test_the_router_hands_privacy_deletions_on(assembly: Assembly):
    assert "COSELL_FORGET_URL" in deployed(assembly)["route-notices"]["Environment"]["Variables"]


def test_the_key_of_subjects_is_rotated_and_kept_and_may_be_your_own():
    stack = Stack()
    SyncLedger(stack, "Ledger")
    template = Template.from_stack(stack)
    template.has_resource(
        "AWS::KMS::Key", {"DeletionPolicy": "RetainExceptOnCreate", "Properties": {"EnableKeyRotation": True}}
    )
    own = Stack()
    ledger = SyncLedger(own, "Ledger", SyncLedgerProps(subject_key=kms.Key.from_key_arn(own, "Key", KEY)))
    assert ledger.subject_key.key_arn == KEY
    Template.from_stack(own).resource_count_is("AWS::KMS::Key", 0)


KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
