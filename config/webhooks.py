"""The webhook subscriptions that the field maps need: what HubSpot must tell us about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from config.model import Configuration
from config.rendering import PASS_ON, reads_of
from config.rooms import ROOMS

EVENTS = {
    "deal": ("creation", "deletion", "restore", "merge", "associationChange"),
    "company": ("merge",),
    "contact": ("merge",),
    "note": ("creation",),
}
"""Kinds without a property, by object."""

HUB_EVENTS = ("contact.privacyDeletion",)
"""What HubSpot tells of its account rather than of an object: a contact was deleted for good."""

# Status properties that people fill in, correct or empty; the others are written by the sync only.
_STEERING_ROLES = (
    "opportunity_id",
    "solution_ids",
    "aws_products",
    "marketplace_ids",
    "acceptance",
    "invitation_answer",
    "invitation_reject_reason",
    "invitation_deal",
    "lead_qualification",
    "lead_name",
    "pass_on",
    "conflict_pick",
    "conflict_field_picks",
    "submit",
    "involvement_wanted",
    "visibility_wanted",
)

type _Rule = tuple[str, str, Sequence[str]]
"""Object, direction and properties of a rule."""


def watched_properties(settings: Mapping[str, Any]) -> dict[str, list[str]]:
    """Object to the properties whose change matters, for one propertyChange subscription each.

    ``settings`` is the settings document. The deal's name is always among them, since it carries the tags, so is
    a property that says them (``tag_property``), and so are the properties with which a person steers the sync.
    """
    partners = list(settings["partners"].values())
    every = [rule for each in partners for rule in (*each["fields"], *(each.get("lead") or {}).get("fields", ()))]
    rules = [(rule["object"], rule["direction"], reads_of(rule)) for rule in every]
    notes = any(each["shared_notes"] for each in partners)
    tags = [each["tag_property"]["name"] for each in partners if each["tag_property"]]
    return _watched(rules, [each["status_properties"] for each in partners], tags, notes=notes)


def watched_in_any_stage(configuration: Configuration) -> dict[str, list[str]]:
    """The same for all partners that are configured, whether a deployment stage has them on or not."""
    partners = configuration.partners
    every = [rule for name, each in partners.items() for rule in (*each.reading, *ROOMS[name].implied(each))]
    rules = [(str(rule.object), str(rule.direction), rule.reads) for rule in every]
    notes = any(each.shared_notes for each in partners.values())
    statuses = [{**each.status_properties, "pass_on": PASS_ON} for each in partners.values()]
    tags = [each.tag_property.name for each in partners.values() if each.tag_property]
    return _watched(rules, statuses, tags, notes=notes)


def _watched(
    rules: Iterable[_Rule], statuses: Iterable[Mapping[str, str]], tags: Iterable[str], *, notes: bool
) -> dict[str, list[str]]:
    watched: dict[str, set[str]] = {"deal": {"dealname", *tags}, "company": set(), "contact": set()}
    if notes:
        watched["note"] = {"hs_note_body"}
    for names in statuses:
        if "owner_status" in names:
            watched["deal"].add("hubspot_owner_id")
        watched["deal"].update(names[role] for role in _STEERING_ROLES if role in names)
    for crm_object, direction, properties in rules:
        if crm_object == "owner":
            watched["deal"].add("hubspot_owner_id")  # HubSpot tells of another owner, not of a change in one
        elif direction != "to_deal":
            watched[crm_object].update(properties)
    return {name: sorted(properties) for name, properties in watched.items()}
