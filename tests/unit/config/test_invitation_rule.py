"""Invitations are decided by a rule of the configuration; words of earlier versions are still taken."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

import config
from config import ConfigurationError
from config.partners import aws_invitations
from lambdas.aws.domain.invitation_rules import RULES, VERDICTS

SHIPPED = Path(config.__file__).parent
BLOCK = """invitations:
  rule: accept-all
  remind_days: 3
  lead_qualified: Qualified # the word in aws_lead_qualification that makes an opportunity of an accepted lead
  listed: {senders: [], industries: [], countries: [], otherwise: ask}
"""


def invitations(folder: Path, block: str) -> dict[str, Any]:
    for path in SHIPPED.glob("*.yaml"):
        shutil.copy(path, folder)
    text = (folder / "aws.yaml").read_text()
    assert BLOCK in text
    (folder / "aws.yaml").write_text(text.replace(BLOCK, f"invitations: {block}\n", 1))
    return config.render_settings(config.load(folder), "prod")["partners"]["aws"]["invitations"]


def test_the_seeds_rule_is_shipped() -> None:
    shipped = config.render_settings(config.load(), "prod")["partners"]["aws"]["invitations"]
    assert (shipped["rule"], shipped["remind_days"], shipped["lead_qualified"]) == ("accept-all", 3, "Qualified")


@pytest.mark.parametrize(
    ("block", "rule"),
    [("accept-all", "accept-all"), ("ask", "ask"), ("manual", "ask"), ("{rule: manual}", "ask"), ("{}", "accept-all")],
)
def test_a_rule_reaches_the_functions_also_by_its_former_name(tmp_path: Path, block: str, rule: str) -> None:
    assert invitations(tmp_path, block)["rule"] == rule


def test_the_configuration_knows_the_rules_and_what_they_may_answer() -> None:
    assert tuple(RULES) == aws_invitations.RULES
    assert VERDICTS == aws_invitations.VERDICTS


def test_every_rule_can_be_configured(tmp_path: Path) -> None:
    for number, rule in enumerate(RULES):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert invitations(folder, f"{{rule: {rule}}}")["rule"] == rule


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ("sometimes", "accept-all, ask, listed"),
        ("{rule: ask, remind_days: 0}", "remind_days"),
        ("{rule: listed, listed: {industries: [Gardening]}}", "Gardening"),
        ("{rule: listed, listed: {countries: [Germany]}}", "Germany"),
        ("{rule: listed, listed: {otherwise: 'reject:No time'}}", "reject:Unable to support"),
        ("{rule: ask, reminders: 3}", "reminders"),
    ],
)
def test_what_is_wrong_is_refused_with_what_is_allowed(tmp_path: Path, block: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        invitations(tmp_path, block)
    assert said in str(caught.value)
