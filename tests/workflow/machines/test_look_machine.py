"""The machine of all looks on a bench: news, no news, a vendor that is away, and a bug."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.workflow.machines.bench import Bench

LINK = "link#aws#d500"
RUN = {"run_id": "r", "partner": "aws", "kind": "summary", "link": LINK, "deal_id": "500", "opportunity_id": "O1"}
WAKE = {"link": LINK, "why": "poll", "correlation_id": "c-1"}
NEWS = {"news": True, "properties": ["aws_team"], "facts": []}
LOOK: dict[str, Any] = {
    "BeginLook": {"look": True, "again": False, "busy": False, "run": RUN},
    "Gather": NEWS,
    "ShowFindings": {"shown": True, "written": ["aws_team"]},
    "RememberFindings": {"kept": True},
}


def look(message: dict[str, Any] | str = WAKE, **functions: Any) -> tuple[Bench, Any]:
    bench = Bench(**{**LOOK, **functions})
    body = message if isinstance(message, str) else json.dumps(message)
    return bench, bench.run("look", body)


def test_news_is_shown_and_then_remembered() -> None:
    bench, result = look()
    assert (result.status, result.states[-1]) == ("SUCCEEDED", "Done")
    assert bench.called() == ["BeginLook", "Gather", "ShowFindings", "RememberFindings"]
    begun, *others = [payload for _, payload in bench.payloads]
    assert begun["message"] == WAKE
    assert {name: begun["run"][name] for name in ("partner", "kind")} == {"partner": "Partner", "kind": "Kind"}
    assert others == [{"run": RUN}] * 3


def test_an_opportunity_of_an_event_begins_a_look_too() -> None:
    message = {"opportunity": "O1", "why": "partner", "correlation_id": "e-1"}
    bench, result = look(message)
    assert result.states[-1] == "Done"
    assert bench.payloads[0][1]["message"] == message


def test_nothing_new_ends_after_the_one_read() -> None:
    bench, result = look(Gather={"news": False, "properties": [], "facts": []})
    assert (result.status, result.states[-1]) == ("SUCCEEDED", "Nothing new")
    assert bench.called() == ["BeginLook", "Gather"]


@pytest.mark.parametrize(
    "functions",
    [
        {"BeginLook": {"look": False, "again": False, "busy": False}},
        {"Gather": "NotFound"},
        {"ShowFindings": {"shown": False, "written": []}},
        {"ShowFindings": "NotFound"},
    ],
    ids=["none of ours", "no record", "no deal", "deal gone meanwhile"],
)
def test_what_is_not_there_ends_the_look_and_is_not_remembered(functions: dict[str, Any]) -> None:
    bench, result = look(**functions)
    assert (result.status, result.states[-1]) == ("SUCCEEDED", "Nothing to look at")
    assert "RememberFindings" not in bench.called()
    assert bench.sqs.queues == {}


@pytest.mark.parametrize("error", ["Throttled", "Retryable", "Unauthorized", "Conflict"])
@pytest.mark.parametrize("failing", list(LOOK))
def test_a_vendor_that_is_away_brings_the_look_back_in_some_seconds(failing: str, error: str) -> None:
    bench, result = look(**{failing: error})
    assert (result.status, result.states[-1]) == ("SUCCEEDED", "Coming back")
    ((body, delay),) = bench.sqs.queues["InboxUrl"]
    assert json.loads(body) == {**WAKE, "why": "again", "tries": 1}
    assert delay == 5


def test_a_link_that_gets_its_deal_in_a_moment_is_waited_for() -> None:
    bench, result = look(BeginLook={"look": False, "again": True, "busy": False})
    assert result.states[-1] == "Coming back"
    assert len(bench.sqs.queues["InboxUrl"]) == 1


@pytest.mark.parametrize(("tries", "delay"), [(1, 10), (4, 80), (7, 640), (8, 900), (13, 900)])
def test_it_comes_back_later_each_time(tries: int, delay: int) -> None:
    bench, _ = look({**WAKE, "tries": tries}, Gather="Throttled")
    ((body, sent_delay),) = bench.sqs.queues["InboxUrl"]
    assert (json.loads(body)["tries"], sent_delay) == (tries + 1, delay)


def test_after_two_hours_it_fails_so_that_the_dead_letter_says_why() -> None:
    bench, result = look({**WAKE, "tries": 14}, Gather="Throttled")
    assert (result.status, result.error) == ("FAILED", "Throttled")
    assert bench.sqs.queues == {}
    (failure,) = [item for item in bench.dynamodb.items("LedgerTable") if item["pk"] == "failure#m-1"]
    assert failure["error"] == "Throttled"


@pytest.mark.parametrize(("before", "delay"), [(None, 1), (1, 2), (5, 32), (40, 60)])
def test_while_another_look_is_at_the_link_it_comes_back_in_a_moment(before: int | None, delay: int) -> None:
    wake = WAKE if before is None else {**WAKE, "busy": before}
    bench, result = look(wake, BeginLook={"look": False, "again": False, "busy": True})
    assert (result.status, result.states[-1], bench.called()) == ("SUCCEEDED", "Coming back", ["BeginLook"])
    ((body, sent_delay),) = bench.sqs.queues["InboxUrl"]
    assert json.loads(body) == {**WAKE, "why": "busy", "busy": (before or 0) + 1}
    assert sent_delay == delay


@pytest.mark.parametrize(
    ("functions", "end"),
    [
        ({}, "Done"),
        ({"Gather": {"news": False, "properties": [], "facts": []}}, "Nothing new"),
        ({"ShowFindings": {"shown": False, "written": []}}, "Nothing to look at"),
        ({"Gather": "Throttled"}, "Coming back"),
        ({"Gather": "Unexpected"}, "The run failed"),
    ],
)
def test_however_it_ends_the_link_is_let_go(functions: dict[str, Any], end: str) -> None:
    bench = Bench(**{**LOOK, **functions})
    _held(bench, "r")
    result = bench.run("look", json.dumps(WAKE))
    assert "Let go" in result.states
    assert result.states[-1] == end
    (left,) = [item for item in bench.dynamodb.items("LedgerTable") if item["pk"] == LINK]
    assert left == {"pk": LINK, "sk": "seen#Kind", "document": "{}"}


def _held(bench: Bench, owner: str) -> None:
    item = {"pk": {"S": LINK}, "sk": {"S": "seen#Kind"}, "lease_owner": {"S": owner}, "lease_until": {"N": "9"}}
    bench.dynamodb.put_item(TableName="LedgerTable", Item={**item, "document": {"S": "{}"}})


def test_a_link_that_another_took_over_is_left_to_it() -> None:
    bench = Bench(**LOOK)
    _held(bench, "another")
    assert bench.run("look", json.dumps(WAKE)).states[-1] == "Done"
    (left,) = [item for item in bench.dynamodb.items("LedgerTable") if item["pk"] == LINK]
    assert left["lease_owner"] == "another"


def test_a_link_that_never_gets_its_deal_fails_in_the_end_with_a_name() -> None:
    _, result = look({**WAKE, "tries": 14}, BeginLook={"look": False, "again": True, "busy": False})
    assert (result.status, result.error) == ("FAILED", "StillWaiting")


@pytest.mark.parametrize("failing", list(LOOK))
def test_a_bug_fails_the_run_and_is_on_record(failing: str) -> None:
    bench, result = look(**{failing: "Unexpected"})
    assert (result.status, result.error) == ("FAILED", "Unexpected")
    assert bench.sqs.queues == {}
    assert [item["pk"] for item in bench.dynamodb.items("LedgerTable")] == ["failure#m-1"]


def test_a_message_that_is_no_json_fails_the_run() -> None:
    bench, result = look("not json")
    assert (result.status, result.error) == ("FAILED", "Run.QueryEvaluationError")
    assert bench.called() == []
