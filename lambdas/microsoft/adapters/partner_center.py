"""The call that every referral operation goes through: address, token, headers, JSON, errors, next links."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from lambdas.microsoft.adapters.referral_errors import failure
from lambdas.shared.adapters.http import Json, JsonApi, TokenSource, Transport
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.errors import Unexpected

BASE_URL = "https://api.partner.microsoft.com"
REFERRALS = "/v1.0/engagements/referrals"


class PartnerCenter:
    """The Referrals API at one address, and at no other: the token goes nowhere else.

    ``http`` sends one request; ``new_id`` makes the ``client-request-id`` of each.
    """

    def __init__(
        self,
        token: TokenSource,
        base_url: str = BASE_URL,
        http: Transport | None = None,
        clock: Clock | None = None,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self._api = JsonApi(
            "Microsoft",
            token,
            base_url,
            variable="COSELL_MICROSOFT_API_URL",
            http=http,
            each_time=lambda: {"client-request-id": new_id()},
        )
        self._clock = clock or SystemClock()

    def call(
        self,
        method: str,
        path: str,
        what: str,
        *,
        query: str = "",
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[Json, Mapping[str, str]]:
        """Make one call; return the JSON object (empty for no body) and the headers, names in lower case.

        ``what`` completes "Microsoft refused …" and holds no customer value; ``query`` is encoded already.
        """
        target = path + (f"?{query}" if query else "")
        status, said, content = self._api.send(method, target, what, body, headers)
        if not 200 <= status < 300:
            raise failure(what, status, said, content, self._clock.now_ms())
        return self._api.read(content, what), said

    def following(self, answer: Mapping[str, Any], asked: str, what: str) -> str | None:
        """The query of the next page, or None. Of the link only its query is used, at our own address and path.

        Microsoft prints the link with ``http`` and another path, so neither can be trusted to be ours.

        Raises:
            Unexpected: the link names another host or resource, or the page that was just ``asked``.
        """
        link = answer.get("@odata.nextLink")
        if not link:
            return None
        query = self._own_query(link)
        if query is None or query == asked:
            raise Unexpected(f"Microsoft was asked {what} and its next link does not lead to another page of ours.")
        return query

    def _own_query(self, link: Any) -> str | None:
        if not isinstance(link, str):
            return None
        own = urlsplit(self._api.base_url)
        try:
            parts = urlsplit(link)
            ours = parts.hostname == own.hostname and parts.port in (None, 80, 443, own.port)
        except ValueError:
            return None
        if not ours or "@" in parts.netloc or parts.scheme not in ("http", "https"):
            return None
        if parts.path.rstrip("/").rsplit("/", 1)[-1] != "referrals" or not parts.query:
            return None
        return quote(parts.query, safe="$&=%+,;:/?@!*'()~-._")


def odata_query(options: Mapping[str, str]) -> str:
    """System query options as a query string: ``{"$orderby": "updatedDateTime desc"}``."""
    return urlencode(options, safe="$,:", quote_via=quote)


def odata_text(text: str) -> str:
    """A text literal of OData: in single quotes, its own doubled."""
    return "'" + text.replace("'", "''") + "'"


def referral_path(referral_id: str) -> str:
    """The address of one referral; the id cannot leave its place in it."""
    return f"{REFERRALS}/{quote(referral_id, safe='')}"
