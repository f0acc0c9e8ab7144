"""No cell of an export is run as a formula."""

from __future__ import annotations

import pytest

from lambdas.shared.domain.spreadsheet import cell, row


@pytest.mark.parametrize("text", ["=1+1", "+49 30 1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_a_spreadsheet_would_run_is_text(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(("value", "text"), [("a=b", "a=b"), (None, ""), (5, "5"), (-5, "'-5"), ("'=1", "'=1")])
def test_everything_else_stays(value: object, text: str) -> None:
    assert cell(value) == text
    assert row([value, "="]) == [text, "'="]
