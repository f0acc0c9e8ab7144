"""Opportunities of the Cloud Channel API v1alpha1: get, create, patch, query. Scope ``…/auth/apps.order``.

https://cloud.google.com/channel/docs/reference/rest
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

from lambdas.google.adapters.session import Session, call
from lambdas.google.domain.created import folded
from lambdas.google.domain.ids import opportunity_id, opportunity_name, partner_hub_name
from lambdas.google.domain.times import from_ms, stamp
from lambdas.shared.adapters.http import Json, checked_base_url
from lambdas.shared.errors import Conflict, Unexpected

BASE_URL = "https://cloudchannel.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/apps.order"
PAGE_SIZE = 100
_OPPORTUNITIES = "/v1alpha1/opportunities"


class CloudChannel:
    """One partner's opportunities.

    ``create_partner``: whether a create names the partner in the body or in the query; ``filters``: whether the query
    takes ``filter`` and ``orderBy`` on times and names. Google confirms neither (fact sheet, section 3): without
    filters the query reads everything and what is too old is left out here.
    """

    def __init__(
        self,
        session: Session,
        partner_id: str,
        base_url: str = BASE_URL,
        *,
        create_partner: Literal["entity", "query"] = "entity",
        filters: bool = False,
    ) -> None:
        self._session = session
        self._partner = partner_hub_name(partner_id)
        self._url = checked_base_url(base_url, "Google", "COSELL_GOOGLE_CHANNEL_URL") + _OPPORTUNITIES
        self._create_partner = create_partner
        self._filters = filters

    def get_opportunity(self, name: str) -> Json:
        """Google's answer for ``opportunities/{id}`` (or the bare id). ``NotFound`` if there is none."""
        return self._call("GET", self._address(name), "to read an opportunity", {"partner": self._partner})

    def create_opportunity(self, body: Mapping[str, Any]) -> Json:
        """The new opportunity. Never repeat it after a lost answer (there is no request id): see ``find_created``."""
        body, params = copy.deepcopy(dict(body)), {}
        if self._create_partner == "entity":
            body["opportunityInfo"] = {**(body.get("opportunityInfo") or {}), "partnerEntity": self._partner}
        else:
            params["partner"] = self._partner
        return self._call("POST", self._url, "to create an opportunity", params, body)

    def patch_opportunity(
        self, name: str, body: Mapping[str, Any], mask: Sequence[str], expected_update_time: str
    ) -> Json:
        """The opportunity after the patch of the paths in ``mask``.

        There is no etag: ``updateTime`` is read again right before, and the small race that is left is found by the
        next poll.

        Raises:
            Conflict: the record has moved since ``expected_update_time``.
        """
        if not mask:
            raise Unexpected("A patch of an opportunity needs at least one path in its mask.")
        if _stamp(self.get_opportunity(name).get("updateTime")) != _stamp(expected_update_time):
            raise Conflict("The opportunity has moved at Google since it was read.")
        params = {"updateMask": ",".join(mask), "partner": self._partner}
        return self._call("PATCH", self._address(name), "to change an opportunity", params, dict(body))

    def query(self, since: str = "", page_token: str | None = None) -> Json:
        """One page of opportunities moved at or after ``since`` (RFC 3339; ``""`` is all).

        ``{"items": [{"id", "version", "source", "creator"}], "next": token | None}``; ``version`` is updateTime with
        nine decimals, so that it sorts.
        """
        wanted = f"updateTime >= {literal(_stamp(since))}" if since else ""
        rows, following = self._page(wanted, page_token)
        items = [_item(row) for row in rows]
        kept = [item for item in items if not since or item["version"] >= _stamp(since)]
        return {"items": kept, "next": following}

    def find_created(self, fits: Callable[[Json], bool], creator_email: str, window: tuple[int, int]) -> list[str]:
        """Ids of the records that a lost create of ours may have made.

        ``fits`` says whether a row has the names that were sent, ``creator_email`` is our own identity (``""`` when it
        is not known), ``window`` its first and last moment (ms). The caller adopts a record only if it is the one. A
        creator that a limited view hides is no reason against it.
        """
        first, last = (from_ms(each) for each in window)
        ours = f"creatorEmail = {literal(creator_email)} AND " if creator_email else ""
        wanted = f"{ours}createTime >= {literal(first)} AND createTime <= {literal(last)}"
        return [
            opportunity_id(row.get("name"))
            for row in self._pages(wanted)
            if first <= _stamp(row.get("createTime")) <= last
            and (not creator_email or folded(row.get("creatorEmail")) in ("", folded(creator_email)))
            and fits(row)
        ]

    def _pages(self, wanted: str) -> Iterator[Json]:
        token, seen = None, set()
        while True:
            rows, token = self._page(wanted, token)
            yield from rows
            if token is None:
                return
            if token in seen:
                raise Unexpected("Google's query gave the same page token twice.")
            seen.add(token)

    def _page(self, wanted: str, token: str | None) -> tuple[list[Json], str | None]:
        params = {"partner": self._partner, "pageSize": str(PAGE_SIZE)}
        if self._filters:
            params |= {"orderBy": "updateTime"} | ({"filter": wanted} if wanted else {})
        if token:
            params["pageToken"] = token
        answer = self._call("GET", f"{self._url}:query", "to list opportunities", params)
        rows = answer.get("opportunities") or []
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise Unexpected("Google was asked to list opportunities and its answer holds no list of them.")
        return rows, answer.get("nextPageToken") or None

    def _address(self, name: str) -> str:
        return f"{self._url}/{opportunity_name(name).removeprefix('opportunities/')}"

    def _call(self, method: str, url: str, what: str, params: Mapping[str, str], body: Any = None) -> Json:
        return call(self._session, method, url, what, params=params, body=body)


def literal(text: str) -> str:
    """A text literal of AIP-160 (https://google.aip.dev/160): in double quotes, its own and backslashes escaped."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _item(row: Json) -> Json:
    return {
        "id": opportunity_id(row.get("name")),
        "version": _stamp(row.get("updateTime")),
        "source": row.get("source"),
        "creator": row.get("creatorEmail"),
    }


def _stamp(text: Any) -> str:
    try:
        return stamp(text)
    except ValueError:
        raise Unexpected("An opportunity's time is not in RFC 3339.") from None
