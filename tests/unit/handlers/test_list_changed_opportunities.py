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

BEGAN = "2026-09-21T14:13:20Z"


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
    assert room.mark() == Watermark(since=BEGAN), "nothing of the round is taken for done"
    assert room.poll(page("O1", "O2")) == {"more": False, "count": 2}
    assert room.asked() == [(BEGAN, None), (BEGAN, "p2"), (BEGAN, None)]


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
    assert room.asked()[1:] == [(BEGAN, "p2"), (BEGAN, "p2")]


def test_a_notice_that_could_not_be_sent_leaves_the_page_to_be_read_again(room: PollRoom) -> None:
    class Broken(FakeQueue):
        def send(self, message: Any, delay_seconds: int = 0) -> None:
            raise Retryable("SendMessage notices: ReadTimeoutError")

    room.notices = Broken()
    named_error(Retryable, lambda: room.poll(page("O1", after="p2")))
    assert room.mark() == Watermark(since=BEGAN)
