"""A wrong configuration is refused with the file, the line, the key and what is allowed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import config
from config import ConfigurationError, Finding
from lambdas.shared.adapters.hubspot import API_VERSION

SHIPPED = Path(config.__file__).parent
FILES = tuple(sorted(path.name for path in SHIPPED.glob("*.yaml")))
type Edit = Callable[[str, str, str], list[Finding]]


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    """Replace text once in one file of a copy, load the copy, give the findings."""
    for name in FILES:
        shutil.copy(SHIPPED / name, tmp_path)

    def run(name: str, old: str, new: str) -> list[Finding]:
        text = (tmp_path / name).read_text()
        assert old in text
        (tmp_path / name).write_text(text.replace(old, new, 1))
        with pytest.raises(ConfigurationError) as caught:
            config.load(tmp_path)
        return list(caught.value.findings)

    return run


def line_of(name: str, text: str) -> int:
    lines = (SHIPPED / name).read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


@pytest.mark.parametrize(
    ("name", "old", "new", "key", "value", "allowed"),
    [
        ("stages.yaml", "region: eu-central-1", "region: eu-moon-1", "stages.dev.region", "eu-moon-1", "eu-central-1"),
        ("stages.yaml", "catalog: AWS", "catalog: aws", "stages.prod.partner_central.catalog", "aws", "Sandbox"),
        ("stages.yaml", "time_zone: UTC", "time_zone: Moon", "stages.sandbox.hubspot.time_zone", "Moon", ""),
        ("stages.yaml", "protected: true", "protekted: true", "stages.prod.protekted", "", "protected"),
        ("stages.yaml", "partners: [aws, ", "partners: [gws, ", "stages.sandbox.partners[0]", "gws", "aws"),
        (
            "stages.yaml",
            "visibility_seconds: 360",
            "visibility_seconds: 300",
            "stages.prod.queue.visibility_seconds",
            "300",
            "",
        ),
        ("stages.yaml", "  prod:", f"  {'p' * 25}:", f"stages.{'p' * 25}", "24", ""),
        (
            "stages.yaml",
            "portal_id: 300",
            "max_body_bytes: 400000",
            "stages.sandbox.hubspot.max_body_bytes",
            "380000",
            "",
        ),
        (
            "stages.yaml",
            "portal_id: 300",
            'portal_id: 300, api_version: "2026-03"',
            "stages.sandbox.hubspot.api_version",
            "2026-03",
            "2026-09",
        ),
        ("stages.yaml", "max_receives: 3", "max_receives: 0", "stages.sandbox.queue.max_receives", "0", ""),
        (
            "aws.yaml",
            "properties: [dealname]",
            "properties: [deal_name]",
            "fields[0].properties[0]",
            "deal_name",
            "dealname",
        ),
        ("aws.yaml", "path: Project.Title", "path: Project.Name", "fields[0].path", "Project.Name", "Project"),
        ("aws.yaml", "codec: title", "codec: titel", "fields[0].codec", "titel", "title"),
        ("aws.yaml", "options: {max: 255}", "options: {most: 255}", "fields[0].options.most", "most", "max"),
        ("aws.yaml", "enum: ClosedLostReason", "enum: LostReason", "fields[4].enum", "LostReason", "ClosedLostReason"),
        ("aws.yaml", "default: Net New Business", "default: New", "fields[6].default", "New", "Expansion"),
        (
            "aws.yaml",
            "newbusiness: Net New Business",
            "newbusiness: New",
            "fields[6].options.map.newbusiness",
            "New",
            "Expansion",
        ),
        (
            "aws.yaml",
            "qualifiedtobuy: Qualified",
            "qualifiedtobuy: Closed Won",
            "pipelines.default.stages.qualifiedtobuy",
            "Closed Won",
            "Closed Lost",
        ),
        ("aws.yaml", "closed: [closedwon", "closed: [won", "pipelines.default.closed[0]", "won", "closedwon"),
        ("aws.yaml", "  pipeline: default\n", "  pipeline: other\n", "inbound.pipeline", "other", "default"),
        ("aws.yaml", "  stage: appointmentscheduled", "  stage: new", "inbound.stage", "new", "qualifiedtobuy"),
        (
            "aws.yaml",
            "conflict_strategy: last-write-wins",
            "conflict_strategy: newest",
            "conflict_strategy",
            "newest",
            "manual",
        ),
        ("aws.yaml", "mode: contract-value", "mode: yearly", "spend.mode", "yearly", "monthly-spend"),
        ("aws.yaml", "{amount: amount,", "{amount: amounts,", "spend.contract_value.amount", "amounts", "amount"),
        (
            "aws.yaml",
            "ACCOUNTING: Professional Services",
            "ACCOUNTING: Accounting",
            "industries.ACCOUNTING",
            "Accounting",
            "Professional Services",
        ),
        (
            "aws.yaml",
            "review_status: aws_review_status",
            "review_state: aws_review_status",
            "status_properties.review_state",
            "review_state",
            "review_status",
        ),
        (
            "aws.yaml",
            "opportunity_id: aws_opportunity_id",
            "opportunity_id: aws_review_reason",
            "status_properties.opportunity_id",
            "aws_review_reason",
            "aws_opportunity_id",
        ),
        (
            "aws.yaml",
            "only_when: {field: country",
            "only_when: {field: land",
            "fields[17].only_when.field",
            "land",
            "country",
        ),
        (
            "hubspot_properties.yaml",
            "enum: ReviewStatus",
            "enum: Review",
            "properties[4].enum",
            "'Review'",
            "ReviewStatus",
        ),
        (
            "hubspot_properties.yaml",
            "field_type: text, unique: true",
            "field_type: texts, unique: true",
            "properties[0].field_type",
            "texts",
            "textarea",
        ),
    ],
)
def test_a_wrong_value_is_named_with_file_line_key_and_what_is_allowed(
    edit: Edit, name: str, old: str, new: str, key: str, value: str, allowed: str
) -> None:
    finding = next((each for each in edit(name, old, new) if each.key == key), None)
    assert finding is not None
    assert finding.file.endswith(name)
    assert value in finding.message or value in finding.key
    if allowed:
        assert allowed in finding.allowed
    first = next(line for line in old.splitlines() if line.strip())
    assert finding.line == line_of(name, first) or key.startswith("fields")
    assert f"{name}:{finding.line}: {key}: " in str(finding)


def test_every_mistake_of_a_file_is_reported_at_once(edit: Edit) -> None:
    found = edit("aws.yaml", "codec: title", "codec: titel, enum: Nope")
    assert {each.key for each in found} == {"fields[0].codec", "fields[0].enum"}


def test_a_missing_key_says_which_keys_there_are(edit: Edit) -> None:
    found = edit("stages.yaml", '    account: "111111111111"\n', "")
    assert [each.key for each in found] == ["stages.dev.account"]
    assert "partner_central" in found[0].allowed


def test_a_key_that_stands_twice_is_no_silent_overwrite(edit: Edit) -> None:
    found = edit("aws.yaml", "closedlost: Closed Lost", "closedlost: Closed Lost\n      closedlost: Prospect")
    assert "twice" in found[0].message
    assert found[0].line == line_of("aws.yaml", "closedlost: Closed Lost") + 1


def test_text_that_is_no_yaml_names_its_line(edit: Edit) -> None:
    assert edit("stages.yaml", "region: us-east-1", "region: [us-east-1")[0].message.startswith("not YAML")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"stages\.yaml:1: .*missing"):
        config.load(tmp_path)


def test_an_aws_stage_without_a_deal_stage_is_refused(edit: Edit) -> None:
    found = edit("aws.yaml", "closedwon: [Committed, Launched]", "closedwon: Committed")
    assert "'Launched'" in found[0].message


def test_a_stage_that_is_only_read_may_be_no_other_deal_stages(edit: Edit) -> None:
    found = edit("aws.yaml", "closedwon: [Committed, Launched]", "closedwon: [Committed, Launched, Qualified]")
    assert [each.key for each in found] == ["pipelines.default.stages.closedwon"]


def test_a_field_of_the_company_cannot_be_written_by_the_partner(edit: Edit) -> None:
    found = edit("aws.yaml", "codec: website, direction: to_partner", "codec: website, direction: both")
    assert [each.allowed for each in found] == [("to_partner",)]


def test_the_name_of_a_field_is_used_once(edit: Edit) -> None:
    assert "taken" in edit("aws.yaml", "name: next_steps", "name: title")[0].message


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("properties: [hs_next_step]", "properties: [dealname]", "fields[5].properties[0]"),
        ("properties: [hs_next_step]", "properties: [amount]", "fields[5].properties[0]"),
        ("path: LifeCycle.NextSteps", "path: Project.Title", "fields[5].path"),
    ],
)
def test_no_two_fields_write_the_same_place(edit: Edit, old: str, new: str, key: str) -> None:
    found = [each.key for each in edit("aws.yaml", old, new)]
    assert [each for each in found if each != "shared_notes.property"] == [key]  # which nobody sends any more


def test_a_unique_property_is_text(edit: Edit) -> None:
    found = edit(
        "hubspot_properties.yaml", "type: string, field_type: text, unique", "type: number, field_type: text, unique"
    )
    assert [each.key for each in found] == ["properties[0].unique"]


@pytest.mark.parametrize("stage", ["sandbox", "dev", "prod"])
def test_each_deployment_stage_renders_to_json_with_what_the_functions_need(stage: str) -> None:
    document = config.render_settings(config.load(), stage)
    aws = document["partners"]["aws"]
    assert document["deployment_stage"] == stage
    assert aws["catalog"] == ("AWS" if stage == "prod" else "Sandbox")
    assert aws["region"] == "us-east-1"
    assert aws["stage_map"]["default"]["closedwon"] == "Committed"
    assert aws["stage_accepts"]["default"] == {"closedwon": ["Launched"]}
    assert aws["inbound_stage_map"]["default"]["Launched"] == "closedwon"
    assert aws["inbound_stage_map"]["default"]["Business Validation"] == "decisionmakerboughtin"
    assert aws["solutions"] == ([] if stage == "prod" else ["S-1234567"])


@pytest.mark.parametrize("partner", ["aws", "microsoft", "google"])
def test_every_setting_of_a_partner_is_read_by_some_function(partner: str) -> None:
    settings = config.render_settings(config.load(), "sandbox")["partners"][partner]
    rooms = [SHIPPED.parent / "lambdas" / room for room in ("shared", partner)]
    code = "".join(path.read_text() for room in rooms for path in room.rglob("*.py"))
    assert [key for key in settings if f'"{key}"' not in code] == []


def test_the_api_version_of_the_settings_is_the_one_that_is_spoken() -> None:
    assert config.render_settings(config.load(), "prod")["hubspot"]["api_version"] == API_VERSION


def test_the_inbound_map_leads_each_aws_stage_back_to_itself() -> None:
    aws = config.render_settings(config.load(), "sandbox")["partners"]["aws"]
    for stage, deal_stage in aws["inbound_stage_map"]["default"].items():
        sent, read = aws["stage_map"]["default"][deal_stage], aws["stage_accepts"]["default"].get(deal_stage, [])
        assert stage in [sent, *read]


def test_an_unknown_deployment_stage_says_which_there_are() -> None:
    with pytest.raises(KeyError, match="sandbox, dev, prod, apac"):
        config.render_settings(config.load(), "staging")


def test_the_shipped_stages_cover_two_accounts_a_third_with_partner_central_and_another_region() -> None:
    stages = config.load().stages
    assert len({stages["dev"].account, stages["prod"].account, stages["dev"].partner_central.account}) == 3
    assert stages["dev"].region.startswith("eu-")
    assert stages["prod"].protected
    assert (stages["apac"].account, stages["apac"].region) == (stages["prod"].account, "ap-southeast-2")
