from __future__ import annotations

import random
from decimal import Decimal

import pytest

from lambdas.shared.adapters.ledger import (
    Audit,
    DeadLetters,
    Invitations,
    Leases,
    Quarantine,
    Runs,
    Watermark,
    Watermarks,
)
from lambdas.shared.errors import Conflict, NotFound, Unexpected
from sandbox.fakes import FakeSqs


def test_documents_of_a_run_come_back_as_they_were(client, table, clock):
    runs = Runs(client, table, clock)
    deal = {"id": "500", "properties": {"amount": "10.50", "name": "Größe", "none": None}, "probability": 0.2}
    runs.put("run-1", "deal", deal)
    runs.put("run-1", "plan", [])
    runs.put("run-2", "deal", {"id": "other"})
    assert runs.get("run-1", "deal", "plan", "result") == {"deal": deal, "plan": []}
    assert runs.get("run-1") == {}


def test_a_document_ends_after_a_day(client, table, clock):
    Runs(client, table, clock).put("run-1", "deal", {})
    item = client.get_item(TableName=table, Key={"pk": {"S": "run-1"}, "sk": {"S": "deal"}})["Item"]
    assert int(item["expires_at"]["N"]) == clock.now_ms() // 1000 + 86_400


def test_a_large_document_is_compressed(client, table, clock):
    runs = Runs(client, table, clock)
    large = {"text": "ä" * 400_000}
    runs.put("run-1", "deal", large)
    assert runs.get("run-1", "deal") == {"deal": large}


def test_a_document_too_large_even_so_says_which_and_how_large(client, table, clock):
    noise = random.Random(1).randbytes(500_000).hex()
    with pytest.raises(Unexpected, match=r"document deal of run run-1 has 1000\d\d\d bytes"):
        Runs(client, table, clock).put("run-1", "deal", {"text": noise})


def test_the_audit_trail_holds_intent_and_outcome_in_order(client, table, heads, clock):
    audit = Audit(client, table, clock, ledger=heads)
    changes = [{"field": "title", "before": None, "after": "Migration"}]
    intent = audit.intent("link#aws#d500", "run-1", system="aws", operation="CreateOpportunity", changes=changes)
    clock.advance(ms=7)
    outcome = audit.outcome("link#aws#d500", "run-1", intent, result="done", opportunity_id="O1", reason=None)
    assert (intent, outcome) == ("000000000001", "000000000002")
    newest, oldest = audit.entries("link#aws#d500")
    assert (newest["sk"], newest["intent"], newest["result"]) == (outcome, intent, "done")
    assert "reason" not in newest
    assert (oldest["kind"], oldest["changes"]) == (
        "intent",
        '[{"after": "Migration", "before": null, "field": "title"}]',
    )


def test_an_audit_entry_is_never_overwritten(client, table, heads, clock):
    audit = Audit(client, table, clock, ledger=heads)
    keys = {audit.intent("link#aws#d500", "run-1", operation=f"operation {number}") for number in range(3)}
    assert len(keys) == len(audit.entries("link#aws#d500")) == 3


def test_audit_fields_cannot_pose_as_the_trails_own(client, table, heads, clock):
    with pytest.raises(ValueError, match="at, kind"):
        Audit(client, table, clock, ledger=heads).intent("link#aws#d500", "run-1", kind="outcome", at=1)


def test_a_watermark_only_moves_from_where_it_was_read(client, table):
    marks = Watermarks(client, table)
    empty = marks.get("aws", "opportunities")
    assert empty == Watermark()
    first = Watermark("2026-01-01", "page-2", "2026-01-05", {"O1": "2026-01-04"}, "2026-01-03")
    assert marks.move("aws", "opportunities", first, empty) is True
    assert marks.move("aws", "opportunities", Watermark("2025-01-01"), empty) is False
    assert marks.get("aws", "opportunities") == first
    assert marks.move("aws", "opportunities", Watermark("2026-01-05"), first) is True
    assert marks.get("aws", "opportunities") == Watermark("2026-01-05")
    assert marks.get("aws", "invitations") == Watermark()


@pytest.fixture
def invitations(client, table, clock) -> Invitations:
    return Invitations(client, table, "aws", clock)


def test_an_invitation_is_accepted_with_one_token(invitations):
    assert invitations.begin("engi-1", "t1") == "t1"
    assert invitations.begin("engi-1", "t2") == "t1"
    invitations.finish("engi-1", "accepted", task_id="task-1", opportunity_id="O1", engagement_id="eng-1")
    assert invitations.begin("engi-1", "t3") == "t1"
    known = invitations.get("engi-1")
    assert (known.state, known.opportunity_id, known.engagement_id) == ("accepted", "O1", "eng-1")


def test_a_failed_task_is_begun_again_with_a_new_token(invitations):
    invitations.begin("engi-1", "t1")
    invitations.finish("engi-1", "failed", task_id="task-1", reason="InternalError")
    assert invitations.begin("engi-1", "t2") == "t2"
    assert (invitations.get("engi-1").state, invitations.get("engi-1").task_id) == ("started", None)


def test_an_ignored_invitation_can_still_be_begun_but_a_begun_one_is_not_ignored(invitations):
    assert invitations.ignore("engi-1", "rule") is True
    assert invitations.get("engi-1").state == "ignored"
    assert invitations.begin("engi-1", "t1") == "t1"
    assert invitations.ignore("engi-1", "rule") is False
    assert invitations.get("engi-2") is None
    with pytest.raises(NotFound, match="engi-2"):
        invitations.finish("engi-2", "accepted")


@pytest.fixture
def letters(client, table, clock) -> DeadLetters:
    return DeadLetters(client, table, clock)


def test_a_dead_letter_says_why_it_died(client, table, clock, letters):
    Leases(client, table, clock).note_failure("m-1", "Unexpected", "KeyError in plan_changes", "arn:execution")
    letters.record("m-1", "https://queue", '{"link": "link#aws#d500"}', 5, "link#aws#d500")
    letter = letters.get("m-1")
    assert (letter.error, letter.cause, letter.execution) == (
        "Unexpected",
        "KeyError in plan_changes",
        "arn:execution",
    )
    assert (letter.state, letter.receive_count, letter.link) == ("waiting", 5, "link#aws#d500")


def test_a_dead_letter_without_a_noted_failure_is_still_recorded(letters):
    assert letters.record("m-1", "https://queue", "not json", 5).error is None
    assert letters.get("m-1").body == "not json"
    assert letters.failure("m-1") is None


def test_the_machines_word_for_no_link_is_no_link(letters, client, table):
    letters.record("m-1", "https://queue", "{}", 5, "none")
    assert letters.get("m-1").link is None


def test_a_decision_about_a_dead_letter_is_made_once(letters):
    letters.record("m-1", "https://queue", "{}", 5)
    letters.mark("m-1", "replayed")
    with pytest.raises(Conflict, match="was replayed already"):
        letters.mark("m-1", "dropped")
    letters.record("m-1", "https://queue", "{}", 6)
    assert letters.get("m-1").state == "replayed"
    with pytest.raises(NotFound):
        letters.mark("m-2", "dropped")
    with pytest.raises(ValueError, match="allowed: replayed, dropped"):
        letters.mark("m-1", "waiting")


def test_dead_letters_are_listed_newest_first_and_by_state(letters, clock):
    for number in range(4):
        letters.record(f"m-{number}", "https://queue", "{}", 5)
        clock.advance(seconds=1)
    letters.mark("m-2", "dropped")
    assert [each.message_id for each in letters.newest()] == ["m-3", "m-2", "m-1", "m-0"]
    assert [each.message_id for each in letters.newest("waiting", limit=2)] == ["m-3", "m-1"]
    with pytest.raises(ValueError, match="allowed: waiting, replayed, replaced, resolved, dropped"):
        letters.newest("dead")


def test_quarantined_input_is_kept_with_its_reason(client, table, clock):
    quarantine = Quarantine(client, table, clock)
    quarantine.put("not a JSON array", "{")
    clock.advance(seconds=1)
    quarantine.put("event without an object id", "[{}]")
    assert [(each["reason"], each["body"]) for each in quarantine.newest()] == [
        ("event without an object id", "[{}]"),
        ("not a JSON array", "{"),
    ]


def test_only_what_the_ledger_can_hold_is_stored(client, table, clock):
    with pytest.raises(TypeError, match="cannot store a Decimal; allowed: text"):
        Leases(client, table, clock).note_failure("m-1", Decimal("1.5"), "", "")


def test_a_replayed_dead_letter_goes_back_to_its_queue_and_is_marked(client, table, clock):
    letters = DeadLetters(client, table, clock)
    sqs = FakeSqs()
    letters.record("m-1", "https://sqs.example/1/inbox", '{"link": "link#aws#d500"}', 3)
    letters.replay(letters.get("m-1"), sqs)
    assert sqs.bodies("https://sqs.example/1/inbox") == [{"link": "link#aws#d500"}]
    assert letters.get("m-1").state == "replayed"


def test_a_decision_without_a_write_is_on_record_too(client, table, heads, clock):
    audit = Audit(client, table, clock, ledger=heads)
    began = clock.now_ms()
    for _ in range(2):  # the second time long after the first
        audit.decision("link#aws#d500", "run-1", began, outcome="blocked", problems=[{"field": "country"}])
        clock.advance(seconds=9)
    (entry,) = audit.entries("link#aws#d500")
    assert (entry["at"], entry["decided_at"]) == (began, began)
    assert (entry["kind"], entry["outcome"], entry["problems"]) == ("decision", "blocked", '[{"field": "country"}]')
