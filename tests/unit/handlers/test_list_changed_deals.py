"""The poll of deals: every deal is noticed in a bounded number of pages, however the list moves under it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from lambdas.shared.adapters.hubspot.deals import SEARCH_TOTAL_LIMIT, ModifiedDeal
from lambdas.shared.adapters.ledger import Base, Leases, Links, Watermark, Watermarks
from lambdas.shared.domain.tags import Tagging
from lambdas.shared.errors import Retryable
from lambdas.shared.handlers.list_changed_deals import Collaborators, list_changed_deals
from sandbox.fakes import FakeClock, FakeDynamoDb, FakeQueue

PAGE = 100
OVERLAP_MS = 120_000
TAGS = {"aws": Tagging("#AWS"), "google": Tagging("#GCP")}


class Search:
    """HubSpot's search: sorted by time of change, ``after`` an offset into the list as it is now, cut at 10,000."""

    def __init__(self, modified: dict[str, int]) -> None:
        self.modified = modified
        self.names: dict[str, str] = {}

    def search_modified_deals(
        self, since: int, after: str | None, properties: Sequence[str]
    ) -> tuple[list[ModifiedDeal], str | None]:
        rows = sorted((at, deal) for deal, at in self.modified.items() if at >= since)
        start = int(after or 0)
        end = min(start + PAGE, SEARCH_TOTAL_LIMIT)
        following = str(end) if end < min(len(rows), SEARCH_TOTAL_LIMIT) else None
        told = {deal: {"dealname": self.names.get(deal, "A #AWS")} for _, deal in rows[start:end]}
        assert list(properties) == ["dealname"]
        return [ModifiedDeal(deal, at, told[deal]) for at, deal in rows[start:end]], following


class Room:
    def __init__(self) -> None:
        self.clock, self.dynamodb = FakeClock(), FakeDynamoDb()
        self.links, self.base = Links(self.dynamodb, "ledger", self.clock), Base(self.dynamodb, "ledger")
        self.marks, self.notices = Watermarks(self.dynamodb, "ledger"), FakeQueue()
        self.search = Search({})
        self.began = self.clock.now_ms()
        self.poll()

    def poll(self) -> dict[str, Any]:
        c = Collaborators(self.search, self.links, self.base, self.marks, self.notices, TAGS, self.clock)
        return list_changed_deals({"poll": "hubspot.deals", "correlation_id": "p"}, c)

    def round(self, between: Callable[[], None] = lambda: None, at_most: int = 400) -> int:
        """Poll while there is more; how many pages it took."""
        for pages in range(1, at_most + 1):
            if not self.poll()["more"]:
                return pages
            between()
        raise AssertionError(f"the round had no end within {at_most} pages")

    def read(self, deal_id: str, partner: str, seen_at: int) -> None:
        """A run of the partner's link has read the deal."""
        key = self.links.open_for_deal(partner, deal_id, "hubspot")
        Leases(self.dynamodb, "ledger", self.clock).take_lease(key, "r")
        self.links.settle(key, seen=1, lease_owner="r", base_fields={}, deal_seen_at=seen_at)

    def noticed(self) -> set[str]:
        return {deal for message in self.notices.messages for deal in message["deals"]}

    def mark(self) -> Watermark:
        return self.marks.get("hubspot", "deals")


@pytest.fixture
def room() -> Room:
    return Room()


def test_more_deals_than_a_search_shows_all_changed_within_the_overlap_come_to_an_end(room: Room) -> None:
    room.search.modified = {f"{number:05}": room.began + number * 4 for number in range(15_000)}
    room.clock.advance(seconds=70)
    assert room.round() <= 15_000 / (PAGE - 1) + 2
    assert room.noticed() == set(room.search.modified)
    assert room.mark() == Watermark(since=str(room.began + 70_000))


def test_no_row_is_skipped_when_our_own_writes_sort_the_list_anew_between_pages(room: Room) -> None:
    room.search.modified = {f"{number:03}": room.began + number for number in range(250)}
    room.clock.advance(seconds=10)

    def write_back() -> None:
        for deal in sorted(room.search.modified, key=room.search.modified.__getitem__)[:5]:
            room.search.modified[deal] = room.clock.now_ms()
        room.clock.advance(seconds=1)

    assert room.round(write_back) <= 4
    assert room.noticed() == set(room.search.modified)


def test_more_rows_of_one_millisecond_than_fit_a_page_are_walked_through(room: Room) -> None:
    crowd = {f"c{number:03}": room.began + 5 for number in range(250)}
    room.search.modified = {"before": room.began + 4, **crowd, "behind": room.began + 6}
    room.clock.advance(seconds=10)
    assert room.round() <= 5
    assert room.noticed() == set(room.search.modified)


def test_a_millisecond_that_a_search_cannot_show_whole_does_not_stop_the_poll(room: Room) -> None:
    crowd = {f"c{number:05}": room.began + 5 for number in range(SEARCH_TOTAL_LIMIT + 50)}
    room.search.modified = {**crowd, "behind": room.began + 6}
    room.clock.advance(seconds=10)
    room.round()
    assert "behind" in room.noticed()


def test_what_changes_while_a_round_goes_on_is_left_to_the_next_one(room: Room) -> None:
    room.search.modified = {f"{number:03}": room.began + number for number in range(150)}
    room.clock.advance(seconds=10)

    def everything_changes() -> None:
        room.clock.advance(seconds=1)
        room.search.modified = dict.fromkeys(room.search.modified, room.clock.now_ms())

    assert room.round(everything_changes, at_most=5) <= 3
    room.clock.advance(seconds=900)
    room.round()
    assert room.noticed() == set(room.search.modified)


def test_a_page_whose_notices_could_not_be_stored_is_read_again(room: Room) -> None:
    class Broken(FakeQueue):
        def send(self, message: Any, delay_seconds: int = 0) -> None:
            raise Retryable("SendMessage notices: ReadTimeoutError")

    room.search.modified = {f"{number:03}": room.began + number for number in range(150)}
    room.clock.advance(seconds=10)
    assert room.poll()["more"] is True
    stood, good = room.mark(), room.notices
    room.notices = Broken()
    with pytest.raises(Retryable):
        room.poll()
    assert room.mark() == stood
    room.notices = good
    room.round()
    assert room.noticed() == set(room.search.modified)


def test_the_next_round_looks_back_over_what_the_index_may_have_shown_late(room: Room) -> None:
    room.clock.advance(seconds=900)
    room.round()
    room.search.modified = {"late": room.began + 900_000 - OVERLAP_MS}
    room.round()
    assert room.noticed() == {"late"}


@pytest.mark.parametrize(
    ("name", "linked", "told"),
    [
        ("A", (), False),
        ("A #AWS", (), True),
        ("A #AWS", ("aws",), False),
        ("A #AWS #GCP", ("aws",), True),
        ("A #AWS #GCP", ("aws", "google"), False),
        ("A", ("aws",), False),
    ],
)
def test_only_partners_whose_tag_a_deal_carries_have_to_have_a_link_of_it(
    room: Room, name: str, linked: tuple[str, ...], told: bool
) -> None:
    """Else a deal for one partner alone would be looked at by each poll for ever."""
    for partner in linked:
        room.read("500", partner, room.began + 5)
    room.search.modified, room.search.names = {"500": room.began + 5}, {"500": name}
    room.clock.advance(seconds=10)
    room.round()
    assert room.noticed() == ({"500"} if told else set())


def test_a_deal_that_one_of_its_links_has_not_read_since_is_told(room: Room) -> None:
    room.read("500", "aws", room.began + 5)
    room.read("500", "google", room.began + 4)
    room.search.modified, room.search.names = {"500": room.began + 5}, {"500": "A"}
    room.clock.advance(seconds=10)
    room.round()
    assert room.noticed() == {"500"}
