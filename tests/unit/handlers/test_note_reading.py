"""Notes on deals: which events matter, whose runs read them, and that no other run does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambdas.shared.domain.plan import Plan
from lambdas.shared.domain.tags import Tagging
from lambdas.shared.domain.webhook import read_delivery
from lambdas.shared.handlers import record_outcome as recording
from lambdas.shared.handlers.fetch_deal import Collaborators, fetch_deal
from lambdas.shared.handlers.route_notices import Collaborators as Routing
from lambdas.shared.handlers.route_notices import Partner, route_notices
from sandbox.fakes import FakeQueue
from tests.unit.handlers.partner_room import Room

MARKS = {"mark": "#share", "own_mark": None, "property": "hs_next_step", "most": 255}
NOTE = {"id": "9", "body": "#share Call Ann", "at": 5, "source_type": "CRM_UI", "source_id": "userId:1"}
DEAL = {
    "id": "500",
    "properties": {"dealname": "BigCorp #AWS"},
    "history": {},
    "company": None,
    "contacts": [],
    "archived": False,
    "updated_at": 1,
}


class HubSpot:
    def __init__(self) -> None:
        self.asked: list[str] = []

    def read_deal(self, *_: Any, **__: Any) -> dict[str, Any]:
        return {**DEAL, "properties": dict(DEAL["properties"])}

    def dated_notes_of(self, deal_id: str, wanted: Any) -> list[dict[str, Any]]:
        self.asked.append(deal_id)
        return [one for one in (NOTE, {**NOTE, "body": "no mark"}) if wanted(one["body"])]

    def deals_of(self, object_type: str, ids: list[str]) -> dict[str, list[str]]:
        self.asked.append(object_type)
        return {one: ["500", "501"] for one in ids}


class NoteRoom(Room):
    def __init__(self) -> None:
        super().__init__()
        self.hubspot: Any = HubSpot()

    def fetch(self, **settings: Any) -> dict[str, Any]:
        aws = {"fields": [], "tag": "#AWS", "status_properties": {"opportunity_id": "o"}, "shared_notes": MARKS}
        c = Collaborators(self.hubspot, self.runs, self.origins, {"aws": {**aws, **settings}}, self.links)
        fetch_deal({"run": self.run}, c)
        return self.document("deal")

    def settle(self, outcome: str = "synced") -> None:
        self.runs.put("r", "plan", Plan("none", outcome).as_dict())  # type: ignore[arg-type]
        c = recording.Collaborators(
            self.links, self.base, self.runs, self.audit, lambda *_: None, lambda _: self.inbox, self.clock
        )
        recording.record_outcome({"run": self.run, "outcome": outcome, "opportunity": {"opportunity": "none"}}, c)

    def route(self, *events: dict[str, Any], takes_notes: bool = True) -> FakeQueue:
        inbox = FakeQueue()
        partner = Partner("aws", Tagging("#AWS"), inbox, takes_notes=takes_notes)
        c = Routing(self.links, lambda: self.hubspot, (partner,), FakeQueue(), self.leases)
        body = json.dumps({"source": "hubspot", "correlation_id": "c", "limit_to": None, "events": list(events)})
        assert route_notices({"Records": [{"messageId": "m", "body": body}]}, c) == {"batchItemFailures": []}
        return inbox


@pytest.fixture
def room() -> NoteRoom:
    return NoteRoom()


def event(**more: Any) -> dict[str, Any]:
    return {"kind": "creation", "object": "note", "id": "9", "occurred_at": 1, "own": False, **more}


def test_a_note_makes_the_runs_of_its_deals_read_notes_and_wakes_them(room: NoteRoom) -> None:
    room.route(event(), event(kind="propertyChange", property="hs_note_body"))
    assert (room.link().notes_wanted, room.link().notes_done) == (1, 0)
    assert room.link().wanted == 2
    document = room.fetch()
    assert (document["notes"], document["notes_wanted"]) == ([NOTE], 1)


def test_our_own_notes_and_partners_that_take_none_ask_hubspot_nothing(room: NoteRoom) -> None:
    room.route(event(own=True))
    room.route(event(), takes_notes=False)
    assert (room.hubspot.asked, room.link().notes_wanted) == ([], 0)


def test_a_run_without_word_of_a_note_reads_none(room: NoteRoom) -> None:
    assert "notes" not in room.fetch()
    room.links.want_notes([room.key])
    assert "notes" not in room.fetch(shared_notes=None)
    assert room.hubspot.asked == []


def test_what_was_read_is_not_read_again_unless_there_is_word_of_another(room: NoteRoom) -> None:
    room.links.want_notes([room.key])
    room.fetch()
    room.links.want_notes([room.key])
    room.settle()
    assert (room.link().notes_wanted, room.link().notes_done) == (2, 1), "the second word came while the run worked"
    assert "notes" in room.fetch()
    room.settle()
    assert "notes" not in room.fetch()


def test_a_paused_deal_keeps_them_for_later(room: NoteRoom) -> None:
    room.links.want_notes([room.key])
    room.fetch()
    room.settle("paused")
    assert room.link().notes_done == 0


def test_a_notes_webhook_becomes_a_notice_without_its_text() -> None:
    raw = {
        "portalId": 300,
        "appId": 400,
        "occurredAt": 7,
        "subscriptionType": "object.propertyChange",
        "objectTypeId": "0-46",
        "objectId": 9,
        "propertyName": "hs_note_body",
        "propertyValue": "#share BigCorp",
        "changeSource": "CRM_UI",
        "sourceId": "userId:1",
    }
    (notice,) = read_delivery(json.dumps([raw]).encode()).events
    assert notice == event(kind="propertyChange", property="hs_note_body", occurred_at=7)
