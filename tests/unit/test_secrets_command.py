"""``cosell secrets``: what is stored, what is refused, what stays valid, and that nothing of it is ever shown."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

import cli.secrets
import lambdas.shared.adapters.hubspot
from cli.main import main
from cli.stage import Place
from lambdas.shared.errors import NotFound, Unauthorized
from sandbox.fakes import FakeSecretsManager
from sandbox.hubspot.actors import ALL_SCOPES

OLD, NEW = "pat-na1-the-old-one", "pat-na1-the-new-one"
APP = {"tenant_id": "contoso.example", "client_id": "c", "client_secret": "the client's secret"}
KEY = {"type": "service_account", "client_email": "a@b.iam.gserviceaccount.com", "private_key": "-PRIVATE KEY-----"}
OUTPUTS = {
    "HubspotTokenSecret": "token",
    "HubspotWebhookSecret": "webhook",
    "MicrosoftAppSecret": "app",
    "GoogleKeySecret": "key",
    "WebhookUrl": "https://new/webhook",
    "WebhookUrlAws": "https://new/webhook/aws",
}


class Stage:
    """The command at a stage in memory. ``says`` is all that was printed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        hooks = {"client_secrets": ["0123456789"], "target_urls": ["https://old/webhook", "https://hooks.example.com"]}
        self.manager = FakeSecretsManager(
            token=json.dumps({"access_token": OLD}), webhook=json.dumps(hooks), app=json.dumps(APP), key="{}"
        )
        self._patch, self._capsys = monkeypatch, capsys
        place = Place("sandbox", OUTPUTS, {})
        monkeypatch.setattr(Place, "client", lambda _self, _service: self.manager)
        monkeypatch.setattr(cli.secrets, "place_of", lambda _stage: place)

    def run(self, *arguments: str, typed: str = "") -> int:
        self._patch.setattr("sys.stdin", io.StringIO(typed))
        status = main(["secrets", *arguments])
        printed = self._capsys.readouterr()
        self.says = printed.out + printed.err
        lines = [line.strip() for line in typed.splitlines() if line.strip()]
        assert not [each for each in (OLD, NEW, "the client's secret", *lines) if each in self.says]
        return status

    def stored(self, name: str, label: str = "AWSCURRENT") -> dict[str, Any]:
        return json.loads(self.manager.get_secret_value(SecretId=name, VersionStage=label)["SecretString"])

    def hubspot(self, error: Exception | None = None, **facts: Any) -> None:
        """What HubSpot says of the token that it is asked with."""
        asked: list[str] = []
        told = {"hubId": 300, "appId": 400, "scopes": sorted(ALL_SCOPES), **facts}

        class HubSpot:
            def __init__(self, token: Any, _url: str) -> None:
                asked.append(token(False))

            def token_facts(self) -> dict[str, Any]:
                if error:
                    raise error
                return told

            def pipelines(self) -> list[Any]:
                return []

        self.asked = asked
        self._patch.setattr(lambdas.shared.adapters.hubspot, "HubSpot", HubSpot)


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Stage:
    return Stage(monkeypatch, capsys)


def test_a_token_is_stored_and_the_next_step_is_said(stage: Stage) -> None:
    assert stage.run("set", "hubspot-token", typed=f"{NEW}\n") == 0
    assert stage.stored("token") == {"access_token": NEW}
    assert stage.stored("token", "AWSPREVIOUS") == {"access_token": OLD}
    assert "cosell doctor --stage sandbox --only hubspot" in stage.says


@pytest.mark.parametrize("typed", ["", "\n", "two words of it\n", "short\n", "um-läuts-in-it\n"])
def test_what_cannot_be_a_token_is_not_stored(stage: Stage, typed: str) -> None:
    assert stage.run("set", "hubspot-token", typed=typed) == 1
    assert stage.stored("token") == {"access_token": OLD}


def test_a_rotated_token_is_tried_at_hubspot_first(stage: Stage) -> None:
    stage.hubspot()
    assert stage.run("rotate", "hubspot-token", typed=NEW) == 0
    assert stage.asked == [NEW]
    assert stage.stored("token") == {"access_token": NEW}


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"error": Unauthorized("HubSpot refused it: 401")}, "401"),
        ({"hubId": 301}, "hubId is 301, the stage's is 300"),
        ({"appId": 999}, "appId is 999, the stage's is 400"),
        ({"scopes": sorted(ALL_SCOPES - {"crm.objects.owners.read"})}, "lacks the scopes crm.objects.owners.read"),
    ],
)
@pytest.mark.parametrize("how", [["rotate"], ["set", "--check"]])
def test_a_token_that_does_not_work_does_not_replace_one_that_does(
    stage: Stage, how: list[str], facts: dict[str, Any], says: str
) -> None:
    stage.hubspot(**facts)
    assert stage.run(how[0], "hubspot-token", *how[1:], typed=NEW) == 1
    assert says in stage.says
    assert "What was stored before stays" in stage.says
    assert stage.stored("token") == {"access_token": OLD}


def test_a_key_of_which_hubspot_tells_nothing_is_taken_once_it_reads(stage: Stage) -> None:
    stage.hubspot(error=NotFound("no private app"))
    assert stage.run("rotate", "hubspot-token", typed=NEW) == 0
    assert stage.stored("token") == {"access_token": NEW}


@pytest.mark.parametrize("arguments", [["rotate", "hubspot-webhook"], ["set", "hubspot-webhook", "--keep-old"]])
def test_a_rotation_of_the_webhook_s_secret_keeps_the_old_one_valid(stage: Stage, arguments: list[str]) -> None:
    assert stage.run(*arguments, typed="9876543210\n") == 0
    assert stage.stored("webhook")["client_secrets"] == ["9876543210", "0123456789"]
    assert "then drop the old one: cosell secrets set hubspot-webhook --stage sandbox" in stage.says
    assert stage.run("set", "hubspot-webhook", typed="9876543210\n") == 0
    assert stage.stored("webhook")["client_secrets"] == ["9876543210"]


@pytest.mark.parametrize(
    ("options", "urls"),
    [
        ([], ["https://new/webhook", "https://new/webhook/aws", "https://old/webhook", "https://hooks.example.com"]),
        (["--target-url", "https://hooks.example.com"], ["https://hooks.example.com"]),
    ],
)
def test_a_recreated_api_s_address_is_accepted_without_being_stated(
    stage: Stage, options: list[str], urls: list[str]
) -> None:
    assert stage.run("set", "hubspot-webhook", *options, typed="9876543210\n") == 0
    assert stage.stored("webhook") == {"client_secrets": ["9876543210"], "target_urls": urls}


def test_a_key_of_google_is_piped_in_whole_and_read_for_its_form(stage: Stage) -> None:
    assert stage.run("set", "google-key", typed=json.dumps(KEY, indent=1)) == 0
    assert stage.stored("key") == KEY
    for wrong in ("no JSON", "[]", json.dumps({**KEY, "client_email": "a@example.com"}), json.dumps({"type": "x"})):
        assert stage.run("set", "google-key", typed=wrong) == 1
    assert stage.stored("key") == KEY


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["set", "microsoft-app"], "cosell microsoft app --stage sandbox"),
        (["rotate", "microsoft-consent"], "cosell microsoft login --stage sandbox"),
        (["set"], "name the secret; allowed: hubspot-token, hubspot-webhook, microsoft-app, google-key"),
        (["set", "google-key", "--check"], "--check is for hubspot-token"),
        (["set", "hubspot-token", "--keep-old"], "are for hubspot-webhook"),
        (["set", "hubspot-webhook", "--target-url", "http://x.example"], "must begin with https://"),
    ],
)
def test_wrong_usage_says_what_is_right(stage: Stage, arguments: list[str], says: str) -> None:
    assert stage.run(*arguments, typed=NEW) == 1
    assert says in stage.says


def test_the_list_says_which_are_set_and_since_when(stage: Stage) -> None:
    stage.run("set", "hubspot-token", typed=NEW)
    assert stage.run("list") == 1, "google's is not set"
    lines = {line.split()[0]: line.split() for line in stage.says.splitlines() if line}
    assert lines["hubspot-token"][1:4] == ["yes", "2026-09-21T12:00:00+00:00", "kept"]
    assert lines["microsoft-app"][1:3] == ["yes", "2026-09-21T12:00:00+00:00"]
    assert lines["google-key"][1] == "no"
