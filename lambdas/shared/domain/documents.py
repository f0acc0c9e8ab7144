"""Small views on the deal document of the runs table (docs/architecture.md, "Documents in the runs table")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def text_of(deal: Mapping[str, Any] | None, crm_object: str, name: str) -> str | None:
    """One property of the deal, its company or its owner as text without surrounding space; None if empty or absent."""
    holder = ((deal or {}) if crm_object == "deal" else (deal or {}).get(crm_object)) or {}
    value = (holder if crm_object == "owner" else holder.get("properties") or {}).get(name)
    value = str(value).strip() if value is not None else ""
    return value or None


def contacts_of(deal: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    """The properties of each contact of the deal."""
    return [contact.get("properties") or {} for contact in (deal or {}).get("contacts") or []]


def last_entry(deal: Mapping[str, Any], names: Sequence[str], own_source: str | None) -> Mapping[str, Any] | None:
    """The newest entry of HubSpot's history of the properties that is not our own; None if there is none.

    ``own_source`` is our app's id: its writes are recorded as source type INTEGRATION with that id. None: anybody's.
    """
    history = deal.get("history") or {}
    entries: list[Mapping[str, Any]] = [
        entry
        for name in names
        for entry in history.get(name) or []
        if not (own_source and entry.get("source_type") == "INTEGRATION" and str(entry.get("source_id")) == own_source)
    ]
    return max(entries, key=lambda entry: int(entry["timestamp"]), default=None)


def last_moved_at(deal: Mapping[str, Any], names: Sequence[str], own_source: str | None) -> int | None:
    """When anyone but ourselves last changed one of the properties, by HubSpot's history (epoch ms, or None)."""
    entry = last_entry(deal, names, own_source)
    return None if entry is None else int(entry["timestamp"])


def last_actor(deal: Mapping[str, Any], names: Sequence[str], own_source: str | None) -> str | None:
    """Who that was, in HubSpot's own words (``CRM_UI userId:123``); None if unknown."""
    last = last_entry(deal, names, own_source)
    if last is None:
        return None
    return " ".join(str(last[name]) for name in ("source_type", "source_id") if last.get(name)) or None


def apply_to_deal(deal: Mapping[str, Any], properties: Mapping[str, str]) -> dict[str, Any]:
    """A copy of the deal document with ``properties`` written (``""`` clears)."""
    merged = {**(deal.get("properties") or {}), **{name: text or None for name, text in properties.items()}}
    return {**deal, "properties": merged}
