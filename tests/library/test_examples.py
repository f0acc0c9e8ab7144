"""The examples: as the rule packs, CloudFormation's linter and the record of their templates want them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.infrastructure.assembly import Assembly
from tests.infrastructure.test_snapshots import matched_out
from tests.library.conftest import EXAMPLES, ROOT


def test_the_ten_liner_has_at_most_ten_lines():
    lines = (ROOT / "examples/aws_two_way/app.py").read_text().splitlines()
    assert len([line for line in lines if line.strip()]) <= 10


def test_every_example_is_tried_here():
    assert {path.parent.name for path in ROOT.glob("examples/*/cdk.json")} == set(EXAMPLES)
    for name in EXAMPLES:
        assert (ROOT / "examples" / name / "README.md").is_file()


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_rule_packs_find_nothing(name: str, assemblies: Mapping[str, Assembly]):
    """They fail a synth, too; that they were asked is what is seen here."""
    assert "add_rule_packs(app)" in (ROOT / "examples" / name / "app.py").read_text()
    assert [
        (violation["ruleName"], construct.get("constructPath"))
        for report in assemblies[name].report["pluginReports"]
        for violation in report["violations"]
        for construct in violation["violatingConstructs"]
    ] == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_its_resources_are_the_ones_agreed_on(
    name: str, assemblies: Mapping[str, Assembly], snapshot: SnapshotAssertion
):
    """Types and names. The whole templates of the same constructs are the repository's own snapshots."""
    found = {
        stack[:-8]: sorted(
            f"{resource['Type']} {logical_id}" for logical_id, resource in matched_out(template)["Resources"].items()
        )
        for stack, template in assemblies[name].templates.items()
    }
    assert found == snapshot(extension_class=JSONSnapshotExtension)


def test_cloudformation_s_linter_finds_nothing(assemblies: Mapping[str, Assembly]):
    """In what is in no template of the repository's own: parts and a partner of the user's."""
    wanted = {"bring_your_own": ("byoData", "byoSync"), "custom_partner": ("ownAlliance",)}
    files = [
        path
        for name, stacks in wanted.items()
        for stack, path in assemblies[name].files.items()
        if stack.startswith(stacks)
    ]
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--ignore-checks", "W3005", "--", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_one_partner_means_nothing_of_another(assemblies: Mapping[str, Assembly]):
    google = assemblies["one_partner"]
    assert not [stack for stack in google.templates if "PartnerCentral" in stack or "Api" in stack]
    names = [one["Properties"]["FunctionName"] for _, _, one in google.resources("AWS::Lambda::Function")]
    assert names
    assert not [name for name in names if "-aws-" in name or "-microsoft-" in name]
    assert "sts:AssumeRole" not in [
        statement["Action"]
        for _, _, policy in google.resources("AWS::IAM::Policy")
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]


def test_parts_of_the_user_s_are_used_and_none_of_ours_is_made_beside_them(assemblies: Mapping[str, Assembly]):
    own = assemblies["bring_your_own"]
    tables = [logical_id for _, logical_id, _ in own.resources("AWS::DynamoDB::Table")]
    assert len(tables) == 2, "runs and audit are ours still"
    assert not [one for one in tables if one.startswith("LedgerLedger")]
    buses = [one["Properties"]["Name"] for _, _, one in own.resources("AWS::Events::EventBus")]
    assert buses == ["cosell-byo-partner-events"]
    apis = [one["Properties"]["Name"] for _, _, one in own.resources("AWS::ApiGateway::RestApi")]
    assert apis == ["cosell-byo-operator"]
    accounts = [stack[:-8] for stack, _, _ in own.resources("AWS::ApiGateway::Account")]
    assert accounts == ["byoApi"], "the webhook's API is the user's and sets no role for the operator's API's logs"
    text = json.dumps([policy for _, _, policy in own.resources("AWS::IAM::Policy")])
    for name in ("table/crm-cosell", "event-bus/crm", "00000000-0000-0000-0000-000000000000"):
        assert name in text, name
    outputs = [one for template in own.templates.values() for one in template.get("Outputs", {}).values()]
    assert "https://hooks.example.com/webhook/hubspot" in [one["Value"] for one in outputs]


def test_a_partner_outside_our_code_has_all_that_ours_have(assemblies: Mapping[str, Assembly]):
    own = assemblies["custom_partner"]
    rooms = {
        one["Properties"]["Environment"]["Variables"].get("COSELL_ROOM")
        for _, _, one in own.resources("AWS::Lambda::Function")
    }
    assert rooms == {None, "lambdas.aws.room", "alliance.room"}
    machines = [
        one["Properties"]["StateMachineName"] for _, _, one in own.resources("AWS::StepFunctions::StateMachine")
    ]
    assert {"cosell-own-alliance-sync", "cosell-own-alliance-inbox-dead-letters"} <= set(machines)
    settings = json.loads((ROOT / "build/settings/own/python/cosell_settings/settings.json").read_text())
    assert settings["partners"]["alliance"]["label"] == "Alliance"
    assert all("#Alliance" in one["all_tags"] and "#AWS" in one["all_tags"] for one in settings["partners"].values())
