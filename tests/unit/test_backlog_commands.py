"""What ``cosell backfill`` and ``cosell reconcile`` stand on: the place's resources, tables, pace, and wrong usage."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import pytest

import cli.backfill
import config
from cli.main import UserError, main
from cli.pace import TRIES, Pace
from cli.stage import Place
from cli.sync_access import access_to, variables
from cli.tables import output
from lambdas.shared.errors import Retryable, Throttled

OUTPUTS = {
    name: f"the {name}"
    for name in (
        "LedgerTableName",
        "RunsTableName",
        "HubspotTokenSecret",
        "AwsInboxUrl",
        "MicrosoftInboxUrl",
        "GoogleInboxUrl",
        "MicrosoftAccessSecret",
    )
}
KEYS = {"aws_access_key_id": "none", "aws_secret_access_key": "none", "endpoint_url": "http://127.0.0.1:1"}
ALL = ("aws", "microsoft", "google")
VENDORS = {name: f"http://127.0.0.1:2/{name}" for name in ("hubspot", "partner_central", "microsoft", "google")}


def sandbox(**outputs: str) -> Place:
    return Place("sandbox", {**OUTPUTS, **outputs}, {"region_name": "us-east-1", **KEYS}, VENDORS)


def test_the_sandbox_s_vendors_are_asked_in_the_places_of_the_real_ones() -> None:
    found = variables(sandbox(), config.load(), ALL)
    assert found["COSELL_HUBSPOT_API_URL"] == VENDORS["hubspot"]
    assert found["AWS_ENDPOINT_URL_PARTNERCENTRAL_SELLING"] == VENDORS["partner_central"]
    assert found["COSELL_GOOGLE_TOKEN_URL"] == f"{VENDORS['google']}/token"
    assert found["COSELL_AWS_INBOX_URL"] == "the AwsInboxUrl"


def test_a_real_stage_is_reached_by_its_linked_account_s_role_and_with_the_operator_s_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in (("ACCESS_KEY_ID", "mine"), ("SECRET_ACCESS_KEY", "my secret"), ("SESSION_TOKEN", "my token")):
        monkeypatch.setenv(f"AWS_{name}", value)
    place = Place("dev", OUTPUTS, {"region_name": "eu-central-1"})
    found = variables(place, config.load(), ALL)
    assert found["COSELL_PARTNER_CENTRAL_ROLE_ARN"] == "arn:aws:iam::333333333333:role/HubSpotPartnerCentralServiceRole"
    assert found["COSELL_HUBSPOT_API_URL"] == "https://api.hubapi.com"
    assert (found["AWS_ACCESS_KEY_ID"], found["AWS_SESSION_TOKEN"]) == ("mine", "my token")
    assert found["AWS_REGION"] == "eu-central-1"
    assert not [name for name in found if "ENDPOINT" in name or (name.endswith("_URL") and "127.0.0.1" in found[name])]
    aws = variables(place, config.load(), ["aws"])
    assert not [name for name in aws if "KEY" in name or "MICROSOFT" in name], "they renew themselves, unless told"


def test_an_output_that_is_missing_is_named() -> None:
    place = Place("dev", {**OUTPUTS}, {"region_name": "eu-central-1", **KEYS})
    del place.outputs["MicrosoftAccessSecret"]
    with pytest.raises(UserError, match="MicrosoftAccessSecret"):
        variables(place, config.load(), ALL)


def test_all_partners_are_put_together_and_the_environment_is_left_as_it_was() -> None:
    before = dict(os.environ)
    with access_to(sandbox()) as access:
        assert os.environ["COSELL_LEDGER_TABLE"] == "the LedgerTableName"
        assert {name: one.quota_key for name, one in access.partners.items()} == {
            "aws": "aws#Sandbox",
            "microsoft": "microsoft#account",
            "google": "google#account",
        }
        assert [rule.path for rule in access.partners["aws"].rules if rule.name == "title"] == ["Project.Title"]
    assert dict(os.environ) == before
    with access_to(sandbox(), "google") as access:
        assert list(access.partners) == ["google"]
    unknown = pytest.raises(UserError, match=r"partner oracle is not on in sandbox; it has aws, microsoft, google")
    with unknown, access_to(sandbox(), "oracle"):
        pass
    assert dict(os.environ) == before


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["backfill", "--resume", "b1"], "--resume and --anew go with --apply"),
        (["backfill", "--anew"], "--resume and --anew go with --apply"),
        (["backfill", "--apply", "--resume", "b1", "--partner", "aws"], "name nothing else with it"),
    ],
)
def test_what_does_not_go_together_is_said(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 1
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["backfill", "--limit", "0"],
        ["backfill", "--per-second", "50"],
        ["backfill", "--day-share", "2"],
        ["reconcile", "--since", "yesterday"],
        ["reconcile", "--window", "0"],
    ],
)
def test_a_wrong_value_is_wrong_usage(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2


def test_a_scope_is_taken_up_again_as_it_was() -> None:
    import argparse

    parser = argparse.ArgumentParser()
    cli.backfill.add(parser)
    words = ["--partner", "aws", "--deal", "7", "--deal", "5", "--limit", "3", "--create-all-the-same"]
    scope = cli.backfill.scope_of(parser.parse_args(words))
    other = parser.parse_args([])
    cli.backfill.take_scope(other, scope)
    assert (other.partner, other.deal, other.limit, other.create_all_the_same) == ("aws", ["5", "7"], 3, True)
    assert cli.backfill.scope_of(other) == scope


def test_a_csv_file_has_no_formula_and_json_has_everything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record: dict[str, Any] = {"title": "=cmd()", "names": ("a", "b"), "none": None, "also": {"x": 1}}
    with output(("title", "names", "none", "also"), csv_file=tmp_path / "it.csv") as out:
        out.add(record)
    with (tmp_path / "it.csv").open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [["title", "names", "none", "also"], ["'=cmd()", "a, b", "", "x: 1"]]
    with output(("title",), as_json=True) as out:
        out.add(record)
    assert json.loads(capsys.readouterr().out) == {
        "title": "=cmd()",
        "names": ["a", "b"],
        "none": None,
        "also": {"x": 1},
    }
    with output(("title",)) as out:
        out.add({"title": "[bold]x"})
    assert "[bold]x" in capsys.readouterr().out, "text of a customer is no markup"


def test_turns_keep_their_distance() -> None:
    slept: list[float] = []
    pace = Pace(4, clock=lambda: 10.0 + sum(slept), sleep=slept.append)
    for _ in range(3):
        pace.turn()
    assert slept == [0.25, 0.25]


def test_a_vendor_s_word_is_heeded_and_there_is_an_end() -> None:
    slept: list[float] = []
    pace = Pace(1e9, clock=lambda: 0.0, sleep=lambda seconds: slept.append(round(seconds, 3)))
    answers: list[Any] = [Throttled("slow", 7), Retryable("down"), "done"]

    def work() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert pace.patiently(work) == "done"
    assert [each for each in slept if each] == [7, 2]
    answers[:] = [Retryable("down")] * TRIES
    with pytest.raises(Retryable):
        pace.patiently(work)
    assert answers == []
