"""A report of the audit over a great many records: does its memory stay where it is?

The records are made as they are asked for, by a stand-in for DynamoDB's client: what is measured is our reading,
merging and writing, and no record is anywhere but in our hands.
"""

from __future__ import annotations

import io
import time
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from cli.audit_report import write
from cli.progress import Progressing
from lambdas.shared.adapters.ledger import AuditTimeline
from lambdas.shared.domain.audit_chain import SHARDS, day_of, sort_of
from lambdas.shared.domain.audit_report import Query, begin_of
from lambdas.shared.domain.audit_text import FORMATS

FIRST = date(2026, 11, 1)
DAYS = 28
_STATUS, _FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_TEXT = "A call with the architects about the next step " * 5
MOST_MB = 24
"""What the report may hold at once: a small page of keys of each partition of a day, and one batch of records."""


@dataclass(frozen=True)
class MadeUp:
    """``query`` and ``batch_get_item`` of a table of ``records`` records, evenly over ``days`` days from ``FIRST``.

    A record's number is its sort key; everything else about it follows from that.
    """

    records: int
    days: int

    @property
    def per_day(self) -> int:
        """Records of a day."""
        return -(-self.records // self.days)

    def query(self, **request: Any) -> dict[str, Any]:
        """A page of the index by day, whose partition ``…#07`` has every sixteenth record."""
        values = request["ExpressionAttributeValues"]
        day, _, shard = values[":key"]["S"].partition("#")
        number = (date.fromisoformat(day) - FIRST).days
        begin, end = number * self.per_day, min((number + 1) * self.per_day, self.records)
        after = request.get("ExclusiveStartKey")
        start = begin + int(shard) if after is None else int(after["sk"]["S"]) + SHARDS
        page = range(start, end, SHARDS)[: request["Limit"]]
        found = [self._keys(one) for one in page]
        more = {"LastEvaluatedKey": found[-1]} if page and page[-1] + SHARDS < end else {}
        return {"Items": found, **more}

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:
        """Whole records."""
        ((table, asked),) = RequestItems.items()
        return {"Responses": {table: [self._record(int(key["sk"]["S"])) for key in asked["Keys"]]}}

    def _at(self, number: int) -> int:
        day, place = divmod(number, self.per_day)
        return begin_of(FIRST + timedelta(days=day)) + place * (86_400_000 // self.per_day)

    def _keys(self, number: int) -> dict[str, Any]:
        at = self._at(number)
        return {
            "pk": {"S": f"link#aws#d{number % 997}"},
            "sk": {"S": sort_of(number)},
            "day": {"S": f"{day_of(at)}#{number % SHARDS:02d}"},
            "at": {"N": str(at)},
            "seq": {"N": str(number)},
            "hash": {"S": f"{number:064x}"},
            "partner": {"S": "aws"},
            "expires_at": {"N": str(at // 1000 + 220_000_000)},
        }

    def _record(self, number: int) -> dict[str, Any]:
        changes = (
            f'[{{"field":"amount","before":"{number}","after":"{number + 1}","winner":"deal","rule":"create"}},'
            f'{{"field":"next_step","before":null,"after":"={_TEXT} {number}","rule":"last-write-wins"}}]'
        )
        return {
            **self._keys(number),
            "kind": {"S": "intent"},
            "operation": {"S": "UpdateOpportunity"},
            "run_id": {"S": f"{number:036x}"},
            "deal_id": {"S": str(number % 997)},
            "opportunity_id": {"S": f"O{number % 997}"},
            "trigger": {"S": "hubspot"},
            "changes": {"S": changes},
        }


class Nowhere(io.TextIOBase):
    """Counts what is written, and keeps none of it."""

    def __init__(self) -> None:
        self.lines, self.bytes = 0, 0

    def write(self, text: str, /) -> int:
        """Count it."""
        self.lines += text.count("\n")
        self.bytes += len(text)
        return len(text)


def report(records: int, days: int, form: str, *, traced: bool = False) -> dict[str, Any]:
    """One report. ``peak_mb``: with ``traced``, the most that Python's objects took at once beyond what was there
    before; else how far the process itself grew (Linux)."""
    timeline = AuditTimeline(MadeUp(records, days), "audit")
    query = Query(first=FIRST, last=FIRST + timedelta(days=days - 1))
    sink, began = Nowhere(), time.perf_counter()
    traced = traced or not _FORGET.exists()
    size = 0.0 if traced else _most_resident_mb(anew=True)
    if traced:
        tracemalloc.start()
    try:
        counted = write(_in_order(timeline.report(query)), FORMATS[form](), sink, Progressing())
        peak = tracemalloc.get_traced_memory()[1] / 1e6 if traced else _most_resident_mb() - size
    finally:
        tracemalloc.stop()
    return {
        "records": counted.written,
        "lines": sink.lines,
        "written_mb": round(sink.bytes / 1e6, 1),
        "seconds": round(time.perf_counter() - began, 1),
        "peak_mb": round(peak, 1),
    }


def measure(records: int) -> dict[str, Any]:
    """A tenth of the records, then all of them, each in a process of its own: the peak must not follow the number."""
    found: dict[str, Any] = {"most_mb": MOST_MB}
    for number in (records // 10, records):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
            found[f"{number:,} as csv"] = fresh.submit(report, number, DAYS, "csv").result()
    return found


def _most_resident_mb(*, anew: bool = False) -> float:
    """The most memory that this process had at once, since it began or was asked ``anew``. Linux's own count:
    ``ru_maxrss`` begins with what the parent had."""
    if anew:
        _FORGET.write_text("5")
    (line,) = (line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / 1e6


def _in_order(steps: Any) -> Iterator[Any]:
    last = None
    for step in steps:
        if last is not None and step.place < last:
            raise AssertionError(f"{step.place} came after {last}")
        last = step.place
        yield step
