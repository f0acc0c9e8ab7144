"""A link that is settled, and that time alone will ask for: what expires at the partner is looked at before it does."""

from __future__ import annotations

import pytest

from tests.workflow.machines.bench import Bench, wake

TEN_DAYS = 864_000
SETTLED = {"state": "open", "again": False, "look_in": 0}


def test_a_link_that_waits_for_a_day_is_settled_and_due_then() -> None:
    bench = Bench(RecordOutcome={**SETTLED, "wake_in": TEN_DAYS})
    key = bench.links.open_for_deal("aws", "500", "hubspot")
    result = bench.run("sync", wake(key))
    assert (result.status, result.states[-2:]) == ("SUCCEEDED", ["Release until then", "Done"])
    link = bench.links.get(key)
    assert (link.done, link.wanted, link.lease_owner, link.last_error) == (1, 1, None, None)
    assert link.due_at - link.updated_at == pytest.approx(TEN_DAYS * 1000, abs=2000)


def test_more_that_was_wanted_meanwhile_comes_first() -> None:
    bench = Bench(RecordOutcome={**SETTLED, "wake_in": TEN_DAYS})
    key = bench.links.open_for_deal("aws", "500", "hubspot")
    bench.during = lambda name: bench.links.raise_many([key]) and None if name == "RecordOutcome" else None
    result = bench.run("sync", wake(key))
    assert result.states[-3:] == ["Release and wake again", "Wake it again", "Done"]
