"""The poll of invitations: who is told of what waits, page by page, and what the rule holds back."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.aws.handlers.list_invitations import Collaborators, list_invitations
from lambdas.shared.adapters.ledger import Invitations, Watermark, Watermarks
from lambdas.shared.errors import CosellError, Rejected, Retryable, Throttled, Unauthorized, Unexpected
from sandbox.fakes import FakeQueue
from tests.unit.handlers.partner_room import Room, Vendor, named_error


def page(*ids: str, after: str | None = None, kind: str = "OpportunityInvitation") -> dict[str, Any]:
    items = [{"id": one, "payload_type": kind, "engagement_id": "eng-1", "expires_at": None} for one in ids]
    return {"items": items, "next": after}


class PollRoom(Room):
    def __init__(self) -> None:
        super().__init__()
        self.central = Vendor(list_pending_invitations=[])
        self.invitations = Invitations(self.dynamodb, "ledger", "aws", self.clock)
        self.marks, self.notices = Watermarks(self.dynamodb, "ledger"), FakeQueue()

    def poll(self, answer: Any) -> dict[str, Any]:
        self.central.answers["list_pending_invitations"] = [answer]
        event = {"poll": "aws.invitations", "correlation_id": "p"}
        return list_invitations(event, Collaborators(self.central, self.invitations, self.marks, self.notices))

    def mark(self) -> Watermark:
        return self.marks.get("aws", "invitations")

    def pages_asked(self) -> list[str | None]:
        return [asked for _, asked in self.central.calls]


@pytest.fixture
def room() -> PollRoom:
    return PollRoom()


def test_what_waits_is_told_in_one_notice(room: PollRoom) -> None:
    assert room.poll(page("engi-1", "engi-2")) == {"more": False, "count": 2}
    expected = {"source": "poll", "partner": "aws", "correlation_id": "p", "invitations": ["engi-1", "engi-2"]}
    assert room.notices.messages == [expected]
    assert room.mark() == Watermark()


def test_nobody_is_woken_for_what_aws_refused_for_good(room: PollRoom) -> None:
    room.invitations.begin("engi-1", "token")
    room.invitations.finish("engi-1", "declined", reason="AWS refused")
    assert room.poll(page("engi-1", "engi-2")) == {"more": False, "count": 2}
    assert [one["invitations"] for one in room.notices.messages] == [["engi-2"]]


def test_leads_are_told_too(room: PollRoom) -> None:
    assert room.poll(page("engi-1", kind="LeadInvitation")) == {"more": False, "count": 1}
    assert [one["invitations"] for one in room.notices.messages] == [["engi-1"]]


def test_what_waits_for_an_answer_on_its_deal_wakes_nobody_until_it_is_answered(room: PollRoom) -> None:
    room.invitations.asked("engi-1", "500", {"status": "PENDING"}, None)
    assert room.poll(page("engi-1")) == {"more": False, "count": 1}
    assert room.notices.messages == []
    room.invitations.answered("engi-1", "accept")
    room.poll(page("engi-1"))
    assert [one["invitations"] for one in room.notices.messages] == [["engi-1"]]


def test_what_we_rejected_wakes_nobody_and_what_was_once_left_alone_is_decided_again(room: PollRoom) -> None:
    room.invitations.decide("engi-1", "rejected", "Other")
    room.invitations.ignore("engi-2", "invitations were decided by a person then")
    room.poll(page("engi-1", "engi-2"))
    assert [one["invitations"] for one in room.notices.messages] == [["engi-2"]]


def test_nothing_waiting_sends_nothing(room: PollRoom) -> None:
    assert room.poll(page()) == {"more": False, "count": 0}
    assert room.notices.messages == []


def test_a_round_goes_on_at_its_next_page_and_the_one_after_begins_anew(room: PollRoom) -> None:
    assert room.poll(page("engi-1", after="p2"))["more"] is True
    assert room.poll(page("engi-2", after="p3"))["more"] is True
    assert room.poll(page("engi-3"))["more"] is False
    room.poll(page())
    assert room.pages_asked() == [None, "p2", "p3", None]


def test_a_pending_invitation_is_told_at_every_round(room: PollRoom) -> None:
    room.poll(page("engi-1"))
    room.poll(page("engi-1"))
    assert [message["invitations"] for message in room.notices.messages] == [["engi-1"], ["engi-1"]]


@pytest.mark.parametrize("kind", [Throttled, Retryable, Unauthorized, Unexpected])
def test_an_error_passes_and_the_same_page_is_asked_for_again(room: PollRoom, kind: type[CosellError]) -> None:
    room.poll(page("engi-1", after="p2"))
    named_error(kind, lambda: room.poll(kind("AWS said no")))
    assert room.mark() == Watermark(page="p2")
    room.poll(page("engi-2"))
    assert room.pages_asked() == [None, "p2", "p2"]


def test_a_page_that_aws_no_longer_takes_does_not_stop_the_poll_for_ever(room: PollRoom) -> None:
    room.poll(page("engi-1", after="p2"))
    assert room.poll(Rejected("AWS refused to list invitations")) == {"more": False, "count": 0}
    assert room.poll(page("engi-1"))["count"] == 1
    assert room.pages_asked() == [None, "p2", None]


def test_a_list_that_is_refused_from_its_first_page_is_an_error(room: PollRoom) -> None:
    named_error(Rejected, lambda: room.poll(Rejected("AWS refused to list invitations")))


def test_a_notice_that_could_not_be_sent_leaves_the_page_to_be_read_again(room: PollRoom) -> None:
    class Broken(FakeQueue):
        def send(self, message: Any, delay_seconds: int = 0) -> None:
            raise Retryable("SendMessage notices: ReadTimeoutError")

    room.notices = Broken()
    named_error(Retryable, lambda: room.poll(page("engi-1", after="p2")))
    assert room.mark() == Watermark()
