"""What a partner writes on HubSpot's records is marked as its own, before it stands there (see ``domain.origins``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lambdas.shared.domain.origins import address_mark, mark, tags_of


@dataclass(frozen=True, slots=True)
class Trail:
    """The marks of one partner. ``settings`` is its part of the settings document.

    A record that is not there yet has no id: a deal is marked by the opportunity that it is made of, a company by its
    key, a contact by its address. So a crash after the record was made leaves nothing unmarked. Once it is there it is
    marked by its id too: of a merged record HubSpot tells the old ids, and not the old keys and addresses.
    """

    origins: Any
    partner: str
    settings: Mapping[str, Any]

    def before_update(self, deal_id: str, properties: Mapping[str, str]) -> None:
        """``properties`` are about to be written to the deal. Until they are, what stands there keeps its marks."""
        self.origins.note("deals", deal_id, self.partner, self._marks(properties))

    def after_update(self, deal_id: str, properties: Mapping[str, str], written: Mapping[str, Any]) -> None:
        """They are there. HubSpot shows some otherwise than they were sent (numbers, moments): known by both."""
        otherwise = {
            name: str(written[name]) for name in properties if written.get(name) not in (None, properties[name])
        }
        shown = self._marks(otherwise)
        marks = {name: [*sent, *shown.get(name, ())] for name, sent in self._marks(properties).items()}
        self.origins.settle("deals", deal_id, self.partner, marks)

    def before_deal(self, opportunity_id: str, properties: Mapping[str, str]) -> None:
        """A deal with ``properties`` is about to be made of the opportunity, or of the invitation with this id."""
        self.origins.note("opportunities", f"{self.partner}#{opportunity_id}", self.partner, self._marks(properties))

    def before_company(self, key: str, properties: Mapping[str, str]) -> None:
        """A company with this key is about to be made."""
        self.origins.note("companies", key, self.partner, self._marks(properties))

    def after_company(self, company_id: str, properties: Mapping[str, str]) -> None:
        """It was made."""
        self.origins.settle("companies", company_id, self.partner, self._marks(properties))

    def before_contact(self, email: str) -> None:
        """A contact with this address is about to be made."""
        known_by = address_mark(email)
        self.origins.note("contacts", known_by, self.partner, {"email": [known_by]})

    def after_contact(self, contact_id: str) -> None:
        """It was made. Its address is marked already: under the id stands nothing that tells of the person."""
        self.origins.settle("contacts", contact_id, self.partner, {"hs_object_id": [contact_id]})

    def _marks(self, properties: Mapping[str, str]) -> dict[str, list[str]]:
        own, tags = set(self.settings["status_properties"].values()), tags_of(self.settings)
        return {name: [mark(name, text, tags)] for name, text in properties.items() if text and name not in own}
