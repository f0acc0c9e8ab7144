"""A lead before the opportunity: once, never again when its answer was lost, and a person's word where nobody knows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.auth.exceptions import TransportError

from lambdas.shared.errors import Conflict, Retryable, Throttled
from tests.contract.google.google_room import CUSTOMER, VECTOR, GoogleRoom
from tests.unit.handlers.partner_room import named_error

LEAD, CREATE = "partners.leads.create", "opportunities.create"


@pytest.fixture
def room() -> GoogleRoom:
    return GoogleRoom(lead=True)


def leads(room: GoogleRoom) -> list[str]:
    return list(room.account.state.leads)


def test_the_lead_goes_first_and_the_deal_shows_its_name(room: GoogleRoom) -> None:
    room.look()
    room.look()
    (lead,) = leads(room)
    (made,) = room.account.state.leads.values()
    assert made.document["customer"] == {"companyName": "Contoso"}
    assert (made.document["partnerAnnualContractValue"], made.document["leadCurrencyCode"]) == (1000.5, "EUR")
    assert room.deal["properties"]["gcp_lead_name"] == lead
    assert list(room.link().associated) == ["lead:begun", f"lead:{lead}"]
    assert len(room.records()) == 1
    assert room.settled()


def test_what_the_lead_said_is_on_record_and_not_on_the_link(room: GoogleRoom) -> None:
    room.look()
    changes = [each for entry in room.trail() for each in json.loads(entry.get("changes") or "[]")]
    assert {"lead.customer", "lead.value", "title"} <= {each["field"] for each in changes}
    assert [value for value in CUSTOMER if value in repr(room.link())] == []


def test_a_lead_whose_answer_was_lost_is_never_sent_again_and_told_to_a_person(room: GoogleRoom) -> None:
    room.faults.add(operation=LEAD, answer_lost=True)
    named_error(Retryable, room.look)
    room.look()
    assert (room.outline["outcome"], room.outline["problems"]) == ("blocked", ["lead_name"])
    message = room.deal["properties"]["gcp_sync_message"]
    assert "partner portal" in message
    assert "gcp_lead_name" in message
    assert len(leads(room)) == 1
    assert room.records() == []
    assert room.settled(), "nothing more until a person has looked"


def test_the_name_that_a_person_writes_into_the_deal_lets_it_go_on(room: GoogleRoom) -> None:
    room.faults.add(operation=LEAD, answer_lost=True)
    named_error(Retryable, room.look)
    room.look()
    (lead,) = leads(room)
    room.set(gcp_lead_name=lead)
    room.clock.advance(ms=room.opportunities.create_shows_after_ms)
    room.look()
    room.look()
    assert (leads(room), len(room.records())) == ([lead], 1)
    assert f"lead:{lead}" in room.link().associated
    assert room.settled()


def test_the_function_refuses_a_second_lead_even_if_its_plan_was_made_before(room: GoogleRoom) -> None:
    """The machine repeats a state with the plan that it has: that one knows nothing of the lost lead."""
    room.faults.add(operation=LEAD, answer_lost=True)
    named_error(Retryable, room.look)
    plan = room.document("plan", "r1")
    room.links.clear_attempt(room.key, room.link().attempt["token"])
    room.runs.put("r2", "plan", plan)
    run = {**room.run, "run_id": "r2", "partner": "google", "link": room.key}
    with pytest.raises(Exception, match="not answered"):
        room._write(run, "create")
    assert (len(leads(room)), room.records()) == (1, [])


def test_a_lead_that_was_turned_away_by_quota_is_sent_again(room: GoogleRoom) -> None:
    room.faults.add(operation=LEAD, status=403, code="rateLimitExceeded")
    named_error(Throttled, room.look)
    assert room.link().associated == ()
    room.look()
    assert (len(leads(room)), len(room.records())) == (1, 1)


def test_a_lead_that_never_left_for_want_of_a_token_is_sent_again(room: GoogleRoom) -> None:
    leads_session = room.opportunities._leads._crm._session
    send = leads_session.request

    def without_token(*_: Any, **__: Any) -> Any:
        leads_session.request = send
        raise TransportError("the token end point answered 503")

    leads_session.request = without_token
    named_error(Retryable, room.look)
    assert room.link().associated == ()
    room.look()
    assert (len(leads(room)), len(room.records())) == (1, 1)


def test_a_lead_goes_once_though_its_opportunity_is_refused_or_lost(room: GoogleRoom) -> None:
    room.faults.add(operation=CREATE, status=400)
    room.look()
    assert (len(leads(room)), room.records()) == (1, [])
    room.faults.add(operation=CREATE, answer_lost=True)
    named_error(Retryable, room.look)
    room.look()
    room.look()
    assert (len(leads(room)), len(room.records())) == (1, 1)
    assert room.deal["properties"]["gcp_lead_name"] == leads(room)[0]
    assert room.settled()


@pytest.mark.parametrize("name", ["lead 7", "partners/0014000000SANDBOX2/leads/l1", f"partners/{VECTOR}/leads/../x"])
def test_what_is_no_name_of_our_leads_is_never_asked_for(room: GoogleRoom, name: str) -> None:
    room.set(gcp_lead_name=name)
    room.look()
    assert (room.outline["outcome"], room.outline["problems"]) == ("blocked", ["lead_name"])
    assert room.account.calls["partners.leads.get"] == 0


def test_a_lead_that_google_does_not_have_is_told(room: GoogleRoom) -> None:
    room.set(gcp_lead_name=f"partners/{VECTOR}/leads/none")
    room.look()
    assert "gcp_lead_name" in room.deal["properties"]["gcp_sync_message"]
    assert (leads(room), room.records(), room.link().attempt) == ([], [], None)


def test_all_that_a_lead_lacks_is_told_at_once_and_nothing_is_sent(room: GoogleRoom) -> None:
    room.set(gcp_deal_term="", gcp_model="", gcp_product_family="CLOUD;WORKSPACE")
    room.look()
    message = room.deal["properties"]["gcp_sync_message"]
    assert [name for name in ("gcp_deal_term", "gcp_model", "gcp_product_family") if name not in message] == []
    assert (leads(room), room.records()) == ([], [])
    assert room.settled()


def test_without_the_setting_no_lead_is_made() -> None:
    room = GoogleRoom()
    room.look()
    assert (leads(room), len(room.records())) == ([], 1)


def test_a_lost_lead_keeps_the_create_waiting_while_its_record_could_still_show(room: GoogleRoom) -> None:
    room.faults.add(operation=LEAD, answer_lost=True)
    named_error(Retryable, room.look)
    room.set(gcp_lead_name=leads(room)[0])
    named_error(Conflict, room.look)
    assert room.records() == []
