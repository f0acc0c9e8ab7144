"""What keeps changing, or keeps being taken: read again a few times, then at longer and longer intervals."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workflow.machines.bench import PLAN, Bench, wake

WRITE, UPDATE = {**PLAN, "write_deal": True}, {**PLAN, "action": "update", "writes": 1}
ASSOCIATE = {**PLAN, "writes": 1, "steps": ["S-1"]}


@pytest.mark.parametrize("error", ["Conflict", "NotFound"])
def test_an_association_that_meets_another_change_is_read_and_planned_again(error: str) -> None:
    bench = Bench(PlanChanges=ASSOCIATE, CompleteOpportunity=error)
    result = bench.run("sync", wake(bench.links.open_for_deal("aws", "500", "hubspot")))
    assert (result.status, bench.called().count("CompleteOpportunity")) == ("SUCCEEDED", 4)
    assert "Postpone" in result.states


@pytest.mark.parametrize(
    ("plan", "failing", "error"),
    [
        (WRITE, "WriteDeal", "Conflict"),
        (WRITE, "WriteDeal", "NotFound"),
        (UPDATE, "UpdateOpportunity", "Conflict"),
        (ASSOCIATE, "CompleteOpportunity", "Conflict"),
    ],
)
def test_a_conflict_that_lasts_is_tried_at_longer_and_longer_intervals(plan: Any, failing: str, error: str) -> None:
    bench = Bench(PlanChanges=plan, **{failing: error})
    key = bench.links.open_for_deal("aws", "500", "hubspot")
    delays = []
    for _ in range(14):
        assert bench.run("sync", wake(key)).status == "SUCCEEDED"
        link = bench.links.get(key)
        delays.append((link.due_at - link.last_error["at"]) / 1000)
    assert delays[0] <= 30
    assert all(later > earlier for earlier, later in zip(delays[:6:2], delays[2:8:2], strict=True)), delays
    assert 1800 <= delays[-1] <= 3600, "an hour at most"
