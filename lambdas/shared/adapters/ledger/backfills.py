"""How far a backfill has come: one item for each record that it raised, so that a second start goes on.

``backfill#<id>`` holds the head (``backfill``) and what became of each record (``deal#aws#500``); ``backfill#open``
says which backfill of a scope is not at its end. Ids, names and states only; all of it ends by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lambdas.shared.adapters.ledger.answers import AwsClient
from lambdas.shared.adapters.ledger.table import Refused, Table
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.errors import NotFound

KEPT_SECONDS = 90 * 24 * 3600
RAISED = "raised"
"""State of a record whose link was opened or woken, and of which nothing is known yet."""

_HEAD = "backfill"
_OPEN = "backfill#open"


@dataclass(frozen=True, slots=True)
class Progress:
    """What became of one record. ``state`` is ``raised``, or what ``result_of`` says; ``wanted`` is the generation of
    the link that settles it, ``at`` when it was raised (ms); ``why`` and ``missing`` hold no customer's value."""

    record: str
    state: str
    link: str
    wanted: int = 0
    why: str = ""
    missing: tuple[str, ...] = ()
    at: int = 0


class Backfills:
    """``Backfills(client, table, clock)`` on the ledger table."""

    def __init__(self, client: AwsClient, table: str, clock: Clock | None = None) -> None:
        self._table = Table(client, table)
        self._clock: Clock = clock or SystemClock()

    def begin(self, scope: str, new_id: str, *, anew: bool = False) -> tuple[str, bool]:
        """The id of the backfill of this scope that is not at its end, else ``new_id``; and whether it goes on.

        ``anew`` leaves an unfinished one where it is.
        """
        item = {"pk": _OPEN, "sk": scope, "backfill": new_id, "expires_at": self._ends()}
        refused = self._table.put(item, None if anew else "attribute_not_exists(#pk)")
        if isinstance(refused, Refused) and refused.item:
            return str(refused.item["backfill"]), True
        head = {"scope": scope, "begun_at": self._clock.now_ms(), "expires_at": self._ends()}
        self._table.put({"pk": _key(new_id), "sk": _HEAD, **head})
        return new_id, False

    def scope_of(self, backfill_id: str) -> str:
        """What it was begun for. ``NotFound`` names an id that is unknown, or older than 90 days."""
        head = self._table.get(_key(backfill_id), _HEAD)
        if head is None:
            raise NotFound(f"there is no backfill {backfill_id}, or it began more than 90 days ago")
        return str(head["scope"])

    def end(self, backfill_id: str) -> None:
        """It is at its end: the next start of its scope is a new one."""
        scope = self.scope_of(backfill_id)
        standing = self._table.get(_OPEN, scope)
        if standing and standing["backfill"] == backfill_id:
            self._table.delete(_OPEN, scope)

    def note(self, backfill_id: str, progress: Progress) -> None:
        """Keep what became of one record; the last word stands."""
        self._table.put(
            {
                "pk": _key(backfill_id),
                "sk": progress.record,
                "state": progress.state,
                "link": progress.link,
                "wanted": progress.wanted,
                "why": progress.why,
                "missing": list(progress.missing),
                "at": progress.at,
                "expires_at": self._ends(),
            }
        )

    def progress(self, backfill_id: str) -> dict[str, Progress]:
        """What became of every record so far, by record."""
        items = self._table.query("#pk = :pk", {"pk": _key(backfill_id)})
        return {item["sk"]: _progress(item) for item in items if item["sk"] != _HEAD}

    def _ends(self) -> int:
        return self._clock.now_ms() // 1000 + KEPT_SECONDS


def _key(backfill_id: str) -> str:
    return f"backfill#{backfill_id}"


def _progress(item: Mapping[str, Any]) -> Progress:
    return Progress(
        record=item["sk"],
        state=item["state"],
        link=item["link"],
        wanted=int(item["wanted"]),
        why=item["why"],
        missing=tuple(item["missing"]),
        at=int(item["at"]),
    )
