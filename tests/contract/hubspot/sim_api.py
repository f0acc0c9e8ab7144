"""The simulated account's API for these tests, without a socket."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from sandbox.fakes.clock import FakeClock
from sandbox.faults import FaultRules
from sandbox.hubspot import HubSpotAccount, Settings, Switches, direct, make_app

OURS, REP, OTHER = "pat-na1-sandbox", "rep-600", "otherapp-sandbox"
DEAL = {"dealname": "BigCorp Cloud Migration", "dealstage": "qualifiedtobuy"}
DEALS = "/crm/objects/2026-09/deals"


class Api:
    """The account's API without a socket: ``api.post(path, body)`` returns ``(status, document)``."""

    def __init__(self, switches: Switches | None = None, settings: Settings | None = None, **account: Any) -> None:
        self.clock = FakeClock()
        self.account = HubSpotAccount(self.clock, settings=settings, switches=switches, **account)
        self.faults = FaultRules()
        self.slept: list[float] = []
        self.send = direct(make_app(self.account, self.faults, self.slept.append))
        self.headers: dict[str, str] = {}

    def call(self, method: str, path: str, body: Any = None, token: str = OURS, **query: str) -> tuple[int, Any]:
        url = path + (f"?{urlencode(query)}" if query else "")
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body)
        status, self.headers, content = self.send(method, url, headers, data)
        if "json" not in self.headers.get("content-type", ""):
            return status, content.decode()
        return status, json.loads(content)

    def get(self, path: str, token: str = OURS, **query: str) -> tuple[int, Any]:
        return self.call("GET", path, None, token, **query)

    def post(self, path: str, body: Any, token: str = OURS) -> tuple[int, Any]:
        return self.call("POST", path, body, token)

    def patch(self, path: str, body: Any, token: str = OURS, **query: str) -> tuple[int, Any]:
        return self.call("PATCH", path, body, token, **query)

    def deal(self, token: str = OURS, **values: str) -> str:
        status, record = self.post("/crm/objects/2026-09/deals", {"properties": {**DEAL, **values}}, token)
        assert status == 201, record
        return record["id"]

    def key_property(self, name: str = "aws_opportunity_id", kind: str = "deals") -> None:
        groups = {"deals": "dealinformation", "companies": "companyinformation", "contacts": "contactinformation"}
        body = {"name": name, "label": name, "type": "string", "fieldType": "text", "hasUniqueValue": True}
        status, answer = self.post(f"/crm/properties/2026-09/{kind}", {**body, "groupName": groups[kind]})
        assert status == 201, answer


def codes(document: Any) -> list[str]:
    return [error.get("code", "") for error in document.get("errors", [])]
