"""The operator's command reaches the stage that was named and no other, and says what is wrong without a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

import cli.dlq
from cli.main import UserError, main
from cli.stage import Place, deployed_outputs
from config import ConfigurationError, Finding
from lambdas.shared.errors import Unauthorized

HOME = "111111111111"
OPTIONS = {"region_name": "eu-central-1", "aws_access_key_id": "none", "aws_secret_access_key": "none"}


def stubbed() -> tuple[Any, Stubber]:
    client = boto3.client("cloudformation", **OPTIONS)
    return client, Stubber(client)


def stack(name: str, account: str = HOME, stage: str = "dev", **outputs: str) -> dict[str, Any]:
    return {
        "StackName": name,
        "StackId": f"arn:aws:cloudformation:eu-central-1:{account}:stack/{name}/1",
        "CreationTime": "2026-01-01T00:00:00Z",
        "StackStatus": "CREATE_COMPLETE",
        "Tags": [{"Key": "deployment-stage", "Value": stage}],
        "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()],
    }


def test_outputs_come_from_all_stacks_of_the_named_stage_and_of_no_other():
    client, answers = stubbed()
    first = [stack("cosell-dev-data", LedgerTableName="t"), stack("cosell-dev-eu-data", stage="dev-eu", Other="no")]
    second = [stack("cosell-dev-sync", WebhookUrl="u"), stack("cosell-dev-audit", Bucket="b"), stack("dev", Mine="no")]
    answers.add_response("describe_stacks", {"Stacks": first, "NextToken": "more"}, {})
    answers.add_response("describe_stacks", {"Stacks": second}, {"NextToken": "more"})
    with answers:
        assert deployed_outputs(client, "dev", HOME) == {"LedgerTableName": "t", "WebhookUrl": "u", "Bucket": "b"}
        answers.assert_no_pending_responses()


def test_a_stage_that_is_not_deployed_is_named():
    client, answers = stubbed()
    answers.add_response("describe_stacks", {"Stacks": [stack("cosell-dev-sync")]})
    with answers, pytest.raises(UserError, match=r"no stack cosell-dev-data.*cdk deploy 'dev/\*'"):
        deployed_outputs(client, "dev", HOME)


def test_credentials_of_another_account_are_not_taken_for_the_stage_s():
    client, answers = stubbed()
    answers.add_response("describe_stacks", {"Stacks": [stack("cosell-dev-data", "222222222222")]})
    with answers, pytest.raises(UserError, match="for account 222222222222; stage dev lies in 111111111111"):
        deployed_outputs(client, "dev", HOME)


def test_a_stack_that_a_command_needs_and_the_stage_lacks_is_named():
    with pytest.raises(UserError, match="no stack cosell-dev-audit"):
        Place("dev", {"LedgerTableName": "t"}, OPTIONS).outputs_of("audit", "AuditVaultBucket")


@pytest.mark.parametrize(
    "error",
    [
        ConfigurationError([Finding("stages.yaml", 3, "stages.dev.region", "unknown")]),
        Unauthorized("the table may not be read"),
    ],
)
def test_what_a_person_can_put_right_is_said_in_one_line(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def fail(_stage: str) -> Place:
        raise error

    monkeypatch.setattr(cli.dlq, "place_of", fail)
    assert main(["dlq", "list"]) == 1
    assert capsys.readouterr().err == f"cosell dlq: {error}\n"


def test_a_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cli.dlq, "place_of", lambda _stage: None)
    with pytest.raises(AttributeError):
        main(["dlq", "list"])


def test_a_reader_that_has_enough_is_no_traceback() -> None:
    nobody_reads = "import os, sys; r, w = os.pipe(); os.close(r); os.dup2(w, 1); from cli.main import main; "
    done = subprocess.run(
        [sys.executable, "-c", f"{nobody_reads}sys.exit(main(['check']))"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, "")


def test_the_hubspot_app_is_written_into_the_folder_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    checked_in = Path(__file__).parents[2] / "hubspot_app"
    monkeypatch.chdir(tmp_path)
    assert main(["hubspot", "app"]) == 0
    written = {str(path.relative_to(tmp_path / "hubspot_app")) for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {str(path.relative_to(checked_in)) for path in checked_in.rglob("*") if path.is_file()}
    assert "hubspot_app/src" in capsys.readouterr().out
