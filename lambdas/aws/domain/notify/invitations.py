"""The rule about invitations: one that runs out soon and that nobody has answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from lambdas.aws.domain.notify.news import News, Told, told

RULE = "invitation_expiring"
"""Its name in the configuration."""
_HOUR_MS = 3_600_000


def invitation_expiring(invitation: Mapping[str, Any], now_ms: int, settings: Mapping[str, Any]) -> News | None:
    """News when the invitation ends within ``days``; None before, once it has ended, and without an end.

    ``invitation`` has ``id`` and ``expires_at`` (epoch milliseconds or None), as ``list_pending_invitations`` gives
    it. ``settings`` are the rule's own. Ask only about one that still waits for an answer.
    """
    expires_at = invitation.get("expires_at")
    if expires_at is None or not 0 < expires_at - now_ms <= settings["days"] * 24 * _HOUR_MS:
        return None
    hours = (expires_at - now_ms) // _HOUR_MS
    left = f"{hours // 24} days" if hours >= 48 else f"{hours} hours" if hours > 1 else "an hour"
    announced = f"An invitation of AWS ends in about {left}, and nobody has answered it."
    do = "Accept it, reject it with a reason, or link it to a deal. Once it has ended AWS takes no answer."
    return News(
        fact=str(invitation["id"]),
        subject=f"Answer AWS's invitation: it ends in {left}",
        happened=announced,
        do=do,
        announced=announced,
        priority="high",
        due_hours=max(1, hours),
    )


def told_of_invitation(
    invitation: Mapping[str, Any], now_ms: int, settings: Mapping[str, Any], zone: ZoneInfo
) -> Told | None:
    """The same in the forms in which it leaves, or None; once per invitation, by its key.

    ``settings`` is ``partners.aws.notifications`` of the settings document. ``notification`` goes through the ``told``
    mechanism of the deal that stands for the invitation, ``detail`` onto the sync bus as a ``Notification`` event.
    """
    own = settings["rules"][RULE]
    news = invitation_expiring(invitation, now_ms, own) if own["on"] else None
    return None if news is None else told(RULE, f"notify:{RULE}:{news.fact}", news, settings, now_ms=now_ms, zone=zone)
