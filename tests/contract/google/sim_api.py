"""The simulated vendor over HTTP for these tests."""

from __future__ import annotations

import json
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from sandbox.fakes.clock import FakeClock
from sandbox.google import GoogleAccount, Settings, Switches, serve

PARTNER = "partners/SANDBOX001"
LEADS = "/v1/partners/0014000000SANDBOX1/leads"
OPPORTUNITIES = "/v1alpha1/opportunities"
FAMILY = "SANDBOX_CLOUD"
Reply = tuple[int, Any]


def new_opportunity(**changes: Any) -> dict[str, Any]:
    return {
        "opportunityInfo": {"partnerEntity": PARTNER, "displayName": "Migration", "productFamily": [FAMILY]},
        "qualificationInfo": {"estimatedCloseDate": {"year": 2027, "month": 3, "day": 31}},
        "customerInfo": {"customerDetails": {"organizationName": "Example Customer"}},
        **changes,
    }


def new_lead(**changes: Any) -> dict[str, Any]:
    return {
        "engagementModel": "SANDBOX_COSELL",
        "dealTransactionType": "SANDBOX_NEW",
        "customer": {"anything": "goes"},
        "partnerAnnualContractValue": 1200.5,
        "leadCurrencyCode": "EUR",
        "estimatedCloseDate": {"year": 2027, "month": 3, "day": 31},
        "dealTerm": "12 months",
        "opportunitySummary": "Migration",
        "supportLevel": "SANDBOX_FULL",
        "productInterests": [FAMILY],
        "submitterEmail": "rep@example.com",
        **changes,
    }


class Api:
    """A served account; ``api.post(path, body)`` returns ``(status, document)``."""

    def __init__(self, switches: Switches | None = None, settings: Settings | None = None, **account: Any) -> None:
        self.clock = FakeClock()
        self.account = GoogleAccount(self.clock, settings=settings, switches=switches, **account)
        self.served = serve(self.account)
        self.token: str | None = self.account.token()

    def send(self, verb: str, path: str, data: bytes | None, kind: str, query: dict[str, str]) -> Reply:
        url = self.served.url + path + (f"?{urlencode(query)}" if query else "")
        headers = {"Content-Type": kind, **({"Authorization": f"Bearer {self.token}"} if self.token else {})}
        try:
            with urlopen(Request(url, data, headers, method=verb), timeout=60) as answer:  # noqa: S310
                content, status = answer.read(), answer.status
        except HTTPError as refusal:
            content, status = refusal.read(), refusal.code
            refusal.close()
        try:
            return status, json.loads(content) if content else None
        except ValueError:
            return status, content.decode()

    def call(self, verb: str, path: str, body: Any = None, **query: str) -> Reply:
        data = None if body is None else json.dumps(body).encode()
        return self.send(verb, path, data, "application/json", query)

    def form(self, path: str, **members: str) -> Reply:
        return self.send("POST", path, urlencode(members).encode(), "application/x-www-form-urlencoded", {})

    def get(self, path: str, **query: str) -> Reply:
        return self.call("GET", path, **query)

    def post(self, path: str, body: Any, **query: str) -> Reply:
        return self.call("POST", path, body, **query)

    def create(self, **changes: Any) -> dict[str, Any]:
        query = {"partner": PARTNER} if self.account.switches.create_partner == "query" else {}
        status, document = self.post(OPPORTUNITIES, new_opportunity(**changes), **query)
        assert status == 200, document
        return document

    def read(self, name: str) -> Reply:
        return self.get(f"/v1alpha1/{name}", partner=PARTNER)

    def patch(self, name: str, mask: str, body: Any) -> Reply:
        return self.call("PATCH", f"/v1alpha1/{name}", body, updateMask=mask, partner=PARTNER)

    def query(self, **query: str) -> Reply:
        return self.get(f"{OPPORTUNITIES}:query", partner=PARTNER, **query)

    def accepted(self) -> str:
        name = self.create(state="SUBMITTED")["name"]
        self.account.review(name, accept=True)
        return name

    def switch(self, **switches: Any) -> None:
        self.account.change(switches=switches)


def refusal(reply: Reply) -> tuple[int, str]:
    status, document = reply
    return status, document["error"]["status"]


INVALID, DENIED = (400, "INVALID_ARGUMENT"), (403, "PERMISSION_DENIED")
MISSING, UNAUTHENTICATED = (404, "NOT_FOUND"), (401, "UNAUTHENTICATED")
