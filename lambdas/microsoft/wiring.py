"""Puts the Microsoft room's adapter together from the function's environment. Only entry points use it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from lambdas.shared import wiring

if TYPE_CHECKING:
    from lambdas.microsoft.adapters.referrals import Referrals

PARTNER = "microsoft"
CORRELATION_HEADER = "MS-CorrelationId"


def settings() -> Mapping[str, Any]:
    """The Microsoft part of the settings document."""
    return wiring.settings()["partners"][PARTNER]


@cache
def referrals() -> Referrals:
    """The partner tenant's referrals, with the access token that the refresh function keeps.

    ``COSELL_MICROSOFT_ACCESS_SECRET`` names the token's secret; ``COSELL_MICROSOFT_API_URL`` another address.
    """
    from lambdas.microsoft.adapters.access_token import AccessToken
    from lambdas.microsoft.adapters.partner_center import BASE_URL
    from lambdas.microsoft.adapters.referrals import Referrals
    from lambdas.shared.adapters.http import urllib3_transport
    from lambdas.shared.adapters.read_only import gated
    from lambdas.shared.vendor_calls import as_guid, watched

    ours = settings()
    return Referrals(
        AccessToken(wiring.secrets(), os.environ["COSELL_MICROSOFT_ACCESS_SECRET"]),
        os.environ.get("COSELL_MICROSOFT_API_URL") or BASE_URL,
        watched(gated(urllib3_transport()), PARTNER, lambda correlation: {CORRELATION_HEADER: as_guid(correlation)}),
        filter_by_time=bool(ours.get("filter_by_time")),
        filter_by_reference=bool(ours.get("filter_by_reference")),
    )
