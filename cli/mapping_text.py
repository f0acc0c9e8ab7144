"""A preview as text for a person."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from cli.mapping_preview import FieldPreview, Preview

_COLUMNS = ("field", "what", "value", "from", "at the partner", "why", "rule")
_WIDTH = 200


def as_text(preview: Preview) -> str:
    """Headline, one row for each field, what is missing, and what the deal would show."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    stream = io.StringIO()
    console = Console(file=stream, highlight=False, width=_WIDTH)
    record = f", opportunity {preview.opportunity_id}" if preview.opportunity_id else ""
    console.print(Text(f"{preview.label}, deal {preview.deal_id}{record}: would {preview.would}"))
    if preview.fields:
        table = Table(box=None, header_style="bold", pad_edge=False)
        for name in _COLUMNS:
            table.add_column(name, overflow="fold")
        for each in preview.fields:
            table.add_row(*(Text(cell) for cell in _row(each)))
        console.print(table)
    for line in _rest(preview):
        console.print(Text(line))
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def _row(each: FieldPreview) -> tuple[str, ...]:
    sources = "; ".join(f"{name}={text}" for name, text in each.sources.items())
    origin = f"{sources} via {each.transform}" if sources else each.transform
    place = f"{each.path} ({each.line})"
    return (each.field, each.what, shown(each.value), origin, shown(each.at_partner), each.why, place)


def _rest(preview: Preview) -> Iterator[str]:
    for each in preview.problems:
        allowed = f" Allowed: {', '.join(each['allowed'])}." if each["allowed"] else ""
        yield f"  missing: {each['message']}{allowed}"
    if preview.steps:
        yield f"  then: {', '.join(preview.steps)}"
    for name, (before, after) in preview.deal.items():
        yield f"  deal.{name}: {_quoted(before)} becomes {_quoted(after)}"
    for each in preview.tell:
        yield f"  {each}"


def shown(value: Any) -> str:
    """A value of the partner's as one line."""
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, Mapping)) else str(value)


def _quoted(text: str | None) -> str:
    return json.dumps(text, ensure_ascii=False) if text else "empty"
