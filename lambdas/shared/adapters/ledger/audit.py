"""The audit trail: an intent before each write to a vendor, its outcome after it, and what was decided without one.

Each record belongs to a chain (``domain.audit_chain``). The record goes into the audit table and the chain's head into
the ledger in one transaction, on the condition that the head is the one that was read: so nobody who may only append
can fork a chain, and no permission to read, change or delete in the audit table is needed.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lambdas.shared.adapters.ledger.answers import AwsClient
from lambdas.shared.adapters.ledger.table import Refused, Table
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.domain.audit_chain import HEAD_SORT, Head, head_of, linked, sort_of
from lambdas.shared.errors import Retryable, Unexpected

KEPT_DAYS = 7 * 365 + 2

type Conceal = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
"""Takes a chain's key and a record's fields, gives the fields with personal values replaced, before they are hashed."""

_OWN = frozenset(
    {
        *("pk", "sk", "seq", "at", "day", "prev", "prev_at", "prev_expires_at", "expires_at", "hash"),
        *("kind", "run_id"),
    }
)
_TRIES = 12
_KEPT_MARKS = 8
_KEPT_HEAD_MS = 30_000
# An item of DynamoDB holds 400 KB; a record that does not fit would stop the deal's sync for good.
_LONGEST_CHANGES = 250_000
_LONGEST_TEXT = 2_000


@dataclass(frozen=True, slots=True)
class _Known:
    """A chain's head as it was read, with what it remembers of decisions."""

    head: Head = Head()  # noqa: RUF009 - it is frozen
    filed: tuple[str, ...] = ()
    said: str = ""


class Audit:
    """``Audit(client, table, clock, ledger="…")`` on the audit table, with the heads of its chains in the ledger table.

    ``kept_days`` sets the time to live, seven years by default. ``conceal`` is applied to the fields of each record.
    """

    def __init__(
        self,
        client: AwsClient,
        table: str,
        clock: Clock | None = None,
        *,
        ledger: str,
        kept_days: int = KEPT_DAYS,
        conceal: Conceal | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._records = Table(client, table)
        self._table = Table(client, ledger, sleep=sleep)
        self._clock: Clock = clock or SystemClock()
        self._kept_seconds = kept_days * 86_400
        self._conceal = conceal
        self._sleep = sleep
        self._kept: tuple[str, str, int, _Known] | None = None

    def intent(self, chain: str, run_id: str, **fields: Any) -> str:
        """Record what is about to be written: who, where, why, each field's before and after. The record's sort key.

        Texts, numbers and booleans are stored as they are, anything else as JSON text; None is left out.
        """
        return str(self._append(chain, run_id, "intent", fields))

    def outcome(self, chain: str, run_id: str, intent: str, **fields: Any) -> str:
        """Record what came of ``intent`` (its sort key). The record's sort key."""
        return str(self._append(chain, run_id, "outcome", {"intent": intent, **fields}))

    def decision(self, chain: str, run_id: str, decided_at: int, *, unless_said: str = "", **fields: Any) -> str | None:
        """Record what was decided without any write: a refusal, a conflict, a pause. The record's sort key.

        ``decided_at`` (ms): a caller that may come twice passes a moment that does not move, such as the beginning of
        its lease; the same run's same ``outcome`` of that moment is one record. ``unless_said`` (a text without values
        that says what the decision comes to): None, and no record, while the chain's last record is a decision that
        came to the same.
        """
        mark = f"{run_id} {decided_at} {fields.get('outcome', '')}"
        return self._append(
            chain, run_id, "decision", {"decided_at": decided_at, **fields}, mark=mark, said=unless_said
        )

    def entries(self, chain: str, limit: int | None = None) -> list[dict[str, Any]]:
        """A chain's records, newest first. No function may do this; the command line may."""
        return list(self._records.query("#pk = :pk", {"pk": chain}, limit=limit, forward=False))

    def move_head(self, chain: str, was: Head | None, head: Head) -> bool:
        """Put a head where another is, or none; False when it is not that one any more. For repairs by command."""
        values: dict[str, Any] = {"seq": head.seq, "hash": head.hash, "at": head.at, "ends_at": head.expires_at}
        expression = "SET " + ", ".join(f"#{name} = :{name}" for name in values)
        condition = "attribute_not_exists(#pk)"
        if was is not None:
            condition, values["was"] = "#hash = :was", was.hash
        answer = self._table.update(chain, HEAD_SORT, expression, values, condition=condition)
        return not isinstance(answer, Refused)

    def _append(
        self, chain: str, run_id: str, kind: str, fields: Mapping[str, Any], *, mark: str = "", said: str = ""
    ) -> str | None:
        stored = {**self._stored(chain, fields), "kind": kind, "run_id": run_id}
        known = self._kept_head(chain, run_id) if kind != "decision" else None
        known = known or self._read(chain)
        for attempt in range(_TRIES):
            if (number := _filed(known, mark)) is not None:
                return sort_of(number)
            if said and said == known.said:
                return None
            record = linked(chain, known.head, self._clock.now_ms(), self._kept_seconds, stored)
            after = _Known(head_of(record), _with_mark(known.filed, mark, record["seq"]), said)
            if self._write(chain, record, known, after):
                self._kept = (chain, run_id, self._clock.now_ms(), after)
                return record["sk"]
            known = self._after_refusal(chain, record, known)
            if known.head.hash == record["hash"]:  # written before an answer that was lost
                return record["sk"]
            self._sleep(random.uniform(0, 0.02 * 2 ** min(attempt, 4)))
        raise Retryable(f"the audit chain {chain} is appended to by too many at once")

    def _write(self, chain: str, record: Mapping[str, Any], known: _Known, after: _Known) -> bool:
        """Record and head, both or none; False when the head is another by now."""
        head = after.head
        values = {
            **{"seq": head.seq, "hash": head.hash, "at": head.at, "ends_at": head.expires_at},
            **{"filed": list(after.filed), "said": after.said},
        }
        expression = "SET " + ", ".join(f"#{name} = :{name}" for name in values)
        condition = "attribute_not_exists(#pk)"
        if known.head.seq:
            condition, values["was"] = "#hash = :was", known.head.hash
        refused = self._table.transact(
            [
                self._records.putting(record, "attribute_not_exists(#pk)"),
                self._table.updating(chain, HEAD_SORT, expression, values, condition=condition),
            ]
        )
        return not refused

    def _after_refusal(self, chain: str, record: Mapping[str, Any], known: _Known) -> _Known:
        """The head as it is now. When it is still the same, a record stands where none may stand."""
        now = self._read(chain)
        if now.head == known.head:
            raise Unexpected(
                f"the audit chain {chain} has a record {record['seq']} that its head does not know; "
                "see `cosell audit verify`"
            )
        return now

    def _read(self, chain: str) -> _Known:
        item = self._table.get(chain, HEAD_SORT)
        if item is None:
            return _Known()
        return _Known(head_from(item), tuple(item.get("filed", ())), item.get("said", ""))

    def _kept_head(self, chain: str, run_id: str) -> _Known | None:
        """The head that this process wrote for the same run a moment ago: most likely still the head."""
        if self._kept is None:
            return None
        of_chain, of_run, at, known = self._kept
        fresh = 0 <= self._clock.now_ms() - at <= _KEPT_HEAD_MS
        return known if fresh and (of_chain, of_run) == (chain, run_id) else None

    def _stored(self, chain: str, fields: Mapping[str, Any]) -> dict[str, str | int]:
        given = {name: value for name, value in fields.items() if value is not None}
        if clash := sorted(set(given) & _OWN):
            raise ValueError(f"audit fields {', '.join(clash)} are the trail's own")
        if not given.get("deal_id", True):
            del given["deal_id"]  # an index knows no empty key
        if "changes" in given:
            given["changes"] = _fitting(given["changes"])
        concealed = self._conceal(chain, given) if self._conceal else given
        return {name: _storable(value) for name, value in concealed.items()}


def head_from(item: Mapping[str, Any]) -> Head:
    """The head that an item of the ledger holds. The record's end has another name there: the ledger's time to live
    would take the head away."""
    return Head(item["seq"], item["hash"], item["at"], item["ends_at"])


def _filed(known: _Known, mark: str) -> int | None:
    """The number of the record that was filed under this mark before."""
    numbers = (one.rpartition(" ") for one in known.filed)
    return next((int(number) for before, _, number in numbers if mark and before == mark), None)


def _with_mark(filed: Sequence[str], mark: str, seq: int) -> tuple[str, ...]:
    return (*filed, f"{mark} {seq}")[-_KEPT_MARKS:] if mark else tuple(filed)


def _storable(value: Any) -> str | int:
    """Booleans are whole numbers to Python and stay booleans; a fraction goes as JSON, like lists and mappings."""
    return value if isinstance(value, str | int) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _fitting(changes: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The changes; where they are too long for an item, long texts are cut, and say how long they were."""
    if len(json.dumps(changes, ensure_ascii=False)) <= _LONGEST_CHANGES:
        return list(changes)
    return [dict(_cut(one)) for one in changes]


def _cut(change: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in change.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        long = len(text) > _LONGEST_TEXT
        yield name, f"{text[:_LONGEST_TEXT]}… ({len(text)} characters)" if long else value
