"""One deal's room for the API's handlers: the ledger in memory, HubSpot's deal and AWS's opportunity as told."""

from __future__ import annotations

import copy
from typing import Any

from lambdas.aws.domain.partner import plan_run
from lambdas.aws.domain.solutions import Catalogue, Solution
from lambdas.shared.adapters.opportunities import Read
from lambdas.shared.errors import NotFound
from lambdas.shared.handlers.rehearsal import Deals, Stage
from tests.unit.domain.domain_support import deal, settings
from tests.unit.handlers.partner_room import Room

READY = {
    "aws_customer_problem": "They move forty workloads off their own data center.",
    "aws_use_case": "Database",
    "aws_delivery_models": "SaaS or PaaS",
    "aws_sales_activities": "Initialized discussions with customer",
    "aws_primary_needs": "Co-Sell - Deal Support",
    "hs_next_step": "A call with the architects",
}
CATALOGUE = Catalogue(
    (
        Solution("S-1234567", "Database Moves", "Software", "Active"),
        Solution("S-7", "Lake House", "Consulting Service", "Active"),
    ),
    1_790_000_000_000,
)


class FakeHubSpot:
    """One deal, or none. ``updates`` are what was written."""

    def __init__(self) -> None:
        self.document: dict[str, Any] | None = deal(**READY)
        self.updates: list[dict[str, str]] = []
        self.error: Exception | None = None

    def read_deal(self, deal_id: str, names: Any, **_more: Any) -> dict[str, Any]:
        if self.error is not None:
            raise self.error
        if self.document is None:
            raise NotFound("HubSpot knows no such deal.")
        return copy.deepcopy(self.document)

    def update_deal(self, deal_id: str, properties: dict[str, str]) -> dict[str, Any]:
        assert self.document is not None
        self.updates.append(properties)
        self.document["properties"] |= properties
        return {"id": deal_id, "updated_at": 1, "properties": properties}


class FakeOpportunities:
    """The opportunity ``document``; what is read only."""

    own_reference = None

    def __init__(self) -> None:
        self.document: dict[str, Any] | None = None

    def read(self, opportunity_id: str) -> Read:
        if self.document is None:
            raise NotFound("AWS knows no such opportunity.")
        return Read(self.document, self.document["LastModifiedDate"])

    def find_created(self, _attempt: Any) -> list[str]:
        return []


class ApiRoom(Room):
    """``extras`` is what the room reads from the ledger for a decision."""

    def __init__(self, **aws: Any) -> None:
        super().__init__()
        self.hubspot, self.opportunities = FakeHubSpot(), FakeOpportunities()
        self.extras: dict[str, Any] = {"solutions": CATALOGUE, "submission": None}
        document = settings(**aws)
        document["partners"] = {"aws": document["partners"]["aws"]}
        self.deals = Deals(self.hubspot, self.origins, document)
        self.stage = Stage(
            self.deals, self.links, self.base, self.opportunities, plan_run, lambda _link: self.extras, self.clock
        )
