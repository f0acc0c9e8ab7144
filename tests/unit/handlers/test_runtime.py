"""Every entry point: named errors pass, everything else is scrubbed of values, metrics are written."""

from __future__ import annotations

import json

import pytest

from lambdas.shared.errors import Rejected, Unexpected
from lambdas.shared.runtime import count, entry_point, logger


def _raise(error: Exception):
    def work(_event, _c):
        raise error

    return entry_point(work, lambda: None)


def test_an_unexpected_error_loses_its_text_and_keeps_its_place(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Unexpected) as seen:
        _raise(KeyError("Acme secret"))({"run": {"correlation_id": "c-1"}})
    assert str(seen.value).startswith("KeyError at test_runtime.py:")
    assert seen.value.__suppress_context__
    (record,) = caplog.records
    assert (record.error, record.place[:16]) == ("KeyError", "test_runtime.py:")
    assert "Acme" not in str(record.__dict__)
    assert logger.get_current_keys()["correlation_id"] == "c-1", "bound for every line of this invocation"


def test_a_named_error_passes_as_it_is_and_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    error = Rejected("AWS refused project.title")
    with pytest.raises(Rejected) as seen:
        _raise(error)({})
    assert seen.value is error
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert any(line.get("Rejected") == [1.0] for line in lines), "the metric's line"


def test_collaborators_are_made_once_and_only_when_needed() -> None:
    made: list[int] = []
    handler = entry_point(lambda _event, c: {"made": len(made), "c": c}, lambda: made.append(1))
    assert made == []
    handler({})
    handler({})
    assert made == [1]


def test_nothing_is_printed_when_nothing_was_counted(capsys: pytest.CaptureFixture[str]) -> None:
    entry_point(lambda _event, _c: {}, lambda: None)({})
    assert capsys.readouterr().out == ""
    entry_point(lambda _event, _c: count("WebhookEvents") or {}, lambda: None)({})
    assert '"WebhookEvents":[1.0]' in capsys.readouterr().out


def test_what_comes_without_a_run_is_logged_under_its_own_correlation_and_never_under_an_earlier_ones() -> None:
    handler = entry_point(lambda _event, _c: {}, lambda: None)
    handler({"run": {"correlation_id": "c-1", "run_id": "r-1", "link": "link#aws#d500", "partner": "aws"}})
    handler({"poll": "hubspot.deals", "correlation_id": "p-1"})
    keys = logger.get_current_keys()
    assert (keys["correlation_id"], keys["run_id"], keys["link"]) == ("p-1", None, None)


def test_a_metric_with_dimensions_is_a_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    entry_point(lambda _event, _c: count("DeadLetters", cause="fault") or {}, lambda: None)({})
    document = json.loads(capsys.readouterr().out)
    (metric,) = document["_aws"]["CloudWatchMetrics"]
    (dimensions,) = metric["Dimensions"]
    assert (metric["Namespace"], set(dimensions)) == ("CosellSync", {"service", "cause"})
    assert (document["cause"], document["DeadLetters"]) == ("fault", [1.0])
