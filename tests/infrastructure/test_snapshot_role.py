"""The role that AWS's resource snapshot jobs act with, and what our functions may do with it."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from aws_cdk import App, Environment, Stack, Validations
from aws_cdk.assertions import Match, Template
from cdk_nag import AwsSolutionsChecks

from constructs_lib.partner_central_link import PartnerCentralLink, PartnerCentralLinkProps

SERVICE = "resource-snapshot-job.partnercentral-selling.amazonaws.com"
POLICY = "AWSPartnerCentralSellingResourceSnapshotJobExecutionRolePolicy"
PROPS = PartnerCentralLinkProps(
    catalog="Sandbox",
    trusted_role_arns=["arn:aws:iam::111111111111:role/mine"],
    home_account="111111111111",
    home_bus_arn="arn:aws:events:eu-central-1:111111111111:event-bus/mine",
)


def linked(folder: Path) -> tuple[App, Stack]:
    app = App(outdir=str(folder))
    stack = Stack(app, "Try", env=Environment(account="333333333333", region="us-east-1"))
    PartnerCentralLink(stack, "Link", PROPS)
    return app, stack


@pytest.fixture
def template(tmp_path: Path) -> Template:
    return Template.from_stack(linked(tmp_path)[1])


def test_it_is_the_jobs_of_this_account_with_aws_s_own_policy(template: Template):
    template.has_resource_properties(
        "AWS::IAM::Role",
        {
            "RoleName": "HubSpotPartnerCentralSnapshotRole",
            "AssumeRolePolicyDocument": {
                "Statement": [
                    {
                        "Action": "sts:AssumeRole",
                        "Effect": "Allow",
                        "Principal": {"Service": SERVICE},
                        "Condition": {"StringEqualsIfExists": {"aws:SourceAccount": "333333333333"}},
                    }
                ]
            },
            "ManagedPolicyArns": [
                {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, f":iam::aws:policy/{POLICY}"]]},
            ],
        },
    )


def test_our_role_may_hand_it_to_those_jobs_and_to_nobody_else(template: Template):
    (statement,) = [
        one
        for policy in template.find_resources("AWS::IAM::Policy").values()
        for one in policy["Properties"]["PolicyDocument"]["Statement"]
        if one["Action"] == "iam:PassRole"
    ]
    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": SERVICE}}
    assert "SnapshotRole" in json.dumps(statement["Resource"])


def test_what_the_looks_ask_is_limited_to_the_catalog(template: Template):
    limited = {"Condition": {"StringEquals": {"partnercentral:Catalog": "Sandbox"}}}
    for action, resource in (
        (
            Match.array_with(["partnercentral:GetEngagement"]),
            "arn:aws:partnercentral:us-east-1::catalog/Sandbox/engagement/*",
        ),
        (
            "partnercentral:GetResourceSnapshotJob",
            "arn:aws:partnercentral:us-east-1:333333333333:catalog/Sandbox/resource-snapshot-job/*",
        ),
    ):
        statement = Match.object_like({"Action": action, "Resource": resource, **limited})
        template.has_resource_properties(
            "AWS::IAM::Policy", {"PolicyDocument": {"Statement": Match.array_with([statement])}}
        )
    listed = Match.array_with(
        [
            f"partnercentral:{name}"
            for name in (
                "GetSellingSystemSettings",
                "ListEngagementMembers",
                "ListEngagementResourceAssociations",
                "ListResourceSnapshotJobs",
                "ListResourceSnapshots",
                "PutSellingSystemSettings",
            )
        ]
    )
    statement = Match.object_like({"Action": listed, "Resource": "*", **limited})
    template.has_resource_properties(
        "AWS::IAM::Policy", {"PolicyDocument": {"Statement": Match.array_with([statement])}}
    )


def test_no_rule_of_the_pack_finds_anything(tmp_path: Path):
    app, _ = linked(tmp_path)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    with contextlib.suppress(RuntimeError):
        app.synth()
    report = json.loads((tmp_path / "validation-report.json").read_text())
    assert [one["ruleName"] for plugin in report["pluginReports"] for one in plugin["violations"]] == []
