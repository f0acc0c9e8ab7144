"""A round of several pages over a list without order, as Google's: what changes meanwhile is told by the next one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from lambdas.shared.adapters.ledger import Watermark, Watermarks
from lambdas.shared.handlers.list_changed_opportunities import Collaborators, list_changed_opportunities
from sandbox.fakes import FakeQueue
from tests.unit.handlers.partner_room import Room

BEGAN = "2026-09-21T14:13:20Z"
A_MINUTE_BEFORE_THE_ROUND = "2026-09-21T14:28:20Z"


class Unordered:
    """A list in the order in which its rows were made, two a page; what is older than asked for is left out."""

    create_shows_after_ms = 0

    def __init__(self) -> None:
        self.rows: dict[str, str] = {}

    def list_changed(self, since: str, page: str | None) -> dict[str, Any]:
        start = int(page or 0)
        shown = [{"id": one, "version": version} for one, version in self.rows.items()][start : start + 2]
        following = str(start + 2) if start + 2 < len(self.rows) else None
        return {"items": [each for each in shown if each["version"] >= since], "next": following}


class UnorderedRoom(Room):
    def __init__(self) -> None:
        super().__init__()
        self.list = Unordered()
        self.marks, self.notices = Watermarks(self.dynamodb, "ledger"), FakeQueue()
        self.poll()
        self.clock.advance(seconds=900)

    def change(self, *ids: str) -> None:
        now = datetime.fromtimestamp(self.clock.now_ms() / 1000, UTC).isoformat(timespec="milliseconds")
        self.list.rows |= dict.fromkeys(ids, now.replace("+00:00", "Z"))

    def poll(self) -> bool:
        parts: Any = (self.list, self.links, self.marks, self.notices, self.clock)
        return list_changed_opportunities({"correlation_id": "p"}, Collaborators("google", *parts))["more"]

    def told(self) -> list[str]:
        """Since this was asked last."""
        told = [one for message in self.notices.messages for one in message["opportunities"]]
        self.notices = FakeQueue()
        return told

    @property
    def mark(self) -> Watermark:
        return self.marks.get("google", "opportunities")

    def between_rounds_at(self, since: str) -> bool:
        return replace(self.mark, told={}) == Watermark(since=since)


@pytest.fixture
def room() -> UnorderedRoom:
    return UnorderedRoom()


def test_what_changes_on_a_page_that_was_read_is_told_by_the_next_round(room: UnorderedRoom) -> None:
    room.change("G1", "G2", "G3", "G4")
    room.clock.advance(seconds=10)
    assert room.poll() is True
    room.clock.advance(seconds=10)
    room.change("G1")
    room.clock.advance(seconds=10)
    room.change("G4")
    assert room.poll() is False
    assert sorted(set(room.told())) == ["G1", "G2", "G3", "G4"]
    room.clock.advance(seconds=900)
    while room.poll():
        pass
    assert "G1" in room.told()


def test_the_watermark_moves_to_the_beginning_of_a_long_round_less_what_clocks_differ_by(room: UnorderedRoom) -> None:
    room.change("G1", "G2")
    assert room.poll() is False
    assert room.between_rounds_at(room.list.rows["G2"]), "all of one answer"
    room.clock.advance(seconds=60)
    room.marks.move("google", "opportunities", Watermark(since=BEGAN), room.mark)
    room.change("G3")
    assert room.poll() is True
    assert room.mark.since == BEGAN
    assert room.poll() is False
    assert room.between_rounds_at(A_MINUTE_BEFORE_THE_ROUND)


def test_a_long_round_over_old_changes_moves_the_watermark_to_the_newest_of_them(room: UnorderedRoom) -> None:
    room.change("G1", "G2", "G3")
    newest = room.list.rows["G3"]
    room.clock.advance(seconds=600)
    assert room.poll() is True
    assert room.poll() is False
    assert room.between_rounds_at(newest)


def test_a_round_that_an_earlier_version_began_leaves_the_watermark_where_it_was(room: UnorderedRoom) -> None:
    room.change("G1", "G2", "G3")
    room.marks.move("google", "opportunities", Watermark(BEGAN, page="2", high=room.list.rows["G2"]), room.mark)
    assert room.poll() is False
    assert room.between_rounds_at(BEGAN)
    while room.poll():
        pass
    assert sorted(set(room.told())) == ["G1", "G2", "G3"]
