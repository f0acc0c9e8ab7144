"""Watermarks: how far each poll has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdas.shared.adapters.ledger.answers import AwsClient
from lambdas.shared.adapters.ledger.table import Table

_SORT = "watermark"
_TEXTS = ("since", "page", "high", "began")


@dataclass(frozen=True, slots=True)
class Watermark:
    """Texts of the poller's own meaning.

    ``since``: everything before is done; ``page``: where to go on in the round under way; ``high``: what ``since``
    becomes when that round ends; ``told``: rows that the next round reads again and that were told, id to version;
    ``began``: when the round under way began.
    """

    since: str | None = None
    page: str | None = None
    high: str | None = None
    told: Mapping[str, str] = field(default_factory=dict)
    began: str | None = None


class Watermarks:
    """``Watermarks(client, table)`` on the ledger table."""

    def __init__(self, client: AwsClient, table: str) -> None:
        self._table = Table(client, table)

    def get(self, partner: str, subject: str) -> Watermark:
        """Where the poll of ``subject`` (``opportunities``) stands; an empty one before the first poll."""
        item = self._table.get(f"watermark#{partner}#{subject}", _SORT) or {}
        return Watermark(told=item.get("told", {}), **{name: item.get(name) for name in _TEXTS})

    def move(self, partner: str, subject: str, mark: Watermark, before: Watermark) -> bool:
        """Set the watermark if it still stands where it was read; False when another poll has moved it meanwhile.

        Call it after the notices of the page are stored, never before.
        """
        item: dict[str, Any] = {"pk": f"watermark#{partner}#{subject}", "sk": _SORT}
        if mark.told:
            item["told"] = dict(mark.told)
        conditions: list[str] = []
        values: dict[str, str] = {}
        for name in _TEXTS:
            if (value := getattr(mark, name)) is not None:
                item[name] = value
            if (was := getattr(before, name)) is None:
                conditions.append(f"attribute_not_exists(#{name})")
            else:
                conditions.append(f"#{name} = :{name}")
                values[name] = was
        return self._table.put(item, " AND ".join(conditions), values) is None
