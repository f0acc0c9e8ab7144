"""From two documents and a memory to what a look finds: notifications, events, and what to remember."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from lambdas.aws.domain.notify.news import Told, Verdict, told
from lambdas.aws.domain.notify.rules import RULES, Rule
from lambdas.aws.domain.notify.view import View
from lambdas.shared.domain.settlement import NOTIFICATION


def find(
    seen: Mapping[str, Any],
    view: View,
    settings: Mapping[str, Any],
    *,
    now_ms: int,
    zone: ZoneInfo,
    rules: Mapping[str, Rule] = RULES,
) -> dict[str, Any]:
    """``{"facts", "seen", "announce"}`` of the findings document (see ``docs/architecture.md``).

    ``seen`` is what the last look left (``{}`` before the first); ``settings`` is ``partners.aws.notifications``. A
    fact's key is its rule, how many news that rule had before on this link, and the fact: so a look that is repeated
    because it died before it could remember finds the same keys, and the same level reached again later another one.
    A rule that is off remembers nothing: once it is on, its next look is its first. How many it had is never forgotten.
    """
    memory, count = dict(seen.get("rules") or {}), dict(seen.get("count") or {})
    kept: dict[str, Any] = {}
    news: list[Told] = []
    for name, rule in rules.items():
        own = settings["rules"][name]
        if not own["on"]:
            continue
        verdict: Verdict = rule(memory.get(name), view, own)
        kept[name] = dict(verdict.seen)
        if verdict.news is not None:
            number = count.get(name, 0) + 1
            count[name] = number
            key = f"notify:{name}:{number}:{verdict.news.fact}"
            news.append(told(name, key, verdict.news, settings, now_ms=now_ms, zone=zone))
    return {
        "facts": [one.notification.as_dict() for one in news if one.notification is not None],
        "seen": {"rules": kept, "count": count},
        "announce": [{"kind": NOTIFICATION, "key": one.detail["fact"], "detail": dict(one.detail)} for one in news],
    }
