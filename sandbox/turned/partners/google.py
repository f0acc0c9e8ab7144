"""Google: Cloud Channel asked without sockets, by a session that signs in as google-auth's does."""

from __future__ import annotations

import json as text
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from lambdas.google.adapters.cloud_channel import SCOPE, CloudChannel
from lambdas.google.adapters.opportunities import GoogleOpportunities
from lambdas.google.domain.partner import plan_run
from sandbox.faults import FaultRules
from sandbox.google import GoogleAccount, make_app
from sandbox.turned.partners.side import Side, Surroundings
from sandbox.turned.wire import Request, Wire

_EARLY_MS = 225_000


@dataclass(frozen=True)
class Answer:
    """As a session of requests answers."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """The body; ``ValueError`` if it is no JSON."""
        return text.loads(self.content)


class Session:
    """As google-auth's: a new token shortly before the old one ends, and once after a 401."""

    def __init__(self, account: GoogleAccount, wire: Wire, scope: str) -> None:
        self._account, self._wire, self._scope = account, wire, scope
        self._renew()

    def request(self, method: str, url: str, *, params: Any, json: Any, timeout: Any) -> Answer:
        """Send and answer."""
        if self._account.clock.now_ms() >= self._good_until:
            self._renew()
        answer = self._send(method, url, params, json)
        if answer.status_code == 401:
            self._renew()
            answer = self._send(method, url, params, json)
        return answer

    def _renew(self) -> None:
        self._token = self._account.token(self._scope)
        self._good_until = self._account.clock.now_ms() + self._account.settings.token_seconds * 1000 - _EARLY_MS

    def _send(self, method: str, url: str, params: Mapping[str, str], json: Any) -> Answer:
        headers = {"Authorization": f"Bearer {self._token}"}
        body = None
        if json is not None:
            headers["Content-Type"], body = "application/json", text.dumps(json).encode()
        status, said, content = self._wire.send(method, f"{url}?{urlencode(params)}", headers, body)
        return Answer(status, said, content)


class GoogleSide(Side):
    """Google's partner. Records are known by their bare ids here; ``name_of`` gives what the account knows."""

    name = "google"
    writing = frozenset({"opportunities.create", "opportunities.patch", "partners.leads.create"})

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self.account = GoogleAccount(around.clock, self.settings["partner_hub_id"], seed=around.options.seed)
        self.faults = FaultRules(around.options.seed)
        self.wire = Wire(make_app(self.account, self.faults, sleep=lambda _seconds: None), self._answered)
        self.methods: list[str] = []
        channel = CloudChannel(
            Session(self.account, self.wire, SCOPE),
            self.settings["partner_hub_id"],
            create_partner=self.settings["create_partner"],
            filters=bool(self.settings["filters"]),
        )
        creator = self.settings["identity"]["service_account"]
        self.opportunities, self.plan_run = GoogleOpportunities(channel, self.rules, creator=creator), plan_run

    def name_of(self, opportunity_id: str) -> str:
        """Google's name of an opportunity."""
        return f"opportunities/{opportunity_id}"

    def documents(self) -> Mapping[str, Mapping[str, Any]]:
        """The opportunities."""
        found = self.account.state.opportunities
        return {name.rpartition("/")[2]: one.document for name, one in found.items()}

    def origins(self) -> list[str]:
        """The customers and names of ours: Google keeps no deal's id."""
        ours = (one for one in self.documents().values() if "creatorEmail" in one)
        return [text.dumps([one.get("opportunityInfo", {}).get("displayName"), _customer(one)]) for one in ours]

    def operations(self) -> list[str]:
        """Google's methods."""
        return self.methods

    def requests(self) -> list[Request]:
        """To Cloud Channel."""
        return self.wire.requests

    def _answered(self) -> None:
        self.methods.append(self.account.call_log[-1][1])
        self.around.note(self.methods[-1])


def _customer(document: Mapping[str, Any]) -> Any:
    return document.get("customerInfo", {}).get("customerDetails", {}).get("organizationName")
