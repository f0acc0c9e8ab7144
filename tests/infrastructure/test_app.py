"""The app as `cdk synth` runs it: what is wrong is said in one message, without a traceback."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from aws_cdk import App
from aws_cdk import aws_lambda as lambda_

import app
import config
from cli.doctor_checks.stacks import parts
from config.deployment import PartnerCentral
from config.model import Stage
from constructs_lib.bundle import BundleError
from stacks.sources import Sources
from stacks.stages import check_roles
from tests.infrastructure.assembly import Assembly
from tests.infrastructure.conftest import STAGES

ROOT = Path(__file__).resolve().parents[2]


def test_a_missing_bundle_stops_the_synth_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    def missing() -> None:
        raise BundleError("the bundle 'aws' has not been built: run `make bundles`")

    monkeypatch.setattr(app, "built_sources", missing)
    monkeypatch.setenv("CDK_OUTDIR", str(tmp_path))
    assert app.main() == 1
    assert capsys.readouterr().err == "the bundle 'aws' has not been built: run `make bundles`\n"


def test_a_wrong_configuration_stops_the_synth(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    def wrong() -> None:
        raise config.ConfigurationError(
            [config.Finding("stages.yaml", 3, "stages.dev.region", "unknown", ("eu-west-1",))]
        )

    monkeypatch.setattr(config, "load", wrong)
    monkeypatch.setenv("CDK_OUTDIR", str(tmp_path))
    assert app.main() == 1
    said = capsys.readouterr().err
    assert "stages.yaml" in said
    assert "stages.dev.region" in said
    assert "eu-west-1" in said


def test_an_unknown_stage_is_named_with_those_there_are(tmp_path: Path):
    unknown = App(outdir=str(tmp_path), context={"stage": "nowhere"})
    folder = lambda_.Code.from_asset(str(tmp_path))
    sources = Sources.of(lambda _: lambda: folder, definitions=tmp_path, settings=tmp_path)
    with pytest.raises(KeyError, match=r"no deployment stage 'nowhere'; stages\.yaml has: "):
        app.build_app(unknown, config.load(ROOT / "config"), sources)


def test_two_stages_cannot_share_a_role_of_the_linked_account():
    configuration = config.load(ROOT / "config")
    twice = configuration.model_copy(
        update={"stages": {"a": configuration.stages["dev"], "b": configuration.stages["dev"]}}
    )
    with pytest.raises(
        config.ConfigurationError, match=r"stages\.b\.partner_central\.role_name.* is the name of stages\.a\.partner"
    ):
        check_roles(twice)


def linked(stage: Stage, **changed: str | list[str]) -> Stage:
    """The stage with its block read anew, as a file has it: account and catalog, and these."""
    said = {"account": stage.partner_central.account, "catalog": stage.partner_central.catalog, **changed}
    return stage.model_copy(update={"partner_central": PartnerCentral.model_validate(said)})


def two_stages(**stages: Stage) -> config.Configuration:
    return config.load(ROOT / "config").model_copy(update={"stages": stages})


def test_a_second_role_name_in_the_linked_account_is_enough_for_both_roles():
    dev = config.load(ROOT / "config").stages["dev"]
    long = "R" * 64
    names = [linked(dev, role_name=name).partner_central.snapshot_role_name for name in ("Second", long)]
    assert names == ["Second-snapshots", f"{'R' * 54}-snapshots"]
    kept = linked(dev).partner_central.snapshot_role_name
    assert kept == "HubSpotPartnerCentralSnapshotRole", "what is deployed would be replaced"
    check_roles(two_stages(a=dev, b=linked(dev, role_name="Second")))


@pytest.mark.parametrize("taken", ["HubSpotPartnerCentralSnapshotRole", "HubSpotPartnerCentralServiceRole"])
def test_the_role_of_snapshot_jobs_has_a_name_that_is_nobody_else_s(taken: str):
    dev = config.load(ROOT / "config").stages["dev"]
    with pytest.raises(config.ConfigurationError, match=rf"stages\.b\.partner_central\.snapshot_role_name.*{taken}"):
        check_roles(two_stages(a=dev, b=linked(dev, role_name="Second", snapshot_role_name=taken)))


def test_a_stage_without_aws_has_no_role_that_another_stage_could_miss():
    dev = config.load(ROOT / "config").stages["dev"]
    check_roles(two_stages(a=dev.model_copy(update={"partners": ("google",)}), b=dev))


def test_no_template_was_made_with_the_network(assembly: Assembly):
    """The fixture has no sockets; that the guard itself holds is seen here."""
    guard = Path(__file__).parent / "no_network.cjs"
    done = subprocess.run(
        ["node", "--require", str(guard), "-e", "require('net').connect(9)"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "tried to reach the network" in done.stderr


def test_calls_that_lambda_throttles_do_not_soon_make_a_notice_dead(assembly: Assembly):
    queues = assembly.resources("AWS::SQS::Queue", stack="Sync")
    receives = {
        (stack, logical_id): resource["Properties"]["RedrivePolicy"]["maxReceiveCount"]
        for stack, logical_id, resource in queues
        if "Notices" in logical_id or "RouterQueue" in logical_id
        if "RedrivePolicy" in resource["Properties"]
    }
    assert list(receives.values()) == [10] * len(STAGES)


def test_the_doctor_looks_at_every_stack_and_each_says_whose_it_is(assembly: Assembly):
    """The command finds a stage's stacks by this tag."""
    configuration = config.load(ROOT / "config")
    deployed: dict[str, str] = {}
    for manifest in assembly.folder.rglob("manifest.json"):
        for artifact in json.loads(manifest.read_text())["artifacts"].values():
            if artifact["type"] == "aws:cloudformation:stack":
                stack = artifact["properties"]
                deployed[stack["stackName"]] = stack["tags"]["deployment-stage"]
    wanted = {
        f"cosell-{stage}-{part}": stage
        for stage in STAGES
        for part in (*parts(configuration.stage(stage)), "partner-central")
    }
    assert deployed == wanted
