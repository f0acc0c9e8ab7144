"""`cosell audit report`: written as it is read, into a file that is whole or not there, and wrong usage."""

from __future__ import annotations

import csv
import json
import stat
from pathlib import Path

import pytest

import cli.audit_report
from benchmarks.audit_report import report
from cli.main import main
from cli.stage import Place
from lambdas.shared.adapters.ledger import Audit, Links
from lambdas.shared.errors import Retryable
from sandbox.fakes import FakeClock, FakeDynamoDb


class Stage:
    """A stage whose audit is in memory."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.dynamodb, self.clock = FakeDynamoDb(), FakeClock()
        self.audit = Audit(self.dynamodb, "the audit", self.clock, ledger="the ledger")
        place = Place("dev", {"AuditTableName": "the audit", "LedgerTableName": "the ledger"}, {})
        monkeypatch.setattr(Place, "client", lambda _place, _service: self.dynamodb)
        monkeypatch.setattr(cli.audit_report, "place_of", lambda _stage: place)

    def write(self, number: int) -> None:
        for each in range(number):
            changes = [{"field": "title", "after": f"=Müller {each}"}, {"field": "amount", "after": str(each)}]
            self.audit.intent("link#aws#d500", f"r{each}", changes=changes, deal_id="500", partner="aws")
            self.clock.advance(hours=1)


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(monkeypatch)


def test_json_lines_go_to_the_standard_output(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.write(3)
    assert main(["audit", "report", "--stage", "dev", "--deal", "500", "--field", "amount"]) == 0
    out, err = capsys.readouterr()
    lines = [json.loads(line) for line in out.splitlines()]
    assert [one["changes"] for one in lines] == [[{"field": "amount", "after": str(each)}] for each in range(3)]
    assert err == "3 records, of 3 looked at\n"


def test_a_property_finds_what_stands_on_record_under_the_map_s_name(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    changes = [{"field": "spend_amount", "before": "1", "after": "2", "rule": "only-deal-moved"}]
    sort = stage.audit.intent(
        "link#aws#d500", "r", changes=changes, deal_id="500", partner="aws", operation="UpdateOpportunity", actor="600"
    )
    about = {"deal_id": "500", "partner": "aws", "result": "Rejected", "reason": "AWS refused it"}
    stage.audit.outcome("link#aws#d500", "r", sort, **about)
    asked = ["--deal", "500", "--field", "amount", "--format", "text"]
    assert main(["audit", "report", "--stage", "dev", *asked]) == 0
    out, err = capsys.readouterr()
    first, second = out.splitlines()
    assert first.endswith(
        "deal 500  aws        writes the record at aws: spend_amount “1” → “2” (only-deal-moved); by 600"
    )
    assert "refused (record " in second
    assert second.endswith(": AWS refused it")
    assert err == "2 records, of 2 looked at\n"


def test_a_deal_of_which_nothing_is_known_is_said(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.write(1)
    assert main(["audit", "report", "--stage", "dev", "--deal", "999"]) == 1
    assert "nothing is known of a deal 999: no link, and no record in the audit" in capsys.readouterr().err
    Links(stage.dynamodb, "the ledger", stage.clock).open_for_deal("aws", "999", "hubspot")
    assert main(["audit", "report", "--stage", "dev", "--deal", "999"]) == 0


def test_a_terminal_reads_words_and_a_program_json(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.write(1)
    monkeypatch.setattr(cli.audit_report.sys.stdout, "isatty", lambda: True)
    assert main(["audit", "report", "--stage", "dev", "--deal", "500"]) == 0
    assert capsys.readouterr().out.startswith("2026-09-21 ")


def test_csv_goes_into_a_file_that_only_its_owner_reads(stage: Stage, tmp_path: Path) -> None:
    stage.write(30)
    file = tmp_path / "september.csv"
    asked = ["--from", "2026-09-22", "--to", "2026-09-22", "--partner", "aws", "--format", "csv"]
    assert main(["audit", "report", "--stage", "dev", *asked, "--output", str(file)]) == 0
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {one["when"][:10] for one in rows} == {"2026-09-22"}
    assert [one["after"] for one in rows][:2] == ["'=Müller 10", "10"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_report_that_breaks_off_leaves_the_file_of_before(
    stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.write(3)
    file = tmp_path / "report.jsonl"
    file.write_text("of before")
    stage.dynamodb.fail("batch_get_item", "InternalServerError", 500)
    assert main(["audit", "report", "--stage", "dev", "--deal", "500", "--output", str(file)]) == 1
    assert [one.read_text() for one in tmp_path.iterdir()] == ["of before"]
    assert Retryable.__name__ not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ([], "--from: Say a deal, or the first day of the report. Allowed: YYYY-MM-DD."),
        (["--deal", "x"], "--deal 'x': The deal's id in HubSpot is a whole number"),
        (
            ["--deal", "1", "--partner", "azure"],
            "--partner 'azure': There is no such partner in this stage. Allowed",
        ),
        (
            ["--deal", "1", "--field", "amuont"],
            "--field 'amuont': No field of this name is in any partner's field map",
        ),
        (["--from", "2026-13-01"], "--from '2026-13-01': from must be a day (UTC)"),
        (
            ["--from", "2026-11-02", "--to", "2026-11-01"],
            "--to '2026-11-01': The last day must not be before",
        ),
        (["--deal", "1", "--output", "/nowhere/at/all.csv"], "--output /nowhere/at/all.csv: No such file or directory"),
    ],
)
@pytest.mark.usefixtures("stage")
def test_wrong_usage_names_the_argument_and_what_is_allowed(
    asked: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "report", "--stage", "dev", *asked]) == 1
    assert said in capsys.readouterr().err


def test_memory_does_not_grow_with_a_report() -> None:
    """One day, so that all its partitions are merged; ``python -m benchmarks --only audit-report`` has a million."""
    found = report(6_000, 1, "jsonl", traced=True)
    assert (found["records"], found["lines"]) == (6_000, 6_000)
    assert found["written_mb"] > 4
    assert found["peak_mb"] < 12, "with every record in hand it would be 20"
