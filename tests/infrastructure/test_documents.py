"""The tables of docs/seed-mappings.md name tests, properties and paths that there are."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import config
from config.rendering import listed
from stacks import permissions

ROOT = Path(__file__).resolve().parents[2]
HUBSPOT, PARTNER, TEST = 1, 3, 5
NOT_OFFERED = "not offered by the API, because "
IN_CODE = re.compile(r"`([^`]+)`")
IN_ITALICS = re.compile(r"\*([^*]+)\*")
TEST_NAME = re.compile(r"([\w/]+\.py)::(\w+)")


@cache
def _text() -> str:
    return (ROOT / "docs/seed-mappings.md").read_text()


def _rows() -> Iterator[tuple[str, list[str]]]:
    """The partner of each row of the mapping tables, and the row's cells."""
    for part in _text().split("\n## ")[1:]:
        partner = part.split(":")[0].lower()
        for line in part.splitlines():
            if partner in ("microsoft", "google") and line.startswith("|") and not line.startswith("|---"):
                cells = [cell.strip() for cell in line.strip("|").split("|")]
                if cells[0] != "The seed says":
                    yield partner, cells


def test_every_row_of_the_mappings_has_a_test_that_there_is_or_says_why_the_api_has_no_place() -> None:
    rows = list(_rows())
    assert {partner for partner, _ in rows} == {"microsoft", "google"}
    assert [cells for _, cells in rows if len(cells) != TEST + 1] == []
    unprotected = [cells for _, cells in rows if not TEST_NAME.search(cells[TEST])]
    assert [cells for cells in unprotected if NOT_OFFERED not in cells[TEST - 1]] == []
    named = set(TEST_NAME.findall(_text()))
    known = {file: _tests_in(ROOT / "tests" / file) for file, _ in named}
    assert sorted(f"{file}::{name}" for file, name in named if name not in known[file]) == []


def _tests_in(path: Path) -> set[str]:
    if not path.exists():
        return set()
    return {each.name for each in ast.walk(ast.parse(path.read_text())) if isinstance(each, ast.FunctionDef)}


def test_every_property_of_the_mappings_is_hubspots_or_one_of_ours() -> None:
    properties = config.load().hubspot_properties
    known = {f"{of}.{name}" for of, names in properties.standard.items() for name in names}
    known |= {f"{each.object}.{each.name}" for each in properties.properties}
    named = {
        name if "." in name else f"deal.{name}" for _, cells in _rows() for name in IN_CODE.findall(cells[HUBSPOT])
    }
    assert named - known == set()


def test_every_path_of_the_mappings_is_in_the_shipped_field_map_and_every_path_of_the_map_is_named() -> None:
    loaded = config.load()
    assert loaded.microsoft is not None
    assert loaded.google is not None
    shipped = {
        "microsoft": {rule.path for rule in loaded.microsoft.fields},
        "google": {rule.path for rule in (*loaded.google.fields, *loaded.google.lead.fields)},
    }
    for partner, paths in shipped.items():
        cells = [cells[PARTNER] for name, cells in _rows() if name == partner]
        assert {path for cell in cells for path in IN_CODE.findall(cell)} == paths
        source = "".join(path.read_text() for path in (ROOT / "lambdas" / partner).rglob("*.py"))
        said = {word for cell in cells for word in IN_ITALICS.findall(cell)}
        assert {word for word in said if f'"{word}"' not in source and f"{word}=" not in source} == set()


def test_the_stages_of_the_mappings_are_those_that_are_shipped() -> None:
    loaded = config.load()
    assert loaded.microsoft is not None
    assert loaded.google is not None
    microsoft, google = loaded.microsoft.pipelines["default"], loaded.google.pipelines["default"]
    shown = [line for line in _text().splitlines() if re.match(r"\| `\w+` \|(?:[^|]*\|){3}$", line)]
    plain = [re.sub(r" \([^)]*\)|`", "", line) for line in shown]
    assert [[cell.strip() for cell in line.strip("|").split("|")] for line in plain] == [
        [stage, ", ".join(listed(to)), microsoft.sales_stages.get(stage, ""), ", ".join(listed(google.stages[stage]))]
        for stage, to in microsoft.stages.items()
    ]


@pytest.mark.parametrize("page", ["README.md", *sorted(str(one.relative_to(ROOT)) for one in ROOT.glob("docs/*.md"))])
def test_every_file_that_a_page_names_is_there(page: str) -> None:
    text = (ROOT / page).read_text()
    named = set(re.findall(r"`((?:tests|sandbox|docs|config|lambdas|statemachines)/[\w/.]+)`", text))
    links = set(re.findall(r"\]\(((?!http)[^)#]+)\)", text))
    missing = [name for name in named if "acme" not in name and not (ROOT / name).exists()]
    missing += [link for link in links if not ((ROOT / page).parent / link).exists()]
    assert sorted(missing) == []


def test_each_of_the_nine_features_of_aws_names_its_scene_and_its_tests() -> None:
    text = (ROOT / "docs/features-by-partner.md").read_text()
    rows = [line for line in text.split("| Feature | A person sees")[1].splitlines()[2:] if line.startswith("|")]
    rows = rows[:9]
    assert [row for row in rows if not re.search(r"\| [\d, ]+ \| `tests/", row)] == []
    assert len(rows) == 9


def test_the_page_of_permissions_is_that_of_the_reviewed_templates() -> None:
    templates = permissions.reviewed_templates()
    functions = [
        one["Properties"]["FunctionName"].removeprefix("cosell-dev-")
        for template in templates
        for one in template["Resources"].values()
        if one["Type"] == "AWS::Lambda::Function"
    ]
    written = permissions.PAGE.read_text()
    assert written == permissions.page(templates), "run `.venv/bin/python -m stacks.permissions`"
    assert [name for name in functions if f"| `{name}` | " not in written] == []


def test_of_a_permission_the_page_shows_actions_resource_and_condition() -> None:
    role = {"Type": "AWS::IAM::Role", "Properties": {}}
    statement = {
        "Action": ["dynamodb:PutItem", "logs:PutLogEvents"],
        "Resource": {"Fn::GetAtt": ["LedgerAuditA9168DF7", "Arn"]},
        "Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["link#*"]}},
    }
    policy = {"Type": "AWS::IAM::Policy", "Properties": {"Roles": [{"Ref": "Role1"}], "PolicyDocument": {}}}
    policy["Properties"]["PolicyDocument"] = {"Statement": [statement]}
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {"FunctionName": "cosell-dev-some", "Role": {"Fn::GetAtt": ["Role1", "Arn"]}},
    }
    shown = permissions.page([{"Resources": {"F": function, "Role1": role, "P": policy}}])
    assert shown.endswith("| `some` | `ledger audit, only keys link#*`: dynamodb PutItem |\n")
