"""What a rule answers, and what becomes of it: a task and a note on the deal, and an event on the sync bus."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from lambdas.shared.domain.notification import Notification, Priority

_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class News:
    """One fact that a rule found.

    ``fact`` tells it from the rule's other facts and holds no value (``high``, ``up``, a digest). ``subject``,
    ``happened`` and ``do`` are plain text for the deal and may name people and figures; ``announced`` and ``advice``
    (default ``do``) go onto the bus and from there into chat and mail, so they hold none. ``on_deal`` False: the sync
    itself tells it on the deal, only the event is ours. ``due_hours``: later it is
    of no use, whatever the priority allows.
    """

    fact: str
    subject: str
    happened: str
    do: str
    announced: str
    priority: Priority = "normal"
    on_deal: bool = True
    due_hours: int | None = None
    advice: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A rule's answer: what it wants to know again next time (``seen``), and its news, if any."""

    seen: Mapping[str, Any] = field(default_factory=dict)
    news: News | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """News in the forms in which they leave: ``notification`` for the deal, ``detail`` of the event."""

    notification: Notification | None
    detail: Mapping[str, Any]


def told(rule: str, key: str, news: News, settings: Mapping[str, Any], *, now_ms: int, zone: ZoneInfo) -> Told:
    """``settings`` is ``partners.aws.notifications`` of the settings document; ``zone`` the HubSpot account's."""
    hours = settings["high_priority_due_hours" if news.priority == "high" else "due_hours"]
    hours = hours if news.due_hours is None else min(hours, news.due_hours)
    due_at = now_ms + hours * _HOUR_MS
    detail = {
        "rule": rule,
        "fact": key,
        "priority": news.priority,
        "happened": news.announced,
        "do": news.advice or news.do,
        "due": f"{datetime.fromtimestamp(due_at / 1000, UTC):%Y-%m-%d %H:%M} UTC",
    }
    if not news.on_deal:
        return Told(None, detail)
    body = _body(news, datetime.fromtimestamp(due_at / 1000, zone))
    return Told(Notification(key, "both", news.subject, body, news.priority, hours), detail)


def _body(news: News, due: datetime) -> str:
    parts = (
        ("What happened", news.happened),
        ("What to do", news.do),
        ("By when", f"{due:%Y-%m-%d %H:%M} ({due.tzinfo})"),
    )
    return "".join(f"<p><strong>{name}:</strong> {html.escape(text)}</p>" for name, text in parts)
