"""Tying solutions: one call each in its turn, what is done stays known, and what each error leaves."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambdas.aws.adapters.opportunities import AwsOpportunities
from lambdas.shared.errors import (
    Conflict,
    CosellError,
    NotFound,
    Problem,
    Rejected,
    Retryable,
    Throttled,
    Unauthorized,
    Unexpected,
)
from lambdas.shared.handlers.complete_opportunity import Collaborators, complete_opportunity
from tests.unit.handlers.partner_room import Room, Vendor, assert_no_customer, named_error

NOT_ACTIVE = Problem("relatedentityidentifier", "relatedentityidentifier has a value that AWS does not accept.")


class AssociateRoom(Room):
    def __init__(self) -> None:
        super().__init__()
        self.links.tie_opportunity(self.key, "O1")
        self.run["opportunity_id"] = "O1"
        self.central = Vendor(associate=[])

    def associate(self, solutions: list[str], *answers: Any, at: int | None = None, spacing: int = 0) -> dict[str, Any]:
        self.central.answers["associate"] = list(answers)
        c = Collaborators(AwsOpportunities(self.central), self.links, self.runs, self.audit, self.turn)
        at = self.now if at is None else at
        event = {"run": self.run, "steps": solutions, "at": at, "spacing_ms": spacing}
        return complete_opportunity(event, c)

    def asked(self) -> list[str]:
        return [solution for _, _, _, solution in self.central.calls]


@pytest.fixture
def room() -> AssociateRoom:
    return AssociateRoom()


def test_each_solution_is_tied_on_record_and_remembered(room: AssociateRoom) -> None:
    answer = room.associate(["S-1", "S-2"], None, None)
    assert answer == {"done": ["S-1", "S-2"]}
    assert room.central.calls == [("associate", "O1", "Solutions", "S-1"), ("associate", "O1", "Solutions", "S-2")]
    assert room.link().associated == ("S-1", "S-2")
    first, done, second, _ = room.trail()
    assert [first["operation"], first["opportunity_id"], first["deal_id"]] == ["AssociateOpportunity", "O1", "500"]
    assert json.loads(second["changes"]) == [{"after": "S-2", "field": "solution"}]
    assert (done["intent"], done["result"]) == (first["sk"], "done")
    assert_no_customer(answer, room.link())


def test_nothing_to_tie_asks_nobody(room: AssociateRoom) -> None:
    assert room.associate([]) == {"done": []}
    assert (room.central.calls, room.trail(), room.slept) == ([], [], [])


@pytest.mark.parametrize("kind", [Throttled, Retryable, Unauthorized, Conflict, NotFound, Unexpected])
def test_what_was_tied_before_an_error_stays_known(room: AssociateRoom, kind: type[CosellError]) -> None:
    error = named_error(kind, lambda: room.associate(["S-1", "S-2", "S-3"], None, kind("AWS said no")))
    assert str(error) == "AWS said no"
    assert room.asked() == ["S-1", "S-2"], "after an error no other is tried"
    assert room.link().associated == ("S-1",)
    assert room.results() == [None, "done", None, kind.__name__]
    assert room.document("rejection") is None


def test_a_refused_solution_leaves_its_problems_for_the_write_back(room: AssociateRoom) -> None:
    error = named_error(Rejected, lambda: room.associate(["S-1", "S-2"], None, Rejected("AWS refused", [NOT_ACTIVE])))
    assert room.document("rejection") == {
        "reason": "AWS refused",
        "problems": [NOT_ACTIVE.as_dict()],
        "fields": ["solution"],
    }
    assert room.link().associated == ("S-1",)
    assert room.results() == [None, "done", None, "Rejected"]
    assert_no_customer(str(error), room.document("rejection"))


def test_the_step_again_after_a_failure_ties_the_rest_and_keeps_each_once(room: AssociateRoom) -> None:
    named_error(Retryable, lambda: room.associate(["S-1", "S-2"], None, Retryable("lost")))
    room.clock.advance(seconds=1)
    assert room.associate(["S-1", "S-2"], None) == {"done": ["S-1", "S-2"]}
    assert room.link().associated == ("S-1", "S-2")
    assert room.asked() == ["S-1", "S-2", "S-2"], "what is done has no place in the quota any more"


def test_what_the_link_knows_already_is_kept_once(room: AssociateRoom) -> None:
    room.links.add_associated(room.key, ["S-2", "S-9"])
    room.associate(["S-2", "S-1"], None)
    assert room.link().associated == ("S-2", "S-9", "S-1")


def test_a_bug_in_the_call_leaves_an_intent_without_an_outcome(room: AssociateRoom) -> None:
    with pytest.raises(KeyError):
        room.associate(["S-1"], KeyError("BigCorp"))
    assert room.results() == [None]
    assert room.link().associated == ()


def test_each_write_has_its_own_place_in_the_quota(room: AssociateRoom) -> None:
    room.associate(["S-1", "S-2", "S-3"], None, None, None, at=room.now + 500, spacing=250)
    assert room.slept == [0.5, 0.75, 1.0], "the fake clock stands still, so each wait counts from now"


def test_places_that_have_passed_are_not_waited_for(room: AssociateRoom) -> None:
    room.associate(["S-1", "S-2"], None, None, at=room.now - 5_000, spacing=1_000)
    assert room.slept == []
