"""The simulated Google without a socket."""

from __future__ import annotations

import json as text
from typing import Any

from werkzeug.test import Client

from sandbox.faults import FaultRules
from sandbox.google.account import GoogleAccount
from sandbox.google.app import make_app
from tests.unit.google.google_support import Reply


class InProcess:
    """A session that asks the simulator; ``faults`` say which calls go wrong."""

    def __init__(self, account: GoogleAccount, scope: str, faults: FaultRules | None = None) -> None:
        self._client, self._token = Client(make_app(account, faults, lambda _: None)), account.token(scope)

    def request(self, method: str, url: str, *, params: Any, json: Any, timeout: Any) -> Reply:
        path = url.split("googleapis.com", 1)[1]
        headers = {"Authorization": f"Bearer {self._token}"}
        answer = self._client.open(path, method=method, query_string=params, json=json, headers=headers)
        try:
            body = text.loads(answer.get_data())
        except ValueError:
            body = None
        return Reply(answer.status_code, body, dict(answer.headers))
