"""Deals: the document that a run plans on, and the writes back to it.

Vendor's guide: https://developers.hubspot.com/docs (CRM objects, deals; batch; search).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from lambdas.shared.adapters.hubspot.associations import PRIMARY_COMPANY, Associations
from lambdas.shared.adapters.hubspot.client import Json, id_of, next_after, objects_path, results_of, texts
from lambdas.shared.adapters.hubspot.failures import row_failure
from lambdas.shared.adapters.refusals import object_in
from lambdas.shared.errors import NotFound, Unexpected

SEARCH_TOTAL_LIMIT = 10_000
MODIFIED, NAME = "hs_lastmodifieddate", "dealname"

_PRIMARY_LABELS = {"deal_to_company", "deal_to_company_primary", "deal_to_primary_company"}


class ModifiedDeal(NamedTuple):
    """A row of ``search_modified_deals``. ``modified_at`` in epoch milliseconds."""

    deal_id: str
    modified_at: int
    properties: Mapping[str, str | None]


class Deals(Associations):
    """Reading, finding and writing deals."""

    def read_deal(  # noqa: PLR0917 - one argument for each part of the document
        self,
        deal_id: str,
        deal_properties: Iterable[str],
        history: Iterable[str] = (),
        company_properties: Iterable[str] = (),
        contact_properties: Iterable[str] = (),
        id_property: str | None = None,
    ) -> Json:
        """Return the deal document of ``docs/architecture.md``, with its primary company and its contacts.

        ``deal_id`` is HubSpot's id, or the value of the unique property ``id_property``. A deal in the recycle bin
        comes back with ``archived`` true and without company and contacts. The id of a merged deal resolves to the
        deal that it went into: compare the document's ``id``. Raises ``NotFound`` only when HubSpot knows no such
        deal at all.
        """
        names, dated = _names(deal_properties, history), _names(history)
        query = {"properties": ",".join(names), "associations": "companies,contacts"}
        if dated:
            query["propertiesWithHistory"] = ",".join(dated)
        if id_property:
            query["idProperty"] = id_property
        record = self._read_even_archived(deal_id, query)
        document = _document(record, names, dated)
        if not document["archived"]:
            document["company"] = self._company_of(record, _names(company_properties))
            document["contacts"] = self._contacts_of(record, _names(contact_properties))
        return document

    def find_deal(self, id_property: str, value: str) -> str | None:
        """Id of the deal whose unique property has this value, or None when HubSpot says there is none."""
        return self.find("deals", id_property, value, "deal")

    def find(self, object_type: str, id_property: str, value: str, kind: str) -> str | None:
        """Id of the record whose unique property has this value, or None. Read from the record itself, no index."""
        what = f"to find a {kind} by {id_property}"
        query = {"idProperty": id_property, "properties": "hs_object_id"}
        try:
            return id_of(self.call("GET", objects_path(object_type, value), what, query=query, kind=kind), what)
        except NotFound:
            return None

    def batch_read_deals(self, ids: Iterable[str], properties: Iterable[str]) -> dict[str, dict[str, str | None]]:
        """``{id: {name: text or None}}`` of the deals that exist; unknown and archived ids are simply absent."""
        names = _names(properties)
        inputs = [{"id": one} for one in dict.fromkeys(ids)]
        rows = self._read_many("deals", inputs, names, "to read deals")
        return {id_of(row, "to read deals"): _values(row, names) for row in rows}

    def update_deal(self, deal_id: str, properties: Mapping[str, Any]) -> Json:
        """Write these properties and no others; None or ``""`` clears.

        Returns ``{"id", "updated_at" (ms), "properties"}``: what was written, as HubSpot keeps it (dates are normalised
        by 2026-09, so the kept value may differ from what was sent).
        """
        body = {"properties": texts(properties)}
        path = objects_path("deals", deal_id)
        record = self.call("PATCH", path, "to update the deal", body=body, sent=properties)
        return written(record, body["properties"], "to update the deal")

    def search_modified_deals(
        self, since_ms: int, after: str | None = None, limit: int = 100, properties: Iterable[str] = (NAME,)
    ) -> tuple[list[ModifiedDeal], str | None]:
        """One page of deals modified at or after ``since_ms`` with these properties, oldest change first, and where the
        next one begins.

        The index lags by seconds, so overlap. HubSpot serves 10,000 rows per search at most: there ``next`` is None and
        the caller starts anew from the last value.
        """
        names = list(properties)
        body: Json = {
            "filterGroups": [{"filters": [{"propertyName": MODIFIED, "operator": "GTE", "value": str(since_ms)}]}],
            "sorts": [{"propertyName": MODIFIED, "direction": "ASCENDING"}],
            "properties": [MODIFIED, *names],
            "limit": limit,
        }
        if after is not None:
            body["after"] = after
        what = "to search for modified deals"
        answer = self.call("POST", objects_path("deals", "search"), what, body=body)
        found = [
            ModifiedDeal(id_of(row, what), _modified(row, what), {name: _values(row, names)[name] for name in names})
            for row in results_of(answer, what)
        ]
        following = next_after(answer)
        if following is not None and following.isdigit() and int(following) >= SEARCH_TOTAL_LIMIT:
            following = None
        return found, following

    def upsert(self, object_type: str, id_property: str, value: str, properties: Mapping[str, Any], kind: str) -> Json:
        """Upsert one record by batch; return its row. ``object_type`` is the plural name, ``kind`` the singular."""
        what = f"to upsert the {kind}"
        inputs = [{"idProperty": id_property, "id": value, "properties": texts(properties)}]
        path = objects_path(object_type, "batch", "upsert")
        rows, errors = self.batch(path, inputs, what, kind=kind, sent=properties)
        if errors:
            raise row_failure(what, errors[0], kind, properties)
        if not rows:
            raise Unexpected(f"HubSpot was asked {what} and answered neither a result nor an error.")
        return rows[0]

    def _read_even_archived(self, deal_id: str, query: Mapping[str, str]) -> Json:
        path = objects_path("deals", deal_id)
        try:
            return self.call("GET", path, "to read the deal", query=query)
        except NotFound:
            return self.call("GET", path, "to read the deal", query={**query, "archived": "true"})

    def _read_many(
        self,
        object_type: str,
        inputs: Sequence[Json],
        names: Sequence[str],
        what: str,
        history: Sequence[str] = (),
    ) -> list[Json]:
        path = objects_path(object_type, "batch", "read")
        extra = {"properties": list(names), **({"propertiesWithHistory": list(history)} if history else {})}
        rows, errors = self.batch(path, inputs, what, extra=extra)
        for error in errors:
            problem = row_failure(what, error)
            if not isinstance(problem, NotFound):
                raise problem
        return rows

    def _company_of(self, record: Json, names: Sequence[str]) -> Json | None:
        company_id = self._primary_company(record)
        if company_id is None:
            return None
        query = {"properties": ",".join(names)}
        try:
            company = self.call("GET", objects_path("companies", company_id), "to read the company", query=query)
        except NotFound:  # deleted between the two reads
            return None
        return {"id": id_of(company, "to read the company"), "properties": _values(company, names)}

    def _primary_company(self, record: Json) -> str | None:
        """The primary company, else the first. Only type names come with the deal; the type ids settle doubts."""
        linked = _associated(record, "companies")
        companies = list(dict.fromkeys(str(one.get("id")) for one in linked))
        marked = list(dict.fromkeys(str(one.get("id")) for one in linked if one.get("type") in _PRIMARY_LABELS))
        if len(companies) < 2 or len(marked) == 1:
            return next(iter(marked or companies), None)
        deal_id = str(record["id"])
        typed = self.associated("deals", "companies", [deal_id])[deal_id]
        primary = [company for company, kinds in typed.items() if PRIMARY_COMPANY in kinds]
        return next(iter(primary or typed or companies), None)

    def _contacts_of(self, record: Json, names: Sequence[str]) -> list[Json]:
        ids = list(dict.fromkeys(str(one.get("id")) for one in _associated(record, "contacts")))
        if next_after((record.get("associations") or {}).get("contacts") or {}):
            deal_id = str(record["id"])
            ids = list(self.associated("deals", "contacts", [deal_id])[deal_id])
        if not ids:
            return []
        rows = self._read_many("contacts", [{"id": one} for one in ids], names, "to read contacts")
        found = {id_of(row, "to read contacts"): _values(row, names) for row in rows}
        return [{"id": one, "properties": found[one]} for one in ids if one in found]


def written(record: Json, sent: Mapping[str, str], what: str) -> Json:
    """What HubSpot answers to a write of ``sent``, as ``Deals.update_deal`` returns it."""
    stored = record.get("properties") or {}
    kept = {name: stored.get(name, text) for name, text in sent.items()}
    for warning in record.get("warnings") or []:
        _normalise(kept, warning)
    return {"id": id_of(record, what), "updated_at": to_ms(record.get("updatedAt")), "properties": kept}


def to_ms(value: Any) -> int:
    """HubSpot's times (ISO 8601 text, or epoch milliseconds as number or text) as epoch milliseconds."""
    text = str(value)
    if text.isascii() and text.isdigit():
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Unexpected("HubSpot's answer has a time that cannot be read.") from None
    return round(moment.timestamp() * 1000)


def _document(record: Json, names: Sequence[str], dated: Sequence[str]) -> Json:
    histories = record.get("propertiesWithHistory") or {}
    return {
        "id": id_of(record, "to read the deal"),
        "properties": _values(record, names),
        "history": {name: history_of(histories.get(name) or []) for name in dated},
        "company": None,
        "contacts": [],
        "archived": record.get("archived") is True,
        "updated_at": to_ms(record.get("updatedAt")),
    }


def history_of(entries: Iterable[Mapping[str, Any]]) -> list[Json]:
    """A property's versions, newest first, whatever order HubSpot gave."""
    known = [
        {
            "value": entry.get("value"),
            "timestamp": to_ms(entry.get("timestamp")),
            "source_type": entry.get("sourceType"),
            "source_id": entry.get("sourceId"),
        }
        for entry in entries
    ]
    return sorted(known, key=lambda entry: entry["timestamp"], reverse=True)


def _values(record: Mapping[str, Any], names: Sequence[str]) -> dict[str, str | None]:
    """All that HubSpot returned, and None for what was asked for and has no value."""
    return {**dict.fromkeys(names), **(record.get("properties") or {})}


def _associated(record: Mapping[str, Any], object_type: str) -> list[Json]:
    return ((record.get("associations") or {}).get(object_type) or {}).get("results") or []


def _modified(row: Mapping[str, Any], what: str) -> int:
    stamp = (row.get("properties") or {}).get(MODIFIED) or row.get("updatedAt")
    if stamp is None:
        raise Unexpected(f"HubSpot was asked {what} and its answer has a row without {MODIFIED}.")
    return to_ms(stamp)


def _normalise(kept: dict[str, Any], warning: Any) -> None:
    if isinstance(warning, dict) and warning.get("code") == "PROPERTY_VALUE_NORMALIZED":
        context = object_in(warning, "context")
        name = warning.get("propertyName") or warning.get("name") or context.get("propertyName")
        name = name[0] if isinstance(name, list) and name else name
        if name in kept and isinstance(warning.get("normalizedValue"), str):
            kept[name] = warning["normalizedValue"]


def _names(*groups: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name for group in groups for name in group))
