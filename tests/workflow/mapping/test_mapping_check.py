"""``cosell mapping check``: everything that does not fit the live HubSpot, with file, line and key."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import cli.mapping
from cli.main import main
from sandbox.turned import Options, World
from tests.workflow.mapping.previewing import Folder, hubspot_of, misfits

PATH = "/crm/properties/2026-09/deals"


@pytest.fixture
def world() -> World:
    return World(Options(partners=("aws", "microsoft", "google")))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def told(world: World, folder: Folder) -> list[tuple[str, str, int, str, str]]:
    found = [(each.level, each.finding) for each in misfits(world, folder)]
    return [(level, Path(at.file).name, at.line, at.key, at.message) for level, at in found]


def test_an_account_that_is_set_up_fits(world: World, folder: Folder) -> None:
    assert told(world, folder) == []


def test_each_kind_of_misfit_is_named_where_it_stands(world: World, folder: Folder) -> None:
    account, client = world.hubspot.account, world.hubspot.adapter
    default = account.state.pipelines.pipelines["default"].stages
    del default["contractsent"]
    default["extra"] = replace(default["closedwon"], id="extra", label="Extra")
    client.call("DELETE", f"{PATH}/aws_use_case", "to archive")
    held = next(each for each in client.properties("deals") if each["name"] == "aws_delivery_models")
    options = [*held["options"][1:], {"value": "Barge", "label": "By barge", "displayOrder": 9, "hidden": False}]
    client.call("PATCH", f"{PATH}/aws_delivery_models", "to change", body={"options": options})
    folder.edit("aws.yaml", "newbusiness: Net New Business", "newlogo: Net New Business")
    folder.edit("aws.yaml", "properties: [closedate], path: LifeCycle", "properties: [hs_priority], path: LifeCycle")
    found = told(world, folder)
    aws = [each for each in found if each[1] == "aws.yaml"]
    line = folder.line("aws.yaml", "contractsent: Business Validation")
    key = "pipelines.default.stages.contractsent"
    assert ("error", "aws.yaml", line, key, "HubSpot has no stage contractsent in the pipeline default") in aws
    said = {message: (level, at) for level, _, at, _, message in aws}
    assert said["the stage extra (Extra) of HubSpot stands for nothing"][0] == "warning"
    at = folder.line("aws.yaml", "{name: use_case,")
    assert said["HubSpot's deal has no property aws_use_case"] == ("error", at)
    at = folder.line("aws.yaml", "newlogo")
    assert said["HubSpot's dealtype has no option newlogo"] == ("error", at)
    (lost,) = [each for each in said if each.startswith("the option newbusiness (")]
    assert (lost.endswith("of HubSpot's dealtype stands for nothing"), said[lost]) == (True, ("warning", at))
    at = folder.line("aws.yaml", "{name: delivery_models,")
    assert said["the option Barge (By barge) of HubSpot's aws_delivery_models stands for nothing"] == ("warning", at)
    at = folder.line("aws.yaml", "{name: close_date,")
    assert said["HubSpot's hs_priority is of type enumeration, which close_date cannot read"] == ("error", at)
    ours = {message: at for _, file, at, _, message in found if file == "hubspot_properties.yaml"}
    at = folder.line("hubspot_properties.yaml", "name: aws_delivery_models")
    assert ours[f"HubSpot's deal.aws_delivery_models lacks the options {held['options'][0]['value']}"] == at
    assert {each[1] for each in found} == {"aws.yaml", "microsoft.yaml", "google.yaml", "hubspot_properties.yaml"}


def test_a_property_of_a_tag_and_of_a_formula_is_looked_for(world: World, folder: Folder) -> None:
    world.hubspot.adapter.call("DELETE", f"{PATH}/aws_monthly_spend", "to archive")
    folder.edit("aws.yaml", 'tag: "#AWS"', 'tag_property: {name: dealtype, value: aws}\ntag: "#AWS"')
    folder.edit("aws.yaml", "mode: contract-value", "mode: monthly-spend")
    said = {message: (at, key) for _, _, at, key, message in told(world, folder)}
    assert said["HubSpot's dealtype has no option aws"] == (
        folder.line("aws.yaml", "tag_property"),
        "tag_property.value",
    )
    at, key = said["HubSpot's deal has no property aws_monthly_spend"]
    assert (at, key) == (folder.line("aws.yaml", "mode: monthly-spend") - 1, "spend")


def test_the_command_prints_lines_or_json_and_says_by_its_status(
    world: World, folder: Folder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli.mapping, "_hubspot", lambda _stage: hubspot_of(world))
    words = ["mapping", "check", "--config", str(folder.path)]
    assert main(words) == 0
    assert capsys.readouterr().out == "sandbox: 0 errors, 0 warnings\n"
    world.hubspot.adapter.call("DELETE", f"{PATH}/aws_use_case", "to archive")
    assert main(words) == 1
    out = capsys.readouterr().out
    at = folder.line("aws.yaml", "{name: use_case,")
    assert f"{folder.path}/aws.yaml:{at}: fields[" in out
    assert "error: cosell hubspot setup" in out
    assert main([*words, "--json"]) == 1
    first = json.loads(capsys.readouterr().out.splitlines()[0])
    assert (first["level"], first["line"], first["do"]) == ("error", at, "cosell hubspot setup")
    assert main(["mapping", "check", "--stage", "nowhere"]) == 1
    assert "stages.yaml has no stage nowhere" in capsys.readouterr().err
