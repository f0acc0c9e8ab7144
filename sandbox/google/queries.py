"""Cloud Channel v1alpha1 ``opportunities:query``: paging, filter, order (fact sheet 3)."""

from __future__ import annotations

import base64
import hashlib
import json

from sandbox.google.call import Call
from sandbox.google.errors import invalid
from sandbox.google.filters import ordered, parse_filter
from sandbox.google.opportunities import render
from sandbox.google.schema import Document

DEFAULT_PAGE, LARGEST_PAGE = 50, 100


def query(call: Call) -> Document:
    """``GET /v1alpha1/opportunities:query?partner=``: ``{opportunities?, nextPageToken?}``."""
    call.require_partner()
    size = _page_size(call)
    found = _selected(call)
    start = _start(call)
    page = found[start : start + size]
    answer: Document = {"opportunities": page} if page else {}
    if start + size < len(found):
        answer["nextPageToken"] = _token(call, start + size)
    return answer


def _selected(call: Call) -> list[Document]:
    newest = call.now_ms - call.world.settings.query_lag_ms
    records = list(call.world.state.opportunities.values())
    if call.switches.query_order == "newest-first":
        records.reverse()
    shown = [render(call, one) for one in records if not one.detached and one.created_ms <= newest]
    terms = parse_filter(call.query.get("filter", ""), call.switches.filter_fields)
    shown = [one for one in shown if all(term.holds(one) for term in terms)]
    order = call.query.get("orderBy")
    return ordered(shown, order, call.switches.order_fields) if order else shown


def _page_size(call: Call) -> int:
    text = call.query.get("pageSize") or "0"
    try:
        size = int(text)
    except ValueError:
        size = -1
    if size < 0:
        raise invalid([("pageSize", "must be a whole number, 0 or more")])
    return min(size or DEFAULT_PAGE, LARGEST_PAGE)


def _token(call: Call, start: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([start, _fingerprint(call)]).encode()).decode()


def _start(call: Call) -> int:
    """Where the page begins. INVALID_ARGUMENT for a token that is not ours or of another query."""
    text = call.query.get("pageToken")
    if not text:
        return 0
    try:
        start, fingerprint = json.loads(base64.urlsafe_b64decode(text))
    except (ValueError, TypeError):
        raise invalid([("pageToken", "is not one of this service")]) from None
    if fingerprint != _fingerprint(call):
        raise invalid([("pageToken", "belongs to another query")])
    return int(start)


def _fingerprint(call: Call) -> str:
    parts = [call.query.get(name, "") for name in ("partner", "filter", "orderBy")]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
