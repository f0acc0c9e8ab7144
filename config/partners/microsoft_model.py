"""``microsoft.yaml`` as types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from config.base import CountryCode, Model, Pace, Partner, Pipeline


class MicrosoftPipeline(Pipeline):
    """A pipeline whose open stages also say how far the sale is: deal stage id to Microsoft's sales stage."""

    sales_stages: dict[str, str] = Field(default_factory=dict)


class Unverified(Model):
    """What Microsoft does not document. The defaults are right either way, but slower."""

    filter_by_time: bool = False
    filter_by_reference: bool = False
    send_status: bool = False


class MicrosoftPartner(Partner):
    """``microsoft.yaml``."""

    referrals: Literal["manual", "accept-all"] = "manual"
    # A referral expires after 14 days.
    warning_days: int = Field(default=4, ge=1, le=13)
    quota: Pace = Pace()
    unverified: Unverified = Unverified()
    # The model is frozen, so a narrower type is no danger.
    pipelines: Mapping[str, MicrosoftPipeline] = Field(min_length=1)
    countries: dict[str, CountryCode] = Field(default_factory=dict)
    industries: dict[str, str]
