"""The audit in order of time: what a report reads, from its beginning or from behind any place in it.

Memory does not grow with a report: the partitions of a day are merged with one small page of keys of each in hand, and
whole records are read some at a time.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from lambdas.shared.adapters.ledger.answers import AwsClient
from lambdas.shared.adapters.ledger.audit_reading import DAY_INDEX, DEAL_INDEX, AuditReader
from lambdas.shared.domain.audit_chain import day_keys
from lambdas.shared.domain.audit_report import Place, Query, Reveal, begin_of, end_of, fields_in, only, place_of, shown

_KEYS_AT_ONCE = 200  # of each of a day's partitions
_RECORDS_AT_ONCE = 50  # a record may have 400 KB
_REMEMBERED = 1_000


@dataclass(frozen=True, slots=True)
class Step:
    """How far a report is, and the record there as it is shown; None where the report does not have the record, and at
    the end of a day."""

    place: Place
    record: dict[str, Any] | None = None


class AuditTimeline(AuditReader):
    """``AuditTimeline(client, table, reveal=f)``; ``reveal`` makes personal values readable, None leaves them as they
    are kept. ``at_once``: how many records are read with one call.

    The indexes follow the table by about a second: a report of this very moment may lack its last records.
    """

    def __init__(
        self, client: AwsClient, table: str, *, reveal: Reveal | None = None, at_once: int = _RECORDS_AT_ONCE
    ) -> None:
        super().__init__(client, table)
        self._reveal, self._at_once = reveal, at_once
        self._fields_of: OrderedDict[tuple[str, str], frozenset[str]] = OrderedDict()

    def report(self, query: Query, after: Place | None = None) -> Iterator[Step]:
        """Everything that is looked at for a report, in order of time, from behind ``after``."""
        if query.deal is not None:
            yield from (self._step(record, query) for record in self._of_deal(query, after))
            return
        for day in query.days(after):
            yield from (self._step(record, query) for record in self._of_day(day, after))
            yield Step(end_of(day))

    def _of_deal(self, query: Query, after: Place | None) -> Iterator[dict[str, Any]]:
        since = query.since if after is None else max(query.since, after.at)
        found = self._query(DEAL_INDEX, "deal_id", str(query.deal), since, query.until, page=_KEYS_AT_ONCE)
        return self._whole(_behind(_in_order(found), after), self._at_once)

    def _of_day(self, day: date, after: Place | None) -> Iterator[dict[str, Any]]:
        since, until = begin_of(day), end_of(day).at
        since = since if after is None else max(since, after.at)
        parts = (
            _in_order(self._query(DAY_INDEX, "day", key, since, until, page=_KEYS_AT_ONCE))
            for key in day_keys(day.isoformat())
        )
        return self._whole(_behind(heapq.merge(*parts, key=place_of), after), self._at_once)

    def _step(self, record: Mapping[str, Any], query: Query) -> Step:
        place = place_of(record)
        if query.partner not in (None, record.get("partner")):
            return Step(place)
        readable = shown(record)
        if query.field is not None:
            if not query.fields & self._about(record, readable):
                return Step(place)
            readable = only(readable, query.fields)
        return Step(place, self._reveal(readable) if self._reveal else readable)

    def _about(self, record: Mapping[str, Any], readable: Mapping[str, Any]) -> frozenset[str]:
        """The fields of a record; of an outcome, those of its intent, which came just before it as a rule."""
        key = (str(record["pk"]), str(record["sk"]))
        if record.get("kind") != "outcome":
            return self._remember(key, fields_in(readable))
        intent = (key[0], str(record.get("intent", "")))
        if intent not in self._fields_of:
            found = self._one(intent) if intent[1] else None
            return self._remember(intent, fields_in(shown(found)) if found else frozenset())
        return self._fields_of[intent]

    def _remember(self, key: tuple[str, str], fields: frozenset[str]) -> frozenset[str]:
        self._fields_of[key] = fields
        while len(self._fields_of) > _REMEMBERED:
            self._fields_of.popitem(last=False)
        return fields


def _in_order(found: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The index is in order of time, and says nothing of the order of what happened within one millisecond."""
    for _, together in groupby(found, key=lambda item: place_of(item).at):
        yield from sorted(together, key=place_of)


def _behind(found: Iterable[dict[str, Any]], after: Place | None) -> Iterator[dict[str, Any]]:
    return (item for item in found if after is None or place_of(item) > after)
