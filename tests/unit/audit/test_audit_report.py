"""What may be asked of a report, and how a record looks in it."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import Any

import pytest

from lambdas.shared.domain.audit_report import (
    COLUMNS,
    BadParameter,
    Place,
    Query,
    fields_in,
    fields_of,
    only,
    query_of,
    shown,
)
from lambdas.shared.domain.audit_text import Csv, JsonLines

TODAY = date(2026, 11, 28)
AWS = {
    "fields": [{"name": "amount", "properties": ["amount"]}, {"name": "title", "properties": ["dealname"]}],
    "status_properties": {"sync_status": "aws_sync_status"},
}
GOOGLE = {
    "fields": [{"name": "stage", "properties": ["dealstage"]}],
    "status_properties": {},
    "lead": {"fields": [{"name": "lead_mail", "properties": ["email"]}]},
}
SETTINGS = {"partners": {"aws": AWS, "google": GOOGLE}}
RECORD: dict[str, Any] = {
    **{"pk": "link#aws#d500", "sk": "000000000007", "seq": 7, "at": 1_793_836_800_123, "day": "2026-11-05#03"},
    **{"prev": "a", "prev_at": 1, "prev_expires_at": 2, "expires_at": 3, "hash": "b"},
    **{"partner": "aws", "deal_id": "500", "opportunity_id": "O1", "trigger": "hubspot", "correlation_id": "c1"},
    **{"run_id": "r1", "actor": "CRM_UI userId:7"},
}


def record(kind: str, **more: Any) -> dict[str, Any]:
    """As it is stored: lists as JSON text."""
    texts = {name: json.dumps(value) if isinstance(value, list) else value for name, value in more.items()}
    return {**RECORD, "kind": kind, **texts}


INTENT = record(
    "intent",
    operation="UpdateOpportunity",
    changes=[
        {"field": "amount", "before": None, "after": "-5", "winner": "deal", "rule": "last-write-wins", "actor": "API"},
        {"field": "title", "before": "=1+1", "after": ["ä", "b"], "winner": "opportunity", "rule": "create"},
    ],
)


def table(*records: dict[str, Any]) -> list[dict[str, str]]:
    text = Csv()
    return list(csv.DictReader(io.StringIO(text.begin() + "".join(text.of(shown(one)) for one in records))))


def test_a_row_for_each_field_with_everything_about_it() -> None:
    first, second = table(INTENT)
    assert tuple(first) == COLUMNS
    assert {name: text for name, text in first.items() if text} == {
        "when": "2026-11-05T00:00:00.123+00:00",
        "partner": "aws",
        "deal": "500",
        "opportunity": "O1",
        "kind": "intent",
        "operation": "UpdateOpportunity",
        "execution": "r1",
        "trigger": "hubspot",
        "actor": "API",
        "field": "amount",
        "after": "'-5",
        "winner": "deal",
        "rule": "last-write-wins",
        "correlation_id": "c1",
        "chain": "link#aws#d500",
        "seq": "7",
    }
    assert (second["before"], second["after"]) == ("'=1+1", '["ä", "b"]')
    assert second["actor"] == "CRM_UI userId:7", "the record's, where the change names none"


def test_an_outcome_is_a_row_that_names_its_intent() -> None:
    (one,) = table(record("outcome", intent="000000000006", result="Throttled", reason="slow down"))
    assert (one["intent"], one["result"], one["reason"], one["field"]) == ("6", "Throttled", "slow down", "")


def test_a_decision_is_a_row_for_each_field_that_it_held_back() -> None:
    held = record(
        "decision",
        outcome="conflict",
        reason="both moved",
        conflicts=[{"field": "amount", "base": "1", "deal_value": "2", "opportunity_value": "3"}],
        problems=[{"field": "title", "message": "Fill it in.", "object": "deal"}],
        picked=[{"field": "stage", "winner": "opportunity", "by": "7", "deal_value": "x", "opportunity_value": "y"}],
        blocked=["close_date"],
        withheld=["next_step"],
        together=[{"field": "spend_amount", "other": "spend_currency", "why": "locked"}],
    )
    found = [(one["field"], one["before"], one["after"], one["winner"], one["rule"]) for one in table(held)]
    assert found == [
        ("amount", "1", '{"deal": "2", "opportunity": "3"}', "nobody", "manual"),
        ("title", "", "", "", "problem"),
        ("stage", "x", "y", "opportunity", ""),
        ("close_date", "", "", "", "locked by the partner"),
        ("next_step", "", "", "", "withheld: another partner wrote it"),
        ("spend_amount", "", "", "", "waits with spend_currency: locked"),
    ]
    assert {one["result"] for one in table(held)} == {"conflict"}
    assert table(held)[1]["reason"] == "Fill it in."
    assert table(held)[2]["actor"] == "7"


def test_a_decision_about_no_field_is_one_row() -> None:
    (one,) = table(record("decision", outcome="paused", reason="the tag is off", problems=[], conflicts=[]))
    assert (one["result"], one["reason"], one["field"]) == ("paused", "the tag is off", "")


def test_a_line_of_json_is_the_whole_record() -> None:
    line = JsonLines().of(shown(INTENT))
    assert line.endswith("}\n")
    found = json.loads(line)
    assert found["changes"] == json.loads(INTENT["changes"])
    assert (found["deal"], found["execution"], found["seq"], found["hash"]) == ("500", "r1", 7, "b")
    assert not {"pk", "sk", "day", "prev", "expires_at"} & set(found)


@pytest.mark.parametrize("changes", ["no JSON", '{"field": "amount"}', '"amount"', "7"])
def test_what_somebody_forged_is_shown_and_stops_nothing(changes: str) -> None:
    forged = shown({"pk": "link#aws#d1", "sk": "x", "changes": changes, "at": 10**20})
    (row,) = table({"pk": "link#aws#d1", "sk": "x", "changes": changes, "at": 10**20})
    assert row["field"]
    assert (row["when"], row["chain"]) == (str(10**20), "link#aws#d1")
    assert fields_in(forged) == {row["field"]}


def test_of_one_field_nothing_else_is_said() -> None:
    left = only(shown(record("decision", blocked=["a", "b"], problems=[{"field": "b"}], outcome="blocked")), {"a"})
    assert left["blocked"] == ["a"]
    assert "problems" not in left
    assert left["outcome"] == "blocked"


@pytest.mark.parametrize(
    ("given", "query"),
    [
        ({"deal": "500"}, Query("500")),
        ({"from": "2026-11-01"}, Query(first=date(2026, 11, 1), last=TODAY)),
        ({"from": "2026-11-01", "to": "2030-01-01"}, Query(first=date(2026, 11, 1), last=date(2026, 11, 29))),
        (
            {"deal": "500", "to": "2026-11-02", "partner": "aws", "field": "amount"},
            Query("500", "aws", None, date(2026, 11, 2), "amount"),
        ),
        ({"deal": "1", "field": "lead_mail", "partner": "google"}, Query("1", "google", field="lead_mail")),
    ],
)
def test_what_may_be_asked(given: dict[str, str], query: Query) -> None:
    assert query_of(given, SETTINGS, TODAY) == query


@pytest.mark.parametrize(
    ("given", "name", "allowed"),
    [
        ({}, "from", ("YYYY-MM-DD",)),
        ({"deal": "abc"}, "deal", ()),
        ({"deal": "1", "partner": "azure"}, "partner", ("aws", "google")),
        ({"deal": "1", "field": "amounts"}, "field", tuple(fields_of(SETTINGS))),
        ({"deal": "1", "field": "stage", "partner": "aws"}, "field", tuple(fields_of(SETTINGS, "aws"))),
        ({"from": "01.11.2026"}, "from", ("YYYY-MM-DD",)),
        ({"from": "2026-02-30"}, "from", ("YYYY-MM-DD",)),
        ({"from": "2026-11-01", "to": "yesterday"}, "to", ("YYYY-MM-DD",)),
        ({"from": "2026-11-02", "to": "2026-11-01"}, "to", ()),
        ({"from": "2026-11-29"}, "from", ("2006-11-13 to 2026-11-28",)),
        ({"from": "0001-01-01"}, "from", ("2006-11-13 to 2026-11-28",)),
    ],
)
def test_what_is_wrong_is_named_with_what_is_allowed(
    given: dict[str, str], name: str, allowed: tuple[str, ...]
) -> None:
    with pytest.raises(BadParameter) as caught:
        query_of(given, SETTINGS, TODAY)
    assert (caught.value.name, caught.value.allowed) == (name, allowed)


def test_fields_are_the_map_s_and_the_properties_that_it_and_the_status_name() -> None:
    assert fields_of(SETTINGS, "aws") == ["amount", "aws_sync_status", "dealname", "title"]
    assert set(fields_of(SETTINGS)) == {*fields_of(SETTINGS, "aws"), "stage", "dealstage", "lead_mail", "email"}


def test_a_property_stands_for_the_fields_that_read_it() -> None:
    found = query_of({"deal": "1", "field": "dealname"}, SETTINGS, TODAY)
    assert found.fields == {"dealname", "title"}
    assert query_of({"deal": "1", "field": "title"}, SETTINGS, TODAY).fields == {"title"}
    assert query_of({"deal": "1"}, SETTINGS, TODAY).fields == frozenset()


def test_days_go_on_from_a_place() -> None:
    query = Query(first=date(2026, 11, 1), last=date(2026, 11, 3))
    assert [day.day for day in query.days()] == [1, 2, 3]
    assert [day.day for day in query.days(Place(query.until - 1, "c", "1"))] == [3]
    assert list(query.days(Place(query.until))) == []
