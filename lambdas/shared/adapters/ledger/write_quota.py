"""The write quota of one partner account: one row, shared by every machine, the command line and other deployments.

Two limits. *Slots*: writes are spread over time, ``next_slot_at`` is when the next one may start, and a reservation
moves it on in one conditional update, so that nobody reads and then writes. *The day*: ``used`` counts writes by the
hour of the epoch in which they take place; the 25 newest hours cover any 24 hours, so the rolling day is never
exceeded, at the price of waiting up to an hour too long. A reservation that breaks the day is given back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdas.shared.adapters.ledger.answers import AwsClient
from lambdas.shared.adapters.ledger.table import Refused, Table
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.errors import Retryable

HOUR_MS = 3_600_000
WINDOW_HOURS = 25
_SORT = "writes"
_TRIES = 8


@dataclass(frozen=True, slots=True)
class Reservation:
    """Either ``slot_at``, when the writes may start (now or later), or ``not_before``, when to ask again. Both ms.

    ``used``: writes counted in the rolling day, these among them.
    """

    slot_at: int | None = None
    not_before: int | None = None
    used: int = field(default=0, compare=False)


class WriteQuota:
    """``WriteQuota(client, table, clock)`` on the ledger table."""

    def __init__(self, client: AwsClient, table: str, clock: Clock | None = None) -> None:
        self._table = Table(client, table)
        self._clock: Clock = clock or SystemClock()

    def reserve(self, key: str, writes: int, per_second: float, per_day: int) -> Reservation:
        """Reserve ``writes`` writes in a row. ``key`` is ``<partner>#<catalog>``, ``aws#AWS``.

        ValueError for limits that no reservation could meet.
        """
        if writes < 1 or per_second <= 0 or writes > per_day:
            raise ValueError(f"cannot reserve {writes} writes at {per_second}/s and {per_day}/day")
        span = math.ceil(writes * 1000 / per_second)
        slot_at, used = self._take_slot(key, span)
        last = slot_at + span
        used = self._count(key, last // HOUR_MS, writes, used)
        total = counted(used, last // HOUR_MS)
        if total <= per_day:
            return Reservation(slot_at=slot_at, used=total)
        self._give_back(key, slot_at, span, writes)
        not_before = free_again(used, last // HOUR_MS, writes, per_day)
        return Reservation(not_before=not_before, used=total)

    def used(self, key: str) -> int:
        """Writes counted in the last 24 hours and ahead."""
        item = self._table.get(f"quota#{key}", _SORT) or {}
        return counted(item.get("used") or {}, self._clock.now_ms() // HOUR_MS)

    def _take_slot(self, key: str, span: int) -> tuple[int, dict[str, int]]:
        """When the slot starts, and the counts as they were."""
        now = self._clock.now_ms()
        queueing = ("SET #next_slot_at = #next_slot_at + :span", "#next_slot_at >= :now", {"span": span, "now": now})
        starting = (
            "SET #next_slot_at = :end, #used = if_not_exists(#used, :empty)",
            "attribute_not_exists(#next_slot_at) OR #next_slot_at < :now",
            {"end": now + span, "now": now, "empty": {}},
        )
        for attempt in range(_TRIES):
            expression, condition, values = (queueing, starting)[attempt % 2]
            item = self._update(key, expression, values, condition=condition)
            if not isinstance(item, Refused):
                return item["next_slot_at"] - span, item["used"]
        raise Retryable(f"the write quota {key} is contended")

    def _count(self, key: str, hour: int, writes: int, used: Mapping[str, int]) -> dict[str, int]:
        """Count the writes, forget hours long past; the counts as they are then."""
        oldest = min(hour, self._clock.now_ms() // HOUR_MS) - 2 * WINDOW_HOURS
        names = {f"old{number}": each for number, each in enumerate(each for each in used if int(each) < oldest)}
        expression = "SET #used.#hour = if_not_exists(#used.#hour, :zero) + :writes"
        if names:
            expression += " REMOVE " + ", ".join(f"#used.#{name}" for name in names)
        values = {"zero": 0, "writes": writes}
        item = self._update(key, expression, values, names=names | {"hour": str(hour)})
        return {} if isinstance(item, Refused) else item["used"]

    def _give_back(self, key: str, slot_at: int, span: int, writes: int) -> None:
        """Uncount; the slot itself can only be given back while nobody has queued behind it (else it stays empty)."""
        end = slot_at + span
        values = {"writes": writes}
        self._update(key, "SET #used.#hour = #used.#hour - :writes", values, names={"hour": str(end // HOUR_MS)})
        self._update(
            key, "SET #next_slot_at = :start", {"start": slot_at, "end": end}, condition="#next_slot_at = :end"
        )

    def _update(
        self,
        key: str,
        expression: str,
        values: Mapping[str, Any],
        *,
        condition: str | None = None,
        names: Mapping[str, str] | None = None,
    ) -> dict[str, Any] | Refused:
        return self._table.update(
            f"quota#{key}", _SORT, expression, values, condition=condition, names=names, returns="ALL_NEW"
        )


def counted(used: Mapping[str, int], hour: int) -> int:
    """Writes counted in the 25 hours that end with ``hour``, and in hours after it (reserved ahead)."""
    return sum(count for each, count in used.items() if int(each) > hour - WINDOW_HOURS)


def free_again(used: Mapping[str, int], hour: int, writes: int, per_day: int) -> int:
    """When (ms) enough hours have left the window for ``writes`` more, the refused ones being counted in ``used``."""
    left = counted(used, hour) - writes
    for each in sorted(int(each) for each in used if int(each) > hour - WINDOW_HOURS):
        left -= used[str(each)]
        if left + writes <= per_day:
            return (each + WINDOW_HOURS) * HOUR_MS
    return (hour + WINDOW_HOURS) * HOUR_MS
