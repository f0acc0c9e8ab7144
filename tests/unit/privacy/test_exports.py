"""Whatever we write for a spreadsheet goes through the one place that makes formulas harmless."""

from __future__ import annotations

from pathlib import Path

from lambdas.shared.domain.spreadsheet import row

ROOT = Path(__file__).resolve().parents[3]


def test_every_csv_of_ours_is_written_through_the_escape():
    writing = []
    for folder in ("cli", "lambdas", "config", "benchmarks"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = path.read_text()
            if "csv.writer(" in text or "csv.DictWriter(" in text:
                writing.append(path.name)
                assert "lambdas.shared.domain.spreadsheet import" in text, path
    assert "tables.py" in writing


def test_a_cell_that_a_spreadsheet_would_run_is_text():
    cells = list(row(["=HYPERLINK(1)", "@SUM(1)", "+49 30", "-1+2", "\t=1", "plain"]))
    assert [one[:1] for one in cells[:5]] == ["'"] * 5
    assert cells[5] == "plain"
