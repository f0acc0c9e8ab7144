"""Submitting: one token for each task, every reason of a failure, and nothing of AWS's words where they are logged."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.aws.domain.submission import STALE_MS
from lambdas.aws.domain.submission_reasons import KINDS, passes
from lambdas.aws.handlers.check_submission import Collaborators as Check
from lambdas.aws.handlers.check_submission import check_submission
from lambdas.aws.handlers.start_submission import Collaborators, start_submission
from lambdas.aws.handlers.submission import Ledger
from lambdas.shared.adapters.ledger import Submission, Submissions
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
from tests.unit.domain.domain_support import rules
from tests.unit.handlers.partner_room import Room, Vendor, assert_no_customer, named_error

PENDING = {"Id": "O1", "LifeCycle": {"ReviewStatus": "Pending Submission", "Stage": "Qualified"}}
WORDS = "BigCorp is no valid company name"


def task(status: str, reason: str | None = None, message: str | None = None) -> dict[str, Any]:
    """A task as the adapter gives it."""
    engagement = "eng-1" if status == "COMPLETE" else None
    return {"task_id": "task-1", "status": status, "engagement_id": engagement, "reason": reason, "message": message}


RUNNING, COMPLETE = task("IN_PROGRESS"), task("COMPLETE")


class SubmitRoom(Room):
    def __init__(self) -> None:
        super().__init__()
        self.links.tie_opportunity(self.key, "O1", None, "r")
        self.submissions = Submissions(self.dynamodb, "ledger", "aws", self.clock)
        self.tokens = iter(f"token-{number}" for number in range(1, 20))
        self.vendor = Vendor(get_opportunity=[], start=[], read=[])
        self.ledger = Ledger(self.submissions, self.links, lambda _partner: self.inbox, 3)
        self.event: dict[str, Any] = {
            "run": {"run_id": "r", "partner": "aws", "correlation_id": "c"},
            "link": self.key,
            "opportunity": "O1",
            "involvement": "Co-Sell",
            "visibility": "Full",
        }

    def start(
        self, *tasks: Any, document: Any = PENDING, at: int | None = None, asked_later: int = 1, **event: str
    ) -> dict[str, Any]:
        self.vendor.answers |= {"get_opportunity": [document], "start": list(tasks)}
        asked = {"asked_at": str(self.now + asked_later), "why": "sync"}
        new_token = lambda: next(self.tokens)  # noqa: E731
        c = Collaborators(self.vendor, self.vendor, self.ledger, self.audit, rules(), new_token, self.turn, self.clock)
        return start_submission({**self.event, **asked, "at": self.now if at is None else at, **event}, c)

    def check(self, answer: Any, task_id: str = "task-1") -> dict[str, Any]:
        self.vendor.answers["read"] = [answer]
        return check_submission({**self.event, "task_id": task_id}, Check(self.vendor, self.ledger))

    def known(self) -> Submission:
        known = self.submissions.get("O1")
        assert known is not None
        return known

    def sent(self) -> list[tuple[Any, ...]]:
        return [call[1:] for call in self.vendor.calls if call[0] == "start"]

    def woken(self) -> list[str]:
        return [body["link"] for body in self.inbox.messages]


@pytest.fixture
def room() -> SubmitRoom:
    return SubmitRoom()


def test_a_pending_opportunity_is_begun_with_a_stored_token(room: SubmitRoom) -> None:
    assert room.start(RUNNING) == {"state": "running", "task_id": "task-1"}
    assert room.sent() == [("token-1", "O1", "Co-Sell", "Full")]
    known = room.known()
    assert (known.state, known.token, known.task_id, known.link) == ("started", "token-1", "task-1", room.key)
    assert room.woken() == []


def test_a_task_that_is_done_at_once_remembers_its_engagement_and_wakes_the_link(room: SubmitRoom) -> None:
    wanted = room.link().wanted
    assert room.start(COMPLETE) == {"state": "complete", "task_id": "task-1"}
    assert (room.known().state, room.known().engagement_id) == ("complete", "eng-1")
    assert (room.woken(), room.link().wanted) == ([room.key], wanted + 1)


@pytest.mark.parametrize("kind", [Throttled, Retryable, Unauthorized, Conflict, Unexpected])
def test_a_lost_answer_is_the_same_call_with_the_choices_it_was_begun_with(
    room: SubmitRoom, kind: type[CosellError]
) -> None:
    error = named_error(kind, lambda: room.start(kind("AWS said no")))
    assert str(error) == "AWS said no"
    assert (room.known().state, room.known().token, room.known().task_id) == ("started", "token-1", None)
    room.start(COMPLETE, involvement="For Visibility Only")
    assert room.sent() == [("token-1", "O1", "Co-Sell", "Full")] * 2
    assert room.known().state == "complete"


def test_a_lost_answer_whose_call_went_through_submits_nothing_twice(room: SubmitRoom) -> None:
    named_error(Retryable, lambda: room.start(Retryable("the answer was lost")))
    submitted = {"Id": "O1", "LifeCycle": {"ReviewStatus": "Submitted"}}
    assert room.start(document=submitted) == {"state": "over"}
    assert (room.known().state, len(room.sent()), room.woken()) == ("complete", 1, [room.key])


def test_a_task_that_is_known_is_looked_at_and_not_started_again(room: SubmitRoom) -> None:
    room.start(RUNNING)
    assert room.start() == {"state": "running", "task_id": "task-1"}
    assert len(room.sent()) == 1


@pytest.mark.parametrize("status", ["Submitted", "In review", "Approved", "Action Required", "Rejected"])
def test_only_what_is_pending_is_submitted(room: SubmitRoom, status: str) -> None:
    assert room.start(document={"Id": "O1", "LifeCycle": {"ReviewStatus": status}}) == {"state": "over"}
    assert (room.sent(), room.submissions.get("O1")) == ([], None)


def test_a_link_that_is_gone_or_another_s_submits_nothing(room: SubmitRoom) -> None:
    assert room.start(link="link#aws#d501") == {"state": "over"}
    assert room.start(opportunity="O2") == {"state": "over"}
    assert room.start(document=NotFound("AWS knows no O1")) == {"state": "over"}
    assert room.sent() == []


def test_what_aws_may_not_show_yet_is_waited_for_and_later_begun_anew(room: SubmitRoom) -> None:
    room.start(COMPLETE)
    assert room.start() == {"state": "over"}
    room.clock.advance(ms=STALE_MS)
    assert room.start(RUNNING)["state"] == "running"
    assert [call[0] for call in room.sent()] == ["token-1", "token-2"]


@pytest.mark.parametrize("reason", [*KINDS, "SomethingNew", None])
def test_every_reason_of_a_failure_is_followed_or_left_to_a_person(room: SubmitRoom, reason: str | None) -> None:
    failed = task("FAILED", reason, WORDS)
    answer = room.start(failed)
    known = room.known()
    assert known.reason == (reason or "no reason given")
    if passes(reason):
        assert answer == {"state": "again", "task_id": "task-1"}
        assert (known.state, known.message, room.woken()) == ("failed", None, [])
        assert room.start(COMPLETE)["state"] == "complete"
        assert [call[0] for call in room.sent()] == ["token-1", "token-2"]
    else:
        assert answer == {"state": "refused", "task_id": "task-1"}
        assert (known.state, known.message, room.woken()) == ("refused", WORDS, [room.key])
    assert_no_customer(answer, room.trail(), room.inbox.messages)


def test_a_second_message_of_before_is_answered_by_what_came_of_the_first(room: SubmitRoom) -> None:
    assert room.start(task("FAILED", "InternalError"))["state"] == "again"
    assert room.start(asked_later=0) == {"state": "again"}
    assert room.start(task("FAILED", "ContextNotFound"), asked_later=0, why="again")["state"] == "refused"
    assert room.start(asked_later=0) == {"state": "over"}
    assert room.start(asked_later=0, why="again") == {"state": "over"}
    assert room.start(COMPLETE, asked_later=1)["state"] == "complete"


def test_a_failure_that_does_not_pass_in_time_is_a_person_s(room: SubmitRoom) -> None:
    failed = task("FAILED", "ServiceQuotaExceeded")
    assert [room.start(failed)["state"] for _ in range(3)] == ["again", "again", "refused"]
    assert (room.known().state, room.known().attempts, room.woken()) == ("refused", 3, [room.key])


def test_a_start_that_aws_refuses_is_told_in_the_seller_s_words(room: SubmitRoom) -> None:
    problem = Problem("project.customerusecase", "project.customerusecase is missing (REQUIRED_FIELD_MISSING).")
    assert room.start(Rejected("AWS refused", [problem])) == {"state": "refused"}
    known = room.known()
    assert (known.state, known.reason) == ("refused", "ValidationException")
    assert "aws_use_case" in (known.message or "")
    assert room.woken() == [room.key]


def test_an_opportunity_that_is_not_visible_to_the_start_yet_comes_back(room: SubmitRoom) -> None:
    named_error(Retryable, lambda: room.start(NotFound("AWS knows no O1")))
    assert room.known().state == "started"


def test_a_submission_is_on_record_before_and_after_the_call(room: SubmitRoom) -> None:
    named_error(Throttled, lambda: room.start(Throttled("slow down")))
    room.clock.advance(seconds=1)
    room.start(RUNNING)
    trail = room.trail()
    assert [one.get("operation", one.get("result")) for one in trail] == [
        "SubmitOpportunity",
        "Throttled",
        "SubmitOpportunity",
        "done",
    ]
    assert trail[-1]["task_id"] == "task-1"


def test_the_start_waits_for_its_turn(room: SubmitRoom) -> None:
    room.start(RUNNING, at=room.now + 900)
    assert room.slept == [0.9]


def test_looks_follow_the_task_to_its_end(room: SubmitRoom) -> None:
    room.start(RUNNING)
    assert room.check(NotFound("no such task")) == {"state": "running", "task_id": "task-1"}
    assert room.check(RUNNING) == {"state": "running", "task_id": "task-1"}
    assert room.check(COMPLETE) == {"state": "complete", "task_id": "task-1"}
    assert (room.known().state, room.woken()) == ("complete", [room.key])
    assert room.check(COMPLETE) == {"state": "over"}
    assert room.woken() == [room.key]


def test_a_look_for_an_earlier_task_ends(room: SubmitRoom) -> None:
    assert room.check(RUNNING) == {"state": "over"}
    room.start(RUNNING)
    assert room.check(RUNNING, task_id="task-0") == {"state": "over"}


@pytest.mark.parametrize("kind", [Throttled, Retryable, Unauthorized, Unexpected])
def test_a_look_that_failed_says_nothing_about_the_task(room: SubmitRoom, kind: type[CosellError]) -> None:
    room.start(RUNNING)
    named_error(kind, lambda: room.check(kind("AWS said no")))
    assert room.known().state == "started"
