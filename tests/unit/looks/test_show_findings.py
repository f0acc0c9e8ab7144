"""What a look found is shown once: properties that differ, and facts that nobody was told."""

from __future__ import annotations

import pytest

from lambdas.shared.errors import Conflict, Rejected, Retryable, Unexpected
from tests.unit.handlers.partner_room import named_error
from tests.unit.looks.look_room import HubSpot, LookRoom, fact

HOUR_MS = 3_600_000


def test_only_what_differs_is_written_and_it_is_on_record() -> None:
    room = LookRoom()
    room.hubspot.deals["500"] |= {"aws_team": "Ann", "aws_cosell_motion": None}
    room.find(properties={"aws_team": "Ann", "aws_visibility": "Full", "aws_cosell_motion": ""})
    assert room.show() == {"shown": True, "written": ["aws_visibility"]}
    assert room.hubspot.calls == ["read", "update"]
    assert room.results() == [None, "done"]
    assert room.trail()[0]["operation"] == "UpdateDeal"


def test_what_the_deal_shows_already_is_not_written() -> None:
    room = LookRoom()
    room.hubspot.deals["500"]["aws_team"] = "Ann"
    room.find(properties={"aws_team": "Ann"})
    assert room.show() == {"shown": True, "written": []}
    assert room.hubspot.calls == ["read"]
    assert room.trail() == []


def test_a_look_that_comes_twice_writes_and_tells_once() -> None:
    room = LookRoom()
    room.find(properties={"aws_team": "Ann"}, facts=[fact()])
    room.show()
    assert room.show() == {"shown": True, "written": []}
    assert room.hubspot.calls.count("update") == 1
    assert room.hubspot.told == [("task", "Look here", "77", "MEDIUM")]


def test_a_deal_that_is_gone_ends_the_look() -> None:
    room = LookRoom()
    room.hubspot = HubSpot()
    room.find(properties={"aws_team": "Ann"}, facts=[fact()])
    assert room.show() == {"shown": False, "written": []}
    assert room.hubspot.told == []


def test_a_look_that_another_has_overtaken_shows_nothing_and_comes_back() -> None:
    room = LookRoom()
    room.find(properties={"aws_team": "Ann"}, seen_version=0)
    room.seen.put(room.key, "summary", {"newer": True}, 0)
    named_error(Conflict, room.show)
    assert room.hubspot.calls == []


def test_a_fact_that_is_both_is_a_task_and_a_note() -> None:
    room = LookRoom()
    room.find(facts=[fact(kind="both", priority="high")])
    room.show()
    room.show()
    assert [(kind, owner, priority) for kind, _, owner, priority in room.hubspot.told] == [
        ("task", "77", "HIGH"),
        ("note", None, ""),
    ]
    assert room.link().told == {"quality:85": "t1", "quality:85:note": "n2"}


@pytest.mark.parametrize(("due", "hours"), [(None, 24), (4, 4)])
def test_a_task_is_due_when_it_says_so_and_else_after_a_day(due: int | None, hours: int) -> None:
    room = LookRoom()
    room.find(facts=[fact(due_hours=due)])
    room.show()
    assert room.hubspot.due == [room.now + hours * HOUR_MS]


def test_a_task_for_anybody_has_no_owner() -> None:
    room = LookRoom()
    room.find(facts=[fact(audience="anybody")])
    room.show()
    assert room.hubspot.told == [("task", "Look here", None, "MEDIUM")]


@pytest.mark.parametrize("error", [Rejected("HubSpot refused it: 400"), Retryable("HubSpot is away")])
def test_what_hubspot_refuses_passes_and_is_on_record(error: Exception) -> None:
    room = LookRoom()
    room.hubspot.refuse = error
    room.find(properties={"aws_team": "Ann"}, facts=[fact()])
    named_error(type(error), room.show)  # type: ignore[arg-type]
    assert room.results() == [None, type(error).__name__]
    assert room.hubspot.told == [], "a fact is told once its properties stand there"


def test_news_without_findings_is_a_bug_that_names_the_run() -> None:
    error = named_error(Unexpected, LookRoom().show)
    assert "the look summary has news but put no findings into run r" in str(error)
