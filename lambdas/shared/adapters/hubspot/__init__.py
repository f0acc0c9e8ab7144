"""HubSpot, as the product sees it: ``from lambdas.shared.adapters.hubspot import HubSpot``."""

from __future__ import annotations

from lambdas.shared.adapters.hubspot.client import API_VERSION, BASE_URL
from lambdas.shared.adapters.hubspot.engagements import Engagements
from lambdas.shared.adapters.hubspot.inbound import Inbound
from lambdas.shared.adapters.hubspot.schema import Schema
from lambdas.shared.adapters.hubspot.similar import Similar
from lambdas.shared.adapters.hubspot.tagged import TaggedDeals

__all__ = ["API_VERSION", "BASE_URL", "HubSpot"]


class HubSpot(Engagements, Inbound, Similar, TaggedDeals, Schema):
    """Every HubSpot operation that the product uses, over one token and one keep-alive transport.

    Create it once, outside the handler. Every method raises the classes of ``lambdas.shared.errors`` and none retries:
    that is the state machine's business.
    """
