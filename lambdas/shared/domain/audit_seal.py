"""The daily seal of the audit: what it says, which days want one, and what is wrong with one. No I/O.

A day's seal lists, in parts, where each chain that had a record that day ended, and carries the hash of the seal before
it. It is signed, so that nobody who can write into tables and buckets can make another one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from lambdas.shared.domain.audit_chain import Point, canonical, day_of

VERSION = 1
SETTLE_MS = 3_600_000
"""A day is sealed so long after its end: whoever began a record before midnight has ended it, and the index by day,
which follows the table, has caught up."""
DUE_MS = 26 * 3_600_000
"""So long after its end a day without a seal is a finding (and an alarm)."""

type Verify = Callable[[str, bytes, bytes], bool]
"""Key, SHA-256 digest and signature to whether that key made it."""


def digest(data: bytes) -> str:
    """The SHA-256 of a text, in hex."""
    return hashlib.sha256(data).hexdigest()


def line_of(chain: str, seq: int, hash_: str, expires_at: int) -> bytes:
    """A chain's line in a part."""
    return canonical([chain, seq, hash_, expires_at]) + b"\n"


def points_in(part: bytes, day: str) -> Iterator[tuple[str, Point]]:
    """What a part says. ValueError for a part that is none."""
    for line in part.splitlines():
        chain, seq, hash_, expires_at = json.loads(line)
        yield str(chain), Point(day, int(seq), str(hash_), int(expires_at))


def next_day(day: str) -> str:
    """The day after."""
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def days_to_seal(last: str | None, now_ms: int) -> list[str]:
    """The days that want a seal, oldest first: all since the last one; without any, yesterday (or the day before).

    ValueError when the last one is of a day that is not over: nobody of us made it.
    """
    newest = day_before(day_of(now_ms - SETTLE_MS))
    if last is None:
        return [newest]
    if last > newest:
        raise ValueError(f"there is a seal of {last}, which is not to be sealed yet")
    days = []
    while last < newest:
        last = next_day(last)
        days.append(last)
    return days


def day_before(day: str) -> str:
    """The day before."""
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def seal_of(
    day: str, parts: Iterable[Mapping[str, Any]], before: Mapping[str, Any] | None, *, sealed_at: int, kept_days: int
) -> dict[str, Any]:
    """What is signed. ``before`` is the seal of the last day that has one; ``parts`` have key, sha256, chains, records.

    ``kept_until``: the day to which the seal is locked; until then it must be there.
    """
    listed = [dict(one) for one in parts]
    named = None
    if before is not None:
        named = {"day": before["day"], "hash": digest(canonical(before)), "kept_until": before["kept_until"]}
    return {
        "version": VERSION,
        "day": day,
        "before": named,
        "parts": listed,
        "chains": sum(one["chains"] for one in listed),
        "records": sum(one["records"] for one in listed),
        "sealed_at": sealed_at,
        "kept_until": day_of(sealed_at + kept_days * 86_400_000),
    }


def check_seal(
    day: str,
    found: Mapping[str, Any] | None,
    before: Mapping[str, Any] | None,
    verify: Verify,
    *,
    oldest_at: int | None = None,
) -> Iterator[str]:
    """What is wrong with the seal that lies under ``day``.

    ``found`` is ``{"seal", "key", "signature"}``, None for what could not be read. ``before`` is the good seal of the
    day before, if there is one. ``oldest_at`` (ms, now) is given for the oldest seal there is: the one that it names
    may be gone once its time is over.
    """
    if found is None:
        yield "is not readable as a seal"
        return
    seal = found["seal"]
    if not verify(found["key"], hashlib.sha256(canonical(seal)).digest(), found["signature"]):
        yield "forged or altered: its signature is not the stage's key's"
        return
    if seal.get("version") != VERSION or seal["day"] != day:
        yield f"is the seal of another day ({seal.get('day')}) or of another form"
    elif not isinstance(seal["parts"], list):
        yield "lists no parts"
    elif before is None:
        named = seal["before"]
        if named is not None and oldest_at is not None and named["kept_until"] >= day_of(oldest_at):
            yield f"the seal of {named['day']} before it is missing, and was to be kept until {named['kept_until']}"
    elif seal["before"] is None or seal["before"]["hash"] != digest(canonical(before)):
        yield f"does not follow the seal of {before['day']}"
