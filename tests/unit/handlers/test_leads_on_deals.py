"""Leads: joined once, shown on the deal, qualified by the deal's word; and which step is next."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.aws.domain.lead import qualification_mark, words_of_lead
from lambdas.aws.handlers import join_lead, qualify_lead, show_lead
from lambdas.shared.errors import Conflict, CosellError, NotFound, Rejected, Retryable, Throttled, Unauthorized
from tests.unit.domain.domain_support import settings
from tests.unit.handlers.partner_room import Vendor, assert_no_customer, named_error
from tests.unit.handlers.test_answering_invitations import OFFER, RUN, InvitationRoom

LEAD_OFFER = {
    **OFFER,
    "PayloadType": "LeadInvitation",
    "Payload": {"LeadInvitation": {"Customer": {"CompanyName": "X"}}},
}
LEAD: dict[str, Any] = {
    "Customer": {"CompanyName": "BigCorp"},
    "Interactions": [
        {"Contact": {"Email": "Ann@BigCorp.example.com", "FirstName": "Ann"}, "BusinessProblem": "An old problem."},
        {"Contact": {"FirstName": "Nobody"}, "BusinessProblem": "They have to leave their data center soon."},
    ],
}
READ = {"context_id": "1", "modified_at": "2026-09-21T10:00:00Z", "lead": LEAD}


class LeadRoom(InvitationRoom):
    def __init__(self) -> None:
        super().__init__()
        self.leads = Vendor()
        self.invitations.asked("engi-1", "500", {"status": "PENDING", "kind": "lead", "engagement_id": "eng-1"}, "mark")

    def event(self) -> dict[str, Any]:
        return {"run": RUN, "invitation": "engi-1", "at": self.now}

    def join(self, answer: Any, status: str = "PENDING") -> dict[str, Any]:
        self.vendor.answers["join"] = [answer]
        self.central.answers["get_invitation"] = [{**LEAD_OFFER, "Status": status}]
        c = join_lead.Collaborators(self.central, self.vendor, self.invitations, self.audit, self.deal, self.turn)
        return join_lead.join_lead(self.event(), c)

    def show(self, **held: str) -> dict[str, Any]:
        self.leads.answers["read"] = [READ]
        self.hubspot.answers |= {"ensure_contact": ["9"], "associate": [None], "update_deal": [{"properties": {}}]}
        self.hubspot.answers["batch_read_deals"] = [{"500": held}]
        aws = settings()["partners"]["aws"]
        c = show_lead.Collaborators(
            self.leads, self.hubspot, self.invitations, self.audit, self.origins, self.deal, aws
        )
        return show_lead.show_lead(self.event(), c)

    def qualify(self, said: str | None, *answers: Any, shown: str | None = None) -> dict[str, Any]:
        read = {**READ, "lead": {**LEAD, **({"QualificationStatus": shown} if shown else {})}}
        self.leads.answers |= {"read": [read] * 3, "qualify": list(answers)}
        self.hubspot.answers["batch_read_deals"] = [{"500": {"aws_lead_qualification": said}}]
        aws = settings()["partners"]["aws"]
        c = qualify_lead.Collaborators(
            self.leads, self.hubspot, self.invitations, self.audit, self.deal, aws, self.turn
        )
        return qualify_lead.qualify_lead(self.event(), c)


@pytest.fixture
def room() -> LeadRoom:
    return LeadRoom()


def test_an_accepted_answer_joins_then_shows_then_waits_for_the_deals_word(room: LeadRoom) -> None:
    assert room.decide(LEAD_OFFER, answer="accept") == {"do": "join"}
    room.join(None)
    assert room.decide(LEAD_OFFER) == {"do": "show"}
    room.show()
    assert room.decide(LEAD_OFFER) == {"do": "nothing"}
    assert room.decide(LEAD_OFFER, answer="qualify") == {"do": "qualify"}
    assert room.decide(LEAD_OFFER, answer="start") == {"do": "accept"}


def test_a_lead_that_a_person_accepted_elsewhere_is_shown(room: LeadRoom) -> None:
    assert room.decide({**LEAD_OFFER, "Status": "ACCEPTED"}) == {"do": "show"}
    room.show()
    assert (room.known().state, room.known().context_id) == ("joined", "1")


def test_joining_is_on_record_and_repeatable(room: LeadRoom) -> None:
    assert room.join(None) == {"state": "joined"}
    assert (room.known().state, room.known().status) == ("joined", "ACCEPTED")
    assert room.join(Conflict("it is ACCEPTED already"), "ACCEPTED") == {"state": "joined"}
    assert room.audit.entries("invitation#aws#engi-1")[-1]["operation"] == "AcceptLead"


@pytest.mark.parametrize(
    ("answer", "status"),
    [(Rejected("it is EXPIRED"), "EXPIRED"), (NotFound("gone"), "PENDING"), (Conflict("answered"), "REJECTED")],
)
def test_a_lead_that_cannot_be_joined_says_why_on_its_deal(room: LeadRoom, answer: Any, status: str) -> None:
    assert room.join(answer, status) == {"state": "declined"}
    assert (room.known().state, bool(room.known().reason), room.woken()) == ("declined", True, [room.key])


@pytest.mark.parametrize("kind", [Throttled, Retryable, Unauthorized])
def test_a_join_that_did_not_go_out_changes_nothing(room: LeadRoom, kind: type[CosellError]) -> None:
    named_error(kind, lambda: room.join(kind("AWS said no")))
    assert room.known().state == "asked"


def test_the_deal_gets_contacts_that_can_be_known_and_the_latest_problem(room: LeadRoom) -> None:
    assert room.show() == {"deal_id": "500"}
    assert ("associate", "deals", "500", "contacts", "9") in room.hubspot.calls
    (written,) = [call for call in room.hubspot.calls if call[0] == "update_deal"]
    assert written[2] == {"aws_customer_problem": "They have to leave their data center soon."}
    assert_no_customer(room.known().as_dict(), room.inbox.messages)
    (problem,) = room.origins.of([("deals", "500")])["deals", "500"]["aws_customer_problem"]
    assert (problem.partner, problem.stands) == ("aws", True)


def test_what_the_deal_says_of_the_problem_stands(room: LeadRoom) -> None:
    room.show(description="Written by us.")
    assert [call for call in room.hubspot.calls if call[0] == "update_deal"] == []


def test_the_word_is_told_once_and_remembered_as_a_mark_alone(room: LeadRoom) -> None:
    assert room.qualify("Qualified", None) == {"state": "told"}
    assert room.known().qualification == qualification_mark("Qualified")
    assert "Qualified" not in str(room.known())
    assert room.qualify("Qualified", shown="Qualified") == {"state": "same"}
    assert [call for call in room.leads.calls if call[0] == "qualify"] == [("qualify", "eng-1", {**READ}, "Qualified")]


def test_a_context_that_moved_is_read_again_three_times(room: LeadRoom) -> None:
    assert room.qualify("Qualified", Conflict("moved"), Conflict("moved"), None) == {"state": "told"}
    moved = [Conflict("moved")] * 3
    named_error(Conflict, lambda: room.qualify("Disqualified", *moved))
    assert room.known().qualification == qualification_mark("Qualified")


def test_a_word_that_aws_refuses_is_remembered_as_refused_until_another_is_said(room: LeadRoom) -> None:
    assert room.qualify("Splendid", Rejected("no such status")) == {"state": "refused"}
    assert room.known().refused == "qualification"
    room.qualify("Qualified", None)
    assert (room.known().refused, room.woken()) == (None, [room.key, room.key])


def test_a_word_that_was_taken_back_meanwhile_is_not_told(room: LeadRoom) -> None:
    assert room.qualify(None) == {"state": "nothing"}
    assert room.leads.calls == []


def test_a_lead_without_interactions_says_nothing() -> None:
    assert (words_of_lead({}).contacts, words_of_lead({}).problem) == ((), None)


def test_a_lead_that_made_no_opportunity_goes_back_to_where_it_was_joined(room: LeadRoom) -> None:
    room.join(None)
    room.invitations.begin("engi-1", "token")
    room.invitations.finish("engi-1", "declined", reason="ContextNotFound")
    assert room.decide(LEAD_OFFER, answer="none") == {"do": "nothing"}
    assert (room.known().state, room.known().token) == ("joined", None)
