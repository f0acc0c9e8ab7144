"""The arithmetic of the figures, apart from what is measured."""

from __future__ import annotations

import itertools
from collections import Counter
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


def split_at_last_write(log: Sequence[tuple[float, str]], last_write: str) -> tuple[Counter[str], Counter[str]]:
    """Calls ``(at, operation)`` up to the last ``last_write``, and those after it: the change's own and its echoes'."""
    ends = max((at for at, operation in log if operation == last_write), default=float("inf"))
    own = Counter(operation for at, operation in log if at <= ends)
    return own, Counter(operation for at, operation in log if at > ends)


def beyond(made: Mapping[str, int], least: Mapping[str, object], times: int = 1) -> int:
    """How many calls were made beyond ``times`` of each in ``least``."""
    return sum(max(0, count - times * (operation in least)) for operation, count in made.items())
