from __future__ import annotations

import pytest

from lambdas.shared.adapters.ledger import Backfills, Progress, Survey, WriteQuota
from lambdas.shared.adapters.ledger.survey import Table
from lambdas.shared.errors import NotFound


@pytest.fixture
def backfills(client, table, clock) -> Backfills:
    return Backfills(client, table, clock)


def test_an_unfinished_one_is_gone_on_with_by_its_scope(backfills):
    assert backfills.begin("aws|all", "b1") == ("b1", False)
    assert backfills.begin("aws|all", "b2") == ("b1", True)
    assert backfills.begin("google|all", "b3") == ("b3", False)
    assert backfills.begin("aws|all", "b4", anew=True) == ("b4", False)
    backfills.end("b1")
    assert backfills.begin("aws|all", "b5") == ("b4", True), "another one has taken its place"
    backfills.end("b4")
    assert backfills.begin("aws|all", "b6") == ("b6", False)
    assert backfills.scope_of("b1") == "aws|all"
    with pytest.raises(NotFound, match="b9"):
        backfills.scope_of("b9")


def test_the_last_word_about_a_record_stands(backfills, clock):
    backfills.begin("aws|all", "b1")
    raised = Progress("deal#aws#500", "raised", "link#aws#d500", 1, "", ("company.country",), clock.now_ms())
    backfills.note("b1", raised)
    assert backfills.progress("b1") == {raised.record: raised}
    blocked = Progress(raised.record, "blocked", raised.link, 1, "incomplete", raised.missing, raised.at)
    backfills.note("b1", blocked)
    assert backfills.progress("b1") == {raised.record: blocked}
    assert backfills.progress("b2") == {}


def test_a_survey_has_every_link_and_pointer_whatever_else_there_is(client, table, links, backfills, monkeypatch):
    pages = []
    scan = Table.scan

    def small(self, condition, values, *, after=None, limit=0):
        pages.append(after)
        return scan(self, condition, values, after=after, limit=2)

    monkeypatch.setattr(Table, "scan", small)
    keys = [links.open_for_deal("aws", str(number), "hubspot") for number in range(3)]
    other = links.open_for_opportunity("google", "O1")
    backfills.begin("aws|all", "b1")
    found, pointers = Survey(client, table).everything()
    assert set(found) == {*keys, other}
    assert found[other].opportunity_id == "O1"
    assert pointers == {f"deal#aws#{number}": key for number, key in enumerate(keys)} | {"opportunity#google#O1": other}
    assert len(pages) >= 4


def test_used_writes_are_those_of_a_day(client, table, clock):
    quota = WriteQuota(client, table, clock)
    assert quota.used("aws#AWS") == 0
    quota.reserve("aws#AWS", 3, 1, 100)
    assert quota.used("aws#AWS") == 3
    clock.advance(hours=26)
    assert quota.used("aws#AWS") == 0
