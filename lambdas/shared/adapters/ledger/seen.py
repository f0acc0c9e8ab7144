"""What a look has seen of a link before: one document per link and kind, so that only news is shown and told.

A document may hold what the partner says of a deal, so it is an item of its own and never part of the link. Beside it
stands the lease of the look that is under way; its machine lets go of it (``look.asl.json``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lambdas.shared.adapters.ledger.answers import AwsClient
from lambdas.shared.adapters.ledger.leases import LEASE_MS
from lambdas.shared.adapters.ledger.table import Refused, Table
from lambdas.shared.clock import Clock, SystemClock

_TRIES = 4


class Seen:
    """``Seen(client, table, clock)`` on the ledger table. Item: the link's key, ``seen#<kind>``."""

    def __init__(self, client: AwsClient, table: str, clock: Clock | None = None) -> None:
        self._table = Table(client, table)
        self._clock: Clock = clock or SystemClock()

    def get(self, link_key: str, kind: str) -> tuple[dict[str, Any], int]:
        """The document and its version, read consistently; ``({}, 0)`` when nothing was seen yet."""
        item = self._table.get(link_key, _sort(kind))
        return ({}, 0) if item is None or "version" not in item else (json.loads(item["document"]), item["version"])

    def take(self, link_key: str, kind: str, owner: str) -> bool:
        """Take the lease for ``owner``; False while another look of the kind has it. Safe to repeat."""
        now = self._clock.now_ms()
        answer = self._table.update(
            link_key,
            _sort(kind),
            "SET #lease_owner = :owner, #lease_until = :until",
            {"owner": owner, "until": now + LEASE_MS, "now": now},
            condition="attribute_not_exists(#lease_owner) OR #lease_until < :now OR #lease_owner = :owner",
        )
        return not isinstance(answer, Refused)

    def put(self, link_key: str, kind: str, document: Mapping[str, Any], version: int) -> bool:
        """Keep what was seen if it still stands at ``version`` (what ``get`` gave).

        False when another look was there first, which is fine: the next one compares with what that one kept.
        """
        values = {
            "document": json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True),
            "next": version + 1,
            "updated_at": self._clock.now_ms(),
        }
        condition = "attribute_not_exists(#version)"
        if version:
            values["version"], condition = version, "#version = :version"
        expression = "SET #document = :document, #version = :next, #updated_at = :updated_at"
        answer = self._table.update(link_key, _sort(kind), expression, values, condition=condition)
        return not isinstance(answer, Refused)

    def update(self, link_key: str, kind: str, changes: Mapping[str, Any]) -> bool:
        """Set the top-level entries in ``changes`` and leave the others; False when others were always faster."""
        for _ in range(_TRIES):
            document, version = self.get(link_key, kind)
            if self.put(link_key, kind, {**document, **changes}, version):
                return True
        return False


def _sort(kind: str) -> str:
    return f"seen#{kind}"
