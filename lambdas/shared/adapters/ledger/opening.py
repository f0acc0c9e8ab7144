"""Opening links: a deal or an opportunity that is seen for the first time."""

from __future__ import annotations

from dataclasses import replace

from lambdas.shared.adapters.ledger.link_table import RAISE_AFTER_MS, LinkTable
from lambdas.shared.domain.link import (
    LINK_SORT,
    POINTER_SORT,
    Link,
    Notice,
    Origin,
    deal_pointer,
    link_key,
    opportunity_pointer,
    split_link_key,
)
from lambdas.shared.errors import Unexpected


class LinkOpening(LinkTable):
    """The pointer is the truth: whoever writes it first has opened the link, everybody else gets that link's key."""

    def open_for_deal(
        self, partner: str, deal_id: str, why: str, invitation_id: str | None = None, *, notice: Notice | None = None
    ) -> str:
        """Key of the deal's link, opened if there is none. The notice is counted on it either way.

        ``why`` is the source of the notice (``hubspot``, ``poll``, …) and becomes the first ``reason``. An
        ``invitation_id`` also goes onto a link that stands without one.
        """
        new = self._new(link_key(partner, deal_id=deal_id), "deal", f"opened by {why}", notice)
        new = replace(new, deal_id=deal_id, invitation_id=invitation_id)
        key = self._open(new, deal_pointer(partner, deal_id), notice)
        if invitation_id is not None:
            self._invited(key, invitation_id)
        return key

    def open_for_opportunity(
        self,
        partner: str,
        opportunity_id: str,
        invitation_id: str | None = None,
        origin: Origin = "opportunity",
        *,
        notice: Notice | None = None,
    ) -> str:
        """Key of the opportunity's link, opened if there is none. The notice is counted on it either way.

        An ``invitation_id`` also goes onto a link that stands without one: the partner's event of the accepted record
        may have opened it first.
        """
        new = self._new(link_key(partner, opportunity_id=opportunity_id), origin, f"opened by {origin}", notice)
        new = replace(new, opportunity_id=opportunity_id, invitation_id=invitation_id)
        key = self._open(new, opportunity_pointer(partner, opportunity_id), notice)
        if invitation_id is not None:
            self._invited(key, invitation_id)
        return key

    def _invited(self, key: str, invitation_id: str) -> None:
        self._table.update(
            key,
            LINK_SORT,
            "SET #invitation_id = :invitation_id",
            {"invitation_id": invitation_id},
            condition="attribute_exists(#pk) AND attribute_not_exists(#invitation_id)",
        )

    def _new(self, key: str, origin: Origin, reason: str, notice: Notice | None) -> Link:
        partner, link_id = split_link_key(key)
        now = self._clock.now_ms()
        return Link(
            partner=partner,
            link_id=link_id,
            origin=origin,
            reason=reason,
            wanted=1,
            due_at=now + RAISE_AFTER_MS,
            wanted_at=now if notice is None else notice.at or now,
            correlation_id=None if notice is None else notice.correlation_id,
            created_at=now,
            updated_at=now,
        )

    def _open(self, link: Link, pointer: str, notice: Notice | None) -> str:
        absent = "attribute_not_exists(#pk)"
        refused = self._table.transact(
            [
                self._table.putting({"pk": pointer, "sk": POINTER_SORT, "link": link.key}, absent),
                self._table.putting(link.to_item(), absent),
            ]
        )
        if not refused:
            return link.key
        standing = self._table.get(pointer, POINTER_SORT)
        if standing:
            return self.raise_wanted(standing["link"], notice)
        raise Unexpected(f"{link.key} stands without its pointer {pointer}")
