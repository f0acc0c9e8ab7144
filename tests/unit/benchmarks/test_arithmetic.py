"""The figures' arithmetic; how fast anything is, is never asserted."""

from __future__ import annotations

import pytest

from benchmarks.arithmetic import beyond, order_violations, percentile, quota_use_percent
from benchmarks.targets import judge


def test_writes_exactly_at_the_quota_use_all_of_it() -> None:
    assert quota_use_percent(writes=11, per_second=10, seconds=1.0) == 100.0


@pytest.mark.parametrize(
    ("sent", "count"), [([1, 2, 3], 0), ([3], 0), ([1, 3, 2, 3], 1), ([1, 3, 2], 2), ([1, 2], 1), ([], 1)]
)
def test_an_older_value_after_a_newer_one_or_a_wrong_end_is_a_violation(sent: list[float], count: int) -> None:
    assert order_violations(sent, last=3) == count


def test_percentile_is_a_measured_value() -> None:
    assert percentile([5.0, 1.0, 9.0], 0.95) == 9.0
    assert percentile([5.0, 1.0, 9.0], 0.5) == 5.0


def test_repeated_and_unneeded_calls_are_beyond_the_least() -> None:
    assert beyond({"read": 2, "write": 1, "stray": 1}, {"read": 1, "write": 1}) == 2
    assert beyond({"read": 2}, {"read": 2, "write": 1}) == 0


def test_a_missed_target_is_said() -> None:
    assert judge({"calls": {"create": {"beyond": 2}}}) == [
        ("no vendor call beyond the least: create", "2 beyond", False)
    ]
