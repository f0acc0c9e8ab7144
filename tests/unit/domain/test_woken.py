"""When a link that was woken is settled, and what has become of it then."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.shared.domain.link import Link
from lambdas.shared.domain.woken import Result, result_of

NOW = 1_790_000_000_000
BOTH = {"deal_id": "500", "opportunity_id": "O1"}
ERROR = {"kind": "Throttled", "reason": "slow down", "at": NOW - 10}


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"wanted": 3, "done": 3, **BOTH}, Result("synced")),
        ({"wanted": 4, "done": 3, **BOTH}, Result("synced")),  # the fourth came later than ours
        ({"wanted": 3, "done": 2, **BOTH}, None),
        ({"wanted": 3, "done": 3, "state": "blocked", "reason": "incomplete"}, Result("blocked", "incomplete")),
        ({"wanted": 3, "done": 3, "deal_id": "500"}, Result("waiting", "settled, and one side has no record yet")),
        ({"wanted": 3, "done": 3, "lease_owner": "r", "lease_until": NOW + 1, **BOTH}, None),
        ({"wanted": 3, "done": 3, "due_at": NOW + 60_000, "updated_at": NOW, **BOTH}, None),  # another run follows
        ({"wanted": 3, "done": 3, "due_at": NOW + 864e5, "updated_at": NOW, **BOTH}, Result("synced")),
        ({"wanted": 3, "done": 2, "last_error": ERROR}, Result("failed", "Throttled: slow down")),
        ({"wanted": 3, "done": 2, "last_error": {**ERROR, "at": NOW - 2000}}, None),  # of before we woke it
        ({"wanted": 1, "done": 1, **BOTH}, Result("synced")),  # took another's place with fewer notices of its own
    ],
)
def test_the_result(members: dict[str, Any], expected: Result | None) -> None:
    assert result_of(Link("aws", "d500", "deal", **members), 3, NOW - 1000, NOW) == expected
