"""A stage may have another rule than the partner's file, checked like the file, and found where it stands."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from config.errors import ConfigurationError
from config.loader import load
from config.render import render_settings

SHIPPED = Path(__file__).resolve().parents[3] / "config"
BLOCK = "    overrides:\n      aws:\n"


def folder(tmp_path: Path, said: str) -> Path:
    """The shipped files, with overrides in the stage dev."""
    for file in SHIPPED.glob("*.yaml"):
        shutil.copy(file, tmp_path)
    stages = tmp_path / "stages.yaml"
    text = re.sub(r"(  dev:[^\n]*\n)", lambda found: f"{found[1]}{BLOCK}{said}", stages.read_text(), count=1)
    stages.write_text(text)
    return tmp_path


def refusal(tmp_path: Path, said: str) -> str:
    with pytest.raises(ConfigurationError) as refused:
        load(folder(tmp_path, said))
    return str(refused.value)


def test_a_stage_has_its_own_word_and_the_others_keep_theirs(tmp_path: Path) -> None:
    configuration = load(
        folder(tmp_path, "        conflict_strategy: manual\n        submission: {visibility: Limited}\n")
    )
    dev = render_settings(configuration, "dev")["partners"]["aws"]
    sandbox = render_settings(configuration, "prod")["partners"]["aws"]
    assert (dev["conflict_strategy"], sandbox["conflict_strategy"]) == ("manual", "last-write-wins")
    assert (dev["submission"]["visibility"], sandbox["submission"]["visibility"]) == ("Limited", "Full")
    assert dev["submission"]["involvement_type"] == sandbox["submission"]["involvement_type"], "the rest of the block"


def test_a_wrong_value_is_found_in_the_stages_file(tmp_path: Path) -> None:
    message = refusal(tmp_path, "        conflict_strategy: coin-toss\n")
    assert "stages.yaml" in message
    assert "stages.dev.overrides.aws.conflict_strategy" in message
    assert "hubspot-wins" in message


def test_an_unknown_key_names_those_there_are(tmp_path: Path) -> None:
    message = refusal(tmp_path, "        submision: {}\n")
    assert "submision" in message
    assert "submission" in message.replace("submision", "")


def test_a_reference_that_the_stage_breaks_is_found_too(tmp_path: Path) -> None:
    message = refusal(tmp_path, "        inbound: {stage: nowhere}\n")
    assert "nowhere" in message
    assert "stages.yaml" in message


@pytest.mark.parametrize("key", ["fields: []", "tag: '#Other'", "status_properties: {}"])
def test_what_makes_the_hubspot_app_is_the_same_everywhere(tmp_path: Path, key: str) -> None:
    message = refusal(tmp_path, f"        {key}\n")
    assert "the same in every stage" in message


def test_an_unknown_partner_is_named_with_those_there_are(tmp_path: Path) -> None:
    for file in SHIPPED.glob("*.yaml"):
        shutil.copy(file, tmp_path)
    stages = tmp_path / "stages.yaml"
    stages.write_text(stages.read_text().replace("  dev:", "  dev:\n    overrides: {oracle: {}}\n    #", 1))
    with pytest.raises(ConfigurationError) as refused:
        load(tmp_path)
    assert "oracle" in str(refused.value)
    assert "microsoft" in str(refused.value)
