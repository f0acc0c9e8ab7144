"""Notification rules are configuration: every name, range and topic is checked, and reaches the functions."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

import config
from config.partners.aws_notifications import Notifications, Rules
from lambdas.aws.domain.notify.invitations import RULE
from lambdas.aws.domain.notify.rules import RULES
from tests.unit.config.test_configuration import FILES, SHIPPED, Edit, edit

__all__ = ["edit"]

QUALITY = "opportunity_quality: {on: true, threshold: 15, high: 80}"
TOPIC = "arn:aws:sns:{}:222222222222:deals"


def rendered(folder: Path, name: str, old: str, new: str) -> Any:
    """The settings of the sandbox's functions with one text of one file replaced."""
    for each in FILES:
        shutil.copy(SHIPPED / each, folder)
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))
    return config.render_settings(config.load(folder), "sandbox")["partners"]["aws"]["notifications"]


def test_every_rule_can_be_configured_and_every_configured_one_is_there():
    assert list(Rules.model_fields) == [*RULES, RULE]


def test_what_is_shipped_are_the_defaults():
    shipped = config.load(SHIPPED).aws.notifications
    assert shipped == Notifications()
    assert (shipped.rules.opportunity_quality.threshold, shipped.rules.opportunity_quality.high) == (15, 80)
    assert shipped.high_priority_due_hours == 24


def test_a_rule_that_is_left_out_is_on_with_its_defaults(tmp_path: Path):
    found = rendered(tmp_path, "aws.yaml", QUALITY, "opportunity_quality: {threshold: 5}")
    assert found["rules"]["opportunity_quality"] == {"on": True, "threshold": 5, "high": 80}
    assert set(found) == {"rules", "high_priority_due_hours", "due_hours"}


def test_a_rule_can_be_turned_off(tmp_path: Path):
    found = rendered(tmp_path, "aws.yaml", "engagement_score: {on: true}", "engagement_score: {on: false}")
    assert found["rules"]["engagement_score"] == {"on": False}


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ("review_status: {on: true}", "review_state: {on: true}", "rules.review_state", "opportunity_quality"),
        (QUALITY, "opportunity_quality: {treshold: 15}", "rules.opportunity_quality.treshold", "threshold"),
        (
            QUALITY,
            "opportunity_quality: {threshold: 0}",
            "rules.opportunity_quality.threshold",
            "greater than or equal",
        ),
        (QUALITY, "opportunity_quality: {threshold: 101}", "rules.opportunity_quality.threshold", "less than or equal"),
        (QUALITY, "opportunity_quality: {high: 0}", "rules.opportunity_quality.high", "greater than or equal to 1"),
        (QUALITY, "opportunity_quality: {high: 101}", "rules.opportunity_quality.high", "less than or equal to 100"),
        (QUALITY, "opportunity_quality: {high: '80'}", "rules.opportunity_quality.high", "integer"),
        ("seller_assigned: {on: true", "seller_assigned: {on: 'yes'", "rules.seller_assigned.on", "boolean"),
        ("high_priority_due_hours: 24", "high_priority_due_hours: 0", "high_priority_due_hours", "greater than"),
        ("topic: own", "topic: ours", "topic", "own, none, or the ARN"),
        ("topic: own", "topic: arn:aws:sns:us-east-1:1:deals.fifo", "topic", "own, none, or the ARN"),
        ("format: text", "format: html", "format", "chat"),
        ("also: []", "also: [DealSynced]", "also[0]", "ConflictFound"),
    ],
)
def test_what_is_wrong_is_named_with_what_is_allowed(edit: Edit, old: str, new: str, key: str, says: str):
    findings = [each for each in edit("aws.yaml", old, new) if each.key == f"notifications.{key}"]
    assert findings
    assert says in str(findings[0])
    assert Path(findings[0].file).name == "aws.yaml"


def test_a_topic_in_another_region_is_refused_where_it_is_named(edit: Edit):
    where = "    protected: true\n"
    (finding,) = edit("stages.yaml", where, f"{where}    notification_topic_arn: {TOPIC.format('eu-central-1')}\n")
    assert (Path(finding.file).name, finding.key) == ("stages.yaml", "stages.prod.notification_topic_arn")
    assert "the topic lies in eu-central-1, the stage 'prod' in eu-west-1" in finding.message


def test_a_general_topic_must_suit_every_stage_that_names_none(edit: Edit):
    findings = edit("aws.yaml", "topic: own", f"topic: {TOPIC.format('eu-west-1')}")
    assert {each.key for each in findings} == {"notifications.topic"}
    assert len(findings) == 3  # sandbox, dev and apac lie elsewhere


def test_a_stage_may_have_a_topic_of_its_own(tmp_path: Path):
    where, arn = "    protected: true\n", TOPIC.format("eu-west-1")
    rendered(tmp_path, "stages.yaml", where, f"{where}    notification_topic_arn: {arn}\n")
    assert config.load(tmp_path).stages["prod"].notification_topic_arn == arn
