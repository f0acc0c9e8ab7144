"""Invitations: which were begun with which token, and what came of them.

The machine keeps ``again_at`` and ``again_by`` on the item: when the run that comes back is due, and whose it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.shared.adapters.ledger.answers import AwsClient
from lambdas.shared.adapters.ledger.table import Refused, Table
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.errors import NotFound

_SORT = "invitation"
STARTED = "started"
FAILED = "failed"
DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Invitation:
    """``state`` is ``started``, ``failed`` (a new token may begin it again), ``declined`` (the partner refused us for
    good, ``reason`` says why), ``ignored`` (never begun) or what else ``finish`` was told."""

    invitation_id: str
    state: str
    token: str | None = None
    task_id: str | None = None
    opportunity_id: str | None = None
    engagement_id: str | None = None
    reason: str | None = None


class Invitations:
    """``Invitations(client, table, partner, clock)`` on the ledger table."""

    def __init__(self, client: AwsClient, table: str, partner: str, clock: Clock | None = None) -> None:
        self._table = Table(client, table)
        self._partner = partner
        self._clock: Clock = clock or SystemClock()

    def get(self, invitation_id: str) -> Invitation | None:
        """The invitation as we know it, or None."""
        item = self._table.get(self._key(invitation_id), _SORT)
        if item is None:
            return None
        names = ("token", "task_id", "opportunity_id", "engagement_id", "reason")
        return Invitation(invitation_id, item["state"], **{name: item.get(name) for name in names})

    def begin(self, invitation_id: str, token: str) -> str:
        """The token to call with: the one that is stored, ours if there was none or if the earlier task failed.

        Stored before the call, so that a repetition after a lost answer is the same call.
        """
        answer = self._table.update(
            self._key(invitation_id),
            _SORT,
            "SET #state = :started, #token = :token, #updated_at = :now REMOVE #task_id, #reason",
            {"started": STARTED, "token": token, "failed": FAILED, "now": self._clock.now_ms()},
            condition="attribute_not_exists(#pk) OR attribute_not_exists(#token) OR #state = :failed",
        )
        return answer.item["token"] if isinstance(answer, Refused) else token

    def finish(
        self,
        invitation_id: str,
        state: str,
        *,
        task_id: str | None = None,
        opportunity_id: str | None = None,
        engagement_id: str | None = None,
        reason: str | None = None,
    ) -> None:
        """Record what came of it (``accepted``, ``failed``, …); None leaves an attribute alone.

        NotFound when it was never begun.
        """
        given = {
            "state": state,
            "task_id": task_id,
            "opportunity_id": opportunity_id,
            "engagement_id": engagement_id,
            "reason": reason,
        }
        values = {name: value for name, value in given.items() if value is not None}
        values["updated_at"] = self._clock.now_ms()
        expression = "SET " + ", ".join(f"#{name} = :{name}" for name in values)
        key = self._key(invitation_id)
        answer = self._table.update(key, _SORT, expression, values, condition="attribute_exists(#pk)")
        if isinstance(answer, Refused):
            raise NotFound(f"no invitation {invitation_id} was begun")

    def ignore(self, invitation_id: str, reason: str) -> bool:
        """Record that it is left alone, unless it was begun already (False)."""
        key = self._key(invitation_id)
        item = {"pk": key, "sk": _SORT, "state": "ignored", "reason": reason, "updated_at": self._clock.now_ms()}
        return self._table.put(item, "attribute_not_exists(#token)") is None

    def _key(self, invitation_id: str) -> str:
        return f"invitation#{self._partner}#{invitation_id}"
