"""Whether a dead letter's cause passes, when it is woken again, and what becomes of it in the end."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.domain.dead_letters import (
    CAUSES,
    DAY_MS,
    TURN_MS,
    DeadLetter,
    Policy,
    Verdict,
    Work,
    cause_of,
    earlier_wakes,
    first_verdict,
    generation_after,
    next_verdict,
    status_text,
    task_text,
    work_of,
)

NOW = 1_790_000_000_000
MINUTE = 60_000
LINK = "link#aws#d500"


def letter(error: str | None = "Throttled", queue: str = "aws-inbox", **more: Any) -> DeadLetter:
    link = more.pop("link", LINK if queue == "aws-inbox" else None)
    return DeadLetter("m-1", "https://q", "{}", 3, NOW, error=error, queue=queue, link=link, **more)


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        ("Throttled", "throttled"),
        ("Lambda.TooManyRequestsException", "throttled"),
        ("DynamoDB.ThrottlingException", "throttled"),
        ("DynamoDB.ProvisionedThroughputExceededException", "throttled"),
        ("Retryable", "unavailable"),
        ("States.Timeout", "unavailable"),
        ("Sandbox.Timedout", "unavailable"),
        ("Lambda.ServiceException", "unavailable"),
        ("Lambda.SomethingNewOfAws", "unavailable"),
        ("Unauthorized", "unauthorized"),
        ("Conflict", "moving"),
        ("Unknown", "unreported"),
        (None, "unreported"),
        ("Unexpected", "fault"),
        ("KeyError", "fault"),
        ("SomethingNobodyNamed", "fault"),
        ("States.QueryEvaluationError", "unreadable"),
        ("JSONDecodeError", "unreadable"),
        ("UnknownLink", "unknown-link"),
        ("Rejected", "refused"),
    ],
)
def test_every_error_has_a_class(error: str | None, cause: str) -> None:
    assert cause_of(letter(error)).name == cause


@pytest.mark.parametrize("cause", CAUSES.values(), ids=CAUSES)
def test_every_class_says_what_it_means_and_what_to_do(cause: Any) -> None:
    assert CAUSES[cause.name] is cause
    assert cause.means
    assert cause.do.endswith(".")


@pytest.mark.parametrize(
    ("queue", "work"),
    [
        ("aws-inbox", Work.LINK),
        ("notices", Work.MESSAGE),
        ("aws-invitations", Work.MESSAGE),
        ("aws-summary", Work.MESSAGE),
        ("aws-submissions", Work.MESSAGE),
        ("polls", Work.POLL),
        ("partner-events-undelivered", Work.EVENT),
    ],
)
def test_a_queue_says_what_its_letters_ask_for(queue: str, work: Work) -> None:
    assert work_of(letter(queue=queue)) is work


def test_an_unreadable_wake_up_names_no_link_to_raise() -> None:
    assert work_of(letter(link=None)) is Work.MESSAGE


def test_delays_double_up_to_the_longest() -> None:
    delays = [Policy().delay_ms(wakes) // MINUTE for wakes in range(12)]
    assert delays == [5, 10, 20, 40, 80, 160, 320, 360, 360, 360, 360, 360]
    assert sum(delays) / 60 == pytest.approx(40.6, abs=0.1), "hours, as docs and configuration say"


@given(wakes=st.integers(0, 10_000), first=st.integers(1, 1440), longest=st.integers(1, 10_080))
def test_no_delay_is_longer_than_the_longest(wakes: int, first: int, longest: int) -> None:
    policy = Policy.of({"first_minutes": first, "longest_minutes": longest, "most_wakes": 3})
    assert 0 < policy.delay_ms(wakes) <= longest * MINUTE
    assert policy.delay_ms(wakes) <= policy.delay_ms(wakes + 1)


def test_what_passes_is_woken_later_and_later_and_then_held() -> None:
    policy = Policy(most_wakes=2)
    assert first_verdict(letter(), 0, policy, NOW) == Verdict("wait", "transient", NOW + 5 * MINUTE)
    assert first_verdict(letter(), 1, policy, NOW) == Verdict("wait", "transient", NOW + 10 * MINUTE)
    assert first_verdict(letter(), 2, policy, NOW) == Verdict("hold", "permanent", NOW + TURN_MS)


def test_a_letter_that_was_found_late_is_not_waited_for_again() -> None:
    late = NOW + 3 * DAY_MS
    assert first_verdict(letter(), 0, Policy(), late).due_at == late


def test_a_death_without_a_report_passes_once() -> None:
    assert first_verdict(letter("Unknown"), 0, Policy(), NOW).do == "wait"
    assert first_verdict(letter("Unknown"), 1, Policy(), NOW).do == "hold"


def test_a_fault_waits_for_a_person_from_the_first() -> None:
    assert first_verdict(letter("Unexpected"), 0, Policy(), NOW) == Verdict("hold", "permanent", NOW + TURN_MS)
    assert first_verdict(letter("Unexpected", "notices"), 0, Policy(), NOW) == Verdict("hold", "permanent", None)


def test_a_poll_that_was_throttled_needs_nothing_and_a_broken_one_is_shown_for_a_day() -> None:
    assert first_verdict(letter(queue="polls"), 0, Policy(), NOW).do == "resolve"
    broken = letter("Unexpected", "polls")
    assert first_verdict(broken, 0, Policy(), NOW) == Verdict("hold", "permanent", NOW + DAY_MS)
    held = replace(broken, kind="permanent")
    assert next_verdict(held, settled=False, known=False, now_ms=NOW).do == "resolve"


def test_an_event_that_was_not_delivered_is_a_person_s_and_put_aside_after_a_day() -> None:
    lost = letter("NO_PERMISSIONS", "partner-events-undelivered")
    assert first_verdict(lost, 0, Policy(), NOW) == Verdict("hold", "permanent", NOW + DAY_MS)


def test_its_time_come_a_letter_is_woken_once_and_then_watched() -> None:
    waits = letter(kind="transient")
    assert next_verdict(waits, settled=False, known=True, now_ms=NOW).do == "wake"
    woken = replace(waits, woken_at=NOW)
    assert next_verdict(woken, settled=False, known=True, now_ms=NOW) == Verdict("wait", "transient", NOW + TURN_MS)


@pytest.mark.parametrize("kind", ["transient", "permanent"])
@pytest.mark.parametrize("woken_at", [None, NOW])
def test_what_the_link_has_done_since_is_resolved_whatever_it_waits_for(kind: Any, woken_at: int | None) -> None:
    one = letter(kind=kind, woken_at=woken_at)
    assert next_verdict(one, settled=True, known=True, now_ms=NOW) == Verdict("resolve", kind)


def test_without_its_link_a_letter_waits_for_a_person_only() -> None:
    assert next_verdict(letter(kind="transient"), settled=False, known=False, now_ms=NOW) == Verdict(
        "hold", "permanent", None
    )


@given(wanted=st.integers(0, 100), done=st.integers(0, 100))
def test_what_failed_is_done_by_one_more_run_that_has_seen_all(wanted: int, done: int) -> None:
    generation = generation_after(wanted, done)
    assert generation > done
    assert generation >= wanted


@pytest.mark.parametrize(
    "body", ["not JSON", "[]", "{}", '{"letter": "m-1"}', '{"letter": {"wakes": "2"}}', '{"letter": null}']
)
def test_a_message_that_was_not_sent_again_by_us_was_woken_never(body: str) -> None:
    assert earlier_wakes(body) == (0, None)


def test_a_message_that_was_sent_again_says_so() -> None:
    body = json.dumps({"source": "poll", "letter": {"wakes": 2, "first": "m-0"}})
    assert earlier_wakes(body) == (2, "m-0")


def test_the_deal_reads_the_same_for_one_trouble_and_nothing_of_the_message() -> None:
    first = replace(letter("Unexpected", cause="Ann Smith's deal"), body='{"link": "secret"}')
    later = replace(first, message_id="m-9", first="m-1")
    assert status_text(first, "AWS") == status_text(later, "AWS")
    assert task_text(first, "AWS") == task_text(later, "AWS")
    said = status_text(first, "AWS") + "".join(task_text(first, "AWS"))
    assert "m-1" in said
    assert "cosell dlq show m-1" in said
    assert "Ann" not in said
    assert "secret" not in said
