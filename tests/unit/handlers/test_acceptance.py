"""Accepting an invitation: one token for each task, what becomes of the task, and who hears of it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lambdas.aws.handlers.asking_deal import AskingDeal
from lambdas.aws.handlers.check_acceptance import Collaborators as Check
from lambdas.aws.handlers.check_acceptance import check_acceptance
from lambdas.aws.handlers.start_acceptance import Collaborators, start_acceptance
from lambdas.shared.adapters.ledger import Invitation, Invitations
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
from tests.unit.handlers.partner_room import Room, Vendor, assert_no_customer, named_error

PASSING = ["InternalError", "RequestThrottled", "ServiceQuotaExceeded", "OpportunityConflict"]
FINAL = ["InvitationAccessDenied", "OpportunityValidationFailed", "ContextNotFound", None]


def task(status: str, opportunity_id: str | None = None, reason: str | None = None) -> dict[str, Any]:
    """A task as the adapter gives it."""
    return {
        "task_id": "task-1",
        "status": status,
        "opportunity_id": opportunity_id,
        "invitation_id": "engi-1",
        "reason": reason,
    }


RUNNING, COMPLETE, NAMELESS = task("IN_PROGRESS"), task("COMPLETE", "O9"), task("COMPLETE")


class AcceptRoom(Room):
    def __init__(self) -> None:
        super().__init__()
        self.invitations = Invitations(self.dynamodb, "ledger", "aws", self.clock)
        self.tokens = iter(f"token-{number}" for number in range(1, 9))
        self.central = Vendor(start_acceptance=[], acceptance_task=[])
        self.deal = AskingDeal(self.links, self.inbox)

    def start(self, *tasks: Any, at: int | None = None) -> dict[str, Any]:
        self.central.answers["start_acceptance"] = list(tasks)
        c = Collaborators(
            self.central, self.invitations, self.audit, self.deal, None, lambda: next(self.tokens), self.turn
        )
        at = self.now if at is None else at
        return start_acceptance({"run": {"run_id": "r", "partner": "aws"}, "invitation": "engi-1", "at": at}, c)

    def check(self, answer: Any) -> dict[str, Any]:
        self.central.answers["acceptance_task"] = [answer]
        event = {"run": {"run_id": "r", "partner": "aws"}, "invitation": "engi-1", "task_id": "task-1"}
        return check_acceptance(event, Check(self.central, self.invitations, self.deal))

    def known(self) -> Invitation:
        known = self.invitations.get("engi-1")
        assert known is not None
        return known

    def tokens_sent(self) -> list[str]:
        return [call[1] for call in self.central.calls if call[0] == "start_acceptance"]


@pytest.fixture
def room() -> AcceptRoom:
    return AcceptRoom()


def test_a_pending_invitation_is_begun_with_a_stored_token(room: AcceptRoom) -> None:
    answer = room.start(RUNNING)
    assert answer == {"state": "running", "task_id": "task-1"}
    assert room.central.calls == [("start_acceptance", "token-1", "engi-1")]
    assert room.known() == Invitation("engi-1", "started", "token-1", "task-1")
    assert_no_customer(answer, str(room.known()))


def test_a_task_that_is_done_at_once_names_its_opportunity(room: AcceptRoom) -> None:
    assert room.start(COMPLETE) == {"state": "complete", "task_id": "task-1", "opportunity_id": "O9"}
    assert room.known() == Invitation("engi-1", "accepted", "token-1", "task-1", "O9")


def test_what_was_accepted_before_is_answered_without_asking_aws(room: AcceptRoom) -> None:
    first = room.start(COMPLETE)
    room.central.calls.clear()
    assert room.start() == first
    assert room.central.calls == []


def test_a_start_that_is_repeated_is_the_same_call(room: AcceptRoom) -> None:
    room.start(RUNNING)
    assert room.start(COMPLETE)["state"] == "complete"
    assert room.tokens_sent() == ["token-1", "token-1"]


@pytest.mark.parametrize("kind", [Throttled, Retryable, Unauthorized, Conflict, Unexpected])
def test_every_named_error_but_a_refusal_passes_and_the_token_stays(room: AcceptRoom, kind: type[CosellError]) -> None:
    error = named_error(kind, lambda: room.start(kind("AWS said no")))
    assert str(error) == "AWS said no"
    assert room.known() == Invitation("engi-1", "started", "token-1")


@pytest.mark.parametrize("kind", [Rejected, NotFound])
def test_what_aws_will_not_let_us_accept_is_declined_with_its_reason_and_asked_for_once(
    room: AcceptRoom, kind: type[CosellError]
) -> None:
    """It stays pending at AWS, so every poll finds it again."""
    assert room.start(kind("AWS said no")) == {"state": "declined"}
    assert room.known() == Invitation("engi-1", "declined", "token-1", reason="AWS said no")
    assert room.start() == {"state": "declined"}
    assert room.tokens_sent() == ["token-1"]


def test_an_acceptance_is_on_record_before_and_after_the_call(room: AcceptRoom) -> None:
    named_error(Throttled, lambda: room.start(Throttled("slow down")))
    room.clock.advance(seconds=1)
    room.start(RUNNING)
    trail = room.audit.entries("invitation#aws#engi-1")[::-1]
    assert [one.get("operation", one.get("result")) for one in trail] == [
        "StartAcceptance",
        "Throttled",
        "StartAcceptance",
        "done",
    ]
    assert trail[-1]["task_id"] == "task-1"
    assert_no_customer(trail)


def test_a_lost_answer_is_asked_for_with_the_same_token(room: AcceptRoom) -> None:
    named_error(Retryable, lambda: room.start(Retryable("the answer was lost")))
    answer = room.start(COMPLETE)
    assert answer["opportunity_id"] == "O9"
    assert room.tokens_sent() == ["token-1", "token-1"]


@pytest.mark.parametrize("reason", PASSING)
def test_a_task_that_failed_in_passing_is_begun_anew_with_a_new_token(room: AcceptRoom, reason: str) -> None:
    error = named_error(Retryable, lambda: room.start(task("FAILED", reason=reason)))
    assert reason in str(error)
    assert (room.known().state, room.known().task_id, room.known().reason) == ("failed", "task-1", reason)
    assert room.start(RUNNING)["state"] == "running"
    assert room.tokens_sent() == ["token-1", "token-2"]
    assert room.known() == Invitation("engi-1", "started", "token-2", "task-1")


@pytest.mark.parametrize("reason", FINAL)
def test_a_task_that_failed_for_good_is_declined_says_why_and_is_not_begun_anew(
    room: AcceptRoom, reason: str | None
) -> None:
    assert room.start(task("FAILED", reason=reason)) == {"state": "declined", "task_id": "task-1"}
    said = reason or "no reason given"
    assert room.known() == Invitation("engi-1", "declined", "token-1", "task-1", reason=said)
    assert room.start(RUNNING) == {"state": "declined"}
    assert room.tokens_sent() == ["token-1"]


def test_the_deal_that_asks_hears_of_a_refusal_and_gets_the_opportunity(room: AcceptRoom) -> None:
    room.invitations.asked("engi-1", "500", {"status": "PENDING"}, None)
    assert room.start(RUNNING)["state"] == "running"
    assert room.inbox.messages == []
    assert room.check(COMPLETE) == {"state": "complete", "task_id": "task-1", "opportunity_id": "O9", "deal_id": "500"}
    room.invitations.decide("engi-1", "started", "again")
    assert room.check(task("FAILED", reason="InvitationAccessDenied"))["state"] == "declined"
    assert [message["link"] for message in room.inbox.messages] == [room.key]
    assert room.link().invitation_id == "engi-1"


def test_a_task_that_failed_after_it_had_accepted_goes_on(room: AcceptRoom) -> None:
    named_error(Retryable, lambda: room.start(task("FAILED", reason="InternalError")))
    assert room.start(COMPLETE)["state"] == "complete"


def test_a_complete_task_without_its_opportunity_is_looked_at_again(room: AcceptRoom) -> None:
    named_error(Retryable, lambda: room.start(NAMELESS))
    assert room.known() == Invitation("engi-1", "started", "token-1"), "not accepted before its opportunity is known"
    assert room.start(COMPLETE)["opportunity_id"] == "O9"
    assert room.tokens_sent() == ["token-1", "token-1"]


def test_the_start_waits_for_its_turn_and_the_token_is_stored_before(room: AcceptRoom) -> None:
    room.start(RUNNING, at=room.now + 900)
    assert room.slept == [0.9]


def test_our_own_tokens_differ_and_are_as_short_as_aws_wants() -> None:
    new_token = Collaborators(None, None, None, AskingDeal(None, None)).new_token
    made = {new_token() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"[!-~]{1,64}", token) for token in made)


def test_a_look_at_a_running_task_changes_nothing(room: AcceptRoom) -> None:
    begun = room.start(RUNNING)
    assert room.check(RUNNING) == begun
    assert room.central.calls[-1] == ("acceptance_task", "task-1")
    assert room.known() == Invitation("engi-1", "started", "token-1", "task-1")


def test_a_task_that_the_list_does_not_show_yet_is_still_running(room: AcceptRoom) -> None:
    room.start(RUNNING)
    assert room.check(NotFound("no such task")) == {"state": "running", "task_id": "task-1"}
    assert room.known().state == "started"


def test_a_look_sees_the_task_complete(room: AcceptRoom) -> None:
    room.start(RUNNING)
    assert room.check(COMPLETE) == {"state": "complete", "task_id": "task-1", "opportunity_id": "O9"}
    assert room.known() == Invitation("engi-1", "accepted", "token-1", "task-1", "O9")
    assert room.check(COMPLETE)["state"] == "complete"


def test_a_look_waits_for_the_name_of_the_opportunity(room: AcceptRoom) -> None:
    room.start(RUNNING)
    named_error(Retryable, lambda: room.check(NAMELESS))
    assert room.known().state == "started"


def test_a_look_tells_a_passing_failure_from_a_final_one(room: AcceptRoom) -> None:
    room.start(RUNNING)
    named_error(Retryable, lambda: room.check(task("FAILED", reason="EngagementConflict")))
    assert room.check(task("FAILED", reason="OpportunityAccessDenied")) == {"state": "declined", "task_id": "task-1"}
    assert (room.known().state, room.known().reason) == ("declined", "OpportunityAccessDenied")


@pytest.mark.parametrize("kind", [Throttled, Retryable, Unauthorized, Unexpected])
def test_a_look_that_failed_says_nothing_about_the_task(room: AcceptRoom, kind: type[CosellError]) -> None:
    room.start(RUNNING)
    named_error(kind, lambda: room.check(kind("AWS said no")))
    assert room.known().state == "started"
