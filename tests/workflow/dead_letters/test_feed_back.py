"""Dead letters feed back: what passes is woken later and later, the rest waits on the deal, and the fix resolves it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambdas.shared.adapters.ledger import Leases
from lambdas.shared.domain.dead_letters import DAY_MS, Policy
from lambdas.shared.errors import Rejected, Retryable
from sandbox.turned.sqs import Message
from tests.workflow.dead_letters.feedback import LEDGER, MINUTE_MS, NAMES, Feedback

PASSING = "Runtime.ExitError"
"""A function that dies again and again: no run of the sync postpones it, so its message does die."""
FAULT = "Unexpected"


def status(stage: Feedback) -> str | None:
    return stage.deals.properties["500"].get(NAMES["sync_status"])


def test_what_passes_is_woken_later_and_later_up_to_a_limit_and_then_waits_on_the_deal() -> None:
    stage = Feedback()
    stage.fails = PASSING
    stage.change(stage.deal())
    stage.turn(hours=60)
    letters = stage.letters.newest(limit=100)[::-1]
    assert [one.state for one in letters] == ["replaced"] * 12 + ["waiting"]
    assert [one.wakes for one in letters] == [*range(1, 13), 12], "each is woken once, and the next goes on from there"
    pauses = [(one.woken_at - one.registered_at) // MINUTE_MS for one in letters[:-1]]
    assert pauses == [5, 10, 20, 40, 80, 160, 320, 360, 360, 360, 360, 360]
    last = letters[-1]
    assert (last.kind, last.first) == ("permanent", letters[0].message_id)
    assert status(stage) == "blocked"
    assert letters[0].message_id in stage.deals.properties["500"][NAMES["sync_message"]]
    assert (stage.deals.updates, len(stage.deals.tasks)) == (1, 1)
    stage.turn(hours=48)
    assert len(stage.letters.newest(limit=100)) == 13, "nothing is tried any more"
    assert (stage.deals.updates, len(stage.deals.tasks)) == (1, 1)


def test_a_cause_that_has_passed_is_resolved_by_a_wake_and_nobody_hears_of_it() -> None:
    stage = Feedback()
    key = stage.deal()
    stage.fails = PASSING
    stage.change(key)
    stage.turn(minutes=60)
    stage.fails = None
    stage.turn(hours=2)
    assert stage.in_state("waiting") == []
    assert stage.in_state("resolved")[0].wakes >= 2
    link = stage.links.get(key)
    assert (link.done, link.last_error, link.due_at) == (link.wanted, None, None)
    assert (status(stage), stage.deals.tasks) == (None, [])


def test_a_fault_waits_on_the_deal_at_once_and_the_next_change_resolves_it() -> None:
    stage = Feedback()
    key = stage.deal()
    stage.fails = FAULT
    stage.change(key)
    stage.turn(minutes=30)
    (letter,) = stage.in_state("waiting")
    assert (letter.kind, letter.wakes, letter.error) == ("permanent", 0, FAULT)
    assert letter.told_at is not None
    assert status(stage) == "blocked"
    ((deal_id, _subject, body),) = stage.deals.tasks
    assert deal_id == "500"
    assert f"cosell dlq show {letter.message_id}" in body
    stage.turn(hours=24)
    assert stage.links.get(key).due_at is None, "nothing is tried again by itself"
    stage.fails = None
    stage.change(key)
    stage.turn(minutes=30)
    assert stage.letters.get(letter.message_id).state == "resolved"


def test_a_change_that_dies_too_takes_the_letter_s_place_and_the_deal_reads_the_same() -> None:
    stage = Feedback()
    key = stage.deal()
    stage.fails = FAULT
    stage.change(key)
    stage.turn(hours=1)
    before = dict(stage.deals.properties["500"])
    stage.change(key)
    stage.turn(hours=1)
    first, second = stage.letters.newest()[::-1]
    assert (first.state, first.next, second.state) == ("replaced", second.message_id, "waiting")
    assert stage.letters.live(first.message_id) == second
    assert stage.deals.properties["500"] == before
    assert len(stage.deals.tasks) == 1


def test_a_replay_by_command_begins_anew() -> None:
    stage = Feedback(Policy(most_wakes=1))
    stage.fails = PASSING
    stage.change(stage.deal())
    stage.turn(hours=3)
    (letter,) = stage.in_state("waiting")
    assert letter.kind == "permanent"
    stage.letters.replay(letter, stage.sqs)
    stage.turn(minutes=20)
    (again,) = stage.in_state("waiting")
    assert (again.kind, again.wakes, again.first) == ("transient", 0, None)
    stage.fails = None
    stage.turn(hours=1)
    assert next(one.state for one in stage.letters.newest()) == "resolved"


def test_a_death_without_a_report_is_tried_again_once() -> None:
    stage = Feedback()
    key = stage.deal()
    stage.links.raise_wanted(key)
    for number in range(2):
        body = json.dumps({"link": key, "why": "hubspot", "correlation_id": "c"})
        stage.record("aws-inbox", Message(f"dead-{number}", body, 0, 3))
        stage.run_sweeps()
    first, second = stage.letters.get("dead-0"), stage.letters.get("dead-1")
    assert (first.state, second.kind, second.error) == ("replaced", "transient", "Unknown")
    stage.fails = FAULT
    stage.turn(minutes=6)
    stage.record("aws-inbox", Message("dead-2", stage.letters.get("dead-1").body, 0, 3))
    stage.run_sweeps()
    assert (stage.letters.get("dead-2").wakes, stage.letters.get("dead-2").kind) == (1, "permanent")


def test_a_notice_is_sent_again_with_its_count_until_the_limit() -> None:
    stage = Feedback(Policy(most_wakes=3))
    stage.fails = "Retryable"
    stage.send("notices", source="poll", deals=["500"])
    stage.turn(hours=4)
    letters = stage.letters.newest()[::-1]
    assert [(one.state, one.wakes) for one in letters] == [
        ("replayed", 1),
        ("replayed", 2),
        ("replayed", 3),
        ("waiting", 3),
    ]
    assert {one.named for one in letters} == {letters[0].message_id}
    assert letters[-1].kind == "permanent"
    stage.fails = None
    stage.letters.replay(letters[-1], stage.sqs)
    stage.turn(minutes=1)
    assert stage.routed == [{"source": "poll", "deals": ["500"]}]


def test_a_poll_needs_no_wake_and_a_broken_one_is_on_show_for_a_day() -> None:
    stage = Feedback()
    stage.fails = PASSING
    stage.send("polls", poll="aws.opportunities", correlation_id="c")
    stage.turn(minutes=30)
    assert [one.error for one in stage.in_state("resolved")] == [PASSING]
    stage.fails = FAULT
    stage.send("polls", poll="aws.opportunities", correlation_id="c")
    stage.turn(hours=20)
    (letter,) = stage.in_state("waiting")
    assert letter.kind == "permanent"
    stage.turn(hours=5)
    assert stage.letters.get(letter.message_id).state == "resolved"


def test_a_dead_letter_that_comes_twice_changes_nothing_that_was_decided() -> None:
    stage = Feedback()
    message = Message("dead-1", json.dumps({"source": "poll"}), 0, 3)
    stage.record("notices", message)
    stage.letters.mark("dead-1", "dropped")
    assert stage.record("notices", message).status == "SUCCEEDED"
    assert stage.letters.get("dead-1").state == "dropped"


@pytest.mark.parametrize("queue", ["aws-summary", "aws-submissions"])
def test_the_death_of_a_look_does_not_stop_the_sync_of_its_link(queue: str) -> None:
    stage = Feedback()
    key = stage.deal()
    due_at = stage.links.get(key).due_at
    assert due_at is not None
    stage.record(queue, Message("dead-1", json.dumps({"link": key, "why": "partner"}), 0, 3))
    link = stage.links.get(key)
    assert (link.due_at, link.last_error) == (due_at, None)


def test_a_look_that_a_person_has_to_see_to_is_a_task_and_no_status() -> None:
    stage = Feedback()
    key = stage.deal()
    stage.record("aws-summary", Message("dead-1", json.dumps({"link": key}), 0, 3))
    stage.letters.change("dead-1", error=FAULT)
    stage.run_sweeps()
    assert stage.letters.get("dead-1").told_at is not None
    assert (len(stage.deals.tasks), status(stage)) == (1, None)
    assert "aws-summary" in stage.deals.tasks[0][2]


def die(stage: Feedback, queue: str, message_id: str, link: str, error: str = FAULT, **more: Any) -> None:
    """A look's message dies of that error, and the sweep sees it."""
    Leases(stage.store, LEDGER, stage.clock).note_failure(message_id, error, "why", "arn")
    body = {"link": link, "why": "poll", "correlation_id": f"of {message_id}", **more}
    stage.record(queue, Message(message_id, json.dumps(body), 0, 3))
    stage.run_sweeps()


def test_one_cause_of_a_look_is_one_letter_with_a_count_and_the_youngest_message() -> None:
    stage = Feedback()
    key, other = stage.deal(), stage.deal("501")
    for number in range(31):
        came_back = {"busy": 2} if number % 2 else {}
        die(stage, "aws-summary", f"dead-{number}", key, **came_back)
        stage.clock.advance(seconds=1800)
    die(stage, "aws-notifications", "another-look", key)
    die(stage, "aws-summary", "another-deal", other)
    die(stage, "aws-summary", "another-cause", key, "Rejected")
    die(stage, "aws-summary", "asks-for-more", key, event="e-1")
    waiting = {one.message_id: one.count for one in stage.in_state("waiting")}
    alone = {"another-look": 1, "another-deal": 1, "another-cause": 1, "asks-for-more": 1}
    assert waiting == {"dead-30": 31, **alone}
    youngest = stage.letters.get("dead-30")
    assert youngest is not None
    assert json.loads(youngest.body)["correlation_id"] == "of dead-30"
    assert youngest.named == "dead-0", "people know the trouble by its first letter"
    assert stage.letters.live("dead-0") == youngest
    assert len(stage.in_state("replaced")) == 30, "none is lost"
    assert [deal for deal, *_ in stage.deals.tasks].count("500") == 1


def test_looks_that_die_again_and_again_put_the_wake_of_the_first_off_no_further() -> None:
    stage = Feedback()
    key, began = stage.deal(), stage.clock.now_ms()
    die(stage, "aws-summary", "m-1", key, PASSING)
    stage.clock.advance(seconds=200)
    die(stage, "aws-summary", "m-2", key, PASSING)
    (waiting,) = stage.in_state("waiting")
    assert (waiting.message_id, waiting.count, waiting.due_at) == ("m-2", 2, began + Policy().first_ms)


def test_of_an_event_that_could_not_be_delivered_ids_and_the_bus_s_word_are_kept() -> None:
    event = {
        "id": "e-1",
        "detail-type": "Opportunity Updated",
        "time": "2026-09-21T00:00:00Z",
        "detail": {"catalog": "AWS", "opportunity": {"identifier": "O1", "title": "Ann Smith's migration"}},
    }
    stage = Feedback()
    attributes = {"ERROR_CODE": {"stringValue": "NO_PERMISSIONS", "dataType": "String"}}
    message = Message("dead-1", json.dumps(event), 0, 1)
    assert stage.record("partner-events-undelivered", message, messageAttributes=attributes).status == "SUCCEEDED"
    stage.run_sweeps()
    letter = stage.letters.get("dead-1")
    assert letter.body == "id: e-1, detail-type: Opportunity Updated, time: 2026-09-21T00:00:00Z, identifier: O1"
    assert (letter.error, letter.kind) == ("NO_PERMISSIONS", "permanent")
    assert letter.due_at == stage.clock.now_ms() + DAY_MS
    stage.turn(hours=25)
    assert stage.letters.get("dead-1").state == "resolved", "the polls have found what it was about"


def test_what_is_no_event_at_all_is_on_record_all_the_same() -> None:
    stage = Feedback()
    assert stage.record("notifications-undelivered", Message("dead-1", "not JSON", 0, 1)).status == "SUCCEEDED"
    assert (stage.letters.get("dead-1").body, stage.letters.get("dead-1").error) == ("", "Unknown")


def test_while_hubspot_is_away_the_telling_waits_and_then_goes_on() -> None:
    stage = Feedback()
    stage.fails = FAULT
    stage.deals.refuses = Retryable("HubSpot answered 503")
    stage.change(stage.deal())
    stage.turn(hours=1)
    (letter,) = stage.in_state("waiting")
    assert (letter.told_at, status(stage)) == (None, None)
    stage.deals.refuses = None
    stage.turn(minutes=5)
    assert stage.letters.get(letter.message_id).told_at is not None
    assert status(stage) == "blocked"


def test_a_deal_that_takes_no_status_holds_up_nobody() -> None:
    stage = Feedback()
    stage.fails = FAULT
    stage.deals.refuses = Rejected("aws_sync_status: no such option")
    stage.change(stage.deal())
    stage.turn(minutes=30)
    (letter,) = stage.in_state("waiting")
    assert (letter.kind, letter.told_at) == ("permanent", None)
    stage.fails = None
    stage.change(letter.link)
    stage.turn(minutes=30)
    assert stage.letters.get(letter.message_id).state == "resolved"


def test_what_was_done_before_the_deal_was_told_is_not_told() -> None:
    stage = Feedback()
    key = stage.deal()
    stage.record("aws-inbox", Message("dead-1", json.dumps({"link": key}), 0, 3))
    stage.letters.change("dead-1", error=FAULT)
    stage.deals.refuses = Retryable("HubSpot answered 503")
    with pytest.raises(Retryable):
        stage.run_sweeps()
    stage.deals.refuses = None
    stage.change(key)
    stage.turn(minutes=30)
    assert stage.letters.get("dead-1").state == "resolved"
    assert (stage.deals.tasks, status(stage)) == ([], None)


def test_of_two_links_that_became_one_the_one_that_stays_resolves_the_letter() -> None:
    stage = Feedback()
    kept = stage.deal()
    half = stage.links.open_for_opportunity("aws", "O1")
    stage.fails = FAULT
    stage.send("aws-inbox", link=half, why="partner", correlation_id="c")
    stage.turn(minutes=19)
    (letter,) = [one for one in stage.in_state("waiting") if one.link == half]
    stage.fails = None
    stage.links.hand_over(half, kept, "O1", None)
    stage.change(kept)
    stage.turn(minutes=30)
    assert stage.letters.get(letter.message_id).state == "resolved"


def test_a_message_that_died_after_the_work_was_done_by_another_is_resolved_at_once() -> None:
    stage = Feedback()
    key = stage.deal()
    stage.fails = FAULT
    stage.change(key)
    stage.turn(minutes=15)
    assert stage.letters.newest() == [], "its last receive is over, but it is not dead yet"
    stage.fails = None
    stage.change(key)
    stage.turn(minutes=20)
    assert {one.state for one in stage.letters.newest()} == {"resolved"}
    link = stage.links.get(key)
    assert (link.last_error, link.done) == (None, link.wanted)
    assert (stage.deals.tasks, status(stage)) == ([], None)


def test_a_letter_whose_link_is_gone_waits_for_a_command() -> None:
    stage = Feedback()
    stage.send("aws-inbox", link="link#aws#d9", why="hubspot", correlation_id="c")
    stage.turn(hours=3)
    (letter,) = stage.in_state("waiting")
    assert (letter.error, letter.kind, letter.due_at) == ("UnknownLink", "permanent", None)
    assert stage.deals.tasks == []
