"""The poll of opportunities: what stops it, and what must not."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.aws.adapters.opportunities import AwsOpportunities
from lambdas.shared.adapters.ledger import Watermark, Watermarks
from lambdas.shared.errors import CosellError, Rejected, Retryable, Throttled, Unauthorized, Unexpected
from lambdas.shared.handlers.list_changed_opportunities import Collaborators, list_changed_opportunities
from sandbox.fakes import FakeQueue
from tests.unit.handlers.partner_room import Room, Vendor, named_error

BEGAN, ASKED = "2026-09-21T14:13:20Z", "2026-09-21T14:08:20Z"


def page(*ids: str, after: str | None = None) -> dict[str, Any]:
    return {"items": [{"id": one, "version": f"2026-09-21T15:00:0{one[1:]}Z"} for one in ids], "next": after}


class PollRoom(Room):
    def __init__(self) -> None:
        super().__init__()
        self.central = Vendor(list_opportunities=[])
        self.marks, self.notices = Watermarks(self.dynamodb, "ledger"), FakeQueue()
        self.poll(None)

    def poll(self, answer: Any) -> dict[str, Any]:
        self.central.answers["list_opportunities"] = [answer]
        c = Collaborators("aws", AwsOpportunities(self.central), self.links, self.marks, self.notices, self.clock)
        return list_changed_opportunities({"poll": "aws.opportunities", "correlation_id": "p"}, c)

    def mark(self) -> Watermark:
        return self.marks.get("aws", "opportunities")

    def asked(self) -> list[tuple[str, str | None]]:
        return [(since, token) for _, since, token in self.central.calls]


@pytest.fixture
def room() -> PollRoom:
    return PollRoom()


def test_a_page_that_aws_no_longer_takes_does_not_stop_the_poll_for_ever(room: PollRoom) -> None:
    assert room.poll(page("O1", after="p2"))["more"] is True
    assert room.poll(Rejected("AWS refused to list opportunities")) == {"more": False, "count": 0}
    told = {"O1": "2026-09-21T15:00:01Z"}
    assert room.mark() == Watermark(since=BEGAN, told=told), "nothing of the round is taken for done"
    assert room.poll(page("O1", "O2")) == {"more": False, "count": 1}, "and nothing is told twice"
    assert room.asked() == [(ASKED, None), (ASKED, "p2"), (ASKED, None)]


def test_a_list_that_is_refused_from_its_first_page_is_an_error(room: PollRoom) -> None:
    named_error(Rejected, lambda: room.poll(Rejected("AWS refused to list opportunities")))
    assert room.mark() == Watermark(since=BEGAN)


@pytest.mark.parametrize("kind", [Throttled, Retryable, Unauthorized, Unexpected])
def test_an_error_passes_and_the_same_page_is_asked_for_again(room: PollRoom, kind: type[CosellError]) -> None:
    room.poll(page("O1", after="p2"))
    stood = room.mark()
    named_error(kind, lambda: room.poll(kind("AWS said no")))
    assert room.mark() == stood
    room.poll(page("O2"))
    assert room.asked()[1:] == [(ASKED, "p2"), (ASKED, "p2")]


def test_a_row_that_shows_after_a_younger_one_is_told_once(room: PollRoom) -> None:
    """The list showed O5 first, and O1, which was written before it, minutes later."""
    room.poll(page("O5"))
    assert room.poll(page("O1", "O5")) == {"more": False, "count": 1}
    assert room.asked()[1:] == [("2026-09-21T14:55:05Z", None)], (
        "five minutes before O5, as AWS's lists may lag so long"
    )
    assert room.poll(page("O1", "O5")) == {"more": False, "count": 0}
    assert [one["opportunities"] for one in room.notices.messages] == [["O5"], ["O1"]]
    assert room.mark().since == "2026-09-21T15:00:05Z", "and the watermark does not go back"


@pytest.mark.parametrize("state", ["ignored", "paused", "closed", "conflict"])
def test_a_link_that_has_read_no_version_is_not_woken_by_every_poll(room: PollRoom, state: str) -> None:
    room.links.open_for_opportunity("aws", "O7")
    room.poll(page("O7"))
    key = room.links.for_opportunities("aws", ["O7"])["O7"]
    room.leases.take_lease(key, "r7")
    room.links.settle(key, seen=1, lease_owner="r7", changes={"state": state})
    stood = room.mark()
    assert room.poll(page("O7"))["count"] == 0
    assert room.mark() == stood
    moved = {"items": [{"id": "O7", "version": "2026-09-21T15:00:08Z"}], "next": None}
    assert room.poll(moved)["count"] == 1, "a later version is news"


def test_a_quiet_poll_writes_nothing_to_the_ledger(room: PollRoom) -> None:
    room.poll(page("O5"))
    writes: list[Any] = []
    room.marks.move = lambda *moved: writes.append(moved) or True  # type: ignore[method-assign]
    room.poll(page("O5"))
    assert writes == []
    room.poll(page("O6"))
    assert len(writes) == 1


def test_only_what_the_next_round_reads_again_is_remembered(room: PollRoom) -> None:
    room.poll({"items": [{"id": "O1", "version": "2026-09-21T14:50:00Z"}, *page("O5")["items"]], "next": None})
    assert room.mark().told == {"O5": "2026-09-21T15:00:05Z"}


def test_a_notice_that_could_not_be_sent_leaves_the_page_to_be_read_again(room: PollRoom) -> None:
    class Broken(FakeQueue):
        def send(self, message: Any, delay_seconds: int = 0) -> None:
            raise Retryable("SendMessage notices: ReadTimeoutError")

    room.notices = Broken()
    named_error(Retryable, lambda: room.poll(page("O1", after="p2")))
    assert room.mark() == Watermark(since=BEGAN)
