"""The audit is append-only by permission, and nobody but the sealing function can seal."""

from __future__ import annotations

from typing import Any

import pytest

from tests.infrastructure.assembly import Assembly

AUDIT_TABLE = "LedgerAudit"


def only(assembly: Assembly, kind: str, stack: str) -> dict[str, Any]:
    (found,) = [one for _, _, one in assembly.resources(kind, stack=stack)]
    return found


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_no_role_may_do_more_than_append_and_ask_the_index_by_day_but_the_one_of_reports(assembly: Assembly) -> None:
    """Machines' roles as well: whatever has a policy in any stack."""
    allowed: dict[str, set[str]] = {}
    reporting = set[str]()
    for _, _, policy in assembly.resources("AWS::IAM::Policy"):
        if "OperatorAudit" in str(policy["Properties"]["Roles"]):
            reporting |= {
                action
                for statement in policy["Properties"]["PolicyDocument"]["Statement"]
                for action in listed(statement["Action"])
            }
            continue
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            for resource in listed(statement["Resource"]):
                if AUDIT_TABLE in str(resource):
                    where = "index" if "/index/" in str(resource) else "table"
                    allowed.setdefault(where, set()).update(listed(statement["Action"]))
                    assert where == "table" or "/index/day" in str(resource)
    assert allowed == {"table": {"dynamodb:PutItem"}, "index": {"dynamodb:Query"}}
    reads = {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}
    assert {each for each in reporting if not each.startswith(("logs:", "xray:"))} == reads


@pytest.mark.parametrize(("stage", "mode"), [("dev", "GOVERNANCE"), ("prod", "COMPLIANCE")])
def test_what_is_put_into_the_vault_is_locked_for_longer_than_records_are_kept(
    assembly: Assembly, stage: str, mode: str
) -> None:
    bucket = only(assembly, "AWS::S3::Bucket", f"{stage}Audit")
    properties = bucket["Properties"]
    assert properties["ObjectLockEnabled"] is True
    retention = {"DefaultRetention": {"Mode": mode, "Days": 2557 + 31}}
    assert properties["ObjectLockConfiguration"] == {"ObjectLockEnabled": "Enabled", "Rule": retention}
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    key = only(assembly, "AWS::KMS::Key", f"{stage}Audit")
    assert (key["Properties"]["KeySpec"], key["Properties"]["KeyUsage"]) == ("ECC_NIST_P256", "SIGN_VERIFY")
    assert {one["DeletionPolicy"] for one in (bucket, key)} == {"RetainExceptOnCreate"}


def test_nobody_but_the_sealing_role_signs_or_writes(assembly: Assembly) -> None:
    signing = [
        policy["Properties"]["Roles"]
        for _, _, policy in assembly.resources("AWS::IAM::Policy", stack="dev")
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if "kms:Sign" in listed(statement["Action"])
    ]
    function = only(assembly, "AWS::Lambda::Function", "devAudit")["Properties"]
    role = function["Role"]["Fn::GetAtt"][0]
    assert signing == [[{"Ref": role}]]
    others = {"ArnNotEquals": {"aws:PrincipalArn": {"Fn::GetAtt": [role, "Arn"]}}}
    key = only(assembly, "AWS::KMS::Key", "devAudit")["Properties"]["KeyPolicy"]["Statement"]
    bucket = only(assembly, "AWS::S3::BucketPolicy", "devAudit")["Properties"]["PolicyDocument"]["Statement"]
    (unsigned,) = [one for one in key if one["Effect"] == "Deny"]
    (unwritten,) = [one for one in bucket if one["Effect"] == "Deny" and "s3:PutObject" in listed(one["Action"])]
    assert unsigned["Condition"] == unwritten["Condition"] == others
    assert unsigned["Action"] == "kms:Sign"
    assert unsigned["Principal"] == unwritten["Principal"] == {"AWS": "*"}


def test_silence_for_26_hours_is_an_alarm(assembly: Assembly) -> None:
    alarm = only(assembly, "AWS::CloudWatch::Alarm", "devAudit")["Properties"]
    assert (alarm["MetricName"], alarm["Period"], alarm["EvaluationPeriods"]) == ("AuditSealed", 3600, 26)
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 1)
    assert alarm["TreatMissingData"] == "breaching"
    assert alarm["AlarmActions"]


def test_the_clock_may_invoke_the_function_and_no_more(assembly: Assembly) -> None:
    schedule = only(assembly, "AWS::Scheduler::Schedule", "devAudit")["Properties"]
    assert schedule["ScheduleExpression"] == "cron(15 1/2 * * ? *)"
    role = schedule["Target"]["RoleArn"]["Fn::GetAtt"][0]
    statements = [
        statement
        for _, _, policy in assembly.resources("AWS::IAM::Policy", stack="devAudit")
        if {"Ref": role} in policy["Properties"]["Roles"]
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]
    assert [(one["Action"], one["Resource"]) for one in statements] == [
        ("lambda:InvokeFunction", schedule["Target"]["Arn"])
    ]
