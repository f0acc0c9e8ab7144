"""The gather function: two reads, findings in the run item, names in the answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from lambdas.aws.handlers.gather_notifications import Collaborators, gather_notifications
from lambdas.shared.adapters.ledger import Runs, Seen
from lambdas.shared.errors import NotFound, Retryable
from lambdas.shared.runtime import metrics
from sandbox.fakes import FakeClock, FakeDynamoDb
from tests.unit.notifications.notify_support import ANN, BERLIN, SETTINGS, opportunity, summary

LINK = "link#aws#d500"
RUN = {"run_id": "r", "partner": "aws", "kind": "notifications", "link": LINK, "deal_id": "500", "opportunity_id": "O1"}


class Central:
    """AWS's two answers; an error in place of one is raised."""

    def __init__(self) -> None:
        self.opportunity: Any = opportunity()
        self.summary: Any = {}
        self.reads: list[str] = []

    def get_opportunity(self, opportunity_id: str) -> Mapping[str, Any]:
        return self._answer("opportunity", opportunity_id)

    def read(self, opportunity_id: str) -> Mapping[str, Any]:
        return self._answer("summary", opportunity_id)

    def _answer(self, name: str, opportunity_id: str) -> Mapping[str, Any]:
        assert opportunity_id == "O1"
        self.reads.append(name)
        answer = getattr(self, name)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Room:
    def __init__(self) -> None:
        self.clock, dynamodb, self.central = FakeClock(), FakeDynamoDb(), Central()
        self.runs, self.seen = Runs(dynamodb, "runs", self.clock), Seen(dynamodb, "ledger", self.clock)

    def gather(self, run_id: str = "r") -> dict[str, Any]:
        central = self.central
        c = Collaborators(central, central, self.runs, self.seen, SETTINGS, BERLIN, self.clock)
        return gather_notifications({"run": {**RUN, "run_id": run_id}}, c)

    def findings(self, run_id: str = "r") -> dict[str, Any]:
        return self.runs.get(run_id, "findings")["findings"]

    def remember(self, run_id: str = "r") -> None:
        found = self.findings(run_id)
        assert self.seen.put(LINK, "notifications", found["seen"], found["seen_version"])


@pytest.fixture
def room() -> Room:
    return Room()


def test_the_first_look_remembers_and_tells_nothing(room: Room):
    room.central.summary = summary("Medium", 60)
    assert room.gather() == {"news": True, "properties": [], "facts": []}
    found = room.findings()
    assert (found["properties"], found["facts"], found["announce"], found["seen_version"]) == ({}, [], [], 0)
    assert room.central.reads == ["opportunity", "summary"]


def test_a_look_that_finds_what_it_knows_has_no_news(room: Room):
    room.central.summary = summary("Medium", 60, [ANN])
    room.gather()
    room.remember()
    assert room.gather("s") == {"news": False, "properties": [], "facts": []}
    assert room.runs.get("s", "findings") == {}


def test_news_are_in_the_run_item_and_their_keys_in_the_answer(room: Room):
    room.gather()
    room.remember()
    room.central.opportunity = opportunity("Action Required", "Say more")
    room.central.summary = summary("Medium", 60, [ANN])
    answer = room.gather("s")
    (key,) = answer["facts"]
    assert key.startswith("notify:seller_assigned:1:")
    found = room.findings("s")
    assert [each["detail"]["rule"] for each in found["announce"]] == ["review_status", "seller_assigned"]
    assert {each["kind"] for each in found["announce"]} == {"Notification"}
    assert {each["key"] for each in found["announce"]} == {each["detail"]["fact"] for each in found["announce"]}
    assert found["seen_version"] == 1
    for said in (json.dumps(answer), json.dumps(found["announce"]), json.dumps(found["seen"])):
        assert "Ann" not in said
        assert "Say more" not in said


def test_a_look_that_died_before_it_remembered_finds_the_same_keys(room: Room):
    room.gather()
    room.remember()
    room.central.summary = summary(team=[ANN])
    room.clock.advance(seconds=60)
    assert room.gather("s")["facts"] == room.gather("t")["facts"] != []


def test_an_opportunity_without_a_summary_has_nothing_in_it(room: Room):
    room.central.summary = NotFound("AWS has no summary of it")
    assert room.gather()["facts"] == []
    room.remember()
    room.central.summary = summary("High", 90)
    assert room.gather("s")["facts"] == []


@pytest.mark.parametrize("which", ["opportunity", "summary"])
def test_what_cannot_be_read_is_not_taken_for_nothing(room: Room, which: str):
    setattr(room.central, which, Retryable("AWS is away"))
    with pytest.raises(Retryable):
        room.gather()


def test_an_opportunity_that_is_gone_ends_the_look(room: Room):
    room.central.opportunity = NotFound("no such opportunity")
    with pytest.raises(NotFound):
        room.gather()


def test_a_word_that_no_rule_knows_is_counted_and_the_rest_still_told(room: Room):
    room.gather()
    room.remember()
    room.central.summary = summary("Splendid", 60, [ANN])
    assert len(room.gather("s")["facts"]) == 1
    assert "UnknownEngagementScore" in metrics.metric_set
    metrics.clear_metrics()
