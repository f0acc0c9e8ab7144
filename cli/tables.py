"""What commands print for many records: a table for a person, JSON lines for a program, CSV for a spreadsheet."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TextIO

from lambdas.shared.domain.spreadsheet import row

_UNFOLDED = 400


class Output(Protocol):
    """Where records go, one after the other."""

    def add(self, record: Mapping[str, Any]) -> None:
        """One record: column to value."""
        ...


class _Table:
    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns
        self._rows: list[list[str]] = []

    def add(self, record: Mapping[str, Any]) -> None:
        self._rows.append([_text(record.get(name)) for name in self._columns])

    def show(self, stream: TextIO) -> None:
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        if not self._rows:
            return
        table = Table(box=None, header_style="bold", pad_edge=False)
        for name in self._columns:
            table.add_column(name, overflow="fold")
        for cells in self._rows:
            table.add_row(*(Text(each) for each in cells))  # text of a customer is no markup
        width = None if stream.isatty() else _UNFOLDED  # a file or a pipe has lines of its own length
        console = Console(file=stream, highlight=False, width=width)
        console.print(table)


class _Json:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def add(self, record: Mapping[str, Any]) -> None:
        self._stream.write(json.dumps(record, ensure_ascii=False) + "\n")


class _Csv:
    def __init__(self, stream: TextIO, columns: Sequence[str]) -> None:
        self._writer = csv.writer(stream)
        self._columns = columns
        self._writer.writerow(columns)

    def add(self, record: Mapping[str, Any]) -> None:
        self._writer.writerow(row(_text(record.get(name)) for name in self._columns))


@contextmanager
def output(columns: Sequence[str], *, as_json: bool = False, csv_file: Path | None = None) -> Generator[Output]:
    """Records as JSON lines or a table on the standard output, or into a CSV file as they come.

    A cell that a spreadsheet would take for a formula gets an apostrophe.
    """
    if csv_file is not None:
        with csv_file.open("w", encoding="utf-8", newline="") as stream:
            yield _Csv(stream, columns)
    elif as_json:
        yield _Json(sys.stdout)
    else:
        table = _Table(columns)
        try:
            yield table
        finally:
            table.show(sys.stdout)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {each}" for name, each in value.items())
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(str(each) for each in value)
    return str(value)
