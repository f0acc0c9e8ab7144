"""Making a deal of what a partner sent: the deal in one atomic call, people matched before they are created."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lambdas.shared.adapters.hubspot.associations import PRIMARY_COMPANY
from lambdas.shared.adapters.hubspot.client import Json, objects_path, texts
from lambdas.shared.adapters.hubspot.deals import written
from lambdas.shared.adapters.hubspot.people import People

_DEAL_TO_CONTACT = 3


class Inbound(People):
    """What a new deal needs. A person's own data in HubSpot is never overwritten with a partner's."""

    def create_deal(self, properties: Mapping[str, Any], company_id: str | None, contact_ids: Iterable[str]) -> Json:
        """Create a deal tied to its company and contacts in the same call; return what ``update_deal`` does.

        ``properties`` must hold a unique property: then a second create of the same record is refused (``Conflict``),
        and a crash leaves either nothing or the whole deal.
        """
        what = "to create the deal"
        ties = [(one, _DEAL_TO_CONTACT) for one in contact_ids]
        if company_id is not None:
            ties.append((company_id, PRIMARY_COMPANY))
        body = {
            "properties": texts(properties),
            "associations": [
                {
                    "to": {"id": one},
                    "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}],
                }
                for one, type_id in ties
            ],
        }
        record = self.call("POST", objects_path("deals"), what, body=body, sent=properties)
        return written(record, body["properties"], what)

    def ensure_company(
        self,
        key_property: str,
        key: str,
        domain: str | None,
        properties: Mapping[str, Any],
        before_new: Callable[[], None] = lambda: None,
    ) -> str:
        """Id of the company with this domain, else of ours with this key, else of a new one with ``properties``.

        ``before_new`` is called when a new one is about to be made.
        """
        found = self.find_company_by_domain(domain) if domain else None
        found = found or self.find("companies", key_property, key, "company")
        if found is None:
            before_new()
        return found or self.upsert_company(key_property, key, properties)

    def ensure_contact(
        self, email: str, properties: Mapping[str, Any], before_new: Callable[[], None] = lambda: None
    ) -> str:
        """Id of the contact with this address, which stays as it is; else of a new one with ``properties``.

        An upsert all the same, in one call: nobody is made twice or left half filled when the answer is lost.
        ``before_new`` as for a company.
        """
        found = self.find("contacts", "email", email.strip().lower(), "contact")
        if found is None:
            before_new()
        return found or self.upsert_contact(email, properties)
