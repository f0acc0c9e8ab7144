"""A create without an answer, at a partner that takes none twice: what is made when its record shows late."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from lambdas.shared.adapters.opportunities import Written
from lambdas.shared.errors import Conflict, Retryable
from lambdas.shared.handlers import fetch_opportunity as fetching
from lambdas.shared.handlers.create_opportunity import Collaborators, create_opportunity
from tests.unit.handlers.partner_room import Room, named_error, planned

SHOWS_AFTER_MS = 300_000


class Slow:
    """A partner whose list shows a record ``lag_ms`` after it was made; the first create loses its answer."""

    own_reference = None
    repeatable_create = False
    create_shows_after_ms = SHOWS_AFTER_MS

    def __init__(self, room: Room, lag_ms: int) -> None:
        self._room, self._lag_ms = room, lag_ms
        self.made: dict[str, int] = {}
        self.looks = 0

    def mark(self, _plan: Mapping[str, Any]) -> None:
        return None

    def find_created(self, _attempt: Mapping[str, Any]) -> list[str]:
        self.looks += 1
        return [one for one, at in self.made.items() if self._room.now - at >= self._lag_ms]

    def create(self, _attempt: Mapping[str, Any], _plan: Mapping[str, Any], _memory: Any) -> Written:
        self.made[f"G{len(self.made) + 1}"] = self._room.now
        if len(self.made) == 1:
            raise Retryable("the answer was lost")
        return Written(f"G{len(self.made)}", "2026-09-21T14:13:21Z")


class LostRoom(Room):
    def __init__(self) -> None:
        super().__init__()
        self.partner = Slow(self, 280_000)

    def fetch(self, run_id: str = "r") -> str:
        c = fetching.Collaborators(self.partner, self.links, self.runs, self.clock)
        return str(fetching.fetch_opportunity({"run": {**self.run, "run_id": run_id}}, c)["opportunity"])

    def create(self, run_id: str = "r") -> None:
        self.runs.put(run_id, "plan", planned({}, "title", action="create"))
        c = Collaborators(self.partner, self.links, self.runs, self.audit, turn=self.turn, clock=self.clock)
        create_opportunity({"run": {**self.run, "run_id": run_id}, "at": self.now}, c)


@pytest.fixture
def room() -> LostRoom:
    return LostRoom()


def test_a_look_from_before_the_record_had_to_show_does_not_count_after_the_wait_for_the_quota(room: LostRoom) -> None:
    room.fetch()
    named_error(Retryable, room.create)
    assert room.link().attempt["ends_at"] > room.now, "sent once at most: what is made later is not its record"
    room.clock.advance(seconds=250)
    assert room.fetch("r2") == "none", "not shown yet"
    room.clock.advance(seconds=55)
    named_error(Conflict, lambda: room.create("r2"))
    assert list(room.partner.made) == ["G1"]
    assert room.fetch("r3") == "orphan"


def test_a_look_after_the_record_had_to_show_is_enough(room: LostRoom) -> None:
    room.partner = Slow(room, 10 * SHOWS_AFTER_MS)  # as if it had never come to be
    room.fetch()
    named_error(Retryable, room.create)
    room.clock.advance(ms=SHOWS_AFTER_MS)
    assert room.fetch("r2") == "none"
    room.create("r2")
    assert (room.link().opportunity_id, room.partner.looks) == ("G2", 1)


def test_a_run_that_did_not_look_creates_nothing_beside_an_open_create(room: LostRoom) -> None:
    named_error(Retryable, room.create)
    room.clock.advance(ms=SHOWS_AFTER_MS)
    named_error(Conflict, lambda: room.create("r2"))
    assert list(room.partner.made) == ["G1"]


def test_an_ordinary_create_asks_for_no_list(room: LostRoom) -> None:
    room.partner.made["G0"] = room.now
    room.fetch()
    room.create()
    assert (room.link().opportunity_id, room.partner.looks) == ("G2", 0)
