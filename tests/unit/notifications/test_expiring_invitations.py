"""The rule about invitations: so many days before the end, not earlier and not later."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.aws.domain.notify.invitations import invitation_expiring, told_of_invitation
from tests.unit.notifications.notify_support import BERLIN, NOON, RULES, SETTINGS

HOUR = 3_600_000
DAY = 24 * HOUR


def invitation(left_ms: int | None) -> dict[str, Any]:
    return {"id": "engi-1", "expires_at": None if left_ms is None else NOON + left_ms}


@pytest.mark.parametrize(
    ("left_ms", "is_news"),
    [(3 * DAY, True), (3 * DAY + 1, False), (1, True), (0, False), (-DAY, False), (None, False), (15 * DAY, False)],
)
def test_within_the_days_before_the_end(left_ms: int | None, is_news: bool):
    news = invitation_expiring(invitation(left_ms), NOON, RULES["invitation_expiring"])
    assert (news is not None) is is_news


@pytest.mark.parametrize(
    ("left_ms", "left", "due_hours"),
    [(3 * DAY, "3 days", 24), (30 * HOUR, "30 hours", 24), (5 * HOUR, "5 hours", 5), (HOUR // 2, "an hour", 1)],
)
def test_the_task_is_due_before_the_invitation_ends(left_ms: int, left: str, due_hours: int):
    told = told_of_invitation(invitation(left_ms), NOON, SETTINGS, BERLIN)
    assert told is not None
    assert told.notification is not None
    assert told.notification.subject == f"Answer AWS's invitation: it ends in {left}"
    assert told.notification.due_hours == due_hours
    assert told.notification.priority == "high"
    assert told.notification.key == "notify:invitation_expiring:engi-1"


def test_days_and_silence_are_settings():
    assert invitation_expiring(invitation(5 * DAY), NOON, {"on": True, "days": 5}) is not None
    rules = {**RULES, "invitation_expiring": {"on": False, "days": 3}}
    assert told_of_invitation(invitation(DAY), NOON, {**SETTINGS, "rules": rules}, BERLIN) is None
