"""The field map that is shipped, through the sync's functions: nothing refused, and nothing left to write."""

from __future__ import annotations

import copy
from typing import Any

import pytest

import config
from sandbox.google.switches import Switches, other_reading
from tests.contract.google.google_room import GoogleRoom

PEOPLE = {"contacts": [{"id": "2", "properties": {"email": "Ada@Contoso.example.com", "phone": "+49 30 1234567"}}]}


@pytest.fixture(params=["hard reading", "other reading"])
def room(request: pytest.FixtureRequest) -> GoogleRoom:
    other = request.param == "other reading"
    settings = copy.deepcopy(config.render_settings(config.load(), "sandbox"))
    if other:
        settings["partners"]["google"] |= {"create_partner": "query", "filters": True}
    made = GoogleRoom(other_reading() if other else Switches(), settings=settings, filters=other)
    made.deal |= copy.deepcopy(PEOPLE)
    made.deal["company"]["properties"] |= {"domain": "contoso.example.com", "country": "Germany", "city": "Berlin"}
    made.set(dealstage="appointmentscheduled", gcp_product_family="Google Cloud Platform", hs_next_step="Call")
    return made


def document(room: GoogleRoom) -> dict[str, Any]:
    return dict(room.opportunities.read(room.records()[0]).document)


def test_a_deal_lives_its_whole_life_and_every_station_ends_with_an_empty_plan(room: GoogleRoom) -> None:
    room.look()
    room.look()
    assert room.settled()
    made = document(room)
    address = made["customerInfo"]["customerDetails"]["address"]
    assert (address["regionCode"], address["locality"]) == ("DE", "Berlin")
    assert made["customerInfo"]["contact"]["email"] == "ada@contoso.example.com"
    room.set(gcp_submit="true", gcp_legal_language_accepted="true")
    room.look()
    room.look()
    assert room.settled()
    assert document(room)["qualificationInfo"]["legalLanguageAccepted"] is True
    room.account.review(f"opportunities/{room.records()[0]}", accept=False, reason="Too small")
    room.look()
    assert room.deal["properties"]["gcp_review_reason"] == "Too small"
    assert room.settled()
    room.set(gcp_submit="")
    room.look()
    room.set(gcp_submit="true")
    room.look()
    room.look()
    room.account.review(f"opportunities/{room.records()[0]}", accept=True)
    room.look()
    assert room.settled()
    assert not room.deal["properties"].get("gcp_review_reason")
    room.set(dealstage="qualifiedtobuy", hs_next_step="Meet", amount="5000")
    room.look()
    room.look()
    assert room.settled()
    after = document(room)
    assert (after["stage"], after["isvSolutionConnectInfo"]["nextStep"]) == ("SANDBOX_STAGE_1", "Meet")
    room.account.edit_as_google(f"opportunities/{after['id']}", {"stage": "SANDBOX_STAGE_2"})
    room.look()
    assert room.deal["properties"]["dealstage"] == "presentationscheduled"
    assert room.settled()


def test_a_close_at_google_moves_no_deal_and_is_told_once(room: GoogleRoom) -> None:
    room.look()
    room.look()
    room.hubspot.told.clear()
    room.account.edit_as_google(f"opportunities/{room.records()[0]}", {"state": "ACCEPTED", "stage": "CLOSED"})
    for _ in range(3):
        room.look()
    assert room.deal["properties"]["dealstage"] == "appointmentscheduled"
    assert sorted(kind for kind, _ in room.hubspot.told) in (["task"], ["note", "task"])
    room.hubspot.told.clear()
    room.set(dealstage="closedlost")
    room.look()
    assert room.settled()
    assert room.hubspot.told == []


def test_an_incomplete_deal_tells_all_at_once_and_sends_nothing(room: GoogleRoom) -> None:
    room.set(amount="", closedate="", gcp_product_family="Magic")
    room.look()
    message = room.deal["properties"]["gcp_sync_message"]
    assert [name for name in ("amount", "closedate", "gcp_product_family") if name not in message] == []
    assert room.records() == []
    assert room.settled()
