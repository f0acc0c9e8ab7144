"""Settings, documents and a scripted session for the Google room's tests."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from lambdas.google.domain.partner import plan_run
from lambdas.shared.domain.link import Link
from lambdas.shared.domain.plan import Plan
from lambdas.shared.domain.situation import Situation
from lambdas.shared.domain.values import Context

NOW = 1_790_000_000_000  # 2026-09-21
LEGAL = "qualificationInfo.legalLanguageAccepted"


def field(name: str, path: str, codec: str, *properties: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "path": path, "codec": codec, "properties": list(properties), **more}


FIELDS = [
    field("title", "opportunityInfo.displayName", "title", "dealname", required="create"),
    field("description", "opportunityInfo.description", "plain_text", "description"),
    field("amount", "opportunityInfo.opportunityAmount", "amount", "amount", "deal_currency_code"),
    field("close_date", "qualificationInfo.estimatedCloseDate", "day", "closedate"),
    field("state", "state", "submission", "gcp_submit", direction="to_partner"),
    field("stage", "stage", "stage", "dealstage", "pipeline"),
    field(
        "family",
        "opportunityInfo.productFamily",
        "enum",
        "gcp_product_family",
        options={"enum": "ProductFamily", "many": True},
    ),
    field("legal", LEGAL, "attestation", "gcp_legal", direction="to_partner"),
]
SETTINGS: dict[str, Any] = {
    "hubspot": {"time_zone": "Europe/Berlin", "company_currency": "EUR"},
    "partners": {
        "google": {
            "tag": "#GCP",
            "all_tags": ["#AWS", "#Microsoft", "#GCP"],
            "conflict_strategy": "last-write-wins",
            "enums": {
                "Stage": ["STAGE_UNSPECIFIED", "S0", "S1", "CLOSED"],
                "ProductFamily": ["CLOUD", "WORKSPACE"],
            },
            "stage_map": {"default": {"new": "S0", "talks": "S1", "won": "CLOSED"}},
            "inbound_stage_map": {"default": {"S0": "new", "S1": "talks"}},
            "closed_stages": {"default": ["won"]},
            "accepted_editable": ["stage", "opportunityInfo.description"],
            "google_sources": ["FROM_GOOGLE"],
            "status_properties": {
                "opportunity_id": "gcp_opportunity_id",
                "opportunity_title": "gcp_opportunity_name",
                "sync_status": "gcp_sync_status",
                "sync_message": "gcp_sync_message",
                "review_status": "gcp_review_status",
                "lead_name": "gcp_lead_name",
                "solution_ids": "gcp_solution_ids",
            },
            "fields": FIELDS,
        }
    },
}


def google(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(SETTINGS["partners"]["google"]), **changes}


def context() -> Context:
    return Context(NOW, google(), SETTINGS["hubspot"])


def deal(**properties: str) -> dict[str, Any]:
    known = {"dealname": "Contoso Migration #AWS #GCP", "dealstage": "new", "pipeline": "default", "amount": "1000.50"}
    return {"id": "500", "properties": {**known, **properties}, "history": {}, "contacts": [], "updated_at": NOW}


def opportunity(**members: Any) -> dict[str, Any]:
    known = {
        "id": "o1",
        "name": "opportunities/o1",
        "state": "DRAFT",
        "stage": "S0",
        "updateTime": "2026-09-01T10:00:00.000000000Z",
        "opportunityInfo": {
            "displayName": "Contoso Migration",
            "opportunityAmount": {"currencyCode": "EUR", "units": "1000", "nanos": 500000000},
        },
    }
    return {**known, **members}


def plan(deal: dict[str, Any], found: dict[str, Any] | None, base: Mapping[str, Any] | None = None) -> Plan:
    link = Link("google", "d500", "deal", deal_id="500", opportunity_id="o1" if found else None)
    answer = {"opportunity": "current" if found else "none"}
    fields = None if base is None else {"fields": base, "opportunity_seen_at": 0}
    return plan_run(Situation(link, {"deal": "current"}, deal, answer, found, fields), SETTINGS, NOW)


class Reply:
    def __init__(self, status_code: int, body: Any, headers: dict[str, str] | None = None) -> None:
        self.status_code, self._body, self.headers = status_code, body, headers or {}

    def json(self) -> Any:
        if self._body is None:
            raise ValueError("no JSON")
        return self._body


class ScriptedSession:
    """Gives the replies in turn (an exception is raised) and keeps the requests."""

    def __init__(self, *replies: Reply | Exception) -> None:
        self.replies, self.requests = list(replies), []

    def request(self, method: str, url: str, *, params: Any, json: Any, timeout: Any) -> Reply:
        self.requests.append((method, url, params, json))
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply
