"""Puts the AWS room's adapter together from the function's environment. Only entry points use it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from lambdas.shared import wiring

if TYPE_CHECKING:
    from lambdas.aws.adapters.engagements import Engagements
    from lambdas.aws.adapters.partner_central import PartnerCentral

PARTNER = "aws"


def settings() -> Mapping[str, Any]:
    """The AWS part of the settings document."""
    return wiring.settings()["partners"][PARTNER]


@cache
def central_client() -> Any:
    """The SDK client of Partner Central through the linked account's role."""
    from lambdas.aws.adapters.partner_central_client import make_client

    return make_client(
        settings(),
        os.environ.get("COSELL_PARTNER_CENTRAL_ROLE_ARN"),
        os.environ.get("COSELL_PARTNER_CENTRAL_EXTERNAL_ID"),
    )


@cache
def partner_central() -> PartnerCentral:
    """Opportunities and invitations of the configured catalog."""
    from lambdas.aws.adapters.partner_central import PartnerCentral

    return PartnerCentral(central_client(), settings()["catalog"])


@cache
def engagements() -> Engagements:
    """Engagements of the configured catalog."""
    from lambdas.aws.adapters.engagements import Engagements

    return Engagements(central_client(), settings()["catalog"])
