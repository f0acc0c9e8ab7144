"""The catalogue of our solutions in the ledger, so that a decision needs no call to Partner Central.

Items under ``solutions#aws#<catalog>``: ``pointer`` names the generation in force and how many parts it has, and
``<generation>#<number>`` are its parts, none of more than ``LARGEST_PART`` bytes of rows (an item holds 400 KB). Parts
are written under a generation of their own before the pointer moves, so a reader sees the old catalogue or the new one,
never half of one. All items of a generation end by TTL; nothing is deleted, and a catalogue that nobody has read for so
long is none any more.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import uuid4

from lambdas.aws.domain.solutions import Catalogue, Solution
from lambdas.shared.adapters.ledger.answers import AwsClient
from lambdas.shared.adapters.ledger.table import Table
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.errors import Retryable

KEPT_SECONDS = 14 * 24 * 3600
LARGEST_PART = 300_000
FRESH_MS = 300_000
"""A process asks the ledger again after so long; the catalogue changes once a day."""

_POINTER = "pointer"
_TRIES = 3


class SolutionCache:
    """``SolutionCache(client, table, catalog, clock)`` on the ledger table."""

    def __init__(self, client: AwsClient, table: str, catalog: str, clock: Clock | None = None) -> None:
        self._table = Table(client, table)
        self._key = f"solutions#aws#{catalog}"
        self._clock: Clock = clock or SystemClock()
        self._known: tuple[int, Catalogue] | None = None

    def get(self) -> Catalogue:
        """The catalogue as it was last read, up to ``FRESH_MS`` old in this process; an empty one (``read_at`` None)
        before the first read, or when the last is so long ago that it has ended."""
        now = self._clock.now_ms()
        if self._known is not None and 0 <= now - self._known[0] < FRESH_MS:
            return self._known[1]
        found = self._read(now)
        self._known = (now, found) if found.read_at is not None else None
        return found

    def put(self, solutions: Sequence[Solution]) -> None:
        """Replace the catalogue. Of two reads at once the one that ends last stands, until the next day's."""
        now, generation = self._clock.now_ms(), uuid4().hex
        common = {"pk": self._key, "expires_at": now // 1000 + KEPT_SECONDS}
        parts = list(_parts(solutions))
        for number, text in enumerate(parts):
            self._table.put({**common, "sk": _part(generation, number), "rows": text})
        pointer = {"generation": generation, "parts": len(parts), "read_at": now}
        self._table.put({**common, "sk": _POINTER, **pointer})
        self._known = None

    def _read(self, now_ms: int) -> Catalogue:
        missing = ""
        for _ in range(_TRIES):
            pointer = self._table.get(self._key, _POINTER)
            if pointer is None or pointer["expires_at"] * 1000 <= now_ms:
                return Catalogue()
            keys = [(self._key, _part(pointer["generation"], number)) for number in range(pointer["parts"])]
            found = {item["sk"]: item["rows"] for item in self._table.batch_get(keys)}
            if len(found) == len(keys):
                rows = [row for _, sort in keys for row in json.loads(found[sort])]
                return Catalogue(tuple(Solution.from_dict(row) for row in rows), pointer["read_at"])
            missing = pointer["generation"]
        raise Retryable(f"{self._key} has no whole generation {missing}")


def _part(generation: str, number: int) -> str:
    return f"{generation}#{number:04d}"


def _parts(solutions: Sequence[Solution]) -> Iterator[str]:
    """JSON lists of rows, none larger than a part may be."""
    rows: list[str] = []
    size = 0
    for solution in solutions:
        row = _json(solution.as_dict())
        if rows and size + len(row.encode()) + 1 > LARGEST_PART:
            yield f"[{','.join(rows)}]"
            rows, size = [], 0
        rows.append(row)
        size += len(row.encode()) + 1
    if rows:
        yield f"[{','.join(rows)}]"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
