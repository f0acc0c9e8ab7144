"""``cosell microsoft webhook`` against the simulator: with the stored consent, and saying what is wrong."""

from __future__ import annotations

import argparse
import json
from typing import Any

import pytest

import cli.microsoft
from cli.main import UserError
from cli.microsoft_webhook import register, send_test, show, token_of
from lambdas.microsoft.adapters.registrations import Registrations
from lambdas.shared.errors import Unauthorized
from sandbox.microsoft.account import CLIENT, SECRET, TENANT
from tests.contract.microsoft.sim_api import Api
from tests.contract.microsoft.test_webhooks import call, settle

URL = "https://hooks.partner.example/v1/notices/microsoft"
OUTPUTS = {"MicrosoftAppSecret": "app", "MicrosoftConsentSecret": "consent", "MicrosoftAccessSecret": "access"}


class Stage:
    """A stage whose secrets are at hand, and only read."""

    stage = "dev"

    def __init__(self, refresh_token: str) -> None:
        self.secrets = {
            "app": {"tenant_id": TENANT, "client_id": CLIENT, "client_secret": SECRET},
            "consent": {"refresh_token": refresh_token, "obtained_at": 1},
        }

    def output(self, name: str) -> str:
        return OUTPUTS[name]

    def client(self, service: str) -> Stage:
        assert service == "secretsmanager"
        return self

    def get_secret_value(self, **asked: str) -> dict[str, str]:
        return {"SecretString": json.dumps(self.secrets[asked["SecretId"]]), "VersionId": "1"}


@pytest.fixture
def ours(api: Api) -> Registrations:
    token = token_of(Stage(api.refresh_token), api.server.url)  # type: ignore[arg-type]
    return Registrations(token, api.server.url, clock=api.clock)


def test_the_stored_consent_registers_and_stays_valid(
    api: Api, ours: Registrations, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show(ours, URL) == 1
    assert "Nothing is registered" in capsys.readouterr().out
    assert [register(ours, URL), register(ours, URL), show(ours, URL)] == [0, 0, 0]
    assert URL in capsys.readouterr().out
    assert api.access_token()


def test_without_a_login_the_command_says_what_to_do(api: Api) -> None:
    with pytest.raises(UserError, match="cosell microsoft login --stage dev"):
        token_of(Stage(""), api.server.url)(False)  # type: ignore[arg-type]
    api.account.kill_consent()
    with pytest.raises(Unauthorized):
        token_of(Stage(api.refresh_token), api.server.url)(False)  # type: ignore[arg-type]


def test_an_expired_token_is_had_anew(api: Api, ours: Registrations) -> None:
    assert ours.read() is None
    api.clock.advance(hours=2)
    assert ours.read() is None


def test_the_registration_of_others_is_named_and_only_replaced_on_order(
    api: Api, ours: Registrations, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = {"WebhookUrl": "https://crm.partner.example/hook", "WebhookEvents": ["referral-created"]}
    assert call(api, "POST", body=elsewhere).status_code == 200
    with pytest.raises(UserError, match=r"crm\.partner\.example.*--replace"):
        register(ours, URL)
    assert show(ours, URL) == 1
    said = capsys.readouterr().err
    assert "not this stage's address" in said
    assert "It lacks referral-updated, test-created" in said
    assert register(ours, URL, replace=True) == 0


def test_a_test_event_says_whether_the_stage_took_it(
    api: Api, ours: Registrations, capsys: pytest.CaptureFixture[str]
) -> None:
    waits: list[float] = []

    def deliver(seconds: float) -> None:
        waits.append(seconds)
        settle(api, 1)

    assert send_test(ours, URL, sleep=deliver) == 1  # nothing is registered, so nothing was ordered
    assert waits == []
    register(ours, URL)
    assert send_test(ours, URL, sleep=deliver) == 0
    assert "delivered and verified" in capsys.readouterr().out


def test_a_test_event_that_is_refused_says_how_it_was_answered(
    api: Api, ours: Registrations, capsys: pytest.CaptureFixture[str]
) -> None:
    register(ours, URL)
    api.receiver_status = 401
    assert send_test(ours, URL, seconds=4, sleep=lambda _: settle(api, 1) and None) == 1
    assert "not delivered within 4 seconds; the answers so far: 401" in capsys.readouterr().err


@pytest.mark.parametrize("action", ["register", "show", "test"])
def test_the_action_takes_its_options_in_any_order(action: str) -> None:
    def parse(*words: str) -> Any:
        parser = argparse.ArgumentParser()
        cli.microsoft.add(parser)
        return parser.parse_args(["webhook", action, *words])

    said = parse("--stage", "dev", "--webhook-url", URL)
    assert (said.what, said.action, said.stage, said.webhook_url) == ("webhook", action, "dev", URL)
    assert parse().partner_center_url == "https://api.partnercenter.microsoft.com"
