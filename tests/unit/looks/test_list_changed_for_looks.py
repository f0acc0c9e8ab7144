"""The poll of the looks: only what changed is looked at, at a pace that leaves the sync its reads."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.aws.adapters.opportunities import AwsOpportunities
from lambdas.shared.adapters.ledger import Watermark, Watermarks
from lambdas.shared.errors import Rejected, Retryable
from lambdas.shared.handlers.list_changed_for_looks import Collaborators, list_changed_for_looks
from sandbox.fakes import FakeQueue
from tests.unit.handlers.partner_room import Vendor, named_error
from tests.unit.looks.look_room import LookRoom

BEGAN, ASKED = "2026-09-21T14:13:20Z", "2026-09-21T14:08:20Z"
EVERYTHING = 5_000
CHANGED = 50


def page(*ids: str, after: str | None = None) -> dict[str, Any]:
    return {
        "items": [{"id": one, "version": f"2026-09-21T15:00:{int(one[1:]) % 60:02}Z"} for one in ids],
        "next": after,
    }


class PollRoom(LookRoom):
    """``inboxes`` by kind."""

    def __init__(self) -> None:
        super().__init__()
        self.central = Vendor(list_opportunities=[])
        self.marks = Watermarks(self.dynamodb, "ledger")
        self.inboxes: dict[str, FakeQueue] = {"summary": FakeQueue(), "resources": FakeQueue()}

    def poll(self, answer: Any = None, kind: str = "summary") -> dict[str, Any]:
        self.central.answers["list_opportunities"] = [answer]
        c = Collaborators(
            "aws",
            AwsOpportunities(self.central),  # type: ignore[arg-type]
            self.links,
            self.marks,
            lambda _partner, kind: self.inboxes[kind],
            self.clock,
        )
        return list_changed_for_looks({"poll": f"aws.{kind}", "correlation_id": "p"}, c)

    def sent(self, kind: str = "summary") -> list[dict[str, Any]]:
        return self.inboxes[kind].messages


@pytest.fixture
def room() -> PollRoom:
    room = PollRoom()
    room.poll()
    return room


def test_the_first_poll_only_sets_the_watermark_of_its_kind() -> None:
    room = PollRoom()
    assert room.poll() == {"more": False, "count": 0}
    assert room.central.calls == []
    assert room.marks.get("aws", "summary") == Watermark(since=BEGAN)
    assert room.marks.get("aws", "resources") == Watermark()


def test_what_changed_is_looked_at_by_its_link(room: PollRoom) -> None:
    assert room.poll(page("O1", "O9")) == {"more": False, "count": 1}
    assert room.sent() == [{"link": room.key, "why": "poll", "correlation_id": "p"}]


def test_each_kind_goes_its_own_way(room: PollRoom) -> None:
    room.poll(page("O1"))
    room.poll(kind="resources")
    room.poll(page("O1"), "resources")
    assert len(room.sent()) == len(room.sent("resources")) == 1


def test_a_link_that_is_done_is_left_alone_and_one_that_waits_for_its_deal_is_not(room: PollRoom) -> None:
    room.links.settle(room.key, seen=None, lease_owner="r", changes={"state": "closed"})
    young = room.links.open_for_opportunity("aws", "O2")
    room.poll(page("O1", "O2"))
    assert [one["link"] for one in room.sent()] == [young]


def test_a_sweep_over_five_thousand_of_which_fifty_changed_asks_once_and_looks_fifty_times(room: PollRoom) -> None:
    for number in range(2, EVERYTHING + 1):
        key = room.links.open_for_deal("aws", str(10_000 + number), "hubspot")
        room.links.tie_opportunity(key, f"O{number}")
    changed = [f"O{number}" for number in range(100, 100 + CHANGED)]
    assert room.poll(page(*changed)) == {"more": False, "count": CHANGED}
    assert [name for name, *_ in room.central.calls] == ["list_opportunities"]
    assert len(room.sent()) == CHANGED
    delays = [delay for _, delay in room.inboxes["summary"].sent]
    assert delays == [second for second in (0, 3, 6, 9, 12) for _ in range(10)]


def test_pages_go_on_where_the_last_one_ended(room: PollRoom) -> None:
    room.clock.advance(seconds=3600)
    assert room.poll(page("O1", after="p2"))["more"] is True
    assert room.poll(page("O1")) == {"more": False, "count": 0}, "looked at already"
    assert [(since, token) for _, since, token in room.central.calls] == [(ASKED, None), (ASKED, "p2")]
    assert room.marks.get("aws", "summary").since == "2026-09-21T15:00:01Z"


def test_a_page_that_is_no_longer_taken_is_given_up_and_a_refused_list_is_an_error(room: PollRoom) -> None:
    room.poll(page("O1", after="p2"))
    assert room.poll(Rejected("no such page")) == {"more": False, "count": 0}
    assert room.marks.get("aws", "summary") == Watermark(since=BEGAN, told={"O1": "2026-09-21T15:00:01Z"})
    named_error(Rejected, lambda: room.poll(Rejected("no")))


def test_messages_that_cannot_be_sent_leave_the_watermark_where_it_was(room: PollRoom) -> None:
    class Broken(FakeQueue):
        def send_batch(self, messages: Any, delay_seconds: int = 0) -> None:
            raise Retryable("SendMessageBatch aws-summary: 10 messages refused")

    room.inboxes["summary"] = Broken()
    named_error(Retryable, lambda: room.poll(page("O1")))
    assert room.marks.get("aws", "summary") == Watermark(since=BEGAN)
