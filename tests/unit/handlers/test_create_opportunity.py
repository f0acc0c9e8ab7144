"""Creating exactly one opportunity: the attempt before the call, the tie after it, and what each error leaves."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from lambdas.aws.adapters.opportunities import AwsOpportunities
from lambdas.shared.domain.field_map import FieldRule
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
from lambdas.shared.handlers.create_opportunity import Collaborators, create_opportunity
from tests.unit.handlers.partner_room import Room, Vendor, assert_no_customer, named_error, planned

VALUES = {"Customer.Account.CompanyName": "BigCorp", "Project.Title": "BigCorp Cloud Migration"}
CREATED = {"id": "O1", "version": "2026-09-21T14:13:21Z"}
RULE = FieldRule("country", "Customer.Account.Address.CountryCode", "country", "company", ("country",))
MISSING = Problem("customer.account.address.countrycode", "customer.account.address.countrycode is missing.")
LOCKED = Problem("project.title", "project.title may not be changed now (ACTION_NOT_PERMITTED).")


class CreateRoom(Room):
    def __init__(self) -> None:
        super().__init__()
        self.tokens = iter(f"token-{number}" for number in range(1, 9))
        self.central = Vendor(create_opportunity=[])

    def create(self, *answers: Any, at: int | None = None, values: Any = None, **run: Any) -> dict[str, Any]:
        self.central.answers["create_opportunity"] = list(answers)
        run = {**self.run, **run}
        self.runs.put(run["run_id"], "plan", planned(values or VALUES, "company_name", action="create"))
        c = Collaborators(
            AwsOpportunities(self.central, (RULE,)),
            self.links,
            self.runs,
            self.audit,
            lambda: next(self.tokens),
            self.turn,
            self.clock,
        )
        return create_opportunity({"run": run, "at": self.now if at is None else at}, c)

    def sent(self) -> list[tuple[str, str]]:
        """Token and deal of each call."""
        return [(token, body["PartnerOpportunityIdentifier"]) for _, token, body in self.central.calls]


@pytest.fixture
def room() -> CreateRoom:
    return CreateRoom()


def test_the_record_names_its_deal_and_is_tied_answered_and_kept_for_the_run(room: CreateRoom) -> None:
    answer = room.create(CREATED)
    assert answer == {"opportunity_id": "O1", "version": CREATED["version"]}
    assert room.document("result") == answer
    ((_, token, body),) = room.central.calls
    assert (token, body["PartnerOpportunityIdentifier"], body["Origin"]) == ("token-1", "500", "Partner Referral")
    assert body["Customer"]["Account"]["CompanyName"] == "BigCorp"
    link = room.link()
    assert (link.opportunity_id, link.partner_version, link.names_deal) == ("O1", CREATED["version"], "500")
    assert room.links.for_opportunities("aws", ["O1"]) == {"O1": room.key}
    assert_no_customer(answer, link)


def test_token_and_intent_are_stored_before_the_call(room: CreateRoom) -> None:
    class Looking:
        def create_opportunity(self, token: str, _body: Any) -> dict[str, str]:
            self.seen = (room.link().attempt, list(room.links.open_attempts("aws")), room.results(), token)
            return CREATED

    room.central.answers = {}
    room.runs.put("r", "plan", planned(VALUES, action="create"))
    looking = Looking()
    opportunities = AwsOpportunities(looking)  # type: ignore[arg-type]
    c = Collaborators(opportunities, room.links, room.runs, room.audit, lambda: "token-1", room.turn)
    create_opportunity({"run": room.run, "at": room.now}, c)
    attempt = {"token": "token-1", "at": room.now, "deal_id": "500"}
    assert looking.seen == (attempt, [room.key], [None], "token-1")


def test_the_audit_says_what_was_sent_and_what_came_of_it(room: CreateRoom) -> None:
    room.create(CREATED)
    intent, outcome = room.trail()
    assert (intent["kind"], intent["operation"], intent["deal_id"]) == ("intent", "CreateOpportunity", "500")
    assert (intent["trigger"], intent["correlation_id"]) == ("hubspot", "c")
    assert [change["field"] for change in json.loads(intent["changes"])] == ["company_name"]
    assert (outcome["intent"], outcome["result"]) == (intent["sk"], "done")
    assert (outcome["opportunity_id"], outcome["version"]) == ("O1", CREATED["version"])


@pytest.mark.parametrize("kind", [Throttled, Retryable, Unauthorized, Conflict, NotFound, Unexpected])
def test_after_any_error_but_a_refusal_the_attempt_stays_open(room: CreateRoom, kind: type[CosellError]) -> None:
    error = named_error(kind, lambda: room.create(kind("AWS did not say")))
    assert str(error) == "AWS did not say"
    link = room.link()
    assert link.attempt == {"token": "token-1", "at": room.now, "deal_id": "500"}
    assert list(room.links.open_attempts("aws")) == [room.key]
    assert (link.opportunity_id, room.document("result"), room.document("rejection")) == (None, None, None)
    assert room.results() == [None, kind.__name__]


def test_a_bug_in_the_call_leaves_an_intent_without_an_outcome_and_the_attempt_open(room: CreateRoom) -> None:
    with pytest.raises(KeyError):
        room.create(KeyError("BigCorp"))
    assert room.results() == [None]
    assert room.link().attempt is not None


def test_a_refusal_ends_the_attempt_and_leaves_its_problems_in_the_sellers_words(room: CreateRoom) -> None:
    error = named_error(Rejected, lambda: room.create(Rejected("AWS refused to create it", [MISSING])))
    link = room.link()
    assert (link.attempt, room.links.open_attempts("aws"), link.opportunity_id) == (None, {}, None)
    rejection = room.document("rejection")
    assert rejection["reason"] == "AWS refused to create it"
    (problem,) = rejection["problems"]
    assert (problem["field"], problem["object"], problem["property"]) == ("country", "company", "country")
    assert problem["message"] == "The company's property country is missing."
    assert room.results() == [None, "Rejected"]
    assert_no_customer(str(error), rejection, link)


def test_after_a_refusal_the_next_create_is_a_new_one_with_a_new_token(room: CreateRoom) -> None:
    named_error(Rejected, lambda: room.create(Rejected("no", [MISSING])))
    assert room.create(CREATED, run_id="r2")["opportunity_id"] == "O1"
    assert room.sent() == [("token-1", "500"), ("token-2", "500")]


def test_a_create_that_is_refused_with_a_locks_code_is_told_and_not_tried_for_ever(room: CreateRoom) -> None:
    """As ``Conflict`` it would be postponed without end, since there is no record whose lock could open."""
    named_error(Rejected, lambda: room.create(Rejected("AWS refused to create it", [LOCKED])))
    assert room.document("rejection")["problems"][0]["message"] == LOCKED.message
    assert room.link().attempt is None


def test_the_next_run_goes_on_with_the_first_attempts_token(room: CreateRoom) -> None:
    named_error(Retryable, lambda: room.create(Retryable("the answer was lost")))
    room.clock.advance(seconds=30)
    room.create(CREATED, run_id="r2", values={**VALUES, "Project.Title": "Another title"})
    assert room.sent() == [("token-1", "500"), ("token-1", "500")]
    assert room.link().attempt["at"] == room.now - 30_000, "the attempt is as old as its first call"


def test_an_attempt_that_outlives_its_deal_still_names_the_first_deal(room: CreateRoom) -> None:
    named_error(Retryable, lambda: room.create(Retryable("the answer was lost")))
    assert room.links.move_deal("aws", ["500"], "501").touched == (room.key,)
    assert room.link().deal_id == "501"
    room.create(CREATED, run_id="r2", deal_id="501")
    assert room.sent() == [("token-1", "500"), ("token-1", "500")]
    assert room.link().names_deal == "500"


def test_the_same_step_twice_ties_the_same_record_once(room: CreateRoom) -> None:
    first = room.create(CREATED)
    room.clock.advance(seconds=1)
    assert room.create(CREATED) == first
    assert room.sent() == [("token-1", "500")] * 2
    assert room.links.for_opportunities("aws", ["O1"]) == {"O1": room.key}
    assert room.results() == [None, "done", None, "done"]


def test_a_record_that_another_deal_holds_is_a_conflict_and_keeps_the_attempt(room: CreateRoom) -> None:
    other = room.links.open_for_deal("aws", "600", "hubspot")
    room.links.tie_opportunity(other, "O1")
    named_error(Conflict, lambda: room.create(CREATED))
    assert (room.link().opportunity_id, room.link().attempt["token"]) == (None, "token-1")
    assert room.document("result") is None
    assert room.results() == [None, "done"], "AWS did create it, and the record says so"


def test_an_event_that_came_first_gives_its_half_link_up(room: CreateRoom) -> None:
    half = room.links.open_for_opportunity("aws", "O1")
    room.create(CREATED)
    assert room.links.for_opportunities("aws", ["O1"]) == {"O1": room.key}
    assert room.links.get(half).handed_to == room.key


def test_a_link_that_was_handed_over_creates_nothing(room: CreateRoom) -> None:
    half = room.links.open_for_opportunity("aws", "O7")
    room.leases.give_back(room.key, "r", "test")
    room.links.attach_deal(half, "500")
    named_error(Conflict, lambda: room.create(CREATED))
    assert (room.central.calls, room.trail()) == ([], [])


@pytest.mark.parametrize("token", ["x", "~" * 64, "a b/ö=?&%#", "0" * 64])
def test_a_token_is_passed_as_it_was_stored(room: CreateRoom, token: str) -> None:
    room.tokens = iter([token])
    room.create(CREATED)
    assert room.sent() == [(token, "500")]
    assert room.link().attempt["token"] == token


def test_our_own_tokens_differ_and_are_as_short_as_aws_wants() -> None:
    new_token = Collaborators(None, None, None, None).new_token
    made = {new_token() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"[!-~]{1,64}", token) for token in made)


def test_the_write_waits_for_its_turn_and_the_attempt_does_not(room: CreateRoom) -> None:
    room.create(CREATED, at=room.now + 700)
    assert room.slept == [0.7]
    assert room.link().attempt["at"] == room.now


def test_what_a_create_sent_first_is_kept_for_whoever_finds_its_record(room: CreateRoom) -> None:
    """Its run may end before it has recorded the base; what a later try of it would send is another matter."""
    named_error(Retryable, lambda: room.create(Retryable("no answer"), values=VALUES))
    first = room.runs.get("token-1", "sent")["sent"]
    assert first == room.document("plan")["base"]
    room.create(CREATED, run_id="r2", values={**VALUES, "Project.Title": "Another"})
    assert room.runs.get("token-1", "sent")["sent"] == first
    assert [token for token, _ in room.sent()] == ["token-1"] * len(room.sent())
