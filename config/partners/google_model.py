"""``google.yaml`` as types."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from config.base import CountryCode, FieldRule, Model, Pace, Partner


class Unverified(Model):
    """What could not be read in Google's reference; the defaults work either way, or are the likelier reading."""

    create_partner: Literal["entity", "query"] = "entity"
    filters: bool = False
    accepted_editable: tuple[str, ...] = Field(strict=False)


class Lead(Model):
    """The lead that goes before an opportunity, where the partner has access to CRM Partners."""

    enabled: bool = False
    fields: tuple[FieldRule, ...] = Field(min_length=1, strict=False)


class GooglePartner(Partner):
    """``google.yaml``. ``google_sources``: words of the vocabulary Source that mean Google."""

    quota: Pace = Pace(writes_per_second=0.5)
    countries: dict[str, CountryCode] = Field(default_factory=dict)
    google_sources: tuple[str, ...] = Field(min_length=1, strict=False)
    unverified: Unverified
    lead: Lead

    @property
    def reading(self) -> tuple[FieldRule, ...]:
        """The field map, and the lead's where leads are on."""
        return (*self.fields, *(self.lead.fields if self.lead.enabled else ()))
