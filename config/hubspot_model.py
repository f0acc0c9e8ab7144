"""``hubspot_properties.yaml``: the properties that we create, and those of HubSpot's own that rules may use."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from config.base import CrmObject, Model, Name, ReadObject


class Option(Model):
    """One choice of a HubSpot enumeration."""

    value: str
    label: str


class HubspotProperty(Model):
    """One HubSpot property that we create.

    ``enum`` takes its options from the vocabulary of the partner whose prefix begins the name.
    """

    name: Name
    object: CrmObject = "deal"
    label: str
    type: Literal["bool", "date", "datetime", "enumeration", "number", "phone_number", "string"]
    field_type: Literal[
        "booleancheckbox", "checkbox", "date", "html", "number", "phonenumber", "radio", "select", "text", "textarea"
    ]
    description: str = ""
    unique: bool = False
    options: tuple[Option, ...] = Field(default=(), strict=False)
    enum: str | None = None


class PropertyGroup(Model):
    """The group in which our properties lie."""

    name: Name
    label: str


class HubspotProperties(Model):
    """``hubspot_properties.yaml``. ``standard`` names HubSpot's own properties that rules may use."""

    group: PropertyGroup
    standard: dict[ReadObject, list[str]]
    properties: tuple[HubspotProperty, ...] = Field(min_length=1, strict=False)
