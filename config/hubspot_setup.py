"""The HubSpot properties and their group as request bodies of HubSpot's properties API."""

from __future__ import annotations

from typing import Any

from config.model import Configuration, HubspotProperty
from config.rooms import ROOMS


def property_group(configuration: Configuration) -> dict[str, str]:
    """The group to create on each object that has one of our properties: ``{"name", "label"}``."""
    return configuration.hubspot_properties.group.model_dump()


def property_definitions(configuration: Configuration, crm_object: str) -> list[dict[str, Any]]:
    """One body per property to create on ``deal``, ``company`` or ``contact``, enumerations with their options."""
    return [
        _definition(each, configuration)
        for each in configuration.hubspot_properties.properties
        if each.object == crm_object
    ]


def _definition(rule: HubspotProperty, configuration: Configuration) -> dict[str, Any]:
    pairs = [(option.value, option.label) for option in rule.options]
    if rule.enum is not None:
        pairs = [(value, value) for value in _members(rule, configuration)]
    body: dict[str, Any] = {
        "name": rule.name,
        "label": rule.label,
        "groupName": configuration.hubspot_properties.group.name,
        "type": rule.type,
        "fieldType": rule.field_type,
        "description": rule.description,
    }
    if pairs:
        body["options"] = [
            {"value": value, "label": label, "displayOrder": order, "hidden": False}
            for order, (value, label) in enumerate(pairs)
        ]
    if rule.unique:
        body["hasUniqueValue"] = True
    return body


def _members(rule: HubspotProperty, configuration: Configuration) -> tuple[str, ...]:
    """The enumeration's members, from the vocabulary of the partner whose prefix begins the property's name."""
    partners = configuration.partners.items()
    owner = next((name for name, each in partners if rule.name.startswith(each.property_prefix)), None)
    if owner is None or rule.enum is None:
        return ()
    return ROOMS[owner].enum_values(rule.enum, configuration.values[owner]) or ()
