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
    """``hubspot_properties.yaml``. ``standard`` names HubSpot's own properties that rules may use,
    ``labels`` how HubSpot calls those of the deal."""

    group: PropertyGroup
    standard: dict[ReadObject, list[str]]
    labels: dict[str, str] = Field(default_factory=dict)
    properties: tuple[HubspotProperty, ...] = Field(min_length=1, strict=False)

    def label_of(self, name: str) -> str:
        """How HubSpot calls a deal property on the deal; its name where that is not known."""
        own = next((each.label for each in self.properties if each.object == "deal" and each.name == name), None)
        return own or self.labels.get(name) or name
