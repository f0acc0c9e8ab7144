"""The JSON Schemas that editors use: fresh, true of the shipped files, strict about what ``cosell check`` refuses."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from typing import Any

import jsonschema
import pytest

import config
from config import settings_table
from config.editor_schemas import HERE, as_text, schemas
from config.seeds_names import SEEDS_NAMES
from config.source import read

FILES = sorted(path.stem for path in HERE.glob("*.yaml"))


@pytest.fixture(scope="module")
def made() -> dict[str, dict[str, Any]]:
    return schemas()


def validator(schema: dict[str, Any]) -> Any:
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_the_schemas_checked_in_are_those_of_the_models(made: dict[str, dict[str, Any]]) -> None:
    there = {path.stem: path.read_text("utf-8") for path in (HERE / "schemas").glob("*.json")}
    assert there == {name: as_text(schema) for name, schema in made.items()}, "run `python -m config.editor_schemas`"


@pytest.mark.parametrize("name", FILES)
def test_a_shipped_file_names_its_schema_and_is_valid(made: dict[str, dict[str, Any]], name: str) -> None:
    first = (HERE / f"{name}.yaml").read_text("utf-8").splitlines()[0]
    assert first == f"# yaml-language-server: $schema=schemas/{name}.json"
    assert [each.message for each in validator(made[name]).iter_errors(read(HERE / f"{name}.yaml").data)] == []


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("aws", ("conflict_strategy",), "newest-wins"),
        ("aws", ("fields", 0, "codec"), "titel"),
        ("aws", ("fields", 0, "directon"), "both"),
        ("aws", ("fields", 0, "options"), {"max": "255"}),
        ("aws", ("fields", 0, "enum"), "NoSuchEnum"),
        ("aws", ("notifications", "rules", "opportunity_quality", "threshold"), 0),
        ("aws", ("pipelines", "default", "stages", "closedwon"), "Won"),
        ("aws", ("status_properties", "sync_stat"), "aws_sync_status"),
        ("aws", ("invitations",), "sometimes"),
        ("aws", ("tag_property",), {"name": "partners"}),
        ("microsoft", ("fields", 0, "path"), "nname"),
        ("google", ("pipelines", "default", "inbound"), {"Stage 9": "closedwon"}),
        ("stages", ("stages", "dev", "intervals"), {"deals_minutes": 0}),
        ("stages", ("stages", "dev", "account"), "12"),
        ("hubspot_properties", ("properties", 0, "type"), "text"),
        ("resources", ("documents", 0, "kind"), "book"),
    ],
)
def test_what_the_check_refuses_an_editor_underlines(
    made: dict[str, dict[str, Any]], name: str, path: tuple[Any, ...], value: Any
) -> None:
    data: Any = deepcopy(read(HERE / f"{name}.yaml").data)
    inner = data
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    assert list(validator(made[name]).iter_errors(data))


def test_the_short_form_of_invitations_is_valid(made: dict[str, dict[str, Any]]) -> None:
    data = {**read(HERE / "aws.yaml").data, "invitations": "ask"}
    assert not list(validator(made["aws"]).iter_errors(data))


def test_every_key_says_what_it_means(made: dict[str, dict[str, Any]]) -> None:
    silent = [
        f"{name}: {key}"
        for name, schema in made.items()
        for part in (schema, *schema.get("$defs", {}).values())
        for key, each in part.get("properties", {}).items()
        if not each.get("description")
    ]
    assert silent == []


def test_the_table_of_every_setting_is_the_models() -> None:
    page = settings_table.PAGE.read_text("utf-8")
    assert page == settings_table.filled(page), "run `python -m config.settings_table`"
    assert page.count("<!-- settings: ") == len(settings_table.tables())


def test_every_setting_of_the_former_integration_is_in_the_table() -> None:
    page = settings_table.PAGE.read_text("utf-8")
    for name in ("ENGAGEMENT_SCORE_THRESHOLD", "HIGH_ENGAGEMENT_SCORE", "NOTIFICATION_SNS_TOPIC_ARN", "ENVIRONMENT",
                 "AWS_REGION", "PARTNER_CENTRAL_ROLE_ARN", "HUBSPOT_ACCESS_TOKEN", "HUBSPOT_WEBHOOK_SECRET",
                 "GcpPartnerId", "GcpServiceAccountKey", "MicrosoftAccessToken"):  # fmt: skip
        assert name in page, name
    known = settings_table.keys()
    assert [key for key in SEEDS_NAMES if key not in known and key.removesuffix(".*") not in known] == []


def test_the_defaults_in_the_table_are_those_that_count() -> None:
    rows = dict(re.findall(r"^\| `([^`]+)` \| `([^`]+)` \|", settings_table.tables()["aws"], re.MULTILINE))
    quality = config.load().aws.notifications.rules.opportunity_quality
    assert rows["notifications.rules.opportunity_quality.threshold"] == str(type(quality)().threshold) == "15"
    assert rows["notifications.rules.opportunity_quality.high"] == str(type(quality)().high) == "80"


def test_the_schemas_are_json_that_editors_read() -> None:
    for path in (HERE / "schemas").glob("*.json"):
        assert json.loads(path.read_text("utf-8"))["$schema"] == "https://json-schema.org/draft/2020-12/schema"
