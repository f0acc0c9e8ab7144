"""Deals that something from outside may be about: by the customer's domain, or by words of the name.

HubSpot's search lags and leaves out what it has not indexed yet, so what is found here is a suggestion and what is not
found proves nothing. https://developers.hubspot.com/docs (search)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from lambdas.shared.adapters.hubspot.client import Json, id_of, objects_path, results_of
from lambdas.shared.adapters.hubspot.deals import NAME, Deals

MOST_GROUPS = 5
"""Filter groups that one search takes."""
_COMPANIES, _DEALS = 5, 20


class SimilarDeal(NamedTuple):
    """A deal, its properties as asked for, and whether its company has the domain."""

    deal_id: str
    properties: dict[str, str | None]
    same_domain: bool


class Similar(Deals):
    """Looking for deals to suggest; two searches and two batch reads at most."""

    def similar_deals(
        self, domain: str | None, words: Sequence[str], properties: Iterable[str] = ()
    ) -> list[SimilarDeal]:
        """Deals of companies with this domain, and deals with one of the words in their name, without doubles."""
        names = list(dict.fromkeys([NAME, *properties]))
        by_domain = self._of_domain(domain, names) if domain else {}
        by_name = self._by_words(words[:MOST_GROUPS], names) if words else {}
        found = [SimilarDeal(deal_id, read, True) for deal_id, read in by_domain.items()]
        return found + [SimilarDeal(key, read, False) for key, read in by_name.items() if key not in by_domain]

    def _of_domain(self, domain: str, names: Sequence[str]) -> dict[str, dict[str, str | None]]:
        filters = [{"propertyName": "domain", "operator": "EQ", "value": domain.strip().lower()}]
        body = {"filterGroups": [{"filters": filters}], "properties": ["domain"], "limit": _COMPANIES}
        companies = [id_of(row, "") for row in self._search("companies", body, "to search for a company")]
        if not companies:
            return {}
        deals = dict.fromkeys(deal for found in self.deals_of("companies", companies).values() for deal in found)
        return self.batch_read_deals(list(deals)[: 5 * _DEALS], names)

    def _by_words(self, words: Sequence[str], names: Sequence[str]) -> dict[str, dict[str, str | None]]:
        groups = [
            {"filters": [{"propertyName": NAME, "operator": "CONTAINS_TOKEN", "value": f"*{word}*"}]} for word in words
        ]
        body: Json = {"filterGroups": groups, "properties": list(names), "limit": _DEALS}
        rows = self._search("deals", body, "to search for deals by name")
        return {id_of(row, "to search for deals by name"): _texts(row, names) for row in rows}

    def _search(self, object_type: str, body: Json, what: str) -> list[Json]:
        return results_of(self.call("POST", objects_path(object_type, "search"), what, body=body), what)


def _texts(row: Json, names: Sequence[str]) -> dict[str, Any]:
    held = row.get("properties") or {}
    return {name: held.get(name) for name in names}
