"""Companies, contacts and owners."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from lambdas.shared.adapters.hubspot.client import API_VERSION, PAGE_LIMIT, Json, id_of, objects_path, results_of
from lambdas.shared.adapters.hubspot.deals import Deals
from lambdas.shared.errors import NotFound

_OWNER_KEPT_MS = 600_000


class People(Deals):
    """The people and companies around a deal."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._owners: dict[tuple[str, str], tuple[int, Json | None]] = {}

    def upsert_contact(self, email: str, properties: Mapping[str, Any]) -> str:
        """Create or update the contact with this e-mail address; return its id."""
        address = email.strip().lower()
        row = self.upsert("contacts", "email", address, {**properties, "email": address}, "contact")
        return id_of(row, "to upsert the contact")

    def find_company_by_domain(self, domain: str) -> str | None:
        """Id of the oldest company with this domain, or None.

        The index lags by seconds, so None does not prove that there is none: use ``upsert_company`` with an own unique
        key where a second company must not be.
        """
        what = "to search for a company"
        body = {
            "filterGroups": [
                {"filters": [{"propertyName": "domain", "operator": "EQ", "value": domain.strip().lower()}]}
            ],
            "sorts": [{"propertyName": "createdate", "direction": "ASCENDING"}],
            "properties": ["domain"],
            "limit": 1,
        }
        found = results_of(self.call("POST", objects_path("companies", "search"), what, body=body), what)
        return id_of(found[0], what) if found else None

    def upsert_company(self, id_property: str, key: str, properties: Mapping[str, Any]) -> str:
        """Create or update the company with this value of a unique property (``domain`` is none); return its id."""
        row = self.upsert("companies", id_property, key, properties, "company")
        return id_of(row, "to upsert the company")

    def owner(self, owner_id: str) -> Json | None:
        """``{"email", "firstName", "lastName"}`` (text or None) of the owner whose id stands in ``hubspot_owner_id``.

        None for one that HubSpot does not know or that is deactivated. A queue has no ``email``. Kept for some minutes:
        every run of a deal asks, and a user's name hardly ever changes.
        """
        return self._kept(owner_id, "id")

    def user(self, user_id: str) -> Json | None:
        """The same of the user whose id stands in a property's history, which is another number than the owner's."""
        return self._kept(user_id, "userId")

    def _kept(self, number: str, id_property: str) -> Json | None:
        kept = self._owners.get((id_property, number))
        if kept is None or kept[0] < self._clock.now_ms():
            kept = self._clock.now_ms() + _OWNER_KEPT_MS, self._read_owner(number, id_property)
            self._owners[id_property, number] = kept
        return kept[1]

    def _read_owner(self, number: str, id_property: str) -> Json | None:
        path = f"/crm/owners/{API_VERSION}/{quote(number, safe='')}"
        query = {} if id_property == "id" else {"query": {"idProperty": id_property}}
        try:
            found = self.call("GET", path, "to read an owner", kind="owner", **query)
        except NotFound:
            return None
        return {name: found.get(name) or None for name in ("email", "firstName", "lastName")}

    def owners(self) -> list[Json]:
        """All active owners, as HubSpot describes them (``id``, ``email``, ``userId``, ``type``, names)."""
        return list(self.pages(f"/crm/owners/{API_VERSION}", "to list owners", {"limit": str(PAGE_LIMIT)}))
