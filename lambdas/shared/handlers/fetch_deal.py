"""Reads the deal as HubSpot has it now, with company, contacts, owner and the history of the mapped properties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lambdas.shared.domain.field_map import OWNER_ID, needs_owner, properties_to_read, rules_to_read
from lambdas.shared.domain.tags import Tagging
from lambdas.shared.errors import NotFound
from lambdas.shared.handlers.deal_notes import with_notes
from lambdas.shared.handlers.foreign import MERGED, properties_of_origin, without_what_others_wrote
from lambdas.shared.runtime import Answer, Event, entry_point

# What the rules of the link level look at, whatever the field map says.
_ALWAYS = ("dealname", "pipeline", "dealstage", OWNER_ID)
# Roles of status properties in which a person decides something: when they did matters too, and when they were asked.
_DECISIONS = ("submit", "conflicts", "conflict_pick", "conflict_field_picks")


@dataclass(frozen=True)
class Collaborators:
    """What the function works with. ``partners`` maps a partner to its settings; ``links`` tell of notes to be read."""

    hubspot: Any
    runs: Any
    origins: Any
    partners: Mapping[str, Mapping[str, Any]]
    links: Any = None


def fetch_deal(event: Event, c: Collaborators) -> Answer:
    """Answer ``{"deal": "current" | "archived" | "missing" | "moved" | "none", "deal_id"?, "carried_by"?}``.

    ``moved``: the deal was merged into ``deal_id``. ``none``: the link has no deal; ``carried_by`` is the deal that
    already carries the opportunity's id in the unique property, if there is one. The document goes to the run item.
    """
    run = event["run"]
    settings = c.partners[run["partner"]]
    if run.get("deal_id") is None:
        return _look_for_carrier(run, settings, c)
    try:
        document = with_notes(_read(run["deal_id"], settings, c), run, settings, c)
        if len(c.partners) > 1:
            document = without_what_others_wrote(document, run["partner"], c.partners, c.origins)
    except NotFound:
        return {"deal": "missing", "deal_id": run["deal_id"]}
    c.runs.put(run["run_id"], "deal", document)
    if document["id"] != run["deal_id"]:
        return {"deal": "moved", "deal_id": document["id"]}
    return {"deal": "archived" if document["archived"] else "current", "deal_id": document["id"]}


def _read(deal_id: str, settings: Mapping[str, Any], c: Collaborators) -> dict[str, Any]:
    rules = rules_to_read(settings)
    mapped, names = properties_to_read(rules, "deal"), settings["status_properties"]
    several = len(c.partners) > 1  # else there is nobody from whom anything could be kept
    origin = properties_of_origin(c.partners) if several else []
    of_company, of_contact = properties_to_read(rules, "company"), properties_to_read(rules, "contact")
    if of_company:
        of_company += [names["company_key"]] if "company_key" in names else []
        of_company += [MERGED] if several else []
    if of_contact and several:
        of_contact += ["email", MERGED]
    document = c.hubspot.read_deal(
        deal_id,
        list(dict.fromkeys([*_ALWAYS, *Tagging.of(settings).properties, *mapped, *names.values(), *origin])),
        history=[*mapped, *(names[role] for role in _DECISIONS if role in names)],
        company_properties=of_company,
        contact_properties=of_contact,
    )
    owner_id = document["properties"].get(OWNER_ID)
    if (needs_owner(rules) or settings.get("owners")) and owner_id and not document["archived"]:
        document["owner"] = c.hubspot.owner(owner_id)
    return document


def _look_for_carrier(run: Mapping[str, Any], settings: Mapping[str, Any], c: Collaborators) -> Answer:
    if run.get("opportunity_id") is None:  # handed over to another link since this run was asked for
        return {"deal": "none", "carried_by": None}
    unique = settings["status_properties"]["opportunity_id"]
    return {"deal": "none", "carried_by": c.hubspot.find_deal(unique, run["opportunity_id"])}


def _collaborators() -> Collaborators:
    from lambdas.shared import wiring

    return Collaborators(
        wiring.hubspot(), wiring.runs(), wiring.origins(), wiring.settings()["partners"], wiring.links()
    )


handler = entry_point(fetch_deal, _collaborators)
