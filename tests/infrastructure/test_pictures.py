"""The pictures of the documents show what is deployed and defined now."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest

from sandbox.pictures.album import DEFINITION, FOLDER, RECORDED, ROOT, NothingToShow, pictures, record
from sandbox.pictures.architecture import NoPlace, architecture
from sandbox.pictures.execution import NoSuchWay, execution, states_of, way_of
from sandbox.pictures.resources import Deployed, read_deployed
from tests.infrastructure.assembly import Assembly

STALE = "docs/pictures is stale; `make pictures` draws it anew"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def deployed(assembly: Assembly) -> Deployed:
    return read_deployed(assembly.folder, "dev")


@pytest.fixture(scope="module")
def definition() -> dict[str, Any]:
    return json.loads(DEFINITION.read_text())


@pytest.fixture(scope="module")
def recorded() -> list[str]:
    return json.loads(RECORDED.read_text())["states"]


def test_the_pictures_are_those_of_the_templates_and_the_definition(deployed: Deployed) -> None:
    """Drawn by another stage than the one that `make pictures` draws: they must not depend on the stage."""
    drawn = pictures(deployed)
    assert {path.name for path in drawn} == {path.name for path in FOLDER.glob("*.svg")}
    assert [path.name for path, svg in drawn.items() if path.read_text() != svg] == [], STALE
    shown = (ROOT / "README.md").read_text() + (ROOT / "docs/architecture.md").read_text().replace("(", "(docs/")
    assert [path.name for path in drawn if f"(docs/pictures/{path.name})" not in shown] == []


def _texts(name: str) -> set[str]:
    return {text for one in ElementTree.parse(FOLDER / name).iter(f"{SVG}text") if (text := one.text)}  # noqa: S314


def test_every_state_and_every_partner_is_named_in_its_picture(definition: dict[str, Any]) -> None:
    assert _texts("execution.svg") == set(states_of(definition))
    assert _texts("architecture.svg") >= {"HubSpot", "aws-sync", "microsoft-sync", "google-sync", "Ledger", "Audit"}


@pytest.mark.parametrize("name", ["architecture.svg", "execution.svg"])
def test_a_title_has_room_in_its_box(name: str) -> None:
    """By a wide font: of Helvetica, which Graphviz measures by, every letter takes less."""
    root = ElementTree.parse(FOLDER / name).getroot()  # noqa: S314
    tight = []
    for node in root.iter(f"{SVG}g"):
        shape = node.find(f"{SVG}path")
        if node.get("class") != "node" or shape is None:
            continue
        corners = [float(x) for x in re.findall(r"(-?[\d.]+),-?[\d.]+", shape.get("d", ""))]
        room = max(corners) - min(corners)
        for text in node.iter(f"{SVG}text"):
            size, letters = float(text.get("font-size", 0)), len(text.text or "")
            if letters * size * (0.67 if text.get("font-weight") else 0.58) > room:
                tight.append((text.text, room))
    assert tight == []


def _without(deployed: Deployed, wanted: str) -> Deployed:
    """The same templates without the permissions whose policy's name begins so."""
    templates = {
        stack: {
            **template,
            "Resources": {key: one for key, one in template["Resources"].items() if not key.startswith(wanted)},
        }
        for stack, template in deployed.templates.items()
    }
    return Deployed(templates)


def test_an_arrow_goes_with_the_permission_that_it_stands_for(deployed: Deployed) -> None:
    arrow = {"tail": "notices", "head": "router", "attributes": {}}
    assert arrow in architecture(deployed)["edges"]
    assert arrow not in architecture(_without(deployed, "RouterRoleDefaultPolicy"))["edges"]


def test_a_resource_without_a_place_is_an_error_that_names_it(deployed: Deployed) -> None:
    sync = deployed.templates["Sync"]
    further = {**sync["Resources"], "NewQueue1234": {"Type": "AWS::SQS::Queue"}}
    with pytest.raises(NoPlace, match=r"Sync/NewQueue1234.*places\.py"):
        architecture(Deployed({**deployed.templates, "Sync": {**sync, "Resources": further}}))


def test_the_recorded_way_is_one_through_the_definition(definition: dict[str, Any], recorded: list[str]) -> None:
    steps = [(step.tail, step.head) for step in way_of(definition, recorded)]
    assert ("Fetch both sides", "Fetch the deal") in steps
    assert ("Fetch the deal", "Did both answer") in steps
    assert ("Fetch the opportunity", "Did both answer") in steps
    marked = [one for one in execution(definition, recorded)["edges"] if one["attributes"].get("penwidth")]
    assert {(one["tail"], one["head"]) for one in marked} == set(steps)


@pytest.mark.parametrize("missing", ["Did both answer", "Reserve write quota", "Read the wake-up"])
def test_a_way_with_a_gap_is_refused(definition: dict[str, Any], recorded: list[str], missing: str) -> None:
    with pytest.raises(NoSuchWay):
        way_of(definition, [state for state in recorded if state != missing])


def test_only_an_execution_that_shows_enough_is_recorded() -> None:
    failed = {"machine": "cosell-sandbox-aws-sync", "status": "FAILED", "states": ["Complete the opportunity"]}
    with pytest.raises(NothingToShow, match="make demo"):
        record([failed])
