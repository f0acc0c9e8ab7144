"""A report of the audit as text: JSON lines, or CSV that a spreadsheet opens. Piece by piece. No I/O."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Any, Protocol

from lambdas.shared.domain.audit_report import COLUMNS, rows
from lambdas.shared.domain.spreadsheet import row


class Text(Protocol):
    """A report in the making: the text that begins it, then that of each record."""

    def begin(self) -> str:
        """What stands before the first record."""
        ...

    def of(self, record: Mapping[str, Any]) -> str:
        """A record as shown, as one or more whole lines."""
        ...


class JsonLines:
    """One record a line."""

    def begin(self) -> str:
        """Nothing."""
        return ""

    def of(self, record: Mapping[str, Any]) -> str:
        """The record's line."""
        return json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"


class Csv:
    """A header, then one row for each field of each record (RFC 4180). A cell that a spreadsheet would run as a formula
    has an apostrophe before it."""

    def begin(self) -> str:
        """The header."""
        return self._lines([list(COLUMNS)])

    def of(self, record: Mapping[str, Any]) -> str:
        """The record's rows."""
        return self._lines([row(_text(one.get(name)) for name in COLUMNS) for one in rows(record)])

    def _lines(self, cells: list[list[str]]) -> str:
        buffer = io.StringIO()
        csv.writer(buffer).writerows(cells)
        return buffer.getvalue()


FORMATS: Mapping[str, type[Text]] = {"jsonl": JsonLines, "csv": Csv}


def _text(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
