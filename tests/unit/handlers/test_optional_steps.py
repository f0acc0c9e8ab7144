"""A step that may be refused: the run goes on, link and deal know; and what a plan keeps or forgets."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.aws.adapters.opportunities import AwsOpportunities
from lambdas.aws.domain.owners import assignment_of
from lambdas.shared.domain.plan import REFUSED, Fact, Otherwise, Plan
from lambdas.shared.errors import Conflict, CosellError, Problem, Rejected, Retryable, Throttled, Unauthorized
from lambdas.shared.handlers import record_outcome as recording
from lambdas.shared.handlers.complete_opportunity import Collaborators, complete_opportunity
from lambdas.shared.handlers.write_deal import Collaborators as WriteBack
from lambdas.shared.handlers.write_deal import write_deal
from tests.unit.handlers.partner_room import Room, Vendor, assert_no_customer, named_error

ANN = {"email": "ann@isv.example", "first_name": "Ann", "last_name": "Example", "title": "Account manager"}
BOB = {**ANN, "email": "bob@isv.example"}
A, B = assignment_of(ANN), assignment_of(BOB)
NO_USER = Rejected("AWS refused to assign the owner", [Problem("owner", "The owner cannot be assigned.")])


class OwnerRoom(Room):
    def __init__(self) -> None:
        super().__init__()
        self.links.tie_opportunity(self.key, "O1")
        self.run["opportunity_id"] = "O1"
        self.central: Any = Vendor(assign=[], associate=[])

    def complete(self, steps: list[str], *answers: Any) -> dict[str, Any]:
        self.clock.advance(seconds=1)
        self.central.answers = {"assign": list(answers), "associate": [None, None]}
        opportunities = AwsOpportunities(self.central, users={A: ANN, B: BOB})
        c = Collaborators(opportunities, self.links, self.runs, self.audit, self.turn)
        return complete_opportunity({"run": self.run, "steps": steps, "at": self.now, "spacing_ms": 0}, c)


@pytest.fixture
def room() -> OwnerRoom:
    return OwnerRoom()


def test_an_assignment_takes_the_place_of_the_one_before(room: OwnerRoom) -> None:
    assert room.complete([A], None) == {"done": [A]}
    assert room.central.calls == [("assign", "O1", ANN)]
    room.complete([B], None)
    room.complete([A], None)
    assert room.link().associated == (A,)
    assert [entry["operation"] for entry in room.trail() if "operation" in entry] == ["AssignOpportunity"] * 3
    assert_no_customer(room.link(), room.trail())
    assert "@" not in str(room.link()) + str(room.trail())


def test_a_refusal_holds_up_no_other_step_and_is_remembered(room: OwnerRoom) -> None:
    assert room.complete([A, "S-1"], NO_USER) == {"done": ["S-1"]}
    assert set(room.link().associated) == {REFUSED + A, "S-1"}
    assert room.document("refused") == {A: "AWS refused to assign the owner"}
    assert room.document("rejection") is None
    assert room.results() == [None, "Rejected", None, "done"]


def test_the_step_again_after_a_crash_asks_nobody_and_still_says_so(room: OwnerRoom) -> None:
    room.complete([A], NO_USER)
    room.runs.put("r", "refused", {})
    assert room.complete([A]) == {"done": []}
    assert (room.central.calls[1:], list(room.document("refused"))) == ([], [A])


def test_one_who_is_taken_after_a_refusal_clears_it(room: OwnerRoom) -> None:
    room.complete([A], NO_USER)
    room.complete([B], None)
    assert room.link().associated == (B,)


@pytest.mark.parametrize("kind", [Throttled, Retryable, Unauthorized, Conflict])
def test_what_is_no_refusal_is_an_error_as_ever(room: OwnerRoom, kind: type[CosellError]) -> None:
    named_error(kind, lambda: room.complete([A], kind("AWS said no")))
    assert room.link().associated == ()


def test_an_owner_table_that_changed_since_the_plan_is_planned_anew(room: OwnerRoom) -> None:
    named_error(Conflict, lambda: room.complete(["assign:gone"]))


class HubSpot:
    def __init__(self, refuses: str | None = None) -> None:
        self.refuses, self.written, self.notes, self.tied = refuses, {}, [], []

    def update_deal(self, _deal_id: str, properties: dict[str, str]) -> dict[str, Any]:
        self.written = dict(properties)
        return {"properties": properties}

    def create_note(self, _deal_id: str, body: str, _at: int) -> str:
        self.notes.append(body)
        return "n1"

    def create_task(self, *_: Any) -> str:
        return "t1"

    def notes_of(self, _deal_id: str) -> list[dict[str, str]]:
        return []

    def ensure_contact(self, email: str, properties: dict[str, str], before_new: Any) -> str:
        if email == self.refuses:
            raise Rejected("400", [Problem("contact", "is wrong", "contact", "email")])
        before_new()
        return f"c-{email}"

    def associate(self, *pair: str) -> None:
        self.tied.append(pair)


NAMES = {"opportunity_id": "aws_opportunity_id", "sync_status": "s", "sync_message": "m", "owner_status": "o"}
FACT = Fact("owner-refused:1", "note", "Not assigned", "<p>Not assigned</p>")


def written(room: Room, hubspot: HubSpot, plan: Plan, outcome: str = "synced", **documents: Any) -> HubSpot:
    deal = {"id": "500", "archived": False, "properties": {"aws_opportunity_id": "O1"}}
    for name, document in {"plan": plan.as_dict(), "deal": deal, **documents}.items():
        room.runs.put("r", name, document)
    partners = {"aws": {"status_properties": NAMES, "label": "AWS", "tag": "#AWS", "all_tags": ["#AWS"]}}
    c = WriteBack(hubspot, room.links, room.runs, room.audit, partners, room.origins, room.clock)
    write_deal({"run": room.run, "outcome": outcome}, c)
    return hubspot


def test_the_deal_shows_what_the_plan_says_for_a_refused_step_and_a_note_tells_it(room: OwnerRoom) -> None:
    plan = Plan("none", "synced", deal={"o": "Assigned."}, steps=(A,), otherwise={A: Otherwise({"o": "No."}, (FACT,))})
    assert written(room, HubSpot(), plan).written == {"o": "Assigned."}
    hubspot = written(room, HubSpot(), plan, refused={A: "why"})
    assert (hubspot.written, len(hubspot.notes)) == ({"o": "No."}, 1)
    assert "owner-refused:1" in room.link().told


def test_newcomers_are_tied_and_one_that_hubspot_refuses_is_told(room: OwnerRoom) -> None:
    new = ({"email": "lee@x.example", "firstname": "Lee"}, {"email": "bad@x.example"})
    hubspot = written(room, HubSpot("bad@x.example"), Plan("none", "synced", newcomers=new))
    assert hubspot.tied == [("deals", "500", "contacts", "c-lee@x.example")]
    assert [key for key in room.link().told if key.startswith("people:")]


def test_after_a_rejection_no_newcomer_is_tied(room: OwnerRoom) -> None:
    plan = Plan("update", "synced", newcomers=({"email": "lee@x.example"},))
    rejection = {"reason": "AWS refused", "problems": [], "fields": []}
    assert written(room, HubSpot(), plan, "rejected", rejection=rejection).tied == []


def test_our_peoples_own_words_are_not_marked_as_the_partners(room: OwnerRoom) -> None:
    plan = Plan("none", "synced", deal={"hs_next_step": "Call", "description": "AWS says"}, own_words=("hs_next_step",))
    written(room, HubSpot(), plan)
    assert set(room.origins.of([("deals", "500")])[("deals", "500")]) == {"description"}


def test_an_outcome_keeps_and_forgets_what_the_plan_says(room: OwnerRoom) -> None:
    room.links.add_associated(room.key, ["assign:old", "S-1"])
    room.links.tell_begin(room.key, "owner-unknown:1")
    room.links.tell_done(room.key, "owner-unknown:1", "n1")
    plan = Plan("none", "synced", remember=(A, "S-1"), no_longer=("owner-unknown:1", "assign:old", "never there"))
    room.runs.put("r", "plan", plan.as_dict())
    c = recording.Collaborators(
        room.links, room.base, room.runs, room.audit, lambda *_: None, lambda _: room.inbox, room.clock
    )
    event = {"run": room.run, "outcome": "synced", "opportunity": {"opportunity": "current", "opportunity_id": "O1"}}
    recording.record_outcome(event, c)
    assert (room.link().associated, room.link().told) == (("S-1", A), {})
