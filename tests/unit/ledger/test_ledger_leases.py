from __future__ import annotations

import json
from pathlib import Path

import pytest

from lambdas.shared.adapters.ledger import leases as twins
from lambdas.shared.errors import Conflict

ROOT = Path(__file__).parents[3]


@pytest.fixture
def key(links) -> str:
    return links.open_for_deal("aws", "500", "hubspot")


def test_only_one_run_works_on_a_link(leases, key):
    assert leases.take_lease(key, "run-1").lease_owner == "run-1"
    assert leases.take_lease(key, "run-2") is None
    assert leases.take_lease(key, "run-1").lease_owner == "run-1"


def test_a_lease_is_taken_over_once_its_time_is_up(leases, key, clock):
    leases.take_lease(key, "run-1")
    clock.advance(ms=330_000)
    assert leases.take_lease(key, "run-2") is None
    clock.advance(ms=1)
    assert leases.take_lease(key, "run-2").lease_owner == "run-2"


def test_a_crashed_run_is_due_when_its_lease_ends(leases, links, key, clock):
    leases.take_lease(key, "run-1")
    assert links.due("aws", clock.now_ms() + 309_999, 5) == []
    assert links.due("aws", clock.now_ms() + 330_000, 5) == [key]


def test_no_lease_on_a_link_that_does_not_exist(leases, links):
    assert leases.take_lease("link#aws#d1", "run") is None
    assert links.get("link#aws#d1") is None


def test_release_with_nothing_more_wanted_leaves_the_work_list(leases, links, key, clock):
    seen = leases.take_lease(key, "run-1").wanted
    assert leases.release(key, "run-1", seen) is True
    link = links.get(key)
    assert (link.done, link.lease_owner, link.lease_until, link.due_at) == (1, None, None, None)
    assert links.due("aws", clock.now_ms() + 10**9, 5) == []


def test_a_notice_during_the_run_is_never_lost(leases, links, key, clock):
    seen = leases.take_lease(key, "run-1").wanted
    links.raise_wanted(key)
    assert leases.release(key, "run-1", seen) is False
    link = links.get(key)
    assert (link.wanted, link.done, link.lease_owner) == (2, 1, None)
    assert links.due("aws", clock.now_ms() + 60_000, 5) == [key]


def test_after_an_unexpected_failure_the_message_comes_back_before_the_sweep(leases, links, key, clock):
    leases.take_lease(key, "run-1")
    leases.give_back(key, "another", "Unexpected")
    assert links.get(key).lease_owner == "run-1"
    leases.give_back(key, "run-1", "Unexpected")
    link = links.get(key)
    assert (link.lease_owner, link.attempts, link.last_error["kind"]) == (None, 0, "Unexpected")
    assert link.due_at == clock.now_ms() + 7_200_000


@pytest.mark.parametrize(
    ("state", "expression", "condition"),
    [
        ("Take the lease", twins.TAKE, twins.TAKE_CONDITION),
        ("Release the lease", twins.RELEASE, twins.RELEASE_CONDITION),
        ("Release and wake again", twins.RELEASE_AGAIN, twins.HELD_CONDITION),
        ("Postpone", twins.POSTPONE, twins.HELD_CONDITION),
        ("Give the lease back", twins.GIVE_BACK, twins.HELD_CONDITION),
    ],
)
def test_the_machine_and_its_python_twin_say_the_same(state, expression, condition):
    definition = json.loads((ROOT / "statemachines" / "sync.asl.json").read_text())
    arguments = definition["States"][state]["Arguments"]
    assert arguments["UpdateExpression"] == expression.replace("#", "")
    assert arguments["ConditionExpression"] == condition.replace("#", "")


def test_a_run_that_lost_its_lease_cannot_release_or_postpone(leases, key, clock):
    leases.take_lease(key, "run-1")
    clock.advance(seconds=400)
    leases.take_lease(key, "run-2")
    with pytest.raises(Conflict):
        leases.release(key, "run-1", 1)
    with pytest.raises(Conflict):
        leases.postpone(key, "run-1", clock.now_ms(), "Throttled", "slow down")


def test_postponing_keeps_the_work_and_counts_the_attempts(leases, links, key, clock):
    for number in (1, 2):
        leases.take_lease(key, "run")
        leases.postpone(key, "run", clock.now_ms() + 60_000, "Throttled", "slow down")
        link = links.get(key)
        assert (link.attempts, link.wanted, link.done, link.lease_owner) == (number, 1, 0, None)
        assert link.due_at == clock.now_ms() + 60_000
    assert link.last_error == {"kind": "Throttled", "reason": "slow down", "at": clock.now_ms()}


def test_a_run_that_succeeds_forgets_the_failures_before_it(leases, links, key, clock):
    leases.take_lease(key, "run")
    leases.postpone(key, "run", clock.now_ms(), "Retryable", "503")
    leases.take_lease(key, "run")
    leases.release(key, "run", 1)
    assert (links.get(key).attempts, links.get(key).last_error) == (0, None)
