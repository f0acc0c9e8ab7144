"""The rule about invitations: one that runs out soon and that nobody has answered.

The deal that stands for the invitation tells it, since its sync looks at the right moment; so the rule has no memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdas.aws.domain.notify.news import News, told
from lambdas.shared.domain.plan import Fact
from lambdas.shared.domain.values import Context

RULE = "invitation_expiring"
"""Its name in the configuration."""
_KEY = "invitation-ends"
_HOUR_MS = 3_600_000
_ADVICE = "Accept it, reject it with a reason, or link it to a deal. Once it has ended AWS takes no answer."


def invitation_expiring(invitation: Mapping[str, Any], now_ms: int, settings: Mapping[str, Any]) -> News | None:
    """News when the invitation ends within ``remind_days``; None before, once it has ended, and without an end.

    ``invitation`` has ``id``, ``ends_at`` (epoch milliseconds or None), and ``do``, what the deal asks for. Ask only
    about one that still waits for an answer.
    """
    ends_at = invitation["ends_at"]
    if ends_at is None or not 0 < ends_at - now_ms <= settings["remind_days"] * 24 * _HOUR_MS:
        return None
    hours = (ends_at - now_ms) // _HOUR_MS
    left = f"{hours // 24} days" if hours >= 48 else f"{hours} hours" if hours > 1 else "an hour"
    happened = f"An invitation from AWS ends in about {left}, and nobody has answered it."
    return News(
        fact=str(invitation["id"]),
        subject=f"An invitation from AWS is about to expire: {left} left",
        happened=happened,
        do=invitation["do"],
        announced=happened,
        advice=_ADVICE,
        priority="high",
        due_hours=max(1, hours),
    )


def ending_facts(invitation: Mapping[str, Any], context: Context) -> tuple[Fact, ...]:
    """The news as facts of the deal's plan: a task that is announced on the sync bus too, and a note. Or nothing."""
    settings, days = context.partner["notifications"], context.partner["invitations"]["remind_days"]
    on = settings["rules"][RULE]["on"]
    news = invitation_expiring(invitation, context.now_ms, {"remind_days": days}) if on else None
    if news is None:
        return ()
    both = told(RULE, _KEY, news, settings, now_ms=context.now_ms, zone=context.zone)
    said = both.notification
    if said is None:
        return ()
    task = Fact(_KEY, "task", said.subject, said.body, said.priority, both.detail, said.due_hours)
    return (task, Fact(f"{_KEY}:note", "note", said.subject, said.body))
