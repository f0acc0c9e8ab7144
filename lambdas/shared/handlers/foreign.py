"""The deal as one partner may see it: what the others wrote is named, and who they brought is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdas.shared.domain.origins import address_mark, all_may_go, foreign_properties, tags_of

type Settings = Mapping[str, Mapping[str, Any]]
"""Partner to its part of the settings document."""
type Record = tuple[str, str]
"""Kind and id, as origins are kept."""


def without_what_others_wrote(
    document: Mapping[str, Any], partner: str, partners: Settings, origins: Any
) -> dict[str, Any]:
    """The deal document for ``partner``.

    ``foreign`` (``{"deal": […], "company": […]}``) names properties whose present text another partner wrote; contacts
    that another partner brought are left out. Neither, where a person said that all of it may go to all.
    """
    settings = partners[partner]
    if all_may_go(document, settings):
        return {**document, "foreign": {"deal": [], "company": []}}
    company = document.get("company") or {}
    key = (company.get("properties") or {}).get(settings["status_properties"].get("company_key", ""))
    of_deal = [("deals", document["id"]), *_made_of(document, partner, partners)]
    of_company = [("companies", str(key))] if key else []
    contacts = {("contacts", mark): contact for contact in document.get("contacts") or [] if (mark := _mark(contact))}
    known = origins.of([*of_deal, *of_company, *contacts])

    def foreign(holder: Mapping[str, Any], records: list[Record]) -> list[str]:
        texts, tags = holder.get("properties") or {}, tags_of(settings)
        found = (foreign_properties(texts, known.get(record) or {}, partner, tags) for record in records)
        return sorted({name for names in found for name in names})

    brought = [contact["id"] for record, contact in contacts.items() if _wrote_other(known.get(record), partner)]
    return {
        **document,
        "contacts": [contact for contact in document.get("contacts") or [] if contact["id"] not in brought],
        "foreign": {"deal": foreign(document, of_deal), "company": foreign(company, of_company)},
    }


def _made_of(document: Mapping[str, Any], partner: str, partners: Settings) -> list[Record]:
    """The opportunities of others that the deal shows: it may have been made of one of them."""
    texts = document["properties"]
    shown = {
        name: texts.get(one["status_properties"]["opportunity_id"]) for name, one in partners.items() if name != partner
    }
    return [("opportunities", f"{name}#{opportunity_id}") for name, opportunity_id in shown.items() if opportunity_id]


def _mark(contact: Mapping[str, Any]) -> str | None:
    email = (contact.get("properties") or {}).get("email")
    return address_mark(str(email)) if email else None


def _wrote_other(origins: Mapping[str, Any] | None, partner: str) -> bool:
    return any(wrote != partner for wrote, _ in (origins or {}).values())
