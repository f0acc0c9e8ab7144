"""``cosell audit report``: a report of the audit, written as it is read."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, TextIO

import config
from cli.audit_reveal import revealing
from cli.audit_words import Words
from cli.main import UserError
from cli.named_deals import links_of, unknown
from cli.progress import Progressing, progressing
from cli.stage import Place, place_of
from lambdas.shared.adapters.ledger import AuditTimeline, Links
from lambdas.shared.domain.audit_report import BadParameter, Query, query_of
from lambdas.shared.domain.audit_text import FORMATS, Text

_SHOWN_EVERY = 200
_FORMATS: Mapping[str, type[Text]] = {**FORMATS, "text": Words}


@dataclass(slots=True)
class Counted:
    """How many records were looked at, and how many the report has."""

    looked_at: int = 0
    written: int = 0


class Sink(Protocol):
    """Where a report goes."""

    def write(self, text: str, /) -> int:
        """Take the text."""
        ...

    def flush(self) -> None:
        """Keep none of it back."""
        ...


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``report``; ``--deal`` is another's too."""
    group = parser.add_argument_group("report")
    group.add_argument("--partner", help="only records of this partner")
    group.add_argument("--from", dest="first", metavar="DAY", help="the first day (UTC), 2026-11-01")
    group.add_argument("--to", dest="last", metavar="DAY", help="the last day (UTC), included; default today")
    group.add_argument(
        "--field", help="only what concerns this field: its name in the field map, or a HubSpot property"
    )
    group.add_argument(
        "--format",
        choices=sorted(_FORMATS),
        help="text: a line a record, for people (the default on a terminal); jsonl (else the default); csv",
    )
    group.add_argument(
        "--sealed", action="store_true", help="leave personal values sealed (without it the caller needs kms:Decrypt)"
    )
    group.add_argument("--output", type=Path, metavar="FILE", help="default the standard output")


def run(arguments: argparse.Namespace) -> int:
    """Write the report; how much it was goes to the standard error."""
    place = place_of(arguments.stage)
    query = asked(arguments, config.render_settings(config.load(), place.stage))
    reader = timeline_of(place)
    reveal = None if arguments.sealed else revealing(place)
    text = _FORMATS[arguments.format or _usual(arguments.output)]()
    try:
        with _stream(arguments.output) as stream, progressing() as progress:
            counted = write(reader.report(query), text, stream, progress, reveal)
            if query.deal and not counted.looked_at and not _is_linked(query.deal, place):
                raise unknown(query.deal, "record in the audit")
    except BrokenPipeError:  # whoever reads has had enough (`| head`)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    print(f"{counted.written} records, of {counted.looked_at} looked at", file=sys.stderr)
    return 0


def _usual(file: Path | None) -> str:
    return "text" if file is None and sys.stdout.isatty() else "jsonl"


def _is_linked(deal_id: str, place: Place) -> bool:
    return bool(links_of(deal_id, Links(place.client("dynamodb"), place.output("LedgerTableName"))))


def asked(arguments: argparse.Namespace, settings: Mapping[str, Any]) -> Query:
    """What the arguments ask for; ``UserError`` names the argument and what is allowed."""
    given = {"deal": arguments.deal, "partner": arguments.partner, "field": arguments.field}
    given |= {"from": arguments.first, "to": arguments.last}
    try:
        return query_of(given, settings, datetime.fromtimestamp(time.time(), UTC).date())
    except BadParameter as bad:
        allowed = f" Allowed: {', '.join(bad.allowed)}." if bad.allowed else ""
        value = f" {given[bad.name]!r}" if given[bad.name] is not None else ""
        raise UserError(f"--{bad.name}{value}: {bad}{allowed}") from None


def timeline_of(place: Place) -> AuditTimeline:
    """The audit of a deployment stage in order of time."""
    return AuditTimeline(place.client("dynamodb"), place.output("AuditTableName"))


def write(
    steps: Iterable[Any],
    text: Text,
    stream: Sink,
    progress: Progressing,
    reveal: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
) -> Counted:
    """Write each record as it comes; nothing of it is kept. ``reveal`` opens its sealed values."""
    counted = Counted()
    stream.write(text.begin())
    for step in steps:
        if step.place.chain:  # else the end of a day
            counted.looked_at += 1
        if step.record is not None:
            stream.write(text.of(reveal(step.record) if reveal else step.record))
            counted.written += 1
        if not step.place.chain or counted.looked_at % _SHOWN_EVERY == 0:
            progress.listing(f"records to {_day(step.place.at)}", counted.looked_at)
    stream.flush()
    return counted


def _day(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).date().isoformat()


@contextmanager
def _stream(file: Path | None) -> Generator[TextIO]:
    """The standard output, or a file that is there under its name only when it is whole. It holds customers' values, so
    nobody else may read it."""
    if file is None:
        yield sys.stdout
        return
    part = file.with_name(f"{file.name}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
            yield stream
        part.replace(file)
    except OSError as error:
        raise UserError(f"--output {file}: {error.strerror or error}") from None
    finally:
        part.unlink(missing_ok=True)
