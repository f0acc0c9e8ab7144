"""Opening the link of an accepted opportunity: named, woken, and safe to repeat."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.shared.errors import Retryable
from lambdas.shared.handlers.open_link import Collaborators, open_link
from sandbox.fakes import FakeQueue
from tests.unit.handlers.partner_room import Room, named_error

KEY = "link#aws#oO9"


class OpenRoom(Room):
    def open(self, invitation: str = "engi-1", **run: Any) -> dict[str, Any]:
        asked: list[str] = []

        def inbox(partner: str) -> FakeQueue:
            asked.append(partner)
            return self.inbox

        given = {"run_id": "r", "partner": "aws", "correlation_id": "c", **run}
        answer = open_link(
            {"run": given, "invitation": invitation, "opportunity_id": "O9"}, Collaborators(self.links, inbox)
        )
        assert asked == ["aws"]
        return answer


@pytest.fixture
def room() -> OpenRoom:
    return OpenRoom()


def test_the_link_names_invitation_and_opportunity_and_is_woken(room: OpenRoom) -> None:
    assert room.open() == {"link": KEY}
    link = room.links.get(KEY)
    assert (link.origin, link.invitation_id, link.opportunity_id, link.deal_id) == ("invitation", "engi-1", "O9", None)
    assert (link.wanted, link.done, link.due_at) == (1, 0, room.now + 120_000)
    assert room.inbox.messages == [{"link": KEY, "why": "partner", "correlation_id": "c"}]


def test_opening_again_counts_one_more_notice_on_the_same_link(room: OpenRoom) -> None:
    assert room.open() == room.open() == {"link": KEY}
    assert room.links.get(KEY).wanted == 2
    assert room.links.for_opportunities("aws", ["O9"]) == {"O9": KEY}
    assert len(room.inbox.messages) == 2


def test_a_link_that_the_partners_event_opened_first_learns_its_invitation(room: OpenRoom) -> None:
    assert room.links.open_for_opportunity("aws", "O9") == KEY
    room.open()
    link = room.links.get(KEY)
    assert (link.origin, link.invitation_id) == ("opportunity", "engi-1")


def test_the_first_invitation_stays(room: OpenRoom) -> None:
    room.open("engi-1")
    room.open("engi-2")
    assert room.links.get(KEY).invitation_id == "engi-1"


def test_when_a_deals_link_has_taken_the_opportunity_that_one_is_woken(room: OpenRoom) -> None:
    room.links.open_for_opportunity("aws", "O9")
    room.links.tie_opportunity(room.key, "O9")
    assert room.open() == {"link": room.key}
    assert room.link().invitation_id == "engi-1"
    assert [message["link"] for message in room.inbox.messages] == [room.key]


def test_a_run_without_a_correlation_id_wakes_all_the_same(room: OpenRoom) -> None:
    run = {"run_id": "r", "partner": "aws"}
    event = {"run": run, "invitation": "engi-1", "opportunity_id": "O9"}
    open_link(event, Collaborators(room.links, lambda _partner: room.inbox))
    assert room.inbox.messages[0]["correlation_id"] == "none"


def test_a_wake_up_that_is_lost_leaves_a_link_that_the_sweep_finds(room: OpenRoom) -> None:
    class Broken(FakeQueue):
        def send(self, message: Any, delay_seconds: int = 0) -> None:
            raise Retryable("SendMessage inbox: ReadTimeoutError")

    room.inbox = Broken()
    named_error(Retryable, room.open)
    room.clock.advance(seconds=120)
    assert KEY in room.links.due("aws", room.now, 10)
