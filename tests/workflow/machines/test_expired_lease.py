"""A run that outlives its lease: the next run takes over, and the old one neither writes nor records anything more.

Real handlers on a turned clock. An execution ends before its lease does; a function that it called last may go on for
longer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from sandbox.local_cloud.interpreter import ExecutionResult
from sandbox.turned.parts import AUDIT, RUNS
from tests.workflow.machines.recording import RecordingWorld

HANGS_SECONDS = 350.0  # longer than a lease, shorter than the time for which its message is hidden


class HangingWorld(RecordingWorld):
    """The first run that comes to function ``hangs`` stays there past its lease."""

    def __init__(self, hangs: str) -> None:
        super().__init__()
        self.hung: list[str] = []
        self.around(f"aws.{hangs}", self._hang)

    def _hang(self, event: Mapping[str, Any]) -> None:
        if not self.hung:
            self.hung.append(event["run"]["run_id"])
            self.baton.sleep(HANGS_SECONDS)

    def result(self, run_id: str) -> ExecutionResult:
        return next(one for one in self.results if one.name == run_id)

    def audit_of(self, run_id: str) -> list[dict[str, Any]]:
        return [item for item in self.store.items(AUDIT) if item["run_id"] == run_id]


def hung_world(hangs: str) -> tuple[HangingWorld, str, dict[str, Any]]:
    """The world after it all, the run that hung, and the link as the run after it had left it."""
    world = HangingWorld(hangs)
    world.new_deal()
    world.advance(HANGS_SECONDS - 5)
    (old,) = world.hung
    (link,) = world.links()
    assert "lease_owner" not in link, "the next run has come and gone"
    assert link["done"] == link["wanted"]
    assert old not in {one.name for one in world.results}
    world.run_until_quiet()
    return world, old, link


def test_a_run_that_was_taken_over_records_nothing_and_ends_quietly() -> None:
    world, old, before = hung_world("RecordOutcome")
    result = world.result(old)
    assert (result.status, result.states[-2:]) == ("SUCCEEDED", ["Record the outcome", "Somebody took over"])
    assert result.count("Record the outcome", "retried") == 0
    (after,) = world.links()
    assert after == before
    assert (world.duplicates(), len(world.opportunities())) == ([], 1)
    assert world.dead_letters() == []
    assert world.unexpected == []
    assert world.announced.total() == 1


@pytest.mark.parametrize("hangs", ["ReserveQuota", "CreateOpportunity"])
def test_a_run_that_was_taken_over_creates_no_second_opportunity(hangs: str) -> None:
    world, old, before = hung_world(hangs)
    result = world.result(old)
    assert (result.status, result.states[-1]) == ("SUCCEEDED", "Somebody took over")
    assert "Record the outcome" not in result.states
    (after,) = world.links()
    assert after == before
    assert world.calls("CreateOpportunity") == 1
    assert not any(entry.get("result") == "done" for entry in world.audit_of(old))
    assert (world.duplicates(), world.dead_letters(), world.unexpected) == ([], [], [])


def test_both_runs_read_for_themselves() -> None:
    """The old run's documents are its own: the next run never works with what the old one had read."""
    world, old, _ = hung_world("RecordOutcome")
    readers = {item["pk"] for item in world.store.items(RUNS) if item["sk"] == "deal"}
    assert old in readers
    assert len(readers) >= 2
