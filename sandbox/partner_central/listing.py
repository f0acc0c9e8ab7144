"""Sorting and paging with NextToken, common to all List operations (fact sheet 1.9).

A token names the last entry handed out, not a position, so that records which change between two pages neither
repeat nor hide others. It belongs to one query: another filter or sort with it is refused.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable
from typing import Any

from sandbox.partner_central.call import Body
from sandbox.partner_central.errors import BAD_VALUE, refuse

Key = tuple[Any, str]

_DEFAULT_SIZE = 20


def page[Record](
    records: Iterable[Record],
    body: Body,
    *,
    key: Callable[[Record], Key],
    descending: bool,
) -> tuple[list[Record], str | None]:
    """One page of ``records`` and the token of the next, if there is more. ``key`` ends in the id, so it is unique."""
    ordered = sorted(records, key=key, reverse=descending)
    token = body.get("NextToken")
    if token is not None:
        after = _read(token, body)
        ordered = [record for record in ordered if (key(record) < after if descending else key(record) > after)]
    size = body.get("MaxResults") or _DEFAULT_SIZE
    shown = ordered[:size]
    more = len(ordered) > size
    return shown, _write(key(shown[-1]), body) if more else None


def is_descending(body: Body, default: bool = True) -> bool:
    """Whether the request sorts descending."""
    order = (body.get("Sort") or {}).get("SortOrder")
    return default if order is None else order == "DESCENDING"


def reply(name: str, summaries: list[Any], token: str | None) -> dict[str, Any]:
    """The answer of a List operation."""
    return {name: summaries} if token is None else {name: summaries, "NextToken": token}


def _query(body: Body) -> str:
    query = {name: value for name, value in body.items() if name not in ("NextToken", "MaxResults")}
    return hashlib.sha256(json.dumps(query, sort_keys=True).encode()).hexdigest()[:16]


def _write(key: Key, body: Body) -> str:
    return base64.urlsafe_b64encode(json.dumps([_query(body), *key]).encode()).decode()


def _read(token: str, body: Body) -> Key:
    try:
        query, value, identifier = json.loads(base64.urlsafe_b64decode(token))
    except ValueError:
        raise refuse("NextToken", BAD_VALUE, "NextToken is not one that this operation gave out", "1.9") from None
    if query != _query(body):
        raise refuse("NextToken", BAD_VALUE, "NextToken belongs to another filter or sort", "1.9")
    return value, identifier
