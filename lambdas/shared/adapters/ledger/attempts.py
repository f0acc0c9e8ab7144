"""Create attempts: the idempotency token is stored before the call, so that a lost answer never makes a second record.

Beside the attribute ``attempt`` on the link there is a marker item (``attempt#aws``, ``<link key>``), written in the
same transaction: the open attempts of a partner can then be read consistently, which no index allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdas.shared.adapters.ledger.link_table import LIVE, LinkTable
from lambdas.shared.adapters.ledger.table import Write
from lambdas.shared.domain.link import LINK_SORT, open_attempts_key, partner_of
from lambdas.shared.errors import Conflict, Retryable

_TRIES = 4


class LinkAttempts(LinkTable):
    """One open attempt for a link at most."""

    def begin_attempt(
        self, link_key: str, token: str, deal_id: str, mark: str | None = None, *, made_within_ms: int | None = None
    ) -> Mapping[str, Any]:
        """The attempt that stands: ours, or the one that was begun earlier and not yet cleared.

        Answers ``{"token", "at", "deal_id", "mark"?, "ends_at"?}``; ``mark`` is what else its record may be known by,
        ``ends_at`` until when it may have been made (``made_within_ms`` from now, None: no end). The deal id is what
        the new record is to name; an attempt that goes on after the deal was merged still names the first one.
        Conflict when the link was handed over to another one, or has got its record meanwhile: a run that outlived
        its lease may come here after the run that took over.
        """
        for _ in range(_TRIES):
            link = self._known(link_key)
            if link.handed_over:
                raise Conflict(f"{link_key} was handed over to {link.handed_to}")
            if link.attempt:
                return link.attempt
            if link.opportunity_id:
                raise Conflict(f"{link_key} is tied to {link.opportunity_id} already")
            now = self._clock.now_ms()
            attempt: dict[str, Any] = {"token": token, "at": now, "deal_id": deal_id}
            if made_within_ms is not None:
                attempt["ends_at"] = now + made_within_ms
            if mark is not None:
                attempt["mark"] = mark
            if not self._table.transact(self._beginning(link_key, attempt)):
                return attempt
        raise Retryable(f"attempt on {link_key} comes and goes")

    def clear_attempt(self, link_key: str, token: str) -> None:
        """The create is settled (its record is tied, or it is certain that there is none).

        Fine when no attempt is open; Conflict when the open attempt has another token.
        """
        refused = self._table.transact(
            [
                self._table.updating(
                    link_key,
                    LINK_SORT,
                    "SET #updated_at = :now REMOVE #attempt",
                    {"now": self._clock.now_ms(), "token": token},
                    condition="#attempt.#token = :token",
                ),
                self._unmarking(link_key),
            ]
        )
        if refused and self._known(link_key).attempt:
            raise Conflict(f"{link_key} has an open create attempt with another token")

    def _beginning(self, link_key: str, attempt: Mapping[str, Any]) -> list[Write]:
        marker = {"pk": open_attempts_key(partner_of(link_key)), "sk": link_key, **attempt}
        return [
            self._table.updating(
                link_key,
                LINK_SORT,
                "SET #attempt = :attempt, #names_deal = :deal_id, #updated_at = :now",
                {"attempt": attempt, "deal_id": attempt["deal_id"], "now": attempt["at"]},
                condition=f"{LIVE} AND attribute_not_exists(#attempt) AND attribute_not_exists(#opportunity_id)",
            ),
            self._table.putting(marker),
        ]

    def _unmarking(self, link_key: str) -> Write:
        return self._table.deleting(open_attempts_key(partner_of(link_key)), link_key)
