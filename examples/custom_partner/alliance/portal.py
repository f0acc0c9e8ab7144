"""The portal's API behind the port ``Opportunities``. Every answer becomes one of the named errors, once.

``POST /opportunities`` (``Idempotency-Key``), ``GET`` and ``PATCH /opportunities/{id}`` (``If-Match``: ``updated_at``),
``GET /opportunities?updated_since=…&page=…``. A record: ``id``, ``reference`` (our deal), ``updated_at``, the fields.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from lambdas.shared.adapters.http import JsonApi, TokenSource, Transport
from lambdas.shared.adapters.opportunities import Memory, Read, Step, Written
from lambdas.shared.errors import (
    Conflict,
    CosellError,
    NotFound,
    Rejected,
    Retryable,
    Throttled,
    Unauthorized,
    Unexpected,
)

BASE_URL = "https://portal.alliance.example"
_BY_STATUS: Mapping[int, type[CosellError]] = {
    400: Rejected,
    401: Unauthorized,
    403: Unauthorized,
    404: NotFound,
    408: Retryable,
    409: Conflict,
    412: Conflict,
    422: Rejected,
    429: Throttled,
}


class Portal:
    """The portal's records."""

    own_reference: str | None = None
    repeatable_create = True
    create_shows_after_ms = 0

    def __init__(self, token: TokenSource, base_url: str = BASE_URL, http: Transport | None = None) -> None:
        self._api = JsonApi("The alliance", token, base_url, variable="COSELL_ALLIANCE_URL", http=http)

    def read(self, opportunity_id: str) -> Read:
        """The record."""
        document = self._call("GET", _path(opportunity_id), "for a record")
        return Read(document, document["updated_at"])

    def mark(self, plan: Mapping[str, Any]) -> str | None:
        """None: the same create with the same key makes one record."""
        return None

    def find_created(self, attempt: Mapping[str, Any]) -> Sequence[str]:
        """Records that name the attempt's deal."""
        found = self._call(
            "GET", f"/opportunities?{urlencode({'reference': attempt['deal_id']})}", "for a deal's records"
        )
        return [each["id"] for each in found["items"]]

    def create(self, attempt: Mapping[str, Any], plan: Mapping[str, Any], memory: Memory) -> Written:
        """Send the planned values as a new record of the attempt's deal."""
        body = {"reference": attempt["deal_id"], **_nested(plan["opportunity"])}
        return self._written(
            "POST", "/opportunities", "to create a record", body, {"idempotency-key": attempt["token"]}
        )

    def update(self, current: Mapping[str, Any], plan: Mapping[str, Any]) -> Written:
        """Send what moves, on the condition that the record is as it was read."""
        match = {"if-match": current["updated_at"]}
        return self._written("PATCH", _path(current["id"]), "to change a record", _nested(plan["opportunity"]), match)

    def step(self, step: str) -> Step:
        """The portal has no steps."""
        raise Unexpected(f"The alliance's records have no further steps, and the plan names {step!r}.")

    def complete(self, opportunity_id: str, step: str) -> None:
        """The portal has no steps."""
        self.step(step)

    def list_changed(self, since: str, page: str | None) -> Mapping[str, Any]:
        """One page of what changed at or after ``since``, oldest first."""
        query = urlencode({"updated_since": since, **({"page": page} if page else {})})
        answer = self._call("GET", f"/opportunities?{query}", "for what changed")
        items = [{"id": each["id"], "version": each["updated_at"]} for each in answer["items"]]
        return {"items": items, "next": answer.get("next")}

    def _written(self, method: str, target: str, what: str, body: Any, headers: Mapping[str, str]) -> Written:
        document = self._call(method, target, what, body, headers)
        return Written(document["id"], document["updated_at"])

    def _call(
        self, method: str, target: str, what: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        status, _, content = self._api.send(method, target, what, body, headers)
        if 200 <= status < 300:
            return self._api.read(content, what)
        kind = _BY_STATUS.get(status, Retryable if status >= 500 else Unexpected)
        raise kind(f"The alliance was asked {what} and answered {status}.")


def _path(opportunity_id: str) -> str:
    return f"/opportunities/{quote(opportunity_id, safe='')}"


def _nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """``{"amount.value": "1"}`` as ``{"amount": {"value": "1"}}``."""
    document: dict[str, Any] = {}
    for path, value in values.items():
        *between, name = path.split(".")
        holder = document
        for step in between:
            holder = holder.setdefault(step, {})
        holder[name] = value
    return document
