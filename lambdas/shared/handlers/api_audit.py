"""Operator's API: reports of the audit, page by page. Reads the audit table and nothing else."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.domain.audit_report import LATEST_MS, PARAMETERS, BadParameter, Place, query_of
from lambdas.shared.domain.audit_text import FORMATS
from lambdas.shared.http_api import Reply, Request, after_of, check_query, invalid, limit_of, page_token, routed
from lambdas.shared.runtime import entry_point

DEFAULT_RECORDS, MOST_RECORDS = 100, 1_000
MEDIA_TYPES: Mapping[str, str] = {"json": "application/json", "jsonl": "application/jsonl", "csv": "text/csv"}
# Lambda answers with 6 MB at most, in which the body is a JSON text once more; API Gateway waits for 29 seconds.
_MOST_BYTES = 5_000_000
_MOST_MS = 15_000


@dataclass(frozen=True)
class Collaborators:
    """``timeline(at_once)`` makes the audit in order of time, ``settings`` the stage's settings document."""

    timeline: Callable[[int], Any]
    settings: Callable[[], Mapping[str, Any]]
    clock: Clock = field(default_factory=SystemClock)
    most_bytes: int = _MOST_BYTES


def list_records(request: Request, c: Collaborators) -> Reply:
    """``GET /audit/records``: one page of a report, as JSON, JSON lines or CSV.

    A page ends with ``limit`` records, at some megabytes, or after 15 seconds of looking, whichever comes first; then
    ``Link`` (and ``next`` in JSON) says where it goes on. So a page may be empty and still not be the last.
    """
    check_query(request, (*PARAMETERS, "format", "limit", "next"))
    asked = {name: request.query[name] for name in PARAMETERS if name in request.query}
    form = request.query.get("format", "json")
    if form not in MEDIA_TYPES:
        raise invalid("query", "format", "format has an unknown value.", list(MEDIA_TYPES))
    try:
        query = query_of(asked, c.settings(), datetime.fromtimestamp(c.clock.now_ms() / 1000, UTC).date())
    except BadParameter as bad:
        raise invalid("query", bad.name, str(bad), bad.allowed) from None
    scope = {"resource": request.resource, **asked}
    limit, after = limit_of(request, DEFAULT_RECORDS, MOST_RECORDS), _place(after_of(request, scope))
    page = _Page(limit, c.most_bytes, FORMATS["csv" if form == "csv" else "jsonl"]())
    token = _fill(page, c.timeline(min(limit, 50)).report(query, after), after, scope, c.clock)
    headers = {}
    if token is not None:
        again = {**{name: text for name, text in request.query.items() if name != "next"}, "next": token}
        headers["Link"] = f'<?{urlencode(again, quote_via=quote)}>; rel="next"'
    return Reply(_body(page, form, token), media_type=MEDIA_TYPES[form], headers=headers)


class _Page:
    """Texts of records, as long as there is room for them."""

    def __init__(self, limit: int, most_bytes: int, text: Any) -> None:
        self._limit, self._left, self._text = limit, most_bytes, text
        self.texts: list[str] = []
        self.begin = text.begin()

    def full(self) -> bool:
        return len(self.texts) >= self._limit

    def add(self, record: Mapping[str, Any]) -> bool:
        """False where there is no room for the record; the first one always has it."""
        text = self._text.of(record)
        self._left -= len(json.dumps(text))  # as the runtime may send it: every other letter escaped
        if self.texts and self._left < 0:
            return False
        self.texts.append(text)
        return True


def _fill(page: _Page, steps: Any, after: Place | None, scope: Mapping[str, Any], clock: Clock) -> str | None:
    """Fill the page; the token of the next one, None when there is none."""
    began, looked = clock.now_ms(), after
    for step in steps:
        if step.record is not None and (page.full() or not page.add(step.record)):
            return page_token(scope, _text(looked))
        looked = step.place
        if clock.now_ms() - began >= _MOST_MS:
            return page_token(scope, _text(looked))
    return None


def _body(page: _Page, form: str, token: str | None) -> str:
    if form != "json":
        return page.begin + "".join(page.texts)
    return f'{{"items":[{",".join(text.rstrip() for text in page.texts)}],"next":{json.dumps(token)}}}'


def _text(place: Place | None) -> str:
    return json.dumps(place)


def _place(text: str | None) -> Place | None:
    if text is None:
        return None
    try:
        at, chain, sort = json.loads(text)
    except (ValueError, TypeError):
        at, chain, sort = None, None, None
    if type(at) is int and 0 <= at <= LATEST_MS and isinstance(chain, str) and isinstance(sort, str):
        return Place(at, chain, sort)
    raise invalid("query", "next", "next is no token of this query; begin again without it.")


def _collaborators() -> Collaborators:
    from lambdas.shared import wiring
    from lambdas.shared.adapters.ledger import AuditTimeline

    client, table = wiring.client("dynamodb"), os.environ["COSELL_AUDIT_TABLE"]
    return Collaborators(lambda at_once: AuditTimeline(client, table, at_once=at_once), wiring.settings)


ROUTES = {("GET", "/audit/records"): list_records}
handler = entry_point(routed(ROUTES), _collaborators)
