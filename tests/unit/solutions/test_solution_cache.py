"""The catalogue in the ledger: whole or not at all, in parts that fit an item, and ended by time."""

from __future__ import annotations

import pytest

from lambdas.aws.adapters import solution_cache
from lambdas.aws.adapters.solution_cache import FRESH_MS, KEPT_SECONDS, LARGEST_PART, SolutionCache
from lambdas.aws.domain.solutions import STATUSES, Catalogue, Solution
from lambdas.aws.handlers.list_solutions import Collaborators, list_solutions
from lambdas.shared.adapters.ledger.table import Table
from lambdas.shared.errors import Retryable, Throttled
from sandbox.fakes import FakeClock, FakeDynamoDb
from tests.unit.handlers.partner_room import Vendor


class Room:
    def __init__(self) -> None:
        self.clock, self.dynamodb = FakeClock(), FakeDynamoDb()
        self.cache = self.another()

    def another(self, catalog: str = "Sandbox") -> SolutionCache:
        """As another function's process has it."""
        return SolutionCache(self.dynamodb, "ledger", catalog, self.clock)


@pytest.fixture
def room() -> Room:
    return Room()


def some(count: int, name: str = "Mover") -> list[Solution]:
    return [Solution(f"S-{number}", name, "Software", "Active") for number in range(1, count + 1)]


def test_before_the_first_read_there_is_nothing_and_it_says_so(room: Room) -> None:
    found = room.cache.get()
    assert found == Catalogue()
    assert found.age_ms(room.clock.now_ms()) is None
    assert "aws.solutions" in str(found.why_empty)


def test_what_was_put_is_read_as_it_was_with_its_age(room: Room) -> None:
    full = Solution("S-9", "Ü & co", "Consulting", "Draft", "2026-01-02T03:04:05Z", "arn:1", "arn:2")
    room.cache.put([*some(2), full])
    room.clock.advance(seconds=90)
    found = room.another().get()
    assert found.solutions == (*some(2), full)
    assert found.age_ms(room.clock.now_ms()) == 90_000
    assert [each.solution_id for each in found.active] == ["S-1", "S-2"]


def test_catalogs_are_apart(room: Room) -> None:
    room.cache.put(some(1))
    assert room.another("AWS").get() == Catalogue()


def test_a_large_catalogue_lies_in_parts_that_fit_an_item(room: Room) -> None:
    many = some(3000, "x" * 300)
    room.cache.put(many)
    parts = [item["rows"] for item in room.dynamodb.items("ledger") if "rows" in item]
    assert len(parts) > 3
    assert max(len(part.encode()) for part in parts) <= LARGEST_PART + 2
    assert room.another().get().solutions == tuple(many)


def test_an_emptied_catalogue_is_a_read_one(room: Room) -> None:
    room.cache.put(some(2))
    room.cache.put([])
    found = room.another().get()
    assert (found.solutions, found.read_at) == ((), room.clock.now_ms())


def test_a_reader_sees_the_old_one_until_the_new_one_is_whole(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    room.cache.put(some(2))
    monkeypatch.setattr(solution_cache, "LARGEST_PART", 150)
    seen: list[int] = []
    put = room.dynamodb.put_item

    def watched(**request):
        seen.append(len(room.another().get().solutions))
        return put(**request)

    monkeypatch.setattr(room.dynamodb, "put_item", watched)
    room.cache.put(some(5))
    assert len(seen) > 3
    assert set(seen) == {2}
    assert len(room.another().get().solutions) == 5


def test_a_process_asks_again_after_five_minutes_but_never_keeps_an_absence(room: Room) -> None:
    reader = room.another()
    assert reader.get().read_at is None
    room.cache.put(some(1))
    assert len(reader.get().solutions) == 1
    room.cache.put(some(3))
    assert len(reader.get().solutions) == 1
    room.clock.advance(seconds=FRESH_MS / 1000)
    assert len(reader.get().solutions) == 3


def test_what_nobody_has_read_for_two_weeks_is_none_any_more(room: Room) -> None:
    room.cache.put(some(1))
    room.clock.advance(seconds=KEPT_SECONDS)
    assert room.another().get() == Catalogue()


def test_a_part_that_is_gone_is_never_taken_for_a_smaller_catalogue(room: Room) -> None:
    room.cache.put(some(1))
    (part,) = [item for item in room.dynamodb.items("ledger") if "rows" in item]
    Table(room.dynamodb, "ledger").delete(part["pk"], part["sk"])
    with pytest.raises(Retryable, match="no whole generation"):
        room.another().get()


def test_the_poll_reads_all_statuses_and_replaces_the_catalogue(room: Room) -> None:
    vendor = Vendor(list=[some(2), Throttled("slow down")])
    event = {"poll": "aws.solutions", "correlation_id": "p"}
    assert list_solutions(event, Collaborators(vendor, room.cache)) == {"more": False, "count": 2}
    assert vendor.calls == [("list", STATUSES)]
    with pytest.raises(Throttled):
        list_solutions(event, Collaborators(vendor, room.cache))
    assert len(room.another().get().solutions) == 2, "a read that fails leaves yesterday's"
