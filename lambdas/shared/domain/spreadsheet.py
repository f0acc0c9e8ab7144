"""Cells of a CSV file that a person opens in a spreadsheet: what would be run there as a formula becomes text. Pure."""

from __future__ import annotations

from typing import Any

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(value: Any) -> str:
    """The cell of a value: ``""`` for None, and an apostrophe before what a spreadsheet takes for a formula.

    https://owasp.org/www-community/attacks/CSV_Injection
    """
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text


def row(values: Any) -> list[str]:
    """The cells of a row."""
    return [cell(each) for each in values]
