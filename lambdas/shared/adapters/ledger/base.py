"""The base: the mapped field values on which both sides last agreed.

An item of its own, because it holds customers' values and the link must not.
"""

from __future__ import annotations

import json
from typing import Any, TypedDict

from lambdas.shared.adapters.ledger.answers import AwsClient
from lambdas.shared.adapters.ledger.table import Table
from lambdas.shared.domain.link import BASE_SORT


class BaseDocument(TypedDict):
    """``fields`` maps a field's name to its partner-space value; the times (ms) say when each side was read for it."""

    fields: dict[str, Any]
    deal_seen_at: int | None
    opportunity_seen_at: int | None


class Base:
    """Reads the base; ``Links.settle`` writes it."""

    def __init__(self, client: AwsClient, table: str) -> None:
        self._table = Table(client, table)

    def get(self, link_key: str) -> BaseDocument | None:
        """The link's base, or None when the two sides never agreed yet."""
        item = self._table.get(link_key, BASE_SORT)
        if item is None:
            return None
        return {
            "fields": json.loads(item["fields"]),
            "deal_seen_at": item.get("deal_seen_at"),
            "opportunity_seen_at": item.get("opportunity_seen_at"),
        }
