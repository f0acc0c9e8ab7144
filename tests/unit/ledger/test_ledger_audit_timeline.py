"""The audit in order of time: deals, days over all partitions, and going on from any place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from lambdas.shared.adapters.ledger import Audit, AuditTimeline, audit_timeline
from lambdas.shared.domain.audit_report import Place, Query, Reveal
from sandbox.fakes import FakeClock, FakeDynamoDb
from tests.unit.ledger.conftest import Watched, new_table

pytestmark = pytest.mark.xdist_group("audit-timeline")  # what it reads is written once

DAY = date(2026, 9, 21)
WHOLE = Query(first=DAY, last=date(2026, 9, 23))


def read(client: Any, table: str, query: Query, after: Place | None = None, reveal: Reveal | None = None) -> list[Any]:
    steps = AuditTimeline(client, table, reveal=reveal, at_once=3).report(query, after)
    return [step.record for step in steps if step.record is not None]


def names(found: list[Any]) -> list[str]:
    return [one["execution"] for one in found]


@pytest.fixture(autouse=True, scope="module")
def _small_pages() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audit_timeline, "_KEYS_AT_ONCE", 2)
        yield


# Here nobody changes what there is, so each kind of client holds it once for all tests.


@pytest.fixture(scope="module", params=["fake", "moto"])
def client(request: pytest.FixtureRequest) -> Any:
    return FakeDynamoDb() if request.param == "fake" else request.getfixturevalue("moto_client")


@pytest.fixture(scope="module")
def table(client: Any) -> str:
    return new_table(client)


@pytest.fixture(scope="module")
def audit(client: Any, table: str) -> Audit:
    """Twenty links, two partners, three days: writes at the same millisecond, too."""
    clock = FakeClock()
    clock.set(int(datetime(2026, 9, 21, 6, tzinfo=UTC).timestamp() * 1000))
    made = Audit(client, table, clock, ledger=new_table(client))
    for number in range(40):
        partner = "aws" if number % 4 else "google"
        chain = f"link#{partner}#d{number % 20}"
        field = "amount" if number % 2 else "title"
        about = {"partner": partner, "deal_id": str(number % 20)}
        changes = [{"field": field, "after": str(number)}, {"field": "stage", "after": "x"}]
        intent = made.intent(chain, f"r{number:02d}", operation="UpdateDeal", changes=changes, **about)
        clock.advance(seconds=4_000 if number % 3 else 0)
        made.outcome(chain, f"r{number:02d}", intent, result="done", **about)
    return made


@pytest.mark.usefixtures("audit")
def test_days_are_one_report_in_order_of_time(client: Any, table: str) -> None:
    found = read(client, table, WHOLE)
    assert len(found) == 80
    assert [one["when"] for one in found] == sorted(one["when"] for one in found)
    for chain in {one["chain"] for one in found}:
        numbers = [one["seq"] for one in found if one["chain"] == chain]
        assert numbers == sorted(numbers)
    first = read(client, table, Query(first=DAY, last=DAY))
    assert found[: len(first)] == first
    assert 0 < len(first) < 80
    assert {one["when"][:10] for one in first} == {"2026-09-21"}


@pytest.mark.usefixtures("audit")
@pytest.mark.parametrize("query", [WHOLE, Query(deal="7"), Query(first=DAY, last=date(2026, 9, 23), field="amount")])
def test_it_goes_on_behind_any_place_and_repeats_nothing(client: Any, table: str, query: Query) -> None:
    steps = [step for step in AuditTimeline(client, table, at_once=3).report(query) if step.place.chain]
    for number in range(0, len(steps), 7):
        rest = AuditTimeline(client, table).report(query, steps[number].place)
        assert [step for step in rest if step.place.chain] == steps[number + 1 :]


@pytest.mark.usefixtures("audit")
def test_a_deal_is_read_by_its_index_within_the_days_asked(client: Any, table: str) -> None:
    found = read(client, table, Query(deal="7"))
    assert names(found) == ["r07", "r07", "r27", "r27"]
    day = date.fromisoformat(found[-1]["when"][:10])
    assert names(read(client, table, Query(deal="7", first=day))) == ["r27", "r27"]
    assert names(read(client, table, Query(deal="7", last=DAY))) == ["r07", "r07"]
    assert read(client, table, Query(deal="7", partner="google")) == []


@pytest.mark.usefixtures("audit")
def test_of_a_partner_and_a_field_with_the_outcomes_that_belong_to_them(client: Any, table: str) -> None:
    found = read(client, table, Query(partner="google", first=DAY, last=date(2026, 9, 23), field="title"))
    assert sorted({*names(found)}) == [f"r{number:02d}" for number in range(0, 40, 4)]
    assert [one["kind"] for one in found].count("outcome") == len(found) // 2 == 10
    assert {each["field"] for one in found for each in one.get("changes", ())} == {"title"}
    assert read(client, table, Query(partner="google", first=DAY, last=DAY, field="amount")) == []


def test_an_outcome_s_intent_is_looked_up_when_it_was_not_seen(audit: Audit, watched: Watched, table: str) -> None:
    intent, *_ = AuditTimeline(watched, table).report(Query(deal="7", field="amount"))
    watched.calls.clear()
    found = read(watched, table, Query(deal="7", field="amount"), intent.place)
    assert [one["kind"] for one in found] == ["outcome", "intent", "outcome"]
    assert watched.calls.count("get_item") == 1
    assert audit.entries("link#aws#d7")[-1]["sk"] == "000000000001"


@pytest.mark.usefixtures("audit")
def test_every_day_that_was_looked_through_is_a_step(client: Any, table: str) -> None:
    steps = AuditTimeline(client, table).report(Query(first=date(2026, 9, 1), last=date(2026, 9, 4)))
    assert [(step.place.at % 86_400_000, step.place.chain, step.record) for step in steps] == [(0, "", None)] * 4


@pytest.mark.usefixtures("audit")
def test_values_are_revealed_where_asked(client: Any, table: str) -> None:
    def reveal(record: Any) -> Any:
        return {**record, "changes": "readable"}

    assert {one["changes"] for one in read(client, table, Query(deal="7"), reveal=reveal)} == {"readable"}


def test_what_somebody_put_there_comes_as_its_keys_and_stops_nothing(client: Any, table: str, audit: Audit) -> None:
    at = audit.entries("link#aws#d7")[-1]["at"]
    forged = {"pk": {"S": "link#aws#d7"}, "sk": {"S": "x"}, "deal_id": {"S": "7"}, "at": {"N": str(at + 1)}}
    client.put_item(TableName=table, Item={**forged, "weight": {"N": "1.5"}})
    try:
        found = read(client, table, Query(deal="7"))
    finally:
        client.delete_item(TableName=table, Key={name: forged[name] for name in ("pk", "sk")})
    assert len(found) == 5
    assert {"chain": "link#aws#d7", "when": None} in found
