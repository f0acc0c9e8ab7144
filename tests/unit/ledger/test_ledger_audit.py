"""Records and heads of the audit's chains, on the fake and on moto."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambdas.shared.adapters.ledger import Audit, AuditReader
from lambdas.shared.adapters.ledger.values import to_attributes
from lambdas.shared.domain.audit_chain import check_chain, hash_of
from lambdas.shared.errors import Retryable, Unexpected
from sandbox.fakes import FakeClock
from tests.unit.ledger.conftest import Watched

KEY = "link#aws#d500"


class Room:
    """An audit and its reader on one pair of tables; ``others`` are further processes."""

    def __init__(self, client: Any, table: str, heads: str, clock: FakeClock) -> None:
        self.client, self.table, self.heads, self.clock = Watched(client), table, heads, clock
        self.reader = AuditReader(client, table, heads)
        self.audit = self.process()

    def process(self, **options: Any) -> Audit:
        return Audit(self.client, self.table, self.clock, ledger=self.heads, sleep=lambda _seconds: None, **options)

    def records(self) -> list[dict[str, Any]]:
        return list(self.reader.chain(KEY))

    def findings(self) -> list[str]:
        found = check_chain(KEY, self.records(), self.reader.head(KEY), [], now_ms=self.clock.now_ms())
        return [str(one) for one in found]


@pytest.fixture
def room(client: Any, table: str, heads: str, clock: FakeClock) -> Room:
    return Room(client, table, heads, clock)


def test_records_are_linked_and_the_head_is_the_last(room: Room) -> None:
    intent = room.audit.intent(KEY, "r1", operation="UpdateDeal", deal_id="500", partner="aws")
    room.clock.advance(seconds=1)
    room.audit.outcome(KEY, "r1", intent, result="done", deal_id="500")
    first, second = room.records()
    assert (first["seq"], first["prev"], first["prev_at"]) == (1, "", 0)
    assert (second["seq"], second["prev"], second["prev_at"]) == (2, first["hash"], first["at"])
    assert all(one["hash"] == hash_of(one) for one in (first, second))
    assert second["expires_at"] == second["at"] // 1000 + (7 * 365 + 2) * 86_400
    head = room.reader.head(KEY)
    assert (head.seq, head.hash, head.expires_at) == (2, second["hash"], second["expires_at"])
    assert room.findings() == []


def test_between_intent_and_outcome_the_head_is_not_read_again(room: Room) -> None:
    intent = room.audit.intent(KEY, "r1", operation="UpdateDeal")
    room.client.calls.clear()
    room.audit.outcome(KEY, "r1", intent, result="done")
    assert room.client.calls == ["transact_write_items"]
    room.audit.intent(KEY, "r2", operation="UpdateDeal")
    assert room.client.calls[1:] == ["get_item", "transact_write_items"], "another run may have been at it"
    room.clock.advance(seconds=60)
    room.client.calls.clear()
    room.audit.intent(KEY, "r2", operation="UpdateDeal")
    assert room.client.calls == ["get_item", "transact_write_items"], "so may it after a while"


def test_two_who_append_at_once_make_one_chain(room: Room) -> None:
    """A look and a sync of one link: whoever comes second goes on from the first one's record."""
    sync, look = room.audit, room.process()
    intent = sync.intent(KEY, "r1", operation="UpdateOpportunity")
    room.client.before("transact_write_items", lambda: look.intent(KEY, "r2", operation="UpdateDeal"))
    sync.outcome(KEY, "r1", intent, result="done")
    assert [(one["run_id"], one["kind"]) for one in room.records()] == [
        ("r1", "intent"),
        ("r2", "intent"),
        ("r1", "outcome"),
    ]
    assert room.findings() == []


def test_who_never_gets_his_turn_says_so(room: Room) -> None:
    other, number = room.process(), iter(range(100))

    def cut_in() -> None:
        room.client.before("transact_write_items", again)
        other.decision(KEY, "r2", next(number), outcome="blocked")

    def again() -> None:
        room.client.before("transact_write_items", cut_in)

    cut_in()
    with pytest.raises(Retryable, match="too many at once"):
        room.audit.intent(KEY, "r1", operation="UpdateDeal")
    assert room.findings() == []


def test_an_answer_that_was_lost_is_recognised(room: Room) -> None:
    """The transaction went through, and is then refused because its own record stands there."""
    real = room.client.transact_write_items

    class Losing(Watched):
        lost = False

        def __getattr__(self, operation: str) -> Any:
            if operation == "transact_write_items" and not self.lost:
                self.lost = True
                return lambda **request: [real(**request), real(**request)][1]
            return super().__getattr__(operation)

    audit = Audit(Losing(room.client), room.table, room.clock, ledger=room.heads)
    assert audit.intent(KEY, "r1", operation="UpdateDeal") == "000000000001"
    assert len(room.records()) == 1
    assert room.findings() == []


def test_a_record_that_the_head_does_not_know_stops_the_chain(room: Room) -> None:
    room.audit.intent(KEY, "r1", operation="UpdateDeal")
    forged = {"pk": KEY, "sk": "000000000002", "kind": "intent"}
    room.client.put_item(TableName=room.table, Item=to_attributes(forged))
    with pytest.raises(Unexpected, match="cosell audit verify"):
        room.process().intent(KEY, "r1", operation="UpdateDeal")


def test_a_repeated_step_files_its_decision_once_though_others_wrote_in_between(room: Room) -> None:
    began = room.clock.now_ms()
    first = room.audit.decision(KEY, "r1", began, outcome="blocked", reason="country")
    room.process().intent(KEY, "r2", operation="UpdateDeal")
    assert room.process().decision(KEY, "r1", began, outcome="blocked", reason="country") == first
    assert room.process().decision(KEY, "r1", began, outcome="conflict") != first
    assert room.process().decision(KEY, "r1", began + 1, outcome="blocked") != first
    assert len(room.records()) == 4


def test_what_is_held_back_for_the_same_reasons_again_is_no_news_until_something_was_written(room: Room) -> None:
    def hold(began: int) -> str | None:
        return room.process().decision(KEY, f"r{began}", began, outcome="synced", unless_said="withheld=amount")

    assert hold(1) is not None
    assert hold(2) is None
    room.audit.intent(KEY, "r3", operation="UpdateOpportunity")
    assert hold(4) is not None


def test_personal_values_are_replaced_before_the_hash(room: Room) -> None:
    def conceal(chain: str, fields: Any) -> Any:
        return {**fields, "changes": [{**one, "after": f"sealed for {chain}"} for one in fields["changes"]]}

    audit = room.process(conceal=conceal)
    audit.intent(KEY, "r1", operation="UpdateDeal", changes=[{"field": "email", "after": "ann@example.com"}])
    (record,) = room.records()
    assert json.loads(record["changes"]) == [{"field": "email", "after": f"sealed for {KEY}"}]
    assert room.findings() == []


def test_changes_that_no_item_holds_are_cut_and_say_so(room: Room) -> None:
    long = [{"field": f"f{number}", "before": None, "after": "ä" * 60_000} for number in range(10)]
    room.audit.intent(KEY, "r1", operation="UpdateDeal", changes=long)
    (record,) = room.records()
    assert json.loads(record["changes"])[9] == {
        "field": "f9",
        "before": None,
        "after": f"{'ä' * 2000}… (60000 characters)",
    }


def test_the_retention_of_a_stage_is_its_own(room: Room) -> None:
    room.process(kept_days=30).intent(KEY, "r1", operation="UpdateDeal")
    assert room.records()[0]["expires_at"] == room.clock.now_ms() // 1000 + 30 * 86_400


def test_a_record_without_a_deal_is_none_of_a_deals(room: Room) -> None:
    room.audit.intent(KEY, "r1", operation="CreateOpportunity", deal_id="")
    room.audit.intent(KEY, "r1", operation="UpdateDeal", deal_id="500")
    assert [one["seq"] for one in room.reader.deal("500")] == [2]
    assert room.reader.chains_of_deal("500") == {KEY}


def test_a_deal_is_read_over_all_its_chains_and_within_a_time(room: Room) -> None:
    for number, chain in enumerate([KEY, "link#google#d500", KEY]):
        room.audit.intent(chain, f"r{number}", operation="UpdateDeal", deal_id="500")
        room.clock.advance(seconds=1)
    times = [one["at"] for one in room.reader.deal("500")]
    assert times == sorted(times)
    assert [one["pk"] for one in room.reader.deal("500")] == [KEY, "link#google#d500", KEY]
    assert [one["at"] for one in room.reader.deal("500", times[1], times[2])] == [times[1]]


def test_a_days_chains_are_known_from_the_index_alone(room: Room) -> None:
    day = "2026-09-21"
    for number in range(5):
        room.audit.intent(f"link#aws#d{number % 2}", f"r{number}", operation="UpdateDeal")
    room.clock.advance(seconds=86_400)
    room.audit.intent("link#aws#d0", "r9", operation="UpdateDeal")
    active = {one.chain: one for part in room.reader.active(day) for one in part}
    assert {chain: (one.seq, one.records) for chain, one in active.items()} == {
        "link#aws#d0": (3, 3),
        "link#aws#d1": (2, 2),
    }
    (third,) = [one for one in room.reader.chain("link#aws#d0") if one["seq"] == 3]
    assert (active["link#aws#d0"].hash, active["link#aws#d0"].expires_at) == (third["hash"], third["expires_at"])
    assert len(list(room.reader.day(day))) == 5
    assert {chain for chain, _ in room.reader.heads()} == {"link#aws#d0", "link#aws#d1"}
    assert len(list(room.reader.everything())) == 6
