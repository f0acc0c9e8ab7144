"""The documents of one run: what was read and what was decided, for the later steps of that run only."""

from __future__ import annotations

import json
import zlib
from typing import Any

from lambdas.shared.adapters.ledger.answers import AwsClient
from lambdas.shared.adapters.ledger.table import Table
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.errors import Unexpected

KEPT_SECONDS = 24 * 3600
LARGEST_TEXT = 380_000
"""Bytes of JSON text beyond which a document is compressed; an item holds 400 KB with its names and keys."""


class Runs:
    """``Runs(client, table, clock)`` on the runs table."""

    def __init__(self, client: AwsClient, table: str, clock: Clock | None = None) -> None:
        self._table = Table(client, table)
        self._clock: Clock = clock or SystemClock()

    def put(self, run_id: str, name: str, document: Any) -> None:
        """Keep a JSON document for 24 hours; Unexpected, naming run and size, when it is too large even compressed."""
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        item: dict[str, Any] = {
            "pk": run_id,
            "sk": name,
            "expires_at": self._clock.now_ms() // 1000 + KEPT_SECONDS,
        }
        if len(text) <= LARGEST_TEXT:
            item["document"] = text.decode()
        else:
            packed = zlib.compress(text)
            if len(packed) > LARGEST_TEXT:
                raise Unexpected(
                    f"document {name} of run {run_id} has {len(text)} bytes, {len(packed)} compressed; "
                    f"allowed: {LARGEST_TEXT} compressed"
                )
            item["compressed"] = packed
        self._table.put(item)

    def get(self, run_id: str, *names: str) -> dict[str, Any]:
        """The documents that exist among ``names``, by name."""
        return {item["sk"]: _document(item) for item in self._table.batch_get((run_id, name) for name in names)}


def _document(item: dict[str, Any]) -> Any:
    text = zlib.decompress(item["compressed"]) if "compressed" in item else item["document"]
    return json.loads(text)
