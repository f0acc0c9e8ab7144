"""The served account's API for these tests: every call over HTTP."""

from __future__ import annotations

import copy
import uuid
from typing import Any

import requests

from sandbox.fakes.clock import FakeClock
from sandbox.microsoft.account import CLIENT, SECRET, TENANT, PartnerCenterAccount
from sandbox.microsoft.app import serve
from sandbox.microsoft.switches import Switches

REFERRALS, PARTNER_CENTER = "https://api.partner.microsoft.com", "https://api.partnercenter.microsoft.com"
PATH = "/v1.0/engagements/referrals"
REGISTRATION = "/webhooks/v1/registration"
MEMBER = {"firstName": "Pat", "lastName": "Seller", "phoneNumber": "+10000000001", "email": "pat@partner.example"}
DEAL: dict[str, Any] = {
    "name": "Deal A",
    "externalReferenceId": "deal-1001",
    "type": "Independent",
    "qualification": "SalesQualified",
    "customerProfile": {
        "name": "Example Customer Inc",
        "size": "51to250employees",
        "address": {"addressLine1": "1 Example Road", "city": "Exampleville", "postalCode": "00000", "country": "US"},
        "team": [MEMBER],
        "ids": [],
    },
    "consent": {
        "consentToToShareInfoWithOthers": True,
        "consentToContact": True,
        "consentToShareReferralWithMicrosoftSellers": False,
    },
    "details": {
        "notes": "Notes",
        "dealValue": 50000,
        "currency": "USD",
        "closingDateTime": "2030-06-30T00:00:00Z",
        "requirements": {"solutions": [{"type": "Name", "id": "SOL-00000-AAA", "name": "Example Solution"}]},
    },
    "team": [MEMBER],
    "target": [],
}


def deal(**edits: Any) -> dict[str, Any]:
    """A deal to post; a key ``a__b`` reaches inside, and a value of ``...`` takes the member away."""
    body = copy.deepcopy(DEAL)
    for path, value in edits.items():
        *parents, last = path.split("__")
        place: Any = body
        for name in parents:
            place = place.setdefault(name, {})
        if value is ...:
            place.pop(last, None)
        else:
            place[last] = value
    return body


def operation(path: str, value: Any, op: str = "replace") -> dict[str, Any]:
    return {"op": op, "path": path, "value": value}


def move(status: str, substatus: str) -> list[dict[str, Any]]:
    return [operation("/status", status), operation("/substatus", substatus)]


class Api:
    """One served account, its clock, and a client that holds a refresh token."""

    def __init__(self, switches: Switches | None = None, **account: Any) -> None:
        self.clock = FakeClock()
        self.notices: list[tuple[str, dict[str, str], bytes]] = []
        self.receiver_status = 200
        account.setdefault("deliver", self._take)
        self.account = PartnerCenterAccount(self.clock, switches=switches, **account)
        self.server = serve(self.account)
        self.faults = self.server.faults
        self.http = requests.Session()
        self.refresh_token = self.account.consent()
        self.bearer = self.access_token()

    def _take(self, url: str, headers: Any, body: bytes) -> int:
        self.notices.append((url, dict(headers), body))
        return self.receiver_status

    def token(self, tenant: str = TENANT, **form: Any) -> requests.Response:
        fields = {
            "client_id": CLIENT,
            "client_secret": SECRET,
            "grant_type": "refresh_token",
            "refresh_token": self.refresh_token,
            "scope": f"{REFERRALS}/.default offline_access openid profile",
        }
        return self.http.post(f"{self.server.url}/{tenant}/oauth2/v2.0/token", data=fields | form)

    def access_token(self, audience: str = REFERRALS) -> str:
        return self.token(scope=f"{audience}/.default").json()["access_token"]

    def call(
        self, method: str, path: str, body: Any = None, query: Any = None, bearer: str | None = None, **headers: Any
    ) -> requests.Response:
        sent = {"Authorization": f"Bearer {bearer or self.bearer}", "client-request-id": str(uuid.uuid4())}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in sent.items() if value is not None}
        return self.http.request(method, self.server.url + path, json=body, params=query, headers=sent)

    def create(self, **edits: Any) -> dict[str, Any]:
        answer = self.call("POST", PATH, deal(**edits))
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def read(self, identifier: str) -> dict[str, Any]:
        return self.call("GET", f"{PATH}/{identifier}").json()

    def patch(self, identifier: str, *operations: Any, **headers: Any) -> requests.Response:
        return self.call("PATCH", f"{PATH}/{identifier}", list(operations), **headers)

    def list(self, **query: Any) -> requests.Response:
        return self.call("GET", PATH, query={f"${name}": value for name, value in query.items()})

    def control(self, method: str, path: str, body: Any = None) -> requests.Response:
        return self.http.request(method, f"{self.server.url}/_sandbox/{path}", json=body)


def refused(answer: requests.Response, status: int, sheet: str, code: str | None = None) -> str:
    """Assert a refusal in the vendor's form that cites its row of the fact sheet; the message."""
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["innerError"]["code"] == error["code"]
    assert error["message"].endswith(f"[fact sheet {sheet}]"), error["message"]
    if code is not None:
        assert error["code"] == code
    return error["message"]
