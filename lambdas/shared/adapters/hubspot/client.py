"""The call that every HubSpot operation goes through: address, token, JSON, errors, paging and batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, tzinfo
from typing import Any
from urllib.parse import quote, urlencode

from lambdas.shared.adapters.http import Json, JsonApi, TokenSource, Transport
from lambdas.shared.adapters.hubspot.failures import failure
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.errors import Unexpected

API_VERSION = "2026-09"
"""HubSpot's date version, in every path; a new one comes each March and September."""

BASE_URL = "https://api.hubapi.com"
BATCH_LIMIT = 100
PAGE_LIMIT = 100


class Client:
    """One HubSpot account, reached with one app's token.

    ``token(fresh)`` gives the access token; after a 401 it is asked once more with ``fresh=True``, past any cache.
    ``http`` sends one request. ``zone`` is the account's time zone, at whose midnight the day quota begins anew.
    """

    def __init__(
        self,
        token: TokenSource,
        base_url: str = BASE_URL,
        http: Transport | None = None,
        clock: Clock | None = None,
        zone: tzinfo = UTC,
    ) -> None:
        self._token = token
        self._api = JsonApi("HubSpot", token, base_url, variable="COSELL_HUBSPOT_API_URL", http=http)
        self._clock = clock or SystemClock()
        self._zone = zone

    def call(
        self,
        method: str,
        path: str,
        what: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        kind: str = "deal",
        sent: Iterable[str] = (),
    ) -> Json:
        """Make one call and return its JSON object (an empty one when the answer has no body).

        ``what`` completes the sentence "HubSpot refused …" and holds no customer value; ``kind`` and ``sent`` help to
        turn a refusal into problems. Raises the classes of ``lambdas.shared.errors``.
        """
        target = path + (f"?{urlencode(query, safe=',')}" if query else "")
        status, headers, content = self._api.send(method, target, what, body)
        if 200 <= status < 300:
            return self._api.read(content, what)
        now_ms, zone = self._clock.now_ms(), self._zone
        raise failure(what, status, headers, content, kind=kind, sent=sent, path=path, now_ms=now_ms, zone=zone)

    def pages(self, path: str, what: str, query: Mapping[str, str] | None = None) -> Iterator[Json]:
        """Every result of a listing, following ``paging.next.after``."""
        wanted = dict(query or {})
        while True:
            answer = self.call("GET", path, what, query=wanted)
            yield from results_of(answer, what)
            after = next_after(answer)
            if after is None:
                return
            wanted["after"] = after

    def batch(
        self,
        path: str,
        inputs: Sequence[Any],
        what: str,
        *,
        extra: Mapping[str, Any] | None = None,
        limit: int = BATCH_LIMIT,
        kind: str = "deal",
        sent: Iterable[str] = (),
    ) -> tuple[list[Json], list[Json]]:
        """POST ``inputs`` in chunks of ``limit``; return all result rows and all error rows, in no promised order."""
        rows: list[Json] = []
        errors: list[Json] = []
        for start in range(0, len(inputs), limit):
            body = {**(extra or {}), "inputs": list(inputs[start : start + limit])}
            answer = self.call("POST", path, what, body=body, kind=kind, sent=sent)
            rows += results_of(answer, what)
            errors += [error for error in answer.get("errors") or [] if isinstance(error, dict)]
        return rows, errors


def objects_path(object_type: str, *parts: str) -> str:
    """Path below a CRM object type, each part URL-encoded: ``objects_path("deals", "500")``."""
    return "/".join([f"/crm/objects/{API_VERSION}/{quote(object_type, safe='')}", *(quote(p, safe="") for p in parts)])


def results_of(answer: Mapping[str, Any], what: str) -> list[Json]:
    """The ``results`` of a listing or batch answer; ``Unexpected`` if they are not a list of objects."""
    results = answer.get("results")
    if not isinstance(results, list) or not all(isinstance(row, dict) for row in results):
        raise Unexpected(f"HubSpot was asked {what} and its answer has no list of results.")
    return results


def id_of(record: Mapping[str, Any], what: str) -> str:
    """The record's id as text; ``Unexpected`` if it has none."""
    found = record.get("id")
    if not isinstance(found, (str, int)) or found == "":
        raise Unexpected(f"HubSpot was asked {what} and its answer has no id.")
    return str(found)


def next_after(answer: Mapping[str, Any]) -> str | None:
    """Cursor of the next page, or None on the last one."""
    after = ((answer.get("paging") or {}).get("next") or {}).get("after")
    return None if after in (None, "") else str(after)


def texts(properties: Mapping[str, Any]) -> dict[str, str]:
    """Property values as HubSpot takes them: text, with ``""`` to clear and ``true``/``false`` for a flag."""
    return {name: _text(value) for name, value in properties.items()}


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
