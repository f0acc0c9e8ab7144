"""The CDK's own command against the local cloud, as docs/build.md says it: from bootstrap to destroy.

It is deployed from synthesized assemblies, and only the stacks that a deal with AWS needs.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests
from aws_cdk import App, Environment
from aws_cdk import Stage as CdkStage
from aws_cdk import aws_lambda as lambda_

import config
from cli.doctor_checks import Deployment
from cli.doctor_checks.stacks import stacks as check_stacks
from cli.smoke import Smoke
from cli.stage import VENDORS, Place
from config.model import AwsPartner
from sandbox.assembly import sandbox_assembly
from sandbox.by_hand import Followed, environment
from sandbox.local_cloud.assembly import Stack, read_assembly
from sandbox.scenarios import Stage
from sandbox.schedules import schedules
from sandbox.world import Options, World
from stacks.audit_stack import AuditStack
from stacks.data_stack import DataStack
from stacks.names import Names
from stacks.own_parts import OwnParts
from stacks.sources import Sources

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
STACKS = ("sandbox/Data", "sandbox/Sync", "sandbox/Aws")
UNANSWERED = "--require-approval=never"


class Terminal:
    """Where somebody types ``npx cdk …``: a home of its own, and nothing in it but the sandbox's variables."""

    def __init__(self, world: World, home: Path) -> None:
        self._variables = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "CI": "true",
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            **environment(world),
        }

    def cdk(self, *arguments: str | Path, ends: int = 0, there: Mapping[str, str] | None = None) -> str:
        """Run the command, with the variables ``there``; its exit status must be ``ends``. Returns what it said."""
        done = subprocess.run(
            [str(ROOT / "node_modules/.bin/cdk"), "--no-notices", *map(str, arguments)],
            cwd=ROOT,
            env={**self._variables, **(there or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        said = done.stdout + done.stderr
        assert done.returncode == ends, said[-4000:]
        return said


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World(Options(deploy=False)) as world:
        yield world


@pytest.fixture(scope="module")
def terminal(world: World, tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    return Terminal(world, tmp_path_factory.mktemp("home"))


def changed(assembly: Path, to: Path, logical_id: str, **properties: Any) -> Path:
    """A later revision: the same assembly with other properties of one resource of the AWS stack, as a synth has it."""
    to.mkdir()
    for each in assembly.iterdir():
        if each.name.startswith("asset."):
            (to / each.name).symlink_to(each)
        elif each.is_file():
            (to / each.name).write_bytes(each.read_bytes())
    inner = to / "assembly-sandbox"
    inner.mkdir()
    for each in (assembly / "assembly-sandbox").iterdir():
        (inner / each.name).write_bytes(each.read_bytes()) if each.is_file() else (inner / each.name).symlink_to(each)
    (template,) = inner.glob("sandboxAws*.template.json")
    document = json.loads(template.read_text())
    document["Resources"][logical_id]["Properties"] |= properties
    template.write_text(json.dumps(document))
    (assets,) = inner.glob("sandboxAws*.assets.json")
    (old,) = [key for key, one in json.loads(assets.read_text())["files"].items() if "Template" in one["displayName"]]
    for each in (assets, inner / "manifest.json"):  # the command uploads a template under the hash of its content
        each.write_text(each.read_text().replace(old, old[::-1]))
    return to


def inbox(assembly: Path) -> str:
    (template,) = (assembly / "assembly-sandbox").glob("sandboxAws*.template.json")
    resources = json.loads(template.read_text())["Resources"]
    (name,) = [
        name for name, one in resources.items() if one["Properties"].get("QueueName") == "cosell-sandbox-aws-inbox"
    ]
    return name


def visibility(world: World) -> str:
    read = world.cloud.client("sqs").get_queue_attributes
    held = read(QueueUrl=world.outputs["AwsInboxUrl"], AttributeNames=["VisibilityTimeout"])
    return held["Attributes"]["VisibilityTimeout"]


def items(world: World, table: str) -> int:
    return world.cloud.client("dynamodb").scan(TableName=table, Select="COUNT")["Count"]


def stacks(world: World) -> set[str]:
    found = world.cloud.client("cloudformation").describe_stacks()["Stacks"]
    return {one["StackName"] for one in found if one["StackStatus"] != "DELETE_COMPLETE"} - {"CDKToolkit"}


def test_from_an_empty_account_to_a_deal_at_aws_a_change_the_way_back_and_the_removal(
    world: World, terminal: Terminal, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assembly, followed = sandbox_assembly(), Followed(world)
    app = ("--app", assembly)
    terminal.cdk("bootstrap", "aws://000000000000/us-east-1", *app)
    terminal.cdk("deploy", *app, *STACKS, UNANSWERED)
    assert followed.look()

    stage = Stage(world)
    url = f"{world.hubspot_server.url}/_sandbox/deals"
    order = {"name": "Deployed by hand #AWS", "deal": {"aws_contract_months": "12"}}
    deal = requests.post(url, json=order, timeout=30).json()["id"]
    opportunity = stage.opportunity_of(deal)
    assert opportunity

    options = {
        "endpoint_url": world.cloud.endpoint,
        "region_name": world.cloud.region,
        "aws_access_key_id": world.cloud.account,
        "aws_secret_access_key": "sandbox",
    }
    servers = (world.hubspot_server, world.central_server, world.microsoft_server, world.google_server)
    place = Place(
        "sandbox", world.outputs, options, {name: each.url for name, each in zip(VENDORS, servers, strict=True)}
    )
    deployment = Deployment(place, world.configuration)
    assert {one.where for one in check_stacks(deployment) if one.what == "is not deployed"} == {
        f"cosell-sandbox-{each}" for each in ("dead-letters", "audit", "seeing", "microsoft", "google", "api")
    }
    smoke = Smoke(deployment, only=["secrets", "flow"])
    assert [name for name, step in smoke.steps(refused=True) if step()] == [
        *("doctor", "signed", "unsigned", "poll", "drained")
    ]

    assert "There were no differences" in terminal.cdk("diff", *app, "sandbox/Aws")
    before = int(visibility(world))
    later = changed(assembly, tmp_path / "later", inbox(assembly), VisibilityTimeout=before + 7)
    assert "VisibilityTimeout" in terminal.cdk("diff", "--app", later, "sandbox/Aws")
    terminal.cdk("deploy", "--app", later, "sandbox/Aws", "--exclusively", UNANSWERED)
    assert followed.look()
    assert visibility(world) == str(before + 7)

    terminal.cdk("deploy", *app, "sandbox/Aws", "--exclusively", UNANSWERED)
    assert followed.look()
    assert visibility(world) == str(before)
    stage.edit(deal, amount="4711")
    stage.wait(lambda: "4711" in str(stage.opportunity_of(deal)), "the amount at AWS")
    world.settle()  # the audit's records are written after it

    audit, ledger = world.outputs["AuditTableName"], world.outputs["LedgerTableName"]
    written = items(world, audit)
    assert written
    terminal.cdk("destroy", *app, "sandbox/Aws", "--exclusively", "--force")
    assert stacks(world) == {"cosell-sandbox-data", "cosell-sandbox-sync"}
    assert followed.look()
    assert items(world, ledger)
    with schedules(world, every_seconds=0.5):
        terminal.cdk("destroy", *app, "sandbox/Sync", "sandbox/Data", "--exclusively", "--force")
        assert stacks(world) == set()
        assert followed.look()
        world.wait_for(lambda: "The poll queue is gone" in caplog.text, "what the clock says without its queue")
    assert items(world, audit) == written
    assert ledger not in world.cloud.client("dynamodb").list_tables()["TableNames"]


HOME = {"account": "222222222222", "region": "eu-west-1"}


@pytest.fixture(scope="module")
def protected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What of the stage ``prod`` holds data: its data and audit stacks."""
    configuration, folder = config.load(), tmp_path_factory.mktemp("protected")
    stage = configuration.stage("prod")
    assert (stage.account, stage.region) == (HOME["account"], HOME["region"])
    (folder / "code").mkdir()
    (folder / "code/bundle.py").write_text("# stands for a bundle\n")
    sources = Sources.of(
        lambda _: lambda: lambda_.Code.from_asset(str(folder / "code")),
        definitions=ROOT / "statemachines",
        settings=folder / "settings",
    )
    app = App(outdir=str(folder / "out"))
    of = CdkStage(app, "prod", env=Environment(account=stage.account, region=stage.region))
    names, aws = Names("prod", stage.account, stage.region), configuration.partners_in("prod")["aws"]
    assert isinstance(aws, AwsPartner)
    data = DataStack(of, "Data", names=names, stage=stage, notifications=aws.notifications, own=OwnParts())
    AuditStack(of, "Audit", names=names, stage=stage, data=data, sources=sources)
    app.synth()
    return folder / "out"


def retained(stack: Stack) -> list[tuple[str, str]]:
    """Type and logical id of what its deletion leaves."""
    resources = json.loads(stack.template_body)["Resources"]
    return [
        (one["Type"], name) for name, one in resources.items() if str(one.get("DeletionPolicy")).startswith("Retain")
    ]


def test_of_a_protected_stage_the_data_outlive_the_stacks(world: World, terminal: Terminal, protected: Path) -> None:
    account, region = HOME["account"], HOME["region"]
    there = {"AWS_ACCESS_KEY_ID": account, "AWS_REGION": region}
    terminal.cdk("bootstrap", f"aws://{account}/{region}", "--app", protected, there=there)
    terminal.cdk("deploy", "--app", protected, "prod/*", UNANSWERED, there=there)
    cloud = world.cloud.client("cloudformation", account=account, region=region)
    held: dict[str, list[str]] = {}
    for stack in read_assembly(protected, account=account, region=region):
        kept = {name for _, name in retained(stack)}
        for one in cloud.list_stack_resources(StackName=stack.name)["StackResourceSummaries"]:
            if one["LogicalResourceId"] in kept:
                held.setdefault(one["ResourceType"], []).append(one["PhysicalResourceId"])
    assert (len(held["AWS::DynamoDB::Table"]), len(held["AWS::SecretsManager::Secret"])) == (3, 2)
    assert len(held["AWS::S3::Bucket"]) == 1

    tables = world.cloud.client("dynamodb", account=account, region=region)
    secrets = world.cloud.client("secretsmanager", account=account, region=region)
    for name in held["AWS::DynamoDB::Table"]:
        tables.put_item(TableName=name, Item={"pk": {"S": "kept"}, "sk": {"S": "kept"}})
    secrets.put_secret_value(SecretId=held["AWS::SecretsManager::Secret"][0], SecretString='{"access_token": "kept"}')

    refused = terminal.cdk("destroy", "--app", protected, "prod/*", "--force", ends=1, there=there)
    assert "TerminationProtection" in refused.replace(" ", "")
    for name in ("cosell-prod-audit", "cosell-prod-data"):
        cloud.update_termination_protection(StackName=name, EnableTerminationProtection=False)
    terminal.cdk("destroy", "--app", protected, "prod/*", "--force", there=there)

    left = {one["StackName"] for one in cloud.describe_stacks()["Stacks"] if one["StackStatus"] != "DELETE_COMPLETE"}
    assert left == {"CDKToolkit"}
    for name in held["AWS::DynamoDB::Table"]:
        key = {"pk": {"S": "kept"}, "sk": {"S": "kept"}}
        assert tables.get_item(TableName=name, Key=key)["Item"], name
    token = secrets.get_secret_value(SecretId=held["AWS::SecretsManager::Secret"][0])["SecretString"]
    assert token == '{"access_token": "kept"}'
    world.cloud.client("s3", account=account, region=region).head_bucket(Bucket=held["AWS::S3::Bucket"][0])
