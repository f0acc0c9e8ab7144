"""`cosell audit verify` over whole tables: what is found, what is not, and while others append."""

from __future__ import annotations

from typing import Any

import pytest

from cli.audit import chains_of_deal
from cli.audit_verify import Verification
from lambdas.shared.adapters.ledger import Audit, AuditReader, Links
from lambdas.shared.adapters.ledger.values import to_attributes
from lambdas.shared.domain.audit_chain import HEAD_SORT, head_of, linked
from sandbox.fakes import FakeClock, FakeDynamoDb
from tests.unit.audit.chains import rehashed

A, B = "link#aws#d500", "link#google#d500"


class Tables:
    """Two chains with records of two days, in memory."""

    def __init__(self) -> None:
        self.dynamodb, self.clock = FakeDynamoDb(), FakeClock()
        self.audit = Audit(self.dynamodb, "audit", self.clock, ledger="ledger", kept_days=10)
        self.reader = AuditReader(self.dynamodb, "audit", "ledger")
        for number in range(4):
            for chain in (A, B):
                self.audit.intent(chain, f"r{number}", operation="UpdateDeal", deal_id="500")
            self.clock.advance(seconds=40_000)

    def verify(self) -> list[str]:
        with Verification(self.reader, self.clock.now_ms()) as verification:
            return [str(one) for one in verification.everything()]

    def put(self, item: dict[str, Any], table: str = "audit") -> None:
        self.dynamodb.put_item(TableName=table, Item=to_attributes(item))

    def remove(self, chain: str, sort: str, table: str = "audit") -> None:
        self.dynamodb.delete_item(TableName=table, Key=to_attributes({"pk": chain, "sk": sort}))

    def records(self, chain: str = A) -> list[dict[str, Any]]:
        return list(self.reader.chain(chain))


@pytest.fixture
def tables() -> Tables:
    return Tables()


def test_what_nobody_touched_is_whole(tables: Tables) -> None:
    with Verification(tables.reader, tables.clock.now_ms()) as verification:
        assert list(verification.everything()) == []
        assert (verification.done.chains, verification.done.records) == (2, 8)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("altered", f"{A}\t2\taltered: its hash does not fit what it says"),
        ("rehashed", f"{A}\t3\tdoes not follow the record before it: one was altered, inserted or re-chained"),
        ("removed", f"{A}\t2\tremoved: 2, of which the last was to be kept"),
        ("cut", f"{A}\t4\tcut off: the head ends at 4, the records at 3"),
        ("gone", f"{A}\t1\tremoved: the whole chain"),
        ("inserted", f"{A}\t5\tinserted: the head ends at 4"),
        ("headless", f"{A}\t0\tthe chain has records and no head"),
        ("foreign", f"{A}\t0\tis no record of a chain: it has no number, time or hash"),
    ],
)
def test_what_somebody_did_is_said_in_one_line(tables: Tables, name: str, said: str) -> None:
    records = tables.records()
    if name == "altered":
        tables.put({**records[1], "operation": "Nothing"})
    elif name == "rehashed":
        tables.put(rehashed(records[1], operation="Nothing"))
    elif name == "removed":
        tables.remove(A, records[1]["sk"])
    elif name == "cut":
        tables.remove(A, records[3]["sk"])
    elif name == "gone":
        for one in records:
            tables.remove(A, one["sk"])
    elif name == "inserted":
        tables.put(linked(A, head_of(records[3]), tables.clock.now_ms(), 864_000, {"kind": "intent", "run_id": "f"}))
    elif name == "headless":
        tables.remove(A, HEAD_SORT, "ledger")
    else:
        tables.dynamodb.put_item(
            TableName="audit", Item={"pk": {"S": A}, "sk": {"S": "000000000005"}, "seq": {"N": "1.5"}}
        )
    assert tables.verify() == [said]


def test_the_oldest_that_ended_may_be_gone(tables: Tables) -> None:
    first = tables.records()[0]
    tables.clock.advance(ms=first["expires_at"] * 1000 - tables.clock.now_ms())
    tables.remove(A, first["sk"])
    assert tables.verify() == []
    tables.remove(A, tables.records()[0]["sk"])
    assert tables.verify() == [f"{A}\t1\tremoved: 1 to 2, of which the last was to be kept"]


def test_a_chain_of_which_everything_ended_may_be_gone(tables: Tables) -> None:
    tables.clock.advance(seconds=11 * 86_400)
    for one in tables.records():
        tables.remove(A, one["sk"])
    assert tables.verify() == []


def test_what_is_appended_meanwhile_is_no_finding(tables: Tables) -> None:
    """The heads are read first: a record that comes after them is looked at again, with its own head."""
    tables.dynamodb.before("scan", lambda _: tables.dynamodb.before("scan", lambda _: append()))

    def append() -> None:
        tables.audit.intent(A, "r9", operation="UpdateDeal")
        tables.audit.intent("link#aws#d501", "r9", operation="UpdateDeal")

    assert tables.verify() == []


def test_a_chain_that_does_not_come_in_one_piece_is_read_by_itself(tables: Tables) -> None:
    class Shuffled(AuditReader):
        def everything(self) -> Any:
            return iter(sorted(super().everything(), key=lambda one: one["seq"]))

    tables.reader = Shuffled(tables.dynamodb, "audit", "ledger")
    assert tables.verify() == []


def test_a_deal_has_the_chains_of_its_records_and_of_its_links(tables: Tables) -> None:
    links = Links(tables.dynamodb, "ledger", tables.clock)
    assert chains_of_deal(tables.reader, links, "500") == [A, B]
    for one in tables.records():
        tables.remove(A, one["sk"])
    assert chains_of_deal(tables.reader, links, "500") == [A, B], "its head knows it though no record is left"
    assert chains_of_deal(tables.reader, links, "501") == []
    with Verification(tables.reader, tables.clock.now_ms()) as verification:
        assert [one.what for one in verification.one(A)] == ["removed: the whole chain"]
        assert verification.one(B) == []
