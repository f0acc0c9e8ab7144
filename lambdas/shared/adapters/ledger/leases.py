"""The lease on a link, and the failure item: what the state machine does by direct integration, as Python.

The machine's definitions carry their own copies of these expressions; a test compares them with the constants here.
Attribute names are written ``#name`` and values ``:name`` throughout.
"""

from __future__ import annotations

from typing import Any

from lambdas.shared.adapters.ledger.link_table import LinkTable
from lambdas.shared.adapters.ledger.table import Refused
from lambdas.shared.domain.link import LINK_SORT, Link
from lambdas.shared.errors import Conflict

LEASE_MS = 330_000
"""Longer than an Express execution lives (its machine's 295 s) and the function that it called last (30 s).

So nothing is written on an expired lease. Beside it ``settle`` and the releases hold only for the lease's owner, an
update of the partner's record holds only for the version that was read, a create goes under the link's one stored
token, and a new deal carries the opportunity's id in a unique property.
"""
AGAIN_MS = 60_000
"""A wake-up follows at once when more was wanted; the sweep makes up for a lost one after this long."""
FAILED_MS = 7_200_000
"""After an unexpected failure the message itself comes back; the sweep looks only when even that got lost."""
FAILURE_KEPT_SECONDS = 30 * 86_400

TAKE = "SET #lease_owner = :me, #lease_until = :until, #due_at = :until, #updated_at = :now"
TAKE_CONDITION = (
    "attribute_exists(#pk) AND (attribute_not_exists(#lease_until) OR #lease_until < :now OR #lease_owner = :me)"
)

RELEASE = (
    "SET #done = :seen, #attempts = :zero, #updated_at = :now REMOVE #lease_owner, #lease_until, #due_at, #last_error"
)
RELEASE_CONDITION = "#lease_owner = :me AND #wanted = :seen"

RELEASE_AGAIN = (
    "SET #done = :seen, #attempts = :zero, #due_at = :soon, #updated_at = :now "
    "REMOVE #lease_owner, #lease_until, #last_error"
)
POSTPONE = (
    "SET #due_at = :due, #attempts = #attempts + :one, #last_error = :error, #updated_at = :now "
    "REMOVE #lease_owner, #lease_until"
)
GIVE_BACK = "SET #due_at = :far, #last_error = :error, #updated_at = :now REMOVE #lease_owner, #lease_until"
HELD_CONDITION = "#lease_owner = :me"


class Leases(LinkTable):
    """The time-limited right of one run to work on one link."""

    def take_lease(self, link_key: str, owner: str) -> Link | None:
        """The link, leased to ``owner`` for 330 s; None when another run holds it or there is no such link.

        The link is due when the lease ends, so that the sweep finds what a crashed run left.
        """
        now = self._clock.now_ms()
        values = {"me": owner, "now": now, "until": now + LEASE_MS}
        answer = self._table.update(link_key, LINK_SORT, TAKE, values, condition=TAKE_CONDITION, returns="ALL_NEW")
        return None if isinstance(answer, Refused) else Link.from_item(answer)

    def release(self, link_key: str, owner: str, seen: int) -> bool:
        """Give the lease back with generation ``seen`` done. True when nothing is left to do.

        False when more was wanted meanwhile: the link stays due and the caller sends a wake-up. Conflict when the
        lease is no longer ours.
        """
        now = self._clock.now_ms()
        values: dict[str, Any] = {"me": owner, "seen": seen, "zero": 0, "now": now}
        if not self._change(link_key, RELEASE, values, RELEASE_CONDITION):
            return True
        if self._change(link_key, RELEASE_AGAIN, values | {"soon": now + AGAIN_MS}, HELD_CONDITION):
            raise Conflict(f"the lease on {link_key} is no longer ours")
        return False

    def postpone(self, link_key: str, owner: str, not_before: int, kind: str, reason: str) -> None:
        """Give the lease back with the work undone; due at ``not_before``. ``reason`` holds no customer's value."""
        now = self._clock.now_ms()
        error = {"kind": kind, "reason": reason, "at": now}
        values = {"me": owner, "due": not_before, "one": 1, "error": error, "now": now}
        if self._change(link_key, POSTPONE, values, HELD_CONDITION):
            raise Conflict(f"the lease on {link_key} is no longer ours")

    def give_back(self, link_key: str, owner: str, kind: str) -> None:
        """Give the lease back after an unexpected failure; nothing happens when it is no longer ours."""
        now = self._clock.now_ms()
        error = {"kind": kind, "reason": "unexpected; see the dead letter or the execution", "at": now}
        values = {"me": owner, "far": now + FAILED_MS, "error": error, "now": now}
        self._change(link_key, GIVE_BACK, values, HELD_CONDITION)

    def note_failure(self, message_id: str, error: str, cause: str, execution: str) -> None:
        """Keep why an execution failed under its SQS message's id, for the dead-letter machine."""
        now = self._clock.now_ms()
        self._table.put(
            {
                "pk": f"failure#{message_id}",
                "sk": "failure",
                "error": error,
                "cause": cause,
                "execution": execution,
                "failed_at": now,
                "expires_at": now // 1000 + FAILURE_KEPT_SECONDS,
            }
        )

    def _change(self, link_key: str, expression: str, values: dict[str, Any], condition: str) -> bool:
        """True when refused."""
        answer = self._table.update(link_key, LINK_SORT, expression, values, condition=condition)
        return isinstance(answer, Refused)
