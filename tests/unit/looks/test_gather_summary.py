"""The gather function of ``summary``: one read, and only what is news."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.aws.handlers.gather_summary import Collaborators, gather_summary
from lambdas.shared.errors import CosellError, NotFound, Retryable, Throttled, Unauthorized, Unexpected
from lambdas.shared.runtime import metrics
from tests.unit.handlers.partner_room import Vendor, assert_no_customer, named_error
from tests.unit.looks.look_room import LookRoom

HIGH = {"Insights": {"EngagementScore": "High", "NextBestActions": "Meet BigCorp"}}
NOTHING = {"news": False, "properties": [], "facts": []}


def gather(room: LookRoom, *answers: Any) -> dict[str, Any]:
    central = Vendor(read=answers)
    answer = gather_summary({"run": room.run}, Collaborators(central, room.runs, room.seen))
    assert central.calls == [("read", "O1")]
    return answer


def test_news_is_named_and_its_texts_lie_in_the_run_item_only() -> None:
    room = LookRoom()
    answer = gather(room, HIGH)
    assert answer == {"news": True, "properties": ["aws_engagement_score", "aws_next_best_actions"], "facts": []}
    assert_no_customer(answer)
    texts = {"aws_engagement_score": "High", "aws_next_best_actions": "Meet BigCorp"}
    assert room.document("findings") == {
        "properties": texts,
        "facts": [],
        "seen": {"properties": texts},
        "seen_version": 0,
        "announce": [{"kind": "SummaryChanged", "detail": {"properties": sorted(texts)}}],
    }


def test_the_same_again_is_no_news_and_leaves_no_document() -> None:
    room = LookRoom()
    gather(room, HIGH)
    room.show()
    room.remember()
    room.run["run_id"] = "r2"
    assert gather(room, HIGH) == NOTHING
    assert room.document("findings", "r2") is None


def test_an_empty_value_that_was_never_more_is_kept_and_not_announced() -> None:
    room = LookRoom()
    assert gather(room, {"Insights": {"NextBestActions": ""}})["news"]
    assert room.document("findings")["announce"] == []


def test_before_it_is_submitted_there_is_nothing_to_show_and_nothing_is_cleared() -> None:
    room = LookRoom()
    room.seen.put(room.key, "summary", {"properties": {"aws_team": "Ann"}}, 0)
    assert gather(room, NotFound("AWS knows no summary")) == NOTHING


def test_what_aws_never_said_before_is_counted_and_the_rest_is_shown() -> None:
    room = LookRoom()
    answer = gather(room, {"Visibility": "Half", "CosellMotion": "Partner-led"})
    assert answer["properties"] == ["aws_cosell_motion"]
    assert metrics.metric_set["UnknownInSummary"]["Value"] == [1]


@pytest.mark.parametrize("kind", [Throttled, Retryable, Unauthorized, Unexpected])
def test_every_other_error_passes(kind: type[CosellError]) -> None:
    named_error(kind, lambda: gather(LookRoom(), kind("AWS said no")))
