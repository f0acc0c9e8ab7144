"""The links in the ledger table: reading them, and finding the link of a deal or an opportunity."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lambdas.shared.adapters.ledger.answers import AwsClient
from lambdas.shared.adapters.ledger.table import Refused, Table
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.domain.link import (
    LINK_SORT,
    POINTER_SORT,
    Link,
    Notice,
    deal_pointer,
    open_attempts_key,
    opportunity_pointer,
)
from lambdas.shared.errors import NotFound, Unexpected

RAISE_AFTER_MS = 120_000
"""A wake-up is expected sooner; when it is lost, the sweep finds the link after this long."""

MOST_HANDOVERS = 8

LIVE = "attribute_exists(#pk) AND attribute_not_exists(#handed_to)"
"""Condition: the link exists and no other has taken its place."""

RAISE = (
    "SET #wanted = #wanted + :one, #due_at = if_not_exists(#due_at, :soon), #updated_at = :now, "
    "#wanted_at = if_not_exists(#wanted_at, :now)"
)
_RAISE_FOR = RAISE.replace("#wanted_at, :now", "#wanted_at, :came") + (
    ", #correlation_id = if_not_exists(#correlation_id, :correlation)"
)
"""The first notice that no run has answered is the one that counts: how long it waits, and what its runs belong to."""


class LinkTable:
    """What every part of ``Links`` stands on. ``client`` is a low-level DynamoDB client."""

    def __init__(
        self,
        client: AwsClient,
        table: str,
        clock: Clock | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._table = Table(client, table, sleep=sleep)
        self._clock: Clock = clock or SystemClock()

    def get(self, link_key: str) -> Link | None:
        """The link as it is now, or None."""
        item = self._table.get(link_key, LINK_SORT)
        return Link.from_item(item) if item else None

    def get_many(self, link_keys: Iterable[str]) -> dict[str, Link]:
        """The links that exist among these, by key."""
        found = (Link.from_item(item) for item in self._table.batch_get((key, LINK_SORT) for key in link_keys))
        return {link.key: link for link in found}

    def for_deals(self, partner: str, deal_ids: Iterable[str]) -> dict[str, str]:
        """Deal id to link key, for the deals that have a link."""
        return self._pointed({deal_pointer(partner, each): each for each in deal_ids})

    def for_opportunities(self, partner: str, opportunity_ids: Iterable[str]) -> dict[str, str]:
        """Opportunity id to link key, for the opportunities that have a link."""
        return self._pointed({opportunity_pointer(partner, each): each for each in opportunity_ids})

    def due(self, partner: str, now_ms: int, limit: int) -> list[str]:
        """Keys of links whose ``due_at`` has come, the longest due first.

        Read from an index, which lags a little: good enough to wake somebody, not to decide anything.
        """
        items = self._table.query(
            "#partner = :partner AND #due_at <= :now", {"partner": partner, "now": now_ms}, index="due", limit=limit
        )
        return [item["pk"] for item in items]

    def due_between(self, partner: str, from_ms: int, to_ms: int, limit: int) -> list[str]:
        """Keys of links that are due within this time, both ends included, the soonest first. From the same index."""
        items = self._table.query(
            "#partner = :partner AND #due_at BETWEEN :from AND :to",
            {"partner": partner, "from": from_ms, "to": to_ms},
            index="due",
            limit=limit,
        )
        return [item["pk"] for item in items]

    def note_waiting(self, link_key: str, updated_at: int) -> bool:
        """Note that the deal says of this link that it waits; False where the link has moved since ``updated_at``, or a
        run is at it."""
        condition = "#updated_at = :seen AND attribute_not_exists(#lease_owner)"
        values = {"waiting": "waiting", "seen": updated_at}
        answer = self._table.update(link_key, LINK_SORT, "SET #status = :waiting", values, condition=condition)
        return not isinstance(answer, Refused)

    def open_attempts(self, partner: str) -> dict[str, Mapping[str, Any]]:
        """Our creates that were begun and are not yet settled: link's key to attempt.

        A record that we do not know may be the one of such a create. Read consistently: whoever sees the partner's
        event of a create also sees its marker here, which is written before the create.
        """
        found = self._table.query("#pk = :pk", {"pk": open_attempts_key(partner)})
        return {item["sk"]: {name: item[name] for name in item if name not in ("pk", "sk")} for item in found}

    def _pointed(self, pointers: dict[str, str]) -> dict[str, str]:
        items = self._table.batch_get((key, POINTER_SORT) for key in pointers)
        return {pointers[item["pk"]]: item["link"] for item in items}

    def follow(self, link_key: str) -> Link | None:
        """The link, or the one that has taken its place."""
        key: str | None = link_key
        for _ in range(MOST_HANDOVERS):
            link = self.get(key) if key else None
            if link is None or link.handed_to is None:
                return link
            key = link.handed_to
        raise Unexpected(f"{link_key} was handed over more than {MOST_HANDOVERS} times")

    def _known(self, link_key: str) -> Link:
        link = self.get(link_key)
        if link is None:
            raise NotFound(f"no link {link_key}")
        return link

    def raise_wanted(self, link_key: str, notice: Notice | None = None) -> str:
        """Count one notice on the link; due in two minutes unless it is due already. The key of the link raised.

        That is another one when the link was handed over, maybe between the caller's look-up and now. NotFound for an
        unknown link.
        """
        return self._raise(link_key, notice)[0]

    def _raise(self, link_key: str, notice: Notice | None) -> tuple[str, bool]:
        """Key of the link raised, and whether a run holds its lease right now."""
        now = self._clock.now_ms()
        values: dict[str, Any] = {"one": 1, "soon": now + RAISE_AFTER_MS, "now": now}
        if notice is not None:
            values |= {"came": notice.at or now, "correlation": notice.correlation_id}
        expression = RAISE if notice is None else _RAISE_FOR
        key = link_key
        for _ in range(MOST_HANDOVERS):
            answer = self._table.update(key, LINK_SORT, expression, values, condition=LIVE, returns="ALL_NEW")
            if not isinstance(answer, Refused):
                link = Link.from_item(answer)
                self._not_later(link, values["soon"])
                return key, link.leased(now)
            if "handed_to" not in answer.item:
                raise NotFound(f"no link {key}")
            key = answer.item["handed_to"]
        raise Unexpected(f"{link_key} was handed over more than {MOST_HANDOVERS} times")

    def _not_later(self, link: Link, soon: int) -> None:
        """A settled link may be due in days, when something there ends: a notice whose wake-up is lost cannot wait so
        long. What was postponed keeps its time, and so does what a run is at."""
        if link.due_at is None or link.due_at <= soon or link.attempts or link.lease_owner is not None:
            return
        condition = "#due_at = :seen AND attribute_not_exists(#lease_owner)"
        values = {"soon": soon, "seen": link.due_at}
        self._table.update(link.key, LINK_SORT, "SET #due_at = :soon", values, condition=condition)

    def want_notes(self, link_keys: Iterable[str]) -> None:
        """Let the next run of each link read the deal's notes. Count a notice, too (``raise_many``), afterwards."""
        expression = "SET #notes_wanted = if_not_exists(#notes_wanted, :zero) + :one, #updated_at = :now"
        for key in dict.fromkeys(link_keys):
            link = self.follow(key)
            if link is not None:
                values = {"zero": 0, "one": 1, "now": self._clock.now_ms()}
                self._table.update(link.key, LINK_SORT, expression, values, condition="attribute_exists(#pk)")

    def put_off(self, link_key: str, due_at: int) -> bool:
        """Make a link that is due at ``due_at`` due again two minutes later, before it is woken; False when it is not.

        So the next sweep sends no second wake-up while the first still waits, and a lost one is made up for.
        """
        values = {"seen": due_at, "later": max(due_at, self._clock.now_ms()) + RAISE_AFTER_MS}
        answer = self._table.update(link_key, LINK_SORT, "SET #due_at = :later", values, condition="#due_at = :seen")
        return not isinstance(answer, Refused)

    def raise_many(self, link_keys: Iterable[str], notice: Notice | None = None) -> list[str]:
        """Count ``notice`` on each link, each once; the keys to wake. Repeating it does no harm.

        A link that a run is working on needs no wake-up: the run sees the raised counter when it releases, and if it
        dies first, the sweep finds the link.
        """
        raised = [self._raise(key, notice) for key in dict.fromkeys(link_keys)]
        return list(dict.fromkeys(key for key, leased in raised if not leased))
