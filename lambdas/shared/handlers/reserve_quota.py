"""Takes a turn in the partner account's write quota, or the turn that an earlier run of this link kept."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.runtime import Answer, Event, entry_point, measured

# Where the partner does not count by catalog.
WHOLE_ACCOUNT = "account"
# A slot this near is waited for in the machine; a later one ends the run.
WAITABLE_MS = 60_000
# A slot this near is now: the next state takes longer than that to begin.
_NOW_MS = 100
# A kept slot that passed longer ago than this is gone.
_STALE_MS = 90_000


@dataclass(frozen=True)
class Collaborators:
    """What the function works with. ``partners`` maps a partner to its settings (quota, catalog)."""

    quota: Any
    links: Any
    partners: Mapping[str, Mapping[str, Any]]
    clock: Clock = field(default_factory=SystemClock)


def reserve_quota(event: Event, c: Collaborators) -> Answer:
    """``writes`` writes in a row. Answer ``{"verdict": "now" | "wait" | "later", "wait_seconds", "not_before"}``.

    With ``spacing_ms``, how far apart the writes of the turn have to be.
    """
    run, writes = event["run"], int(event["writes"])
    now = c.clock.now_ms()
    limits = c.partners[run["partner"]]["quota"]
    spacing = {"spacing_ms": math.ceil(1000 / limits["writes_per_second"])}
    slot_at = _kept_slot(run, writes, now, c)
    if slot_at is None:
        key = f"{run['partner']}#{c.partners[run['partner']].get('catalog', WHOLE_ACCOUNT)}"
        turn = c.quota.reserve(key, writes, limits["writes_per_second"], limits["writes_per_day"])
        # A turn that the day has no room for was refused: the day is used up, however many writes it asked for.
        used = 100.0 if turn.slot_at is None else 100 * turn.used / limits["writes_per_day"]
        measured("QuotaUsed", round(used, 1), partner=run["partner"])
        if turn.slot_at is None:
            return {"verdict": "later", "wait_seconds": 0, "not_before": turn.not_before, **spacing}
        slot_at = turn.slot_at
        if slot_at - now > WAITABLE_MS and "link" in run:
            c.links.keep_slot(run["link"], slot_at, writes)
    return {**_verdict(slot_at, now), **spacing}


def _kept_slot(run: Mapping[str, Any], writes: int, now: int, c: Collaborators) -> int | None:
    link = c.links.get(run["link"]) if "link" in run else None
    if link is None or link.slot_at is None or (link.slot_writes or 0) < writes or link.slot_at < now - _STALE_MS:
        return None
    if link.slot_at - now <= WAITABLE_MS:
        c.links.keep_slot(run["link"], 0, 0)  # used now: a later run of this link takes a turn of its own
    return link.slot_at


def _verdict(slot_at: int, now: int) -> Answer:
    ahead = slot_at - now
    if ahead > WAITABLE_MS:
        # Woken a little early, the run reads both sides and waits out the rest.
        return {"verdict": "later", "wait_seconds": 0, "not_before": slot_at - 5_000}
    return {
        "verdict": "wait" if ahead > _NOW_MS else "now",
        "wait_seconds": max(0, ahead) / 1000,
        "not_before": slot_at,
    }


def _collaborators() -> Collaborators:
    from lambdas.shared import wiring

    return Collaborators(wiring.write_quota(), wiring.links(), wiring.settings()["partners"])


handler = entry_point(reserve_quota, _collaborators)
