"""Dead letters in the ledger: who is due, who may change what, and what a replay does."""

from __future__ import annotations

import json

import pytest

from lambdas.shared.adapters.ledger import DeadLetters, Links
from lambdas.shared.adapters.ledger.dead_letters import CLAIM_MS, DECIDED_KEPT_SECONDS, SWEPT, TO_TELL
from lambdas.shared.errors import Conflict, NotFound
from sandbox.fakes import FakeSqs

INBOX = "https://sqs.example/1/inbox"


@pytest.fixture
def letters(client, table, clock) -> DeadLetters:
    return DeadLetters(client, table, clock)


def test_a_new_letter_is_due_at_once_and_out_of_sight_once_it_is_dealt_with(letters, clock):
    letters.record("m-1", INBOX, "{}", 3, queue="notices")
    assert letters.due(clock.now_ms(), 10) == ["m-1"]
    letters.mark("m-1", "dropped")
    assert letters.due(clock.now_ms(), 10) == []
    assert letters.get("m-1").due_at is None


def test_what_waits_never_expires_and_what_is_dealt_with_does(letters, client, table, clock):
    letters.record("m-1", INBOX, "{}", 3)

    def item():
        return client.get_item(TableName=table, Key={"pk": {"S": "dead-letter#m-1"}, "sk": {"S": "dead-letter"}})[
            "Item"
        ]

    letters.change("m-1", kind="permanent", due_at=None)
    assert "expires_at" not in item()
    letters.change("m-1", state="resolved")
    assert int(item()["expires_at"]["N"]) == clock.now_ms() // 1000 + DECIDED_KEPT_SECONDS


def test_a_claim_is_one_caller_s(letters, clock):
    letters.record("m-1", INBOX, "{}", 3)
    first, second = letters.get("m-1"), letters.get("m-1")
    assert letters.claim(first)
    assert not letters.claim(second)
    assert letters.due(clock.now_ms(), 10) == []
    clock.advance(ms=CLAIM_MS)
    assert letters.due(clock.now_ms(), 10) == ["m-1"], "a sweep that died in between is made up for"


def test_nothing_changes_a_letter_that_was_decided(letters):
    letters.record("m-1", INBOX, "{}", 3)
    stale = letters.get("m-1")
    letters.mark("m-1", "replayed")
    assert not letters.change("m-1", kind="permanent", due_at=5)
    assert not letters.claim(stale)
    assert (letters.get("m-1").state, letters.get("m-1").kind) == ("replayed", None)
    with pytest.raises(Conflict, match="was replayed already"):
        letters.mark("m-1", "dropped")


def test_letters_that_a_deal_has_yet_to_show_are_apart(letters, clock):
    letters.record("m-1", INBOX, "{}", 3)
    letters.change("m-1", partition=TO_TELL, kind="permanent", due_at=clock.now_ms())
    assert letters.due(clock.now_ms(), 10, SWEPT) == []
    assert letters.due(clock.now_ms(), 10, TO_TELL) == ["m-1"]


def test_the_letter_before_on_a_link_is_known_while_it_waits(letters):
    for name in ("m-1", "m-2", "m-3"):
        letters.record(name, INBOX, "{}", 3)
    assert letters.youngest_of("link#aws#d500", "m-1") is None
    assert letters.youngest_of("link#aws#d500", "m-1") is None, "itself again, after a crash"
    assert letters.youngest_of("link#aws#d500", "m-2").message_id == "m-1"
    letters.mark("m-2", "dropped")
    assert letters.youngest_of("link#aws#d500", "m-3") is None


def test_people_find_the_living_letter_by_the_first(letters):
    for name in ("m-1", "m-2", "m-3"):
        letters.record(name, INBOX, "{}", 3)
    letters.change("m-1", state="replaced", next="m-2")
    letters.change("m-2", state="replaced", next="m-3")
    assert letters.live("m-1").message_id == "m-3"
    assert letters.live("m-4") is None


def test_more_letters_than_one_read_takes_are_listed_in_order(letters, clock):
    for number in range(105):
        letters.record(f"m-{number}", INBOX, "{}", 3, queue="notices" if number % 2 else "polls")
        clock.advance(ms=1)
    assert [one.message_id for one in letters.newest(limit=200)] == [f"m-{number}" for number in reversed(range(105))]
    assert len(letters.newest(limit=200, wanted=lambda one: one.queue == "polls")) == 53


def test_the_replay_of_a_run_raises_its_link_so_that_it_is_done_even_if_the_message_is_lost(
    letters, client, table, clock
):
    links = Links(client, table, clock)
    key = links.open_for_deal("aws", "500", "hubspot")
    wanted = links.get(key).wanted
    body = json.dumps({"link": key, "why": "hubspot", "correlation_id": "c-1"})
    letters.record("m-1", INBOX, body, 3, key, queue="aws-inbox")
    sqs = FakeSqs()
    letters.replay(letters.get("m-1"), sqs)
    assert links.get(key).wanted == wanted + 1
    assert links.get(key).due_at is not None
    assert sqs.bodies(INBOX) == [{"link": key, "why": "replay", "correlation_id": "c-1"}]


def test_a_link_that_is_gone_is_not_raised(letters):
    letters.record("m-1", INBOX, "{}", 3, "link#aws#d9", queue="aws-inbox")
    with pytest.raises(NotFound, match="link#aws#d9"):
        letters.replay(letters.get("m-1"), FakeSqs())
    assert letters.get("m-1").state == "waiting"


def test_a_message_carries_how_often_it_was_woken_until_a_person_replays_it(letters):
    sqs, body = FakeSqs(), '{"source": "poll"}'
    letters.record("m-1", INBOX, body, 3, queue="notices")
    letters.send_again(letters.get("m-1"), sqs, {"wakes": 1, "first": "m-1"})
    (sent,) = sqs.bodies(INBOX)
    assert sent == {"source": "poll", "letter": {"wakes": 1, "first": "m-1"}}
    letters.record("m-2", INBOX, json.dumps(sent), 3, queue="notices")
    letters.replay(letters.get("m-2"), sqs)
    assert sqs.bodies(INBOX)[1] == {"source": "poll"}
