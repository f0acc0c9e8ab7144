"""What msal sends its requests with: the product's transport, to one address."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from lambdas.shared.adapters.http import Transport, checked_base_url
from lambdas.shared.errors import Unexpected


class WireAnswer:
    """An answer in the form which msal reads."""

    def __init__(self, status: int, headers: Mapping[str, str], text: str) -> None:
        self.status_code = status
        self.headers = headers
        self.text = text

    def raise_for_status(self) -> None:
        """Raise for 400 and more; the text names the status only."""
        if self.status_code >= 400:
            raise Unexpected(f"HTTP {self.status_code}")


class SignInWire:
    """The HTTP client of msal. It sends to ``login_url`` and nowhere else, whatever a discovery document names.

    msal knows https only; on this machine the same path is asked over http. ``status`` and ``headers`` (lower-case
    names) are the last answer's, 0 before there is one; ``posted`` says whether a token was asked for.
    """

    def __init__(self, login_url: str, http: Transport) -> None:
        self._base = checked_base_url(login_url, "Microsoft's sign-in", "COSELL_MICROSOFT_LOGIN_URL")
        self._http = http
        self.authority = f"https://{urlsplit(self._base).netloc}"
        self.forget()

    def forget(self) -> None:
        """Begin anew: nothing was asked."""
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self.posted = False

    def seen_from_here(self, url: str) -> str:
        """One of the authority's addresses, as it can be reached."""
        if not url.startswith(f"{self.authority}/"):
            raise Unexpected("Microsoft's sign-in names an address on another host, which gets no credentials.")
        return self._base + url.removeprefix(self.authority)

    def get(self, url: str, params: Any = None, headers: Any = None, **_: Any) -> WireAnswer:
        """As msal calls it."""
        return self._send("GET", url, params, headers or {}, None)

    def post(self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_: Any) -> WireAnswer:
        """As msal calls it; ``data`` is the form."""
        self.posted = True
        form = {"content-type": "application/x-www-form-urlencoded", **(headers or {})}
        return self._send("POST", url, params, form, urlencode(data or {}).encode())

    def close(self) -> None:
        """Nothing to close: the transport outlives its users."""

    def _send(self, method: str, url: str, params: Any, headers: Mapping[str, str], body: bytes | None) -> WireAnswer:
        query = f"?{urlencode(params)}" if params else ""
        status, said, content = self._http(method, self.seen_from_here(url) + query, headers, body)
        self.status, self.headers = status, {name.lower(): value for name, value in said.items()}
        return WireAnswer(status, self.headers, _readable(content, status))


def _readable(content: bytes, status: int) -> str:
    """The body as text. One that is no JSON object becomes an empty one: msal logs what it cannot read."""
    text = content.decode("utf-8", "replace")
    try:
        ours = isinstance(json.loads(text), dict)
    except ValueError:
        ours = False
    if not ours and 200 <= status < 300:
        raise Unexpected("Microsoft's sign-in answered something else than a JSON object.")
    return text if ours else "{}"
