"""Deciding about an invitation, asking on a deal, rejecting, and putting the opportunity on its deal."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.aws.handlers import ask_on_deal, decide_invitation, reject_invitation, tie_invitation
from lambdas.aws.handlers.asking_deal import AskingDeal
from lambdas.shared.adapters.hubspot.similar import SimilarDeal
from lambdas.shared.adapters.ledger import Invitation, Invitations
from lambdas.shared.domain.origins import foreign_properties
from lambdas.shared.errors import (
    Conflict,
    CosellError,
    NotFound,
    Rejected,
    Retryable,
    Throttled,
    Unauthorized,
    Unexpected,
)
from tests.unit.domain.domain_support import settings
from tests.unit.handlers.partner_room import Room, Vendor, assert_no_customer, named_error

OFFER: dict[str, Any] = {
    "Id": "engi-1",
    "EngagementId": "eng-1",
    "PayloadType": "OpportunityInvitation",
    "Status": "PENDING",
    "ExpirationDate": "2030-01-01T00:00:00Z",
    "Payload": {
        "OpportunityInvitation": {
            "Customer": {
                "CompanyName": "BigCorp",
                "Industry": "Gaming",
                "CountryCode": "DE",
                "WebsiteUrl": "big.example",
            },
            "Project": {"Title": "Harbour", "BusinessProblem": "They want to move all of it to the cloud."},
        }
    },
}
RUN = {"run_id": "r", "partner": "aws", "correlation_id": "c"}
ASK = {"rule": "ask", "remind_days": 3, "listed": {}}
MADE = {"id": "77", "properties": {"aws_invitation_expires": "2030-01-01T00:00:00Z"}}


class InvitationRoom(Room):
    """``deals`` is what HubSpot's batch read has."""

    def __init__(self) -> None:
        super().__init__()
        self.invitations = Invitations(self.dynamodb, "ledger", "aws", self.clock)
        self.deal = AskingDeal(self.links, self.inbox)
        self.central, self.hubspot = Vendor(), Vendor()
        self.deals: dict[str, dict[str, str]] = {}
        self.vendor = Vendor()

    def decide(self, offer: Any = OFFER, rule: Any = None, **message: Any) -> dict[str, Any]:
        self.central.answers["get_invitation"] = [offer]
        self.hubspot.answers["batch_read_deals"] = [self.deals] * 2
        aws = settings(invitations=rule or ASK)["partners"]["aws"]
        c = decide_invitation.Collaborators(
            self.central,
            self.vendor,
            self.invitations,
            self.links,
            self.hubspot,
            self.runs,
            self.deal,
            aws,
            self.clock,
        )
        given = {
            "invitation": "engi-1",
            "why": "sync" if "answer" in message else "poll",
            "correlation_id": "c",
            **message,
        }
        return decide_invitation.decide_invitation({"run": RUN, "message": given}, c)

    def ask(self, **answers: list[Any]) -> dict[str, Any]:
        self.runs.put("r", "invitation", OFFER)
        self.hubspot.answers |= {"find_deal": [None, "77"], "create_deal": [MADE], "ensure_company": ["9"], **answers}
        self.hubspot.answers.setdefault("similar_deals", [[]])
        c = ask_on_deal.Collaborators(
            self.hubspot, self.invitations, self.runs, self.audit, self.origins, self.deal, settings(), self.clock
        )
        return ask_on_deal.ask_on_deal({"run": RUN, "invitation": "engi-1"}, c)

    def reject(self, answer: Any, status: str = "PENDING") -> dict[str, Any]:
        self.vendor.answers["reject"] = [answer]
        self.central.answers["get_invitation"] = [{**OFFER, "Status": status}]
        c = reject_invitation.Collaborators(
            self.central, self.vendor, self.invitations, self.audit, self.deal, self.turn
        )
        event = {"run": RUN, "invitation": "engi-1", "reason": "Other", "at": self.now}
        return reject_invitation.reject_invitation(event, c)

    def tie(self, deal_id: str, **answers: list[Any]) -> dict[str, Any]:
        self.hubspot.answers |= {"batch_read_deals": [self.deals], "update_deal": [{}], **answers}
        aws = settings()["partners"]["aws"]
        c = tie_invitation.Collaborators(self.hubspot, self.invitations, self.links, self.audit, self.deal, aws)
        event = {"run": RUN, "invitation": "engi-1", "opportunity_id": "O9", "deal_id": deal_id}
        return tie_invitation.tie_invitation(event, c)

    def asked(self, **more: Any) -> None:
        self.invitations.asked("engi-1", "500", {"status": "PENDING", "ends_at": 1_893_456_000_000}, "mark")
        self.invitations.note("engi-1", kind="opportunity", engagement_id="eng-1", **more)

    def known(self) -> Invitation:
        known = self.invitations.get("engi-1")
        assert known is not None
        return known

    def woken(self) -> list[str]:
        return [message["link"] for message in self.inbox.messages]


@pytest.fixture
def room() -> InvitationRoom:
    return InvitationRoom()


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"rule": "accept-all"}, {"do": "accept"}),
        ({"rule": "ask"}, {"do": "ask"}),
        (
            {"rule": "listed", "listed": {"countries": ["FR"], "otherwise": "reject:Other"}},
            {"do": "reject", "reason": "Other"},
        ),
    ],
)
def test_a_fresh_invitation_is_decided_by_the_rule(room: InvitationRoom, rule: Any, expected: Any) -> None:
    answer = room.decide(rule=rule)
    assert answer == expected
    assert_no_customer(answer)
    assert (room.document("invitation") is not None) is (expected["do"] == "ask")


def test_a_lead_is_never_accepted_without_a_deal(room: InvitationRoom) -> None:
    assert room.decide({**OFFER, "PayloadType": "LeadInvitation"}, {"rule": "accept-all"}) == {"do": "ask"}


@pytest.mark.parametrize("status", ["ACCEPTED", "REJECTED", "EXPIRED"])
def test_what_others_decided_is_left_alone_with_its_reason(room: InvitationRoom, status: str) -> None:
    assert room.decide({**OFFER, "Status": status}) == {"do": "nothing"}
    assert (room.known().state, status in (room.known().reason or "")) == ("ignored", True)


def test_one_that_aws_does_not_know_is_left_alone(room: InvitationRoom) -> None:
    assert room.decide(NotFound("AWS knows no such invitation")) == {"do": "nothing"}
    assert room.known().reason == "AWS knows no such invitation"


@pytest.mark.parametrize("kind", [Throttled, Retryable, Unauthorized, Unexpected])
def test_an_error_decides_nothing(room: InvitationRoom, kind: type[CosellError]) -> None:
    named_error(kind, lambda: room.decide(kind("AWS said no")))
    assert room.invitations.get("engi-1") is None


def test_one_that_is_asked_waits_for_its_answer_and_the_deal_hears_of_news_once(room: InvitationRoom) -> None:
    room.asked()
    assert room.decide() == {"do": "nothing"}
    assert room.woken() == []
    room.decide({**OFFER, "Status": "EXPIRED"})
    room.decide({**OFFER, "Status": "EXPIRED"})
    assert (room.known().status, room.woken(), room.invitations.is_open("engi-1")) == ("EXPIRED", [room.key], False)


def test_the_persons_answer_goes_before_the_rule_and_is_kept(room: InvitationRoom) -> None:
    room.asked()
    assert room.decide(answer="reject", reason="Unable to support") == {"do": "reject", "reason": "Unable to support"}
    assert room.decide() == {"do": "reject", "reason": "Unable to support"}, "by the poll, should the message be lost"
    assert room.decide(answer="accept") == {"do": "accept"}
    assert (room.known().answer, room.known().answer_reason) == ("accept", None)
    late = {"answer": "reject", "reason": "Other", "why": "again", "waited": 30}
    assert room.decide(**late) == {"do": "accept"}, "a message of the machine's own does not overrule a later answer"


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        (None, "deal-missing"),
        ({"dealname": "Harbour"}, "deal-untagged"),
        ({"dealname": "Harbour #AWS", "aws_opportunity_id": "O1"}, "deal-tied"),
        ({"dealname": "Harbour #AWS", "aws_invitation_id": "engi-2"}, "deal-asks"),
        ({"dealname": "Harbour #AWS"}, None),
    ],
)
def test_a_named_deal_is_looked_at_before_anything_is_accepted(
    room: InvitationRoom, properties: dict[str, str] | None, code: str | None
) -> None:
    room.asked()
    room.deals = {} if properties is None else {"77": properties}
    for _ in range(2):
        answer = room.decide(answer="link", deal="77")
        assert answer == {"do": "nothing" if code else "accept"}
    assert (room.known().refused, room.known().wanted_deal) == (code, "77")
    assert room.woken() == ([room.key] if code else []), "once: the same refusal is no news"
    room.deals = {"77": {"dealname": "Harbour #AWS"}}
    assert room.decide() == {"do": "accept"}
    assert room.known().refused is None


def test_an_answer_that_is_taken_back_opens_the_question_anew(room: InvitationRoom) -> None:
    room.asked()
    room.decide(answer="link", deal="77")
    before = len(room.woken())
    assert room.decide(answer="none") == {"do": "nothing"}
    assert (room.known().answer, room.known().refused, room.woken()[before:]) == (None, None, [room.key])
    room.invitations.begin("engi-1", "token")
    room.decide(answer="none")
    assert room.known().state == "started", "too late"


def test_what_was_begun_goes_on_whatever_is_said_meanwhile(room: InvitationRoom) -> None:
    room.asked()
    room.invitations.begin("engi-1", "token")
    assert room.decide(answer="accept") == {"do": "accept"}
    assert room.decide({**OFFER, "Status": "ACCEPTED"}) == {"do": "accept"}, "its answer was lost"
    room.invitations.finish("engi-1", "started", task_id="task-1")
    room.central.calls.clear()
    assert room.decide() == {"do": "accept"}
    assert room.central.calls == []
    room.invitations.finish("engi-1", "failed", reason="InternalError")
    assert room.decide() == {"do": "accept"}


@pytest.mark.parametrize("state", ["rejected", "declined"])
def test_what_is_over_is_not_begun_anew(room: InvitationRoom, state: str) -> None:
    room.asked()
    room.invitations.decide("engi-1", state, "because")
    assert room.decide(answer="accept") == {"do": "nothing"}
    assert room.central.calls == []


def test_an_accepted_one_is_tied_until_it_is(room: InvitationRoom) -> None:
    room.asked()
    room.invitations.finish("engi-1", "accepted", opportunity_id="O9")
    assert room.decide() == {"do": "tie", "opportunity_id": "O9", "deal_id": "500"}
    room.invitations.close("engi-1")
    assert room.decide() == {"do": "nothing"}


def test_an_accepted_one_without_a_deal_is_done_once_its_link_knows_it(room: InvitationRoom) -> None:
    room.invitations.begin("engi-1", "token")
    room.invitations.finish("engi-1", "accepted", opportunity_id="O9")
    room.links.open_for_opportunity("aws", "O9")
    assert room.decide() == {"do": "tie", "opportunity_id": "O9"}
    room.links.open_for_opportunity("aws", "O9", "engi-1")
    assert room.decide() == {"do": "nothing"}


def test_an_acceptance_in_partner_central_is_followed_until_aws_names_its_opportunity(room: InvitationRoom) -> None:
    room.asked()
    room.vendor.answers["opportunity_of"] = [None, "O9"]
    named_error(Retryable, lambda: room.decide({**OFFER, "Status": "ACCEPTED"}))
    assert room.decide({**OFFER, "Status": "ACCEPTED"}) == {"do": "tie", "opportunity_id": "O9", "deal_id": "500"}
    assert room.known().state == "accepted"


def test_an_acceptance_whose_opportunity_aws_never_names_is_left_to_a_person(room: InvitationRoom) -> None:
    room.asked()
    room.vendor.answers["opportunity_of"] = [None, None]
    assert room.decide({**OFFER, "Status": "ACCEPTED"}, waited=900) == {"do": "nothing"}
    assert (room.known().refused, room.invitations.is_open("engi-1")) == ("unnamed", False)
    assert room.decide({**OFFER, "Status": "ACCEPTED"}) == {"do": "nothing"}


def test_the_deal_that_asks_is_made_once_with_what_aws_shows(room: InvitationRoom) -> None:
    found = [
        SimilarDeal("12", {"dealname": "Harbour move"}, True),
        SimilarDeal("13", {"aws_opportunity_id": "O1"}, True),
    ]
    assert room.ask(similar_deals=[found]) == {"deal_id": "77", "created": True}
    (made,) = [call for call in room.hubspot.calls if call[0] == "create_deal"]
    properties, company, contacts = made[1:]
    assert properties["dealname"] == "Harbour #AWS"
    assert (properties["aws_invitation_id"], properties["aws_invitation_expires"]) == ("engi-1", "2030-01-01")
    assert (properties["pipeline"], properties["dealstage"]) == ("default", "appointmentscheduled")
    assert "They want to move all of it to the cloud." in properties.values()
    assert properties["aws_invitation_matches"].startswith("Deal 12 (")
    assert "Deal 13" not in properties["aws_invitation_matches"]
    assert "aws_opportunity_id" not in properties
    assert (company, contacts) == ("9", ())
    assert (room.known().state, room.known().deal_id, room.known().kind) == ("asked", "77", "opportunity")
    link = room.links.get("link#aws#d77")
    assert (link.invitation_id, room.woken()) == ("engi-1", ["link#aws#d77"])


def test_the_deal_that_asks_is_marked_as_aws_s_before_it_stands_and_as_hubspot_shows_it(room: InvitationRoom) -> None:
    shown = {"id": "77", "properties": {"dealname": "Harbour (AWS)"}}
    named_error(Retryable, lambda: room.ask(create_deal=[Retryable("HubSpot said no")]))
    before = room.origins.of([("opportunities", "aws#engi-1")])
    assert "dealname" in before["opportunities", "aws#engi-1"]
    room.ask(create_deal=[shown], similar_deals=[[]])
    known = room.origins.of([("deals", "77")])["deals", "77"]
    tags = settings()["partners"]["aws"]["all_tags"]
    assert [name for name in before["opportunities", "aws#engi-1"] if name not in known] == []
    assert foreign_properties(shown["properties"], known, "google", tags) == ["dealname"]


def test_a_deal_that_is_there_already_is_found_by_the_invitation(room: InvitationRoom) -> None:
    assert room.ask(find_deal=["77"]) == {"deal_id": "77", "created": False}
    assert [call[0] for call in room.hubspot.calls] == ["find_deal"]


def test_two_runs_at_once_make_one_deal(room: InvitationRoom) -> None:
    assert room.ask(create_deal=[Conflict("it is there")])["deal_id"] == "77"


def test_a_company_that_hubspot_refuses_and_a_search_that_fails_keep_no_deal_from_being_made(
    room: InvitationRoom,
) -> None:
    answer = room.ask(ensure_company=[Rejected("no such industry")], similar_deals=[Rejected("bad search")])
    assert answer["created"] is True


@pytest.mark.parametrize("kind", [Throttled, Retryable, Unauthorized, Rejected])
def test_a_deal_that_could_not_be_made_leaves_the_invitation_to_the_poll(
    room: InvitationRoom, kind: type[CosellError]
) -> None:
    named_error(kind, lambda: room.ask(create_deal=[kind("HubSpot said no")]))
    assert room.invitations.get("engi-1") is None


def test_a_rejection_is_on_record_and_told_to_the_deal(room: InvitationRoom) -> None:
    room.asked()
    assert room.reject(None) == {"state": "rejected"}
    assert (room.known().state, room.known().status, room.known().reason) == ("rejected", "REJECTED", "Other")
    assert (room.woken(), room.invitations.is_open("engi-1")) == ([room.key], False)
    trail = room.audit.entries("invitation#aws#engi-1")[::-1]
    assert [one.get("operation", one.get("result")) for one in trail] == ["RejectInvitation", "done"]


def test_a_rejection_whose_answer_was_lost_is_seen_on_the_invitation(room: InvitationRoom) -> None:
    assert room.reject(Conflict("it is REJECTED already"), "REJECTED") == {"state": "rejected"}
    assert room.known().state == "rejected"


def test_a_rejection_that_comes_too_late_says_what_stands(room: InvitationRoom) -> None:
    room.asked()
    assert room.reject(Conflict("it is ACCEPTED already"), "ACCEPTED") == {"state": "otherwise"}
    assert (room.known().state, room.known().status, room.woken()) == ("asked", "ACCEPTED", [room.key])


@pytest.mark.parametrize("kind", [Rejected, NotFound])
def test_a_rejection_that_aws_refuses_is_not_tried_for_ever(room: InvitationRoom, kind: type[CosellError]) -> None:
    assert room.reject(kind("it is EXPIRED")) == {"state": "declined"}
    assert (room.known().state, room.known().reason) == ("declined", "it is EXPIRED")


@pytest.mark.parametrize("kind", [Throttled, Retryable, Unauthorized])
def test_a_rejection_that_did_not_go_out_changes_nothing(room: InvitationRoom, kind: type[CosellError]) -> None:
    named_error(kind, lambda: room.reject(kind("AWS said no")))
    assert room.invitations.get("engi-1") is None


def test_the_id_goes_onto_the_deal_that_asked_and_its_link_is_woken(room: InvitationRoom) -> None:
    room.asked()
    room.deals = {"500": {}}
    assert room.tie("500") == {"deal_id": "500"}
    assert ("update_deal", "500", {"aws_opportunity_id": "O9"}) in room.hubspot.calls
    assert (room.known().state, room.known().opportunity_id, room.woken()) == ("accepted", "O9", [room.key])
    assert not room.invitations.is_open("engi-1")
    room.deals = {"500": {"aws_opportunity_id": "O9"}}
    room.hubspot.calls.clear()
    assert room.tie("500") == {"deal_id": "500"}
    assert [call[0] for call in room.hubspot.calls] == ["batch_read_deals"], "said already"


def test_the_named_deal_gets_it_without_the_invitation_and_the_asking_one_hears(room: InvitationRoom) -> None:
    room.asked()
    room.deals = {"500": {}, "77": {}}
    assert room.tie("77") == {"deal_id": "77"}
    assert room.woken() == ["link#aws#d77", room.key]
    assert room.links.get("link#aws#d77").invitation_id is None, "a unique property: the asking deal has it"


@pytest.mark.parametrize("other", [{}, {"77": {"aws_opportunity_id": "O1"}}])
def test_a_named_deal_that_is_gone_or_got_another_gives_way_to_the_asking_one(
    room: InvitationRoom, other: dict[str, Any]
) -> None:
    room.asked()
    room.deals = {"500": {}, **other}
    assert room.tie("77") == {"deal_id": "500"}


def test_with_no_deal_left_the_opportunity_gets_one_of_its_own(room: InvitationRoom) -> None:
    room.asked()
    assert room.tie("500") == {"deal_id": None}
    link = room.links.get("link#aws#oO9")
    assert (link.origin, "link#aws#oO9" in room.woken()) == ("invitation", True)


def test_a_deal_that_carries_the_id_already_is_the_one(room: InvitationRoom) -> None:
    room.asked()
    room.deals = {"500": {}}
    assert room.tie("500", update_deal=[Conflict("taken")], find_deal=["88"]) == {"deal_id": "88"}
    assert (room.known().wanted_deal, room.woken()) == ("88", ["link#aws#d88", room.key])


def test_nothing_of_the_customer_is_in_the_ledger(room: InvitationRoom) -> None:
    room.ask()
    text = str([item for item in room.dynamodb.items("ledger") if not str(item["pk"]).startswith("origin#")])
    assert [value for value in ("BigCorp", "Harbour", "big.example") if value in text] == []
