"""The audit's hash chains: what a record's hash covers, and what is wrong with a chain. No I/O.

A chain is the run of records under one key (a link's, an invitation's), numbered from 1. Each record names the hash of
the one before it, so that none can be altered, taken out, put in or moved without every later one changing too; the
chain's head (kept in another table) and the days' signed seals say where it must end. A record carries its own end
(``expires_at``) and that of the one before, so that what time has taken is told from what somebody took.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

HEAD_SORT = "chain"
"""Sort key of a chain's head in the ledger table; its partition key is the chain."""

SHARDS = 16
"""Partitions of a day in the index by day: a day's writes spread over so many."""

_DIGITS = 12
_LATEST_MS = 10**14  # the year 5138: later, a moment is no date any more


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends: the last record's number, hash, time (ms) and end (epoch seconds). Seq 0: no record yet."""

    seq: int = 0
    hash: str = ""
    at: int = 0
    expires_at: int = 0


@dataclass(frozen=True, slots=True)
class Point:
    """What a seal says of a chain: its last record at the end of ``day`` (ISO date), and that record's end."""

    day: str
    seq: int
    hash: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. ``chain`` is a chain's key, or ``seals``; ``seq`` 0 where it is about the whole."""

    chain: str
    seq: int
    what: str

    def __str__(self) -> str:
        return f"{self.chain}\t{self.seq}\t{self.what}"


def canonical(value: Any) -> bytes:
    """The one JSON text of a value: keys sorted, nothing between, ASCII. TypeError for what JSON has no word for."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def hash_of(record: Mapping[str, Any]) -> str:
    """The hash that a record must carry: over everything in it but ``hash`` itself."""
    return hashlib.sha256(canonical({name: value for name, value in record.items() if name != "hash"})).hexdigest()


def sort_of(seq: int) -> str:
    """The sort key of a number: ``000000000042``, so that text sorts as numbers do."""
    return f"{seq:0{_DIGITS}d}"


def day_of(at_ms: int) -> str:
    """The UTC day of a moment: ``2026-09-21``."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).date().isoformat()


def day_keys(day: str) -> list[str]:
    """All partitions of a day in the index by day."""
    return [f"{day}#{shard:02d}" for shard in range(SHARDS)]


def day_key(chain: str, at_ms: int) -> str:
    """The partition of a record in the index by day. All of a chain's records of a day lie in one."""
    return day_keys(day_of(at_ms))[hashlib.sha256(chain.encode()).digest()[0] % SHARDS]


def linked(chain: str, head: Head, at_ms: int, kept_seconds: int, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The record that follows ``head``, complete with its hash.

    Time never runs backwards in a chain, and no record ends before an earlier one: two machines' clocks differ, and a
    shorter retention that is configured later must not tear holes.
    """
    at, seq = max(at_ms, head.at), head.seq + 1
    record = {
        **fields,
        "pk": chain,
        "sk": sort_of(seq),
        "seq": seq,
        "at": at,
        "day": day_key(chain, at),
        "prev": head.hash,
        "prev_at": head.at,
        "prev_expires_at": head.expires_at,
        "expires_at": max(at // 1000 + kept_seconds, head.expires_at),
    }
    return {**record, "hash": hash_of(record)}


def head_of(record: Mapping[str, Any]) -> Head:
    """The head that a record makes."""
    return Head(record["seq"], record["hash"], record["at"], record["expires_at"])


def check_chain(
    chain: str,
    records: Iterable[Mapping[str, Any]],
    head: Head | None,
    points: Sequence[Point],
    *,
    now_ms: int,
    sealed_through: str = "",
) -> Iterator[Finding]:
    """What is wrong with one chain; nothing when it is whole.

    Args:
        chain: its key.
        records: what is in the audit table under that key, by sort key. Read once, one at a time.
        head: what the ledger says, None where it has none.
        points: what valid seals say of this chain, by ``seq``.
        now_ms: a record that ended before (``expires_at``) may be there or not.
        sealed_through: the last day that is sealed; a record of that day or an earlier one must be under a seal.
    """
    left, last, seen = list(points), None, False
    for record in records:
        seen = True
        wrong = _own_fault(chain, record)
        if wrong:
            yield Finding(chain, _seq(record), wrong)
            if not is_record(record):
                continue
        yield from _link_faults(chain, last, record, now_ms)
        while left and left[0].seq <= record["seq"]:
            yield from _against_point(chain, left.pop(0), record, now_ms)
        if not left and day_of(record["at"]) <= sealed_through and record["seq"] > _last_seq(points):
            yield Finding(chain, record["seq"], f"written into {day_of(record['at'])} after that day was sealed")
        last = record
    yield from _missing_points(chain, left, now_ms)
    yield from _end_faults(chain, last, head, seen, now_ms)


def _own_fault(chain: str, record: Mapping[str, Any]) -> str | None:
    if not is_record(record):
        return "is no record of a chain: it has no number, time or hash"
    if record.get("pk") != chain or record.get("sk") != sort_of(record["seq"]):
        return "stands at another place than its own number says"
    try:
        fits = hash_of(record) == record["hash"]
    except TypeError:  # a set, bytes: nothing that we ever wrote
        fits = False
    return None if fits else "altered: its hash does not fit what it says"


def is_record(record: Mapping[str, Any]) -> bool:
    """Whether an item has what a record of a chain has; anybody may have put anything there."""
    numbers = [record.get(name) for name in ("seq", "at", "expires_at", "prev_at", "prev_expires_at")]
    texts = [record.get(name) for name in ("hash", "prev")]
    return all(type(one) is int and 0 <= one < _LATEST_MS for one in numbers) and all(
        isinstance(one, str) for one in texts
    )


def _seq(record: Mapping[str, Any]) -> int:
    seq = record.get("seq")
    return seq if type(seq) is int else 0


def _link_faults(
    chain: str, last: Mapping[str, Any] | None, record: Mapping[str, Any], now_ms: int
) -> Iterator[Finding]:
    """Does the record follow the one before it? What ended in between may be gone."""
    seq, before = record["seq"], 0 if last is None else last["seq"]
    if seq <= before:
        yield Finding(chain, seq, "there is more than one record of this number")
    elif seq == before + 1:
        follows = head_of(last) if last is not None else Head()
        if (record["prev"], record["prev_at"], record["prev_expires_at"]) != (
            follows.hash,
            follows.at,
            follows.expires_at,
        ):
            yield Finding(chain, seq, "does not follow the record before it: one was altered, inserted or re-chained")
        elif record["at"] < follows.at:
            yield Finding(chain, seq, "is older than the record before it")
    elif not _ended(record["prev_expires_at"], now_ms):
        missing = f"{before + 1}" if seq == before + 2 else f"{before + 1} to {seq - 1}"
        yield Finding(chain, before + 1, f"removed: {missing}, of which the last was to be kept")


def _against_point(chain: str, point: Point, record: Mapping[str, Any], now_ms: int) -> Iterator[Finding]:
    if point.seq < record["seq"]:
        if not _ended(point.expires_at, now_ms):
            yield Finding(chain, point.seq, f"removed: the seal of {point.day} names it")
    elif point.hash != record["hash"]:
        yield Finding(chain, point.seq, f"re-chained: the seal of {point.day} names another hash")


def _missing_points(chain: str, points: Sequence[Point], now_ms: int) -> Iterator[Finding]:
    for point in points:
        if not _ended(point.expires_at, now_ms):
            yield Finding(chain, point.seq, f"cut off: the seal of {point.day} names this record, and it is gone")


def _end_faults(
    chain: str, last: Mapping[str, Any] | None, head: Head | None, seen: bool, now_ms: int
) -> Iterator[Finding]:
    if head is None:
        if seen:
            yield Finding(chain, 0, "the chain has records and no head")
        return
    ends = 0 if last is None else last["seq"]
    if ends > head.seq:
        yield Finding(chain, head.seq + 1, f"inserted: the head ends at {head.seq}")
    elif ends == head.seq:
        if last is not None and last["hash"] != head.hash:
            yield Finding(chain, ends, "re-chained: the head names another hash")
    elif not _ended(head.expires_at, now_ms):
        what = f"cut off: the head ends at {head.seq}, the records at {ends}" if seen else "removed: the whole chain"
        yield Finding(chain, ends + 1, what)


def _ended(expires_at: int, now_ms: int) -> bool:
    """Whether a record's time is over; DynamoDB takes it away some time after that."""
    return expires_at * 1000 <= now_ms


def _last_seq(points: Sequence[Point]) -> int:
    return points[-1].seq if points else 0
