"""Which messages begin a look, and with what."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.shared.adapters.ledger.leases import LEASE_MS
from lambdas.shared.domain.link import TWO_OPPORTUNITIES
from lambdas.shared.domain.look import DEAL_COMES_MS
from lambdas.shared.errors import Unexpected
from lambdas.shared.handlers.begin_look import Collaborators, begin_look
from tests.unit.handlers.partner_room import named_error
from tests.unit.looks.look_room import LookRoom

RUN = {"run_id": "x", "partner": "aws", "kind": "summary"}


def begin(room: LookRoom, **message: Any) -> dict[str, Any]:
    return begin_look({"run": RUN, "message": message}, Collaborators(room.links, room.seen, room.clock))


@pytest.mark.parametrize("named", ["link", "opportunity"])
def test_a_link_or_its_opportunity_becomes_the_envelope(named: str) -> None:
    room = LookRoom()
    message = {"link": {"link": room.key}, "opportunity": {"opportunity": "O1"}}[named]
    answer = begin(room, **message, why="partner", correlation_id="c-7")
    assert answer == {
        "look": True,
        "again": False,
        "busy": False,
        "run": {
            **RUN,
            "link": room.key,
            "deal_id": "500",
            "opportunity_id": "O1",
            "trigger": "partner",
            "correlation_id": "c-7",
        },
    }


@pytest.mark.parametrize("message", [{"opportunity": "O9"}, {"link": "link#aws#d9"}])
def test_what_has_no_link_is_none_of_our_business(message: dict[str, str]) -> None:
    assert begin(LookRoom(), **message) == {"look": False, "again": False, "busy": False}


@pytest.mark.parametrize(
    ("state", "look"),
    [
        ("open", True),
        ("blocked", True),
        ("conflict", True),
        ("paused", False),
        ("closed", False),
        ("ignored", False),
    ],
)
def test_only_a_link_that_is_worked_on_is_looked_at(state: str, look: bool) -> None:
    room = LookRoom()
    room.links.settle(room.key, seen=None, lease_owner="r", changes={"state": state})
    assert begin(room, link=room.key)["look"] is look


def test_a_merged_deal_does_not_show_its_second_opportunity() -> None:
    room = LookRoom()
    second = {"state": "conflict", "reason": TWO_OPPORTUNITIES}
    room.links.settle(room.key, seen=None, lease_owner="r", changes=second)
    assert begin(room, link=room.key)["look"] is False


def test_a_deal_without_an_opportunity_has_nothing_to_be_looked_at() -> None:
    room = LookRoom()
    other = room.links.open_for_deal("aws", "501", "hubspot")
    assert begin(room, link=other) == {"look": False, "again": False, "busy": False}


def test_an_opportunity_whose_deal_is_being_made_is_waited_for_and_one_without_end_is_not() -> None:
    room = LookRoom()
    room.links.open_for_opportunity("aws", "O2")
    assert begin(room, opportunity="O2") == {"look": False, "again": True, "busy": False}
    room.clock.advance(ms=DEAL_COMES_MS)
    assert begin(room, opportunity="O2") == {"look": False, "again": False, "busy": False}


def test_a_link_that_was_handed_over_is_followed() -> None:
    room = LookRoom()
    half = room.links.open_for_opportunity("aws", "O3")
    taker = room.links.open_for_deal("aws", "502", "hubspot")
    room.links.tie_opportunity(taker, "O3")
    assert begin(room, link=half)["run"]["link"] == taker


@pytest.mark.parametrize("message", [{}, {"deal": "500"}, {"link": "link#google#d500"}])
def test_a_message_that_names_no_record_of_this_partner_is_an_error_that_says_so(message: dict[str, str]) -> None:
    error = named_error(Unexpected, lambda: begin(LookRoom(), **message))
    assert "allowed: a link of aws (link), a record (opportunity)" in str(error)


def test_one_look_of_a_kind_at_a_time_and_the_same_run_may_begin_twice() -> None:
    """Two that overlapped told an approval twice, and took the older of two scores for the newer."""
    room = LookRoom()
    assert begin(room, link=room.key)["look"]
    assert begin(room, link=room.key)["look"], "a state that is repeated"
    other = {**RUN, "run_id": "y"}
    c = Collaborators(room.links, room.seen, room.clock)
    busy = {"look": False, "again": False, "busy": True}
    assert begin_look({"run": other, "message": {"link": room.key}}, c) == busy
    assert begin_look({"run": {**other, "kind": "engagement"}, "message": {"link": room.key}}, c)["look"]
    room.clock.advance(ms=LEASE_MS + 1)
    assert begin_look({"run": other, "message": {"link": room.key}}, c)["look"], "a run that died lets go in the end"
