"""What `cosell sandbox` prints: commands that can be pasted, of the partners that the stage has on."""

from __future__ import annotations

import itertools
import json
import shlex
from pathlib import Path
from typing import Any

import pytest

import config
from cli.main import UserError
from cli.sandbox import _guide, refuse_keys

ROOT = Path(__file__).resolve().parents[2]
PLACES = ("endpoint", "hubspot", "partner_central", "microsoft", "google", "webhook", "page", "region", "account")


def guide(*partners: str) -> str:
    running: dict[str, Any] = {name: f"http://127.0.0.1/{name}" for name in PLACES}
    return _guide({**running, "partners": list(partners)}, "token-1", "Sandbox")


def bodies(text: str) -> list[Any]:
    """The bodies of the curl commands, as a shell would hand them over."""
    words = shlex.split(text.replace("\\\n", " ").replace("'s ", "s "), comments=False)
    return [json.loads(word) for before, word in itertools.pairwise(words) if before == "-d" and word[0] == "{"]


@pytest.mark.parametrize("partners", [("aws",), ("aws", "microsoft"), ("aws", "microsoft", "google")])
def test_partners_that_are_off_are_not_tried(partners: tuple[str, ...]) -> None:
    text = guide(*partners)
    assert ("Microsoft sends a referral" in text) == ("microsoft" in partners)
    assert ("Google brings an opportunity" in text) == ("google" in partners)
    assert ("off in this stage" in text) == (partners == ("aws",))


def test_every_body_is_json_and_the_first_deal_is_for_aws_alone() -> None:
    found = bodies(guide("aws", "microsoft", "google"))
    assert found[0]["properties"]["dealname"] == "Try it #AWS"
    assert next(one for one in found if "customerInfo" in one)["opportunityInfo"]["displayName"] == "Brought by Google"
    assert len(found) == 5


def test_a_property_that_was_added_can_be_made_here() -> None:
    assert "HUBSPOT_SETUP_TOKEN=token-1 .venv/bin/cosell hubspot setup --url http://127.0.0.1/hubspot" in guide("aws")


def three_partners(folder: Path) -> Path:
    """A new project's configuration with its comments of the other two partners taken in."""
    files = [*(ROOT / "config").glob("*.yaml"), ROOT / "examples/aws_two_way/config/stages.yaml"]
    for each in files:
        (folder / each.name).write_text(each.read_text())
    stages = folder / "stages.yaml"
    text = stages.read_text().replace("partners: [aws] # for all", "partners: [aws, microsoft, google] # for all")
    stages.write_text(text.replace("    # microsoft:", "    microsoft:").replace("    # google:", "    google:"))
    stages.write_text(stages.read_text().replace("    #   ", "      "))
    return folder


def test_a_new_project_s_sandbox_takes_all_three_partners_as_its_comments_say(tmp_path: Path) -> None:
    configuration = config.load(three_partners(tmp_path))
    assert configuration.stage("sandbox").partners == ("aws", "microsoft", "google")
    refuse_keys(configuration)


def test_a_google_that_signs_in_by_key_is_refused_before_anything_starts(tmp_path: Path) -> None:
    stages = three_partners(tmp_path) / "stages.yaml"
    lines = [
        line for line in stages.read_text().splitlines() if "audience" not in line and "service_account" not in line
    ]
    stages.write_text("\n".join(lines).replace("      identity:", "      key: true"))
    with pytest.raises(UserError, match="the simulated Google takes no key"):
        refuse_keys(config.load(tmp_path))
