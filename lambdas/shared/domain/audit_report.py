"""Reports of the audit: what may be asked for, which records are in it, and how they look. No I/O.

A report goes in order of time. As JSON a record stays one record; as CSV it has one row for each field that it is
about, and one row where it is about none (an outcome, a pause).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

type Reveal = Callable[[Any], Any]
"""Takes a record (or any value in it) with personal values as they are kept, gives it as a person may read it."""

PARAMETERS = ("deal", "partner", "from", "to", "field")
_DEAL = re.compile(r"[0-9]{1,20}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAY_MS = 86_400_000
LATEST_MS = 10**14
"""No record is later (the year 5138)."""

_MOST_DAYS = 20 * 366  # longer than any record is kept; each day is asked for, also an empty one
# Lists in a record, stored as JSON text; each entry of a list is about one field.
_LISTS = ("changes", "conflicts", "problems", "picked", "blocked", "withheld", "together")
_NAMES = {"deal_id": "deal", "opportunity_id": "opportunity", "run_id": "execution", "pk": "chain"}
_NOT_SHOWN = frozenset({"sk", "day", "at", "prev", "prev_at", "prev_expires_at", "expires_at"})

COLUMNS = (
    *("when", "partner", "deal", "opportunity", "kind", "operation", "execution", "trigger", "actor"),
    *("field", "before", "after", "winner", "rule", "result", "reason", "correlation_id", "chain", "seq", "intent"),
)
"""Of the CSV. ``intent``: of an outcome, the number in its chain of the intent that it belongs to."""


class Place(NamedTuple):
    """A record's place in a report, by which all of them are in order: time (ms), chain, sort key."""

    at: int
    chain: str = ""
    sort: str = ""


class BadParameter(Exception):
    """A parameter that nothing can be asked with. The text says what is wrong, ``allowed`` what would do."""

    def __init__(self, name: str, message: str, allowed: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.name, self.allowed = name, tuple(allowed)


@dataclass(frozen=True, slots=True)
class Query:
    """What a report is about. ``first`` and ``last`` are UTC days, both included; None: from the beginning, to now.
    ``field`` as it was asked for, ``also`` the names under which the same stands on record."""

    deal: str | None = None
    partner: str | None = None
    first: date | None = None
    last: date | None = None
    field: str | None = None
    also: frozenset[str] = frozenset()

    @property
    def fields(self) -> frozenset[str]:
        """The names of the field that is asked for; empty for a report of all fields."""
        return self.also | {self.field} if self.field else frozenset()

    @property
    def since(self) -> int:
        """The first millisecond."""
        return begin_of(self.first) if self.first else 0

    @property
    def until(self) -> int:
        """The first millisecond that is not in it any more."""
        return begin_of(self.last) + _DAY_MS if self.last else LATEST_MS

    def days(self, after: Place | None = None) -> Iterator[date]:
        """The days of the report, from the one on which ``after`` is."""
        assert self.first is not None and self.last is not None  # noqa: PT018, S101 - `query_of` made sure of it
        day = self.first if after is None else max(self.first, datetime.fromtimestamp(after.at / 1000, UTC).date())
        while day <= self.last:
            yield day
            day += timedelta(days=1)


def begin_of(day: date) -> int:
    """The first millisecond of a UTC day."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def end_of(day: date) -> Place:
    """The place behind all records of a day."""
    return Place(begin_of(day) + _DAY_MS)


def query_of(given: Mapping[str, str | None], settings: Mapping[str, Any], today: date) -> Query:
    """What ``given`` (texts by name, see ``PARAMETERS``) asks for. ``settings`` is the stage's settings document.

    Without a deal the days must be said: ``from``, and ``to`` is today unless it is said too.

    Raises:
        BadParameter: it names which, and what is allowed.
    """
    deal, partner, field = given.get("deal"), given.get("partner"), given.get("field")
    if deal is not None and not _DEAL.fullmatch(deal):
        raise BadParameter("deal", "The deal's id in HubSpot is a whole number of 20 digits at most.")
    partners = settings["partners"]
    if partner is not None and partner not in partners:
        raise BadParameter("partner", "There is no such partner in this stage.", sorted(partners))
    if field is not None and field not in (known := fields_of(settings, partner)):
        whose = f"{partner}'s field map" if partner else "any partner's field map"
        raise BadParameter("field", f"No field of this name is in {whose}.", known)
    also = _names_of(field, settings, partner) if field is not None else frozenset[str]()
    first, last = _day(given, "from"), _day(given, "to")
    if first is not None and last is not None and last < first:
        raise BadParameter("to", f"The last day must not be before the first, {first.isoformat()}.")
    if deal is not None:
        return Query(deal, partner, first, last, field, also)
    if first is None:
        raise BadParameter("from", "Say a deal, or the first day of the report.", ["YYYY-MM-DD"])
    earliest = today - timedelta(days=_MOST_DAYS)
    if first < earliest or (last is None and today < first):
        allowed = f"{earliest.isoformat()} to {today.isoformat()}"
        raise BadParameter("from", "No record can be of that day.", [allowed])
    return Query(None, partner, first, min(last or today, today + timedelta(days=1)), field, also)


def fields_of(settings: Mapping[str, Any], partner: str | None = None) -> list[str]:
    """What a report can be asked for by field: the names of the field map, and the HubSpot properties that it and the
    status name (what we show on a deal is on record by its property)."""
    found: set[str] = set()
    for rule in _rules(settings, partner):
        found |= {rule["name"], *(rule.get("properties") or ())}
    for name, one in settings["partners"].items():
        if partner in (None, name):
            found |= set(one["status_properties"].values())
    return sorted(found)


def _names_of(field: str, settings: Mapping[str, Any], partner: str | None) -> frozenset[str]:
    """Under which other names a change of a HubSpot property is on record: those of the rules that read it."""
    rules = (rule for rule in _rules(settings, partner) if field in (rule.get("properties") or ()))
    return frozenset(str(rule["name"]) for rule in rules) - {field}


def _rules(settings: Mapping[str, Any], partner: str | None) -> Iterator[Mapping[str, Any]]:
    for name, one in settings["partners"].items():
        if partner in (None, name):
            yield from (*one["fields"], *((one.get("lead") or {}).get("fields") or ()))


def place_of(record: Mapping[str, Any]) -> Place:
    """A record's place; what somebody put into the table without a time comes first."""
    at = record.get("at")
    return Place(at if type(at) is int else 0, str(record["pk"]), str(record["sk"]))


def shown(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record as a report has it: readable names, its time as text, lists as lists."""
    at = record.get("at")
    found: dict[str, Any] = {"when": _moment(at) if type(at) is int else None}
    for name, value in record.items():
        if name in _NOT_SHOWN:
            continue
        if name in _LISTS:
            found[name] = _list(value)
        elif name == "intent":
            found[name] = int(value) if str(value).isdecimal() else value
        else:
            found[_NAMES.get(name, name)] = value
    return found


def fields_in(record: Mapping[str, Any]) -> frozenset[str]:
    """The fields that a record as shown is about."""
    return frozenset(_field(entry) for name in _LISTS for entry in record.get(name, ()))


def only(record: dict[str, Any], names: Collection[str]) -> dict[str, Any]:
    """A record as shown, with what it says of fields of other names left out."""
    lists = {name: [one for one in record[name] if _field(one) in names] for name in _LISTS if name in record}
    return {name: lists.get(name, value) for name, value in record.items() if lists.get(name, True) != []}


def rows(record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows of a record as shown, by column."""
    common = {name: record[name] for name in COLUMNS if name in record}
    common["result"] = record.get("result", record.get("outcome"))
    empty = True
    for name in _LISTS:
        for entry in record.get(name, ()):
            empty = False
            yield common | {"field": _field(entry)} | _ENTRIES[name](entry if isinstance(entry, Mapping) else {})
    if empty:
        yield common


def _change(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: entry[name] for name in ("before", "after", "winner", "rule", "actor") if entry.get(name) is not None}


def _conflict(entry: Mapping[str, Any]) -> dict[str, Any]:
    both = {"deal": entry.get("deal_value"), "opportunity": entry.get("opportunity_value")}
    return {"before": entry.get("base"), "after": both, "winner": "nobody", "rule": "manual"}


def _picked(entry: Mapping[str, Any]) -> dict[str, Any]:
    winner = entry.get("winner")
    other = "deal" if winner == "opportunity" else "opportunity"
    found = {"before": entry.get(f"{other}_value"), "after": entry.get(f"{winner}_value"), "winner": winner}
    return {**found, "rule": entry.get("rule"), **({"actor": entry["by"]} if entry.get("by") else {})}


_ENTRIES: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "changes": _change,
    "conflicts": _conflict,
    "picked": _picked,
    "problems": lambda entry: {"rule": "problem", "reason": entry.get("message")},
    "blocked": lambda _: {"rule": "locked by the partner"},
    "withheld": lambda _: {"rule": "withheld: another partner wrote it"},
    "together": lambda entry: {"rule": f"waits with {entry.get('other')}: {entry.get('why')}"},
}


def _field(entry: Any) -> str:
    return str(entry.get("field", "")) if isinstance(entry, Mapping) else str(entry)


def _list(value: Any) -> list[Any]:
    """A list that was stored as JSON text; what is none is one entry, so that nothing is hidden."""
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        found = value
    return found if isinstance(found, list) else [found]


def _moment(at: int) -> str:
    try:
        return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError, OSError):
        return str(at)


def _day(given: Mapping[str, str | None], name: str) -> date | None:
    text = given.get(name)
    if text is None:
        return None
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise BadParameter(name, f"{name} must be a day (UTC) that the calendar has.", ["YYYY-MM-DD"])
