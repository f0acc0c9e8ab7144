"""All links, page by page, for counting them: the only place that reads the ledger from end to end."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from lambdas.shared.adapters.ledger.answers import AwsClient
from lambdas.shared.adapters.ledger.table import Table
from lambdas.shared.domain.link import LINK_SORT

ITEMS_PER_PAGE = 2000
"""Items looked at for one page, links or not; DynamoDB ends a page at a megabyte in any case."""

_READ = ("partner", "state", "status", "wanted_at", "handed_to")


@dataclass(frozen=True, slots=True)
class CensusPage:
    """``links`` hold what is counted of each; ``following`` is where the next page begins, None: nowhere."""

    links: tuple[dict[str, Any], ...]
    following: str | None


class Census:
    """``Census(client, table)`` on the ledger table."""

    def __init__(self, client: AwsClient, table: str) -> None:
        self._table = Table(client, table)

    def page(self, begin: str | None = None) -> CensusPage:
        """The page that ``begin`` (``following`` of the page before) names; the first one without it.

        Read a little late and at half the price: a count of an hour needs no more.
        """
        found, last = self._table.scan(
            "#sk = :sk",
            {"sk": LINK_SORT},
            attributes=_READ,
            after=json.loads(begin) if begin else None,
            limit=ITEMS_PER_PAGE,
        )
        return CensusPage(tuple(found), json.dumps(last) if last else None)
