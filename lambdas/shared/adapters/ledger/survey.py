"""All links and pointers of the ledger, page by page: for the operator's command, which compares them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lambdas.shared.adapters.ledger.answers import AwsClient
from lambdas.shared.adapters.ledger.table import Table
from lambdas.shared.domain.link import LINK_SORT, POINTER_SORT, Link

_WANTED = "#sk = :link OR #sk = :pointer"


class Survey:
    """``Survey(client, table)`` on the ledger table. Nothing of the sync reads the table so."""

    def __init__(self, client: AwsClient, table: str) -> None:
        self._table = Table(client, table)

    def everything(self) -> tuple[dict[str, Link], dict[str, str]]:
        """Links by key, and of each pointer of a deal or an opportunity the link's key that it leads to."""
        links: dict[str, Link] = {}
        pointers: dict[str, str] = {}
        for item in self._items():
            if item["sk"] == LINK_SORT:
                links[item["pk"]] = Link.from_item(item)
            elif item["pk"].startswith(("deal#", "opportunity#")):
                pointers[item["pk"]] = item["link"]
        return links, pointers

    def _items(self) -> Iterator[Mapping[str, str]]:
        after: dict[str, str] | None = None
        while True:
            found, after = self._table.scan(_WANTED, {"link": LINK_SORT, "pointer": POINTER_SORT}, after=after)
            yield from found
            if after is None:
                return
