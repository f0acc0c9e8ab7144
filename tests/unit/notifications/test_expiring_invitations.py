"""The rule about invitations: so many days before the end, not earlier and not later."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.aws.domain.notify.invitations import ending_facts, invitation_expiring
from lambdas.shared.domain.values import Context
from tests.unit.notifications.notify_support import NOON, RULES, SETTINGS

HOUR = 3_600_000
DAY = 24 * HOUR


def invitation(left_ms: int | None) -> dict[str, Any]:
    return {"id": "engi-1", "ends_at": None if left_ms is None else NOON + left_ms, "do": "Answer in 'aws_answer'."}


def context(*, days: int = 3, on: bool = True) -> Context:
    rules = {**RULES, "invitation_expiring": {"on": on}}
    partner = {"notifications": {**SETTINGS, "rules": rules}, "invitations": {"remind_days": days}}
    return Context(NOON, partner, {"time_zone": "Europe/Berlin"})


@pytest.mark.parametrize(
    ("left_ms", "is_news"),
    [(3 * DAY, True), (3 * DAY + 1, False), (1, True), (0, False), (-DAY, False), (None, False), (15 * DAY, False)],
)
def test_within_the_days_before_the_end(left_ms: int | None, is_news: bool):
    assert (invitation_expiring(invitation(left_ms), NOON, {"remind_days": 3}) is not None) is is_news
    assert (ending_facts(invitation(left_ms), context()) != ()) is is_news


@pytest.mark.parametrize(
    ("left_ms", "left", "due_hours"),
    [(3 * DAY, "3 days", 24), (30 * HOUR, "30 hours", 24), (5 * HOUR, "5 hours", 5), (HOUR // 2, "an hour", 1)],
)
def test_an_urgent_task_is_due_before_the_invitation_ends_and_a_note_beside_it(left_ms: int, left: str, due_hours: int):
    task, note = ending_facts(invitation(left_ms), context())
    assert task.subject == note.subject == f"An invitation from AWS is about to expire: {left} left"
    assert (task.kind, task.key, task.priority, task.due_hours) == ("task", "invitation-ends", "high", due_hours)
    assert (note.kind, note.key, note.announce) == ("note", "invitation-ends:note", {})
    assert "aws_answer" in task.body
    assert task.announce["rule"] == "invitation_expiring"
    assert "aws_answer" not in str(task.announce)


def test_days_and_silence_are_settings():
    assert ending_facts(invitation(5 * DAY), context()) == ()
    assert ending_facts(invitation(5 * DAY), context(days=5)) != ()
    assert ending_facts(invitation(DAY), context(on=False)) == ()
