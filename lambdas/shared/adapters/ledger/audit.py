"""The audit trail: an intent before each write to a vendor, its outcome after it, and what was decided without one.

Append-only, values allowed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lambdas.shared.adapters.ledger.answers import AwsClient
from lambdas.shared.adapters.ledger.table import Table
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.errors import Unexpected

KEPT_DAYS = 7 * 365 + 2
_MOST_AT_ONCE = 100


class Audit:
    """``Audit(client, table, clock)`` on the audit table. ``kept_days`` sets the TTL, seven years by default."""

    def __init__(
        self, client: AwsClient, table: str, clock: Clock | None = None, *, kept_days: int = KEPT_DAYS
    ) -> None:
        self._table = Table(client, table)
        self._clock: Clock = clock or SystemClock()
        self._kept_seconds = kept_days * 86_400

    def intent(self, link_key: str, run_id: str, **fields: Any) -> str:
        """Record what is about to be written: who, where, why, each field's before and after. The entry's sort key.

        Texts, numbers and booleans are stored as they are, anything else as JSON text; None is left out.
        """
        return self._append(link_key, run_id, "intent", fields)

    def outcome(self, link_key: str, run_id: str, intent: str, **fields: Any) -> str:
        """Record what came of ``intent`` (its sort key). The entry's sort key."""
        return self._append(link_key, run_id, "outcome", {"intent": intent, **fields})

    def decision(self, link_key: str, run_id: str, decided_at: int, **fields: Any) -> str:
        """Record what was decided without any write: a refusal, a conflict, a pause. The entry's sort key.

        ``decided_at`` (ms) becomes the entry's time. Given the same time again, the same decision is the same entry:
        a caller that may come twice passes a moment that does not move, such as the beginning of its lease.
        """
        return self._append(link_key, run_id, "decision", fields, decided_at)

    def entries(self, link_key: str, limit: int | None = None) -> list[dict[str, Any]]:
        """A link's entries, newest first."""
        return list(self._table.query("#pk = :pk", {"pk": link_key}, limit=limit, forward=False))

    def _append(self, link_key: str, run_id: str, kind: str, fields: Mapping[str, Any], at: int | None = None) -> str:
        now = self._clock.now_ms() if at is None else at
        stored = {name: _storable(value) for name, value in fields.items() if value is not None}
        own = {"kind": kind, "run_id": run_id, "at": now, "expires_at": now // 1000 + self._kept_seconds}
        if clash := sorted(set(stored) & {*own, "pk", "sk"}):
            raise ValueError(f"audit fields {', '.join(clash)} are the trail's own")
        for number in range(_MOST_AT_ONCE):
            sort = f"{_iso(now)}#{run_id}#{number:02d}"
            item = {"pk": link_key, "sk": sort, **own, **stored}
            refused = self._table.put(item, "attribute_not_exists(#pk)")
            if refused is None or refused.item == item:  # written now, or before an answer that was lost
                return sort
        raise Unexpected(f"more than {_MOST_AT_ONCE} audit entries of run {run_id} in one millisecond")


def _storable(value: Any) -> str | int:
    """Booleans are whole numbers to Python and stay booleans; a fraction goes as JSON, like lists and mappings."""
    return value if isinstance(value, str | int) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _iso(now_ms: int) -> str:
    moment = datetime.fromtimestamp(now_ms / 1000, UTC).replace(tzinfo=None)
    return moment.isoformat(timespec="milliseconds") + "Z"
