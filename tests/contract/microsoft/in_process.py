"""Partner Center's simulator answered in this process: a ``Transport`` without sockets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from werkzeug.test import Client

from sandbox.faults import FaultRules
from sandbox.microsoft.account import CLIENT, SECRET, TENANT, PartnerCenterAccount
from sandbox.microsoft.app import make_app

API = "https://api.partner.microsoft.com"


class InProcess:
    """``send`` is the transport, ``token`` the source of access tokens."""

    def __init__(self, account: PartnerCenterAccount, faults: FaultRules) -> None:
        self._client = Client(make_app(account, faults, sleep=lambda _seconds: None))
        self._refresh_token = account.consent()
        self.before_patch: Callable[[], Any] | None = None
        """Done once, before the next PATCH arrives: somebody else is quicker."""

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, Mapping[str, str], bytes]:
        parts = urlsplit(url)
        if method == "PATCH" and self.before_patch is not None:
            meanwhile, self.before_patch = self.before_patch, None
            meanwhile()
        answer = self._client.open(
            parts.path,
            method=method,
            base_url=f"{parts.scheme}://{parts.netloc}",
            query_string=parts.query,
            headers=dict(headers),
            data=body or b"",
        )
        return answer.status_code, dict(answer.headers), answer.get_data()

    def token(self, fresh: bool, /) -> str:
        form = {
            "client_id": CLIENT,
            "client_secret": SECRET,
            "grant_type": "refresh_token",
            "refresh_token": self._refresh_token,
            "scope": f"{API}/.default offline_access openid profile",
        }
        answer = self._client.post(
            f"/{TENANT}/oauth2/v2.0/token", base_url="https://login.microsoftonline.com", data=form
        )
        return answer.get_json()["access_token"]
