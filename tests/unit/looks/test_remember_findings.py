"""What was seen is kept once it is announced."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.looks.look_room import LookRoom

CHANGED = {"kind": "SummaryChanged", "detail": {"properties": ["aws_team"]}}


def test_news_is_announced_with_its_ids_and_kept() -> None:
    room = LookRoom()
    room.find(announce=[CHANGED])
    assert room.remember() == {"kept": True}
    detail = {"partner": "aws", "deal_id": "500", "opportunity_id": "O1", "correlation_id": "c"}
    assert room.announced == [("SummaryChanged", {"properties": ["aws_team"], **detail})]
    assert room.seen.get(room.key, "summary") == ({"a": 1}, 1)


def test_another_look_that_was_first_has_announced_it() -> None:
    room = LookRoom()
    room.find(announce=[CHANGED])
    room.seen.put(room.key, "summary", {"other": 1}, 0)
    assert room.remember() == {"kept": False}
    assert room.announced == []
    assert room.seen.get(room.key, "summary") == ({"other": 1}, 1)


def test_a_repetition_announces_nothing_again() -> None:
    room = LookRoom()
    room.find(announce=[CHANGED])
    room.remember()
    assert room.remember() == {"kept": False}
    assert len(room.announced) == 1


@pytest.mark.parametrize(("announcement", "times"), [({**CHANGED, "key": "x"}, 1), (CHANGED, 2)])
def test_a_crash_before_it_is_kept_announces_again_only_what_has_no_key(
    announcement: dict[str, Any], times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = LookRoom()
    room.find(announce=[announcement])
    monkeypatch.setattr(room.seen, "put", lambda *_: (_ for _ in ()).throw(TimeoutError()))
    with pytest.raises(TimeoutError):
        room.remember()
    monkeypatch.undo()
    assert room.remember() == {"kept": True}
    assert len(room.announced) == times
