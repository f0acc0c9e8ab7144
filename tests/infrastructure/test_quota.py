"""Stages that write to one account of a partner count in one table."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import App
from aws_cdk import aws_lambda as lambda_
from aws_cdk.assertions import Template

import config
from stacks.cosell_stage import CosellStage
from stacks.sources import Sources

ROOT = Path(__file__).resolve().parents[2]
SHARED = "arn:aws:dynamodb:eu-central-1:444444444444:table/writes"


def test_a_stage_counts_its_writes_in_the_table_that_it_shares(tmp_path: Path, stand_in: Path):
    configuration = config.load(ROOT / "config")
    dev = configuration.stages["dev"]
    sharing = dev.model_copy(update={"quota": dev.quota.model_copy(update={"table": SHARED})})
    configuration = configuration.model_copy(update={"stages": {"dev": sharing}})

    def code() -> lambda_.Code:
        return lambda_.Code.from_asset(str(stand_in))

    sources = Sources.of(lambda _: code, definitions=ROOT / "statemachines", settings=tmp_path)
    stage = CosellStage(App(), "dev", configuration=configuration, sources=sources)
    template = Template.from_stack(stage.partners["aws"])
    (function,) = template.find_resources(
        "AWS::Lambda::Function", {"Properties": {"FunctionName": "cosell-dev-aws-reserve-quota"}}
    ).values()
    assert function["Properties"]["Environment"]["Variables"]["COSELL_QUOTA_TABLE"] == SHARED
    granted = [
        (statement["Action"], statement["Condition"])
        for policy in template.find_resources("AWS::IAM::Policy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement["Resource"] == SHARED
    ]
    row = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["quota#aws#Sandbox"]}}
    assert granted == [(["dynamodb:GetItem", "dynamodb:UpdateItem"], row)]
