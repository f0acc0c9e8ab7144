"""What an invocation belongs to, wherever its event says so."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.shared.runtime import belongs_to, correlation_id, entry_point, logger


def seen_by(event: dict[str, Any]) -> str:
    found: list[str] = []
    entry_point(lambda _event, _none: found.append(correlation_id()) or {}, lambda: None)(event)
    return found[0]


@pytest.mark.parametrize(
    "event",
    [
        {"run": {"correlation_id": "c-1", "run_id": "r"}},
        {"poll": "aws.due", "correlation_id": "c-1"},
        {"poll": "aws.due", "run": {"run_id": "r"}, "correlation_id": "c-1"},
        {"run": {"run_id": "r", "kind": "summary"}, "message": {"link": "l", "correlation_id": "c-1"}},
        {"httpMethod": "POST", "requestContext": {"requestId": "c-1"}},
    ],
    ids=["run", "poll", "poll of a machine", "look that begins", "API"],
)
def test_the_id_is_found_where_the_event_has_it(event: dict[str, Any]) -> None:
    assert seen_by(event) == "c-1"
    assert logger.get_current_keys()["correlation_id"] == "c-1"


def test_without_one_it_is_none_and_not_an_earlier_ones() -> None:
    assert seen_by({"run": {"correlation_id": "c-1"}}) == "c-1"
    assert seen_by({"Records": []}) == "none"


def test_within_a_batch_each_message_has_its_own_and_leaves_none_behind() -> None:
    found: list[str] = []

    def work(_event: Any, _none: None) -> dict[str, Any]:
        for one in ("c-1", "c-2"):
            with belongs_to(one):
                found.append(correlation_id())
        found.append(correlation_id())
        return {}

    entry_point(work, lambda: None)({"Records": []})
    assert found == ["c-1", "c-2", "none"]
