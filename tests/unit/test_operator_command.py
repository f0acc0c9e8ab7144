"""The operator's command reaches the stage that was named and no other, and says what is wrong without a traceback."""

from __future__ import annotations

import io
import json
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

import cli.dlq
import cli.secrets
from cli.main import UserError, main
from cli.stage import Place, deployed_outputs
from config import ConfigurationError, Finding
from lambdas.shared.errors import Unauthorized

HOME = "111111111111"
OPTIONS = {"region_name": "eu-central-1", "aws_access_key_id": "none", "aws_secret_access_key": "none"}


def stubbed() -> tuple[Any, Stubber]:
    client = boto3.client("cloudformation", **OPTIONS)
    return client, Stubber(client)


def stack(name: str, account: str = HOME, **outputs: str) -> dict[str, Any]:
    return {
        "Stacks": [
            {
                "StackName": name,
                "StackId": f"arn:aws:cloudformation:eu-central-1:{account}:stack/{name}/1",
                "CreationTime": "2026-01-01T00:00:00Z",
                "StackStatus": "CREATE_COMPLETE",
                "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()],
            }
        ]
    }


def test_only_the_named_stage_s_two_stacks_are_asked():
    client, answers = stubbed()
    answers.add_response(
        "describe_stacks", stack("cosell-dev-data", LedgerTableName="t"), {"StackName": "cosell-dev-data"}
    )
    answers.add_response("describe_stacks", stack("cosell-dev-sync", WebhookUrl="u"), {"StackName": "cosell-dev-sync"})
    with answers:
        assert deployed_outputs(client, "dev", HOME) == {"LedgerTableName": "t", "WebhookUrl": "u"}
        answers.assert_no_pending_responses()


def test_a_stage_that_is_not_deployed_is_named():
    client, answers = stubbed()
    answers.add_client_error("describe_stacks", "ValidationError", "Stack with id cosell-dev-data does not exist")
    with answers, pytest.raises(UserError, match=r"no stack cosell-dev-data.*cdk deploy 'dev/\*'"):
        deployed_outputs(client, "dev", HOME)


def test_credentials_of_another_account_are_not_taken_for_the_stage_s():
    client, answers = stubbed()
    answers.add_response("describe_stacks", stack("cosell-dev-data", "222222222222"), {"StackName": "cosell-dev-data"})
    with answers, pytest.raises(UserError, match="for account 222222222222; stage dev lies in 111111111111"):
        deployed_outputs(client, "dev", HOME)


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


class Secrets:
    """Secrets Manager with one secret in memory."""

    class exceptions:
        class ResourceNotFoundException(Exception): ...

    def __init__(self, **stored: Any) -> None:
        self.document = stored

    def get_secret_value(self, **_: Any) -> dict[str, str]:
        return {"SecretString": json.dumps(self.document)}

    def put_secret_value(self, SecretString: str, **_: Any) -> None:
        self.document = json.loads(SecretString)


@pytest.mark.parametrize(
    ("options", "urls"),
    [
        ([], ["https://new/webhook", "https://new/webhook/aws", "https://old/webhook", "https://hooks.example.com"]),
        (["--target-url", "https://hooks.example.com"], ["https://hooks.example.com"]),
    ],
)
def test_a_recreated_api_s_address_is_accepted_without_being_stated(
    options: list[str], urls: list[str], monkeypatch: pytest.MonkeyPatch
):
    stored = Secrets(client_secrets=["s"], target_urls=["https://old/webhook", "https://hooks.example.com"])
    outputs = {"WebhookUrl": "https://new/webhook", "WebhookUrlAws": "https://new/webhook/aws"}
    here = Place("sandbox", {"HubspotWebhookSecret": "name", **outputs}, OPTIONS)
    monkeypatch.setattr(Place, "client", lambda _self, _service: stored)
    monkeypatch.setattr(cli.secrets, "place_of", lambda _stage: here)
    monkeypatch.setattr("sys.stdin", io.StringIO("typed\n"))
    assert main(["secrets", "set", "hubspot-webhook", *options]) == 0
    assert stored.document == {"client_secrets": ["typed"], "target_urls": urls}
