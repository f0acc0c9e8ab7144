"""Chains as the adapter makes them, and what somebody may do to them."""

from __future__ import annotations

from typing import Any

from lambdas.shared.domain.audit_chain import Head, Point, day_of, hash_of, head_of, linked

DAY_MS = 86_400_000
KEPT_DAYS = 10
START = 1_790_000_000_000
type Records = list[dict[str, Any]]


def chain_of(key: str, gaps: list[int], start: int = START) -> Records:
    """One record after each of ``gaps`` (ms)."""
    head, at, records = Head(), start, []
    for number, gap in enumerate(gaps):
        at += gap
        record = linked(key, head, at, KEPT_DAYS * 86_400, {"kind": "intent", "run_id": f"r{number}", "text": "ä"})
        records.append(record)
        head = head_of(record)
    return records


def points_of(records: Records, through: str) -> list[Point]:
    """What the seals of all days up to ``through`` say: the last record of each day."""
    last = {day_of(one["at"]): one for one in records if day_of(one["at"]) <= through}
    return [Point(day, one["seq"], one["hash"], one["expires_at"]) for day, one in last.items()]


def rechained(records: Records, start: int) -> Records:
    """Whoever can write everywhere makes all hashes fit again, from position ``start`` on, and numbers too."""
    done = [dict(one) for one in records[:start]]
    for one in records[start:]:
        head = head_of(done[-1]) if done else Head()
        own = {"pk", "sk", "seq", "at", "day", "prev", "prev_at", "prev_expires_at", "expires_at", "hash"}
        fields = {name: value for name, value in one.items() if name not in own}
        done.append(linked(one["pk"], head, one["at"], KEPT_DAYS * 86_400, fields))
    return done


def rehashed(record: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """The record with other contents, and the hash that fits them."""
    other = {**record, **changed}
    return {**other, "hash": hash_of(other)}
