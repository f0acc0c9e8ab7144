"""The deal as one partner may see it: what the others wrote is named, and who they brought is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lambdas.shared.domain.origins import Entry, address_mark, all_may_go, foreign_properties, tags_of

type Settings = Mapping[str, Mapping[str, Any]]
"""Partner to its part of the settings document."""
type Record = tuple[str, str]
"""Kind and id, as origins are kept."""

MERGED = "hs_merged_object_ids"
# By what the others' records are known that a deal may have been made of.
_MADE_BY = ("opportunity_id", "invitation_id")


def properties_of_origin(partners: Settings) -> list[str]:
    """The deal's properties that tell where its values may have come from."""
    every = (one["status_properties"] for one in partners.values())
    return [MERGED, *(names[role] for names in every for role in _MADE_BY if role in names)]


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
    of_deal = [("deals", document["id"]), *_merged("deals", document), *_made_of(document, partner, partners)]
    of_company = [*([("companies", str(key))] if key else []), *_merged("companies", company)]
    contacts = {contact["id"]: _known_as(contact) for contact in document.get("contacts") or []}
    known = origins.of([*of_deal, *of_company, *(record for records in contacts.values() for record in records)])

    def foreign(holder: Mapping[str, Any], records: list[Record]) -> list[str]:
        texts, tags = holder.get("properties") or {}, tags_of(settings)
        found = (foreign_properties(texts, known.get(record) or {}, partner, tags) for record in records)
        return sorted({name for names in found for name in names})

    brought = {
        contact_id
        for contact_id, records in contacts.items()
        if any(_wrote_other(known.get(record), partner) for record in records)
    }
    return {
        **document,
        "contacts": [contact for contact in document.get("contacts") or [] if contact["id"] not in brought],
        "foreign": {"deal": foreign(document, of_deal), "company": foreign(company, of_company)},
    }


def _made_of(document: Mapping[str, Any], partner: str, partners: Settings) -> list[Record]:
    """The opportunities of others that the deal shows: it may have been made of one of them."""
    texts, others = document["properties"], {name: one for name, one in partners.items() if name != partner}
    shown = [(name, texts.get(one["status_properties"].get(role))) for name, one in others.items() for role in _MADE_BY]
    return [("opportunities", f"{name}#{known_by}") for name, known_by in shown if known_by]


def _merged(kind: str, record: Mapping[str, Any]) -> list[Record]:
    """The records that were merged into this one, under whose ids the marks stay."""
    said = str((record.get("properties") or {}).get(MERGED) or "")
    return [(kind, old_id.strip()) for old_id in said.split(";") if old_id.strip()]


def _known_as(contact: Mapping[str, Any]) -> list[Record]:
    email = (contact.get("properties") or {}).get("email")
    return [*([("contacts", address_mark(str(email)))] if email else []), *_merged("contacts", contact)]


def _wrote_other(origins: Mapping[str, Sequence[Entry]] | None, partner: str) -> bool:
    return any(one.partner != partner for entries in (origins or {}).values() for one in entries)
