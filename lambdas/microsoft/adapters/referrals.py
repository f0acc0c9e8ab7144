"""Microsoft Partner Center's referrals, as the product sees them.

Every method raises the classes of ``lambdas.shared.errors`` and none retries (a refused token is fetched anew, once).
https://learn.microsoft.com/partner-center/developer/referral-resources
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from lambdas.microsoft.adapters.partner_center import (
    BASE_URL,
    REFERRALS,
    PartnerCenter,
    odata_query,
    odata_text,
    referral_path,
)
from lambdas.microsoft.domain.referral import is_incoming, stamp, to_document
from lambdas.shared.adapters.http import Json, TokenSource, Transport
from lambdas.shared.clock import Clock
from lambdas.shared.errors import Unexpected

_NEWEST_CHANGE = "updatedDateTime desc"
_NEWEST = "createdDateTime desc"


class Referrals:
    """One partner's referrals.

    ``filter_by_time`` asks for what changed since the watermark instead of reading down to it, and
    ``filter_by_reference`` for the reference of a lost create; that Microsoft takes either filter is not verified.
    """

    def __init__(
        self,
        token: TokenSource,
        base_url: str = BASE_URL,
        http: Transport | None = None,
        clock: Clock | None = None,
        *,
        filter_by_time: bool = False,
        filter_by_reference: bool = False,
        **options: Any,
    ) -> None:
        self._api = PartnerCenter(token, base_url, http, clock, **options)
        self._filter_by_time = filter_by_time
        self._filter_by_reference = filter_by_reference

    def get_referral(self, referral_id: str) -> Json:
        """The referral document, with its ``eTag``."""
        what = "to read the referral"
        answer, headers = self._api.call("GET", referral_path(referral_id), what)
        return _document(answer, headers, what)

    def create_referral(self, body: Mapping[str, Any]) -> Json:
        """Create from ``to_create_body``'s result; the document that Microsoft made of it.

        There is no idempotency key: after a lost answer ask ``find_by_external_reference`` before any other try.
        """
        what = "to create the referral"
        answer, headers = self._api.call("POST", REFERRALS, what, body=body)
        return _document(answer, headers, what)

    def patch_referral(self, referral_id: str, etag: str, operations: Sequence[Mapping[str, Any]]) -> Json:
        """Apply ``to_operations``' result to the version ``etag``; the document as it is then.

        ``Conflict`` when the referral has moved on since. An answer without a body is followed by a read.
        """
        headers = {"if-match": etag, "prefer": "return=representation"}
        what = "to update the referral"
        body = [dict(each) for each in operations]
        answer, said = self._api.call("PATCH", referral_path(referral_id), what, body=body, headers=headers)
        return _document(answer, said, what) if answer else self.get_referral(referral_id)

    def list_changed(self, since: str | None, next_page: str | None = None) -> Json:
        """One page of what changed at or after ``since`` (a version text), newest change first.

        Returns ``{"items": [{"id", "version", "external_reference"}], "next": text or None}``. ``version`` is the time
        of the change, as text that sorts; pass the same ``since`` with ``next``. Without ``since`` it is everything.
        """
        what = "to list referrals"
        query = next_page or self._changes_query(since)
        answer, _ = self._api.call("GET", REFERRALS, what, query=query)
        items = [_item(row, what) for row in _rows(answer, what)]
        earliest = stamp(since) if since is not None else ""
        fresh = [each for each in items if str(each["version"]) >= earliest]
        more = self._api.following(answer, query, what)
        return {"items": fresh, "next": more if len(fresh) == len(items) else None}

    def find_by_external_reference(self, deal_id: str, created_after_ms: int) -> str | None:
        """Id of the newest referral of ours since then that carries ``deal_id``, or None: the orphan of a lost answer.

        Whatever was filtered, the reference is compared here.
        """
        earliest = stamp(datetime.fromtimestamp(created_after_ms / 1000, UTC).isoformat())
        for row in self._newest(deal_id):
            if _stamp(row, "createdDateTime", "to find a referral") < earliest:
                return None
            if _reference(row) == deal_id and not is_incoming(row):
                return str(_item(row, "to find a referral")["id"])
        return None

    def _newest(self, deal_id: str) -> Iterator[Json]:
        what = "to find a referral"
        wanted = "direction eq 'Outgoing'"
        if self._filter_by_reference:
            wanted += f" and externalReferenceId eq {odata_text(deal_id)}"
        query: str | None = odata_query({"$filter": wanted, "$orderby": _NEWEST})
        while query is not None:
            answer, _ = self._api.call("GET", REFERRALS, what, query=query)
            yield from _rows(answer, what)
            query = self._api.following(answer, query, what)

    def _changes_query(self, since: str | None) -> str:
        options = {"$orderby": _NEWEST_CHANGE}
        if since is not None and self._filter_by_time:
            options["$filter"] = f"updatedDateTime ge {stamp(since)}"
        return odata_query(options)


def _document(answer: Mapping[str, Any], headers: Mapping[str, str], what: str) -> Json:
    document = to_document(answer, headers.get("etag"))
    missing = [name for name in ("id", "eTag") if not document.get(name)]
    if missing:
        raise Unexpected(f"Microsoft was asked {what} and its answer has no {' and no '.join(missing)}.")
    return document


def _rows(answer: Mapping[str, Any], what: str) -> list[Json]:
    rows = answer.get("value")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Unexpected(f"Microsoft was asked {what} and its answer has no list of referrals.")
    return rows


def _item(row: Mapping[str, Any], what: str) -> dict[str, str | None]:
    if not row.get("id"):
        raise Unexpected(f"Microsoft was asked {what} and a referral of its answer has no id.")
    return {
        "id": str(row["id"]).lower(),
        "version": _stamp(row, "updatedDateTime", what),
        "external_reference": _reference(row),
    }


def _reference(row: Mapping[str, Any]) -> str | None:
    found = row.get("externalReferenceId")
    return None if found in (None, "") else str(found)


def _stamp(row: Mapping[str, Any], name: str, what: str) -> str:
    try:
        return stamp(row.get(name))
    except ValueError:
        raise Unexpected(f"Microsoft was asked {what} and a referral of its answer has no readable {name}.") from None
