"""The configuration as types. What a type cannot say (vocabularies, references) is in ``checks``."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from config.base import Condition, FieldRule, Inbound, Model, Pace, Partner, Pipeline
from config.deployment import Intervals, PartnerCentral, Quota, Stage, StageName, Stages
from config.hubspot_model import HubspotProperties, HubspotProperty
from config.partners.aws_model import AwsPartner
from config.partners.google_model import GooglePartner
from config.partners.microsoft_model import MicrosoftPartner

__all__ = [
    "AwsPartner",
    "Condition",
    "Configuration",
    "FieldRule",
    "GooglePartner",
    "HubspotProperties",
    "HubspotProperty",
    "Inbound",
    "Intervals",
    "MicrosoftPartner",
    "Model",
    "Pace",
    "Partner",
    "PartnerCentral",
    "Pipeline",
    "Quota",
    "Stage",
    "StageName",
    "Stages",
]


class Overridden(Model):
    """The partners that one stage has otherwise; None for those that are as their files say."""

    aws: AwsPartner | None = None
    microsoft: MicrosoftPartner | None = None
    google: GooglePartner | None = None


class Configuration(Model):
    """Everything a person configures, checked. A partner whose file is not there is None.

    ``values`` holds each partner's ``<partner>_values.yaml`` by partner, ``overridden`` by stage the partners that are
    otherwise there: ``partners_in`` is what a stage has.
    """

    stages: dict[str, Stage]
    aws: AwsPartner
    microsoft: MicrosoftPartner | None = None
    google: GooglePartner | None = None
    hubspot_properties: HubspotProperties
    values: dict[str, dict[str, Any]]
    overridden: dict[str, Overridden] = Field(default_factory=dict)

    @property
    def partners(self) -> dict[str, Partner]:
        """The partners whose files are there, by name."""
        fields = ((name, getattr(self, name)) for name in type(self).model_fields)
        return {name: value for name, value in fields if isinstance(value, Partner)}

    def partners_in(self, stage_name: str) -> dict[str, Partner]:
        """The partners as that stage has them."""
        otherwise = self.overridden.get(stage_name, Overridden())
        return {name: getattr(otherwise, name) or partner for name, partner in self.partners.items()}

    def stage(self, name: str) -> Stage:
        """The deployment stage of that name; ``KeyError`` says which there are."""
        if name not in self.stages:
            raise KeyError(f"no deployment stage {name!r}; stages.yaml has: {', '.join(self.stages)}")
        return self.stages[name]
