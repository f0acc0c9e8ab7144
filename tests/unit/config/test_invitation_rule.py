"""Invitations are accepted by us or by a person, as the configuration says; nothing else is taken."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import config
from config import ConfigurationError

SHIPPED = Path(config.__file__).parent


def rule(folder: Path, value: str) -> str:
    for path in SHIPPED.glob("*.yaml"):
        shutil.copy(path, folder)
    text = (folder / "aws.yaml").read_text()
    (folder / "aws.yaml").write_text(text.replace("invitations: accept-all\n", f"invitations: {value}\n", 1))
    return config.render_settings(config.load(folder), "sandbox")["partners"]["aws"]["invitations"]


@pytest.mark.parametrize("value", ["accept-all", "manual"])
def test_both_rules_reach_the_functions(tmp_path: Path, value: str) -> None:
    assert rule(tmp_path, value) == value


def test_another_rule_is_refused_with_what_is_allowed(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        rule(tmp_path, "sometimes")
    assert "manual" in str(caught.value)
