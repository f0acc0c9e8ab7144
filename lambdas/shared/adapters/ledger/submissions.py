"""Submissions: with which token an opportunity was sent into the partner's review, and what came of it.

The machine keeps ``again_at`` and ``again_by`` on the item, as on an invitation's. The item may hold the partner's own
words about a failure, so nothing ever returns it into a machine's data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from lambdas.shared.adapters.ledger.answers import AwsClient
from lambdas.shared.adapters.ledger.table import Refused, Table
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.errors import NotFound

_SORT = "submission"
STARTED = "started"
COMPLETE = "complete"
FAILED = "failed"
REFUSED = "refused"

_OVER = (FAILED, REFUSED)
_BEGIN = (
    "SET #state = :started, #token = :token, #involvement = :involvement, #visibility = :visibility, "
    "#fingerprint = :fingerprint, #link = :link, #attempts = :attempts, #begun_at = :now, #updated_at = :now "
    "REMOVE #task_id, #engagement_id, #reason, #message"
)


@dataclass(frozen=True, slots=True)
class Submission:
    """``state`` is ``started``, ``complete``, ``failed`` (for a reason that passes: a new token begins it again) or
    ``refused`` (somebody has to act). ``fingerprint`` marks what the record said; ``reason`` is the partner's code and
    ``message`` its own words for a failure (untrusted, possibly a customer's value); ``attempts`` counts the tokens of
    this record as it is; times are epoch milliseconds.
    """

    opportunity_id: str
    state: str
    token: str
    involvement: str
    visibility: str
    fingerprint: str = ""
    link: str = ""
    attempts: int = 1
    task_id: str | None = None
    engagement_id: str | None = None
    reason: str | None = None
    message: str | None = None
    begun_at: int = 0
    updated_at: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for ``Situation.extras``."""
        return asdict(self)


class Submissions:
    """``Submissions(client, table, partner, clock)`` on the ledger table."""

    def __init__(self, client: AwsClient, table: str, partner: str, clock: Clock | None = None) -> None:
        self._table = Table(client, table)
        self._partner = partner
        self._clock: Clock = clock or SystemClock()

    def get(self, opportunity_id: str) -> Submission | None:
        """The submission as we know it, or None when none was ever begun."""
        item = self._table.get(self._key(opportunity_id), _SORT)
        # A machine that comes back marks the item, maybe before anything was begun.
        return _submission(opportunity_id, item) if item is not None and "token" in item else None

    def begin(
        self,
        opportunity_id: str,
        token: str,
        *,
        involvement: str,
        visibility: str,
        fingerprint: str,
        link: str,
        again: bool = False,
    ) -> Submission:
        """The submission to call with: ours if none is under way, else the one that stands, choices and all.

        Stored before the call, so that a repetition after a lost answer is the same call. ``again`` begins anew after
        one that is complete. ``attempts`` goes on counting while the same record keeps failing.
        """
        before = self.get(opportunity_id)
        if before is not None and not (before.state in _OVER or (again and before.state == COMPLETE)):
            return before
        same = before is not None and before.state == FAILED and before.fingerprint == fingerprint
        values = {
            "started": STARTED,
            "token": token,
            "involvement": involvement,
            "visibility": visibility,
            "fingerprint": fingerprint,
            "link": link,
            "attempts": before.attempts + 1 if before is not None and same else 1,
            "now": self._clock.now_ms(),
            **({"before": before.token} if before is not None else {}),
        }
        condition = "attribute_not_exists(#token)" if before is None else "#token = :before"
        answer = self._table.update(
            self._key(opportunity_id), _SORT, _BEGIN, values, condition=condition, returns="ALL_NEW"
        )
        return _submission(opportunity_id, answer.item if isinstance(answer, Refused) else answer)

    def finish(
        self,
        opportunity_id: str,
        token: str,
        state: str,
        *,
        task_id: str | None = None,
        engagement_id: str | None = None,
        reason: str | None = None,
        message: str | None = None,
    ) -> None:
        """Record what is known of the call with this token; None leaves an attribute alone.

        Nothing is recorded when another token has taken its place. NotFound when none was ever begun.
        """
        given = {
            "state": state,
            "task_id": task_id,
            "engagement_id": engagement_id,
            "reason": reason,
            "message": message,
        }
        values: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        values["updated_at"] = self._clock.now_ms()
        expression = "SET " + ", ".join(f"#{name} = :{name}" for name in values)
        key = self._key(opportunity_id)
        answer = self._table.update(key, _SORT, expression, {**values, "token": token}, condition="#token = :token")
        if isinstance(answer, Refused) and "token" not in answer.item:
            raise NotFound(f"no submission of {opportunity_id} was begun")

    def _key(self, opportunity_id: str) -> str:
        return f"submission#{self._partner}#{opportunity_id}"


_NAMES = tuple(each.name for each in fields(Submission) if each.name != "opportunity_id")


def _submission(opportunity_id: str, item: Mapping[str, Any]) -> Submission:
    return Submission(opportunity_id, **{name: item[name] for name in _NAMES if name in item})
