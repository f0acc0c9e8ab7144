"""The sync's own functions with Google's room on the simulator: one deal, and runs as the machine makes them."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from lambdas.google.adapters.cloud_channel import SCOPE, CloudChannel
from lambdas.google.adapters.crm_partners import SCOPE as CRM_SCOPE
from lambdas.google.adapters.crm_partners import CrmPartners
from lambdas.google.adapters.lead_first import LeadFirst
from lambdas.google.adapters.opportunities import GoogleOpportunities
from lambdas.google.domain.lead_plan import lead_rules
from lambdas.google.domain.partner import plan_run
from lambdas.shared.adapters.ledger import Origins, Watermarks
from lambdas.shared.domain.documents import apply_to_deal
from lambdas.shared.domain.field_map import parse_rules
from lambdas.shared.errors import Rejected
from lambdas.shared.handlers import (
    create_opportunity,
    fetch_opportunity,
    list_changed_opportunities,
    plan_changes,
    record_outcome,
    update_opportunity,
    write_deal,
)
from sandbox.fakes import FakeQueue
from sandbox.faults import FaultRules
from sandbox.google.account import INTEGRATOR, GoogleAccount
from sandbox.google.switches import Switches
from tests.unit.google.google_support import SETTINGS, field, google
from tests.unit.google.in_process import InProcess
from tests.unit.handlers.partner_room import Room

VECTOR = "0014000000SANDBOX1"
CUSTOMER = ("Contoso", "Ada Example", "ada@contoso.example.com", "Contoso Migration")
"""Values of a customer that must not lie on the link nor in an answer."""


def _settings(lead: bool, other: bool) -> dict[str, Any]:
    """``partners.google`` with members that the simulated Google knows."""
    ours = google()
    names = {"S0": "SANDBOX_STAGE_0", "S1": "SANDBOX_STAGE_1", "CLOSED": "CLOSED"}
    family = {"CLOUD": "SANDBOX_CLOUD", "WORKSPACE": "SANDBOX_WORKSPACE"}
    company = field(
        "company_name",
        "customerInfo.customerDetails.organizationName",
        "plain_text",
        "name",
        object="company",
        direction="to_partner",
        required="create",
    )
    fields = [
        {**one, "options": {**one["options"], "map": family}} if one["name"] == "family" else one
        for one in ours["fields"]
    ]
    return ours | {
        "enums": {
            "Stage": list(names.values()),
            "ProductFamily": list(family.values()),
            "EngagementModel": ["SANDBOX_COSELL"],
            "DealTransactionType": ["SANDBOX_NEW"],
            "SupportLevel": ["SANDBOX_FULL"],
        },
        "stage_map": {"default": {"new": names["S0"], "talks": names["S1"], "won": "CLOSED"}},
        "inbound_stage_map": {"default": {names["S0"]: "new", names["S1"]: "talks"}},
        "label": "Google",
        "google_sources": ["SANDBOX_GOOGLE"],
        "inbound": {"opportunities": "invited", "pipeline": "default", "stage": "new"},
        "identity": {"audience": "//iam/x", "service_account": INTEGRATOR},
        "vector_id": VECTOR,
        "create_partner": "query" if other else "entity",
        "filters": other,
        "lead": {"enabled": lead, "fields": _lead_fields() if lead else []},
        "fields": [*fields, company],
    }


def _lead_fields() -> list[dict[str, Any]]:
    def one(name: str, path: str, codec: str, *properties: str, **more: Any) -> dict[str, Any]:
        return field(name, path, codec, *properties, direction="to_partner", required="create", **more)

    return [
        one("customer", "customer.companyName", "plain_text", "name", object="company"),
        one("summary", "opportunitySummary", "plain_text", "description"),
        one("close_date", "estimatedCloseDate", "day", "closedate"),
        one("value", "partnerAnnualContractValue", "money", "amount"),
        one("currency", "leadCurrencyCode", "currency", "deal_currency_code"),
        one("term", "dealTerm", "plain_text", "gcp_deal_term"),
        one("submitter", "submitterEmail", "literal", "gcp_submitter_email"),
        one("model", "engagementModel", "enum", "gcp_model", options={"enum": "EngagementModel"}),
        one("type", "dealTransactionType", "enum", "gcp_type", options={"enum": "DealTransactionType"}),
        one("support", "supportLevel", "enum", "gcp_support", options={"enum": "SupportLevel"}),
        one(
            "interest",
            "productInterests",
            "enum",
            "gcp_product_family",
            options={"enum": "ProductFamily", "map": {"CLOUD": "SANDBOX_CLOUD"}, "many": True},
        ),
    ]


class Crm:
    """HubSpot as far as ``write_deal`` needs it, over the room's one deal."""

    def __init__(self, room: GoogleRoom) -> None:
        self.room, self.told = room, []

    def batch_read_deals(self, ids: list[str], names: Iterable[str]) -> dict[str, dict[str, Any]]:
        held = self.room.deal["properties"]
        return {one: {name: held.get(name) for name in names} for one in ids}

    def update_deal(self, deal_id: str, properties: dict[str, str]) -> dict[str, Any]:
        self.room.deal = apply_to_deal(self.room.deal, properties)
        return {"properties": properties}

    def create_note(self, deal_id: str, body: str, at: int) -> str:
        self.told.append(("note", body))
        return f"n{len(self.told)}"

    def create_task(
        self, deal_id: str, subject: str, body: str, due: int, owner: str | None, priority: str = "MEDIUM"
    ) -> str:
        self.told.append(("task", f"{subject} {body}"))
        return f"t{len(self.told)}"


class GoogleRoom(Room):
    """``look`` is one run; ``outline`` what it decided. ``switches`` are the simulator's readings."""

    def __init__(
        self,
        switches: Switches | None = None,
        *,
        lead: bool = False,
        filters: bool = False,
        settings: dict[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.settings = settings or {**SETTINGS, "partners": {"google": _settings(lead, filters)}}
        self.ours = self.settings["partners"]["google"]
        self.account = GoogleAccount(self.clock, switches=switches)
        self.faults = FaultRules()
        self.opportunities = self._opportunities(lead)
        self.key = self.links.open_for_deal("google", "500", "hubspot")
        self.deal = _deal()
        self.hubspot, self.notices = Crm(self), FakeQueue()
        self.marks = Watermarks(self.dynamodb, "ledger")
        self.numbers = iter(range(1, 100))
        self.outline: dict[str, Any] = {}

    def _opportunities(self, lead: bool) -> GoogleOpportunities:
        channel = CloudChannel(
            InProcess(self.account, SCOPE, self.faults),
            "SANDBOX001",
            create_partner=self.ours["create_partner"],
            filters=self.ours["filters"],
        )
        leads = None
        if lead:
            crm = CrmPartners(InProcess(self.account, CRM_SCOPE, self.faults), VECTOR)
            leads = LeadFirst(crm, lead_rules(self.ours), "gcp_lead_name")
        return GoogleOpportunities(channel, parse_rules(self.ours), leads=leads, creator=INTEGRATOR)

    def records(self) -> list[str]:
        """Ids of Google's opportunities."""
        return [name.removeprefix("opportunities/") for name in self.account.state.opportunities]

    def set(self, **properties: str) -> None:
        """A person's edits of the deal."""
        self.deal = apply_to_deal(self.deal, properties)
        self.deal["updated_at"] = self.now

    def look(self) -> dict[str, Any]:
        """One run, as the machine makes it, up to the first error. Answers what ``record_outcome`` does."""
        run_id = f"r{next(self.numbers)}"
        link = self.link()
        self.leases.take_lease(self.key, run_id)
        run = {
            **self.run,
            "run_id": run_id,
            "partner": "google",
            "link": self.key,
            "deal_id": link.deal_id,
            "opportunity_id": link.opportunity_id,
        }
        try:
            return self._run(run)
        finally:
            self.leases.give_back(self.key, run_id, "over")
            self.clock.advance(seconds=1)

    def _run(self, run: dict[str, Any]) -> dict[str, Any]:
        self.runs.put(run["run_id"], "deal", copy.deepcopy(self.deal))
        reading = fetch_opportunity.Collaborators(self.opportunities, self.links, self.runs, self.clock)
        found = fetch_opportunity.fetch_opportunity({"run": run}, reading)
        planning = plan_changes.Collaborators(self.links, self.base, self.runs, self.settings, plan_run, self.clock)
        event = {"run": run, "deal": {"deal": "current", "deal_id": "500"}, "opportunity": found}
        self.outline = plan_changes.plan_changes(event, planning)
        outcome = self.outline["outcome"]
        try:
            run = self._write(run, self.outline["action"])
        except Rejected:
            outcome = "rejected"
        if outcome != "adopt" and (self.outline["write_deal"] or self.outline["action"] != "none"):
            back = write_deal.Collaborators(
                hubspot=self.hubspot,
                links=self.links,
                runs=self.runs,
                audit=self.audit,
                partners=self.settings["partners"],
                origins=Origins(self.dynamodb, "ledger"),
                clock=self.clock,
            )
            write_deal.write_deal({"run": run, "outcome": outcome}, back)
        recording = record_outcome.Collaborators(
            self.links, self.base, self.runs, self.audit, lambda *_: None, lambda _: self.inbox, self.clock
        )
        return record_outcome.record_outcome({"run": run, "outcome": outcome, "opportunity": found}, recording)

    def _write(self, run: dict[str, Any], action: str) -> dict[str, Any]:
        event = {"run": run, "at": self.now}
        if action == "create":
            creating = create_opportunity.Collaborators(
                self.opportunities, self.links, self.runs, self.audit, turn=self.turn, clock=self.clock
            )
            return {**run, "opportunity_id": create_opportunity.create_opportunity(event, creating)["opportunity_id"]}
        if action == "update":
            changing = update_opportunity.Collaborators(self.opportunities, self.runs, self.audit, self.turn)
            update_opportunity.update_opportunity(event, changing)
        return run

    def poll(self) -> dict[str, Any]:
        """One page of Google's changes."""
        polling = list_changed_opportunities.Collaborators(
            "google", self.opportunities, self.links, self.marks, self.notices, self.clock
        )
        return list_changed_opportunities.list_changed_opportunities({"correlation_id": "p"}, polling)

    def settled(self) -> bool:
        """Whether one more run has nothing left to write on either side."""
        self.look()
        return not self.outline["writes"] and not self.outline["write_deal"]


def _deal() -> dict[str, Any]:
    properties = {
        "dealname": "Contoso Migration #GCP",
        "dealstage": "new",
        "pipeline": "default",
        "amount": "1000.50",
        "deal_currency_code": "EUR",
        "closedate": "2026-12-01T12:00:00Z",
        "description": "Moves to the cloud",
        "gcp_product_family": "CLOUD",
        "gcp_deal_term": "12 months",
        "gcp_submitter_email": "rep@partner.example.com",
        "gcp_model": "SANDBOX_COSELL",
        "gcp_type": "SANDBOX_NEW",
        "gcp_support": "SANDBOX_FULL",
    }
    company = {"id": "7", "properties": {"name": "Contoso"}}
    document = {"id": "500", "archived": False, "properties": properties, "history": {}, "contacts": []}
    return {**document, "company": company, "updated_at": 1_790_000_000_000}
