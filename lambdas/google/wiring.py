"""Puts the Google room's adapters together from the function's environment. Only entry points use it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from lambdas.shared import wiring
from lambdas.shared.errors import Unauthorized

if TYPE_CHECKING:
    from lambdas.google.adapters.cloud_channel import CloudChannel
    from lambdas.google.adapters.lead_first import LeadFirst
    from lambdas.google.adapters.session import Session

PARTNER = "google"
CORRELATION_HEADER = "X-Goog-Request-Reason"
"""A system parameter of every Google API, kept in the audit log. https://cloud.google.com/apis/docs/system-parameters"""
CHANNEL_VARIABLE = "COSELL_GOOGLE_CHANNEL_URL"
CRM_VARIABLE = "COSELL_GOOGLE_CRM_URL"


def settings() -> Mapping[str, Any]:
    """The Google part of the settings document."""
    return wiring.settings()["partners"][PARTNER]


def service_account() -> str:
    """Who we are at Google: the settings say it, or the stored key; ``""`` where neither does."""
    from lambdas.google.adapters.sign_in import KEY_VARIABLE

    key = os.environ.get(KEY_VARIABLE)
    if key:
        return str(wiring.secrets().get(key).get("client_email") or "")
    return str((settings().get("identity") or {}).get("service_account") or "")


def _session(scope: str) -> Session:
    from lambdas.google.adapters.session import WatchedSession
    from lambdas.google.adapters.sign_in import google_session
    from lambdas.shared.adapters.read_only import gated_session
    from lambdas.shared.runtime import correlation_id
    from lambdas.shared.vendor_calls import call_made, tidy

    return WatchedSession(
        gated_session(google_session(scope, settings(), wiring.secrets)),
        partial(call_made, PARTNER),
        lambda: {CORRELATION_HEADER: tidy(correlation_id())},
    )


@cache
def channel() -> CloudChannel:
    """Cloud Channel under the partner's Partner Hub id."""
    from lambdas.google.adapters.cloud_channel import BASE_URL, SCOPE, CloudChannel

    ours = settings()
    return CloudChannel(
        _session(SCOPE),
        ours["partner_hub_id"],
        os.environ.get(CHANNEL_VARIABLE) or BASE_URL,
        create_partner=ours.get("create_partner") or "entity",
        filters=bool(ours.get("filters")),
    )


@cache
def leads() -> LeadFirst | None:
    """Leads of CRM Partners under the Vector account id, where the settings want one before each opportunity.

    ``Unauthorized`` when they do and name no Vector account id.
    """
    from lambdas.google.domain.lead_plan import lead_property, lead_rules

    ours = settings()
    rules = lead_rules(ours)
    if not rules:
        return None
    if not ours.get("vector_id"):
        raise Unauthorized("Leads go before Google's opportunities, and the stage's google.vector_id is not filled in.")
    from lambdas.google.adapters.crm_partners import BASE_URL, SCOPE, CrmPartners
    from lambdas.google.adapters.lead_first import LeadFirst

    crm = CrmPartners(_session(SCOPE), ours["vector_id"], os.environ.get(CRM_VARIABLE) or BASE_URL)
    return LeadFirst(crm, rules, lead_property(ours))
