"""Metrics are registered, and their dimensions bounded: nothing that grows with the customers becomes a series."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.rooms import ROOMS
from lambdas.shared import errors
from lambdas.shared.adapters.read_only import WriteRefused
from lambdas.shared.domain.settlement import ANNOUNCED, NOTIFICATION, REVIEW_CHANGED
from lambdas.shared.domain.standing import STANDINGS
from lambdas.shared.metric_names import DIMENSIONS, METRICS, OTHER, bounded
from lambdas.shared.runtime import count, entry_point, measured
from lambdas.shared.vendor_calls import status_class
from tests.unit.seeing.metrics_table import rows

ROOT = Path(__file__).resolve().parents[3]
_DYNAMIC = {  # what a count names by a variable, and the names that it may be
    "announced_facts.py": {NOTIFICATION},
    "gather_notifications.py": {"UnknownEngagementScore", "UnknownOpportunityQuality"},
    "record_outcome.py": {*ANNOUNCED.values(), REVIEW_CHANGED},
    "remember_findings.py": {"OtherAnnounced", "SummaryChanged", "EngagementChanged", NOTIFICATION},
    # A refused write is the command's alone: no function looks only.
    "runtime.py": {one.__name__ for one in errors.CosellError.__subclasses__() if one is not WriteRefused},
}


def counted() -> Iterator[tuple[str, Any, set[str]]]:
    """File, name (None where it is no literal) and dimensions of every count in the functions."""
    for path in sorted((ROOT / "lambdas").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("count", "measured"):
                name = node.args[0].value if isinstance(node.args[0], ast.Constant) else None
                yield path.name, name, {each.arg or "**" for each in node.keywords}


def test_every_count_is_of_a_registered_metric_with_its_dimensions() -> None:
    literal = [(where, name, given) for where, name, given in counted() if name is not None]
    assert len(literal) > 40
    assert [one for one in literal if one[1] not in METRICS] == []
    assert [one for one in literal if one[2] != set(METRICS[one[1]].dimensions)] == []


def test_what_is_counted_by_a_variable_is_one_of_few_registered_names() -> None:
    assert {where for where, name, _ in counted() if name is None} == set(_DYNAMIC)
    assert {name for names in _DYNAMIC.values() for name in names} <= set(METRICS)


def test_every_registered_metric_is_counted_somewhere() -> None:
    named = {name for _, name, _ in counted()} | {name for names in _DYNAMIC.values() for name in names}
    assert sorted(set(METRICS) - named) == []


def test_dimensions_take_a_few_words_that_are_no_ids() -> None:
    for name, one in METRICS.items():
        series = 1
        for dimension in one.dimensions:
            assert dimension in DIMENSIONS, name
            series *= len(DIMENSIONS[dimension])
        assert series <= 50, f"{name} would be {series} series"
    assert set(DIMENSIONS["partner"]) == {*ROOMS, OTHER}
    assert set(STANDINGS) <= set(DIMENSIONS["standing"])


@pytest.mark.parametrize("status", [200, 204, 302, 400, 404, 429, 500, 503, None])
def test_every_answer_has_a_class(status: int | None) -> None:
    assert status_class(status) in DIMENSIONS["status"]


def test_a_word_that_is_not_listed_is_put_under_other() -> None:
    assert bounded("Links", {"partner": "d500", "standing": "synced"}) == {"partner": OTHER, "standing": "synced"}


@pytest.mark.parametrize(
    ("name", "dimensions"),
    [
        ("Deal500Synced", {}),
        ("DealSynced", {}),
        ("DealSynced", {"partner": "aws", "deal": "500"}),
        ("WebhookEvents", {"partner": "aws"}),
    ],
)
def test_anything_else_is_refused(name: str, dimensions: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=name):
        count(name, **dimensions)


def test_an_invocation_writes_one_line_for_each_set_of_dimensions(capsys: pytest.CaptureFixture[str]) -> None:
    def work(_event: object, _none: None) -> dict[str, object]:
        count("WebhookEvents", 2)
        count("DealSynced", partner="aws")
        count("DealSynced", partner="google")
        measured("SyncLatency", 1500, partner="aws")
        return {}

    entry_point(work, lambda: None)({})
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    found = {
        (metric["Name"], metric["Unit"], line.get("partner"), *line[metric["Name"]])
        for line in lines
        for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    }
    assert found == {
        ("WebhookEvents", "Count", None, 2.0),
        ("DealSynced", "Count", "aws", 1.0),
        ("DealSynced", "Count", "google", 1.0),
        ("SyncLatency", "Milliseconds", "aws", 1500.0),
    }
    dimensions = [set(line["_aws"]["CloudWatchMetrics"][0]["Dimensions"][0]) for line in lines]
    assert {"service"} in dimensions
    assert {"service", "partner"} in dimensions
    entry_point(lambda _event, _none: {}, lambda: None)({})
    assert capsys.readouterr().out == "", "nothing of one invocation is left for the next"


def test_the_table_in_the_documents_is_the_registry() -> None:
    text = (ROOT / "docs/seeing.md").read_text()
    missing = [row for row in rows() if row not in text]
    assert missing == [], "print the table with `python -m tests.unit.seeing.metrics_table`"
    written = [line for line in text.partition("## Metrics")[2].splitlines() if line.startswith("| `")]
    assert written == rows()
