"""All deals whose name holds a word, however many: for the operator's command.

HubSpot's search ends at 10,000 rows, and its ``after`` is an offset into a list that every write sorts anew. So each
page begins behind the id of the last row before it: ids do not move, no row is skipped and none is told twice.
https://developers.hubspot.com/docs (search)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from lambdas.shared.adapters.hubspot.client import PAGE_LIMIT, Json, id_of, objects_path, results_of
from lambdas.shared.adapters.hubspot.deals import NAME, Deals
from lambdas.shared.errors import Unexpected

_ID = "hs_object_id"


class FoundDeal(NamedTuple):
    """A row: the deal's id and the properties that were asked for, its name among them."""

    deal_id: str
    properties: dict[str, str | None]


class TaggedDeals(Deals):
    """The search behind a backfill."""

    def deals_with_word(
        self,
        word: str | None,
        after: str | None = None,
        properties: Iterable[str] = (),
        has_property: str | None = None,
    ) -> tuple[list[FoundDeal], str | None]:
        """One page of the deals with ``word`` anywhere in their name, or with something in ``has_property`` (neither:
        all deals), by id, and behind which id the next one begins (None at the end).

        What HubSpot has not indexed yet (seconds) is left out, and so is the bin.
        """
        found = self._page(_ways(word, has_property), int(after or 0), list(dict.fromkeys([NAME, *properties])))
        ids = [int(each.deal_id) for each in found]
        if ids and (ids[0] <= int(after or 0) or ids != sorted(ids)):
            raise Unexpected("HubSpot's search does not heed the id behind which it was asked to begin.")
        return found, str(ids[-1]) if len(ids) == PAGE_LIMIT else None

    def _page(self, ways: list[list[Json]], after: int, names: list[str]) -> list[FoundDeal]:
        behind: Json = {"propertyName": _ID, "operator": "GT", "value": str(after)}
        body: Json = {
            "filterGroups": [{"filters": [behind, *filters]} for filters in ways],
            "sorts": [{"propertyName": _ID, "direction": "ASCENDING"}],
            "properties": names,
            "limit": PAGE_LIMIT,
        }
        what = "to search for deals with a tag"
        rows = results_of(self.call("POST", objects_path("deals", "search"), what, body=body), what)
        held = ((id_of(row, what), row.get("properties") or {}) for row in rows)
        return [FoundDeal(deal_id, {name: values.get(name) for name in names}) for deal_id, values in held]


def _ways(word: str | None, has_property: str | None) -> list[list[Json]]:
    """The filters of which a deal has to meet one list."""
    ways: list[list[Json]] = []
    if word:
        ways.append([{"propertyName": NAME, "operator": "CONTAINS_TOKEN", "value": f"*{word}*"}])
    if has_property:
        ways.append([{"propertyName": has_property, "operator": "HAS_PROPERTY"}])
    return ways or [[]]
