"""The arithmetic of the figures, apart from what is measured."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence


def quota_use_percent(writes: int, per_second: float, seconds: float) -> float:
    """Share of the quota used between the first and the last of ``writes`` writes."""
    return round(100 * (writes - 1) / per_second / seconds, 1)


def order_violations(sent: Sequence[float], last: float) -> int:
    """How often a later write of a record carried an older (smaller) value, plus one if it does not end at ``last``."""
    steps_back = sum(after < before for before, after in itertools.pairwise(sent))
    return steps_back + (not sent or sent[-1] != last)


def percentile(values: Sequence[float], share: float) -> float:
    """The value at ``share`` (0 to 1) of the sorted values, nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def beyond(made: Mapping[str, int], least: Mapping[str, int]) -> int:
    """How many calls were made beyond those of ``least``."""
    return sum(max(0, count - least.get(operation, 0)) for operation, count in made.items())
