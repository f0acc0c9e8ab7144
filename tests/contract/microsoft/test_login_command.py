"""``cosell microsoft``: an operator registers the app and consents once, and nothing secret is printed."""

from __future__ import annotations

import argparse
import io
import re
import socket
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import requests

import cli.microsoft
from cli.main import UserError, main
from cli.microsoft import log_in
from cli.stage import Place
from lambdas.shared.errors import Unauthorized
from tests.contract.microsoft.sim_api import Api
from tests.contract.microsoft.test_sign_in_on_simulator import Sync, made_certificate
from tests.contract.microsoft.vault import REGISTRATION, Vault


class Here(Place):
    """A deployment stage whose poll queue runs the refresh function at once, if it ``answers``."""

    def client(self, service: str) -> Any:
        return self.client_options[service]


class Queue:
    """Stands for SQS, its Pipe and the poll machine."""

    def __init__(self, refresh: Callable[[], Any] | None) -> None:
        self.refresh, self.messages = refresh, list[str]()

    def send_message(self, QueueUrl: str, MessageBody: str) -> None:
        assert QueueUrl == "poll-queue"
        self.messages.append(MessageBody)
        if self.refresh is not None:
            self.refresh()


class Desk:
    """An operator at the keyboard; ``person`` is what the browser does with the address."""

    def __init__(self, api: Api, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sync, self.vault = Sync(api, vault), vault
        self.queue = Queue(self.sync.refresh)
        outputs = {
            "MicrosoftAppSecret": vault.app,
            "MicrosoftConsentSecret": vault.consent,
            "MicrosoftAccessSecret": vault.access,
            "PollQueueUrl": "poll-queue",
        }
        self.place = Here("dev", outputs, {"secretsmanager": vault, "sqs": self.queue})
        self.person: Callable[[str], Any] = browse
        monkeypatch.setenv("COSELL_MICROSOFT_LOGIN_URL", api.server.url)
        monkeypatch.setenv("COSELL_MICROSOFT_API_URL", api.server.url)
        monkeypatch.setattr(cli.microsoft, "place_of", lambda _stage: self.place)

    def log_in(self, **options: Any) -> int:
        arguments = argparse.Namespace(**{"port": 0, "no_browser": False, "wait": 10.0, **options})
        return log_in(self.vault.store, self.place, arguments, self.person, patience_seconds=0.1)


def form_of(page: str) -> tuple[str, dict[str, str]]:
    action = re.search('action="([^"]+)"', page)
    assert action, page
    members = re.findall('name="([^"]+)" value="([^"]*)"', page)
    return unescape(action[1]), {name: unescape(value) for name, value in members}


def browse(url: str) -> requests.Response:
    """Sign in and let the page post its form, as a browser does."""
    target, members = form_of(requests.get(url, timeout=60).text)
    return requests.post(target, data=members, timeout=60)


@pytest.fixture
def desk(api: Api, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(api, vault, monkeypatch)


def test_one_login_sets_the_sync_going_and_prints_no_token(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.log_in() == 0
    assert desk.sync.list()["value"] == []
    assert '"poll": "microsoft.token"' in desk.queue.messages[0]
    said = "".join(capsys.readouterr())
    assert "the consent of dev is stored" in said
    for secret in (
        desk.vault.refresh_token(),
        desk.vault.refresh_token("AWSPREVIOUS"),
        desk.vault.document(desk.vault.access)["access_token"],
        REGISTRATION["client_secret"],
    ):
        assert secret not in said


def test_a_login_takes_the_place_of_a_dead_consent(desk: Desk) -> None:
    desk.log_in()
    desk.sync.api.account.kill_consent(access_tokens_too=True)
    with pytest.raises(Unauthorized):
        desk.sync.list()
    assert desk.log_in() == 0
    assert desk.sync.list()["value"] == []


def test_an_access_token_that_does_not_come_is_said(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.queue.refresh = None
    assert desk.log_in() == 1
    assert desk.vault.refresh_token()
    assert "No access token came" in capsys.readouterr().err


def test_a_person_who_declines_leaves_everything_as_it_was(desk: Desk) -> None:
    desk.sync.api.account.entra.declines = True
    with pytest.raises(Unauthorized, match="access_denied"):
        desk.log_in()
    assert desk.vault.refresh_token() == ""
    assert desk.queue.messages == []


@pytest.mark.parametrize(("setting", "said"), [("mfa", "900421"), ("role", "accessDenied")])
def test_a_user_whom_partner_center_refuses_does_not_replace_the_consent(desk: Desk, setting: str, said: str) -> None:
    desk.log_in()
    before, account = desk.vault.refresh_token(), desk.sync.api.account
    if setting == "mfa":
        account.entra.mfa = False
    else:
        account.role = None
    with pytest.raises(Unauthorized, match=said):
        desk.log_in()
    assert desk.vault.refresh_token() == before


def test_a_login_does_not_fail_for_an_api_that_is_down(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.sync.api.faults.add("ListReferrals", status=503, count=None)
    assert desk.log_in() == 0
    assert "could not be tried" in capsys.readouterr().err


def test_another_s_answer_is_sent_away_and_the_right_one_still_taken(desk: Desk) -> None:
    seen: list[int] = []

    def person(url: str) -> None:
        target, members = form_of(requests.get(url, timeout=60).text)
        forged = {**members, "state": "forged", "code": "of-somebody-else"}
        seen.append(requests.post(target, data=forged, timeout=60).status_code)
        seen.append(requests.get(target.replace("/cosell", "/favicon.ico"), timeout=60).status_code)
        seen.append(requests.post(target, data=members, timeout=60).status_code)
        seen.append(requests.post(target, data=members, timeout=60).status_code)

    desk.person = person
    assert desk.log_in() == 0
    assert seen == [400, 404, 200, 400]


def test_a_code_is_worth_nothing_without_the_verifier_of_this_login(desk: Desk) -> None:
    """PKCE: a code that another client's flow brought is refused by Entra."""

    def person(url: str) -> None:
        _, stolen = form_of(requests.get(url.replace("code_challenge=", "code_challenge=x"), timeout=60).text)
        target, own = form_of(requests.get(url, timeout=60).text)
        requests.post(target, data={**own, "code": stolen["code"]}, timeout=60)

    desk.person = person
    with pytest.raises(Unauthorized, match="invalid_grant"):
        desk.log_in()
    assert desk.vault.refresh_token() == ""


def test_the_answer_may_come_in_the_address(desk: Desk) -> None:
    desk.person = lambda url: requests.get(url.replace("response_mode=form_post", "response_mode=query"), timeout=60)
    assert desk.log_in() == 0


def test_nobody_at_the_browser_is_said_in_time(desk: Desk) -> None:
    with pytest.raises(UserError, match="nobody signed in"):
        desk.log_in(no_browser=True, wait=0.05)


def test_a_taken_port_is_named(desk: Desk) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(UserError, match=rf"port {other.getsockname()[1]}.*--port"):
            desk.log_in(port=other.getsockname()[1])


def test_a_registered_port_is_used(desk: Desk) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    asked: list[str] = []

    def person(url: str) -> None:
        asked.append(url)
        browse(url)

    desk.person = person
    assert desk.log_in(port=port) == 0
    assert f"redirect_uri=http%3A%2F%2Flocalhost%3A{port}%2Fcosell" in asked[0]


def test_the_app_is_registered_with_a_typed_secret_that_is_not_shown(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("hush\n"))
    assert main(["microsoft", "app", "--stage", "dev", "--tenant", "t.example", "--client", "c-1"]) == 0
    assert desk.vault.store.app() == {"tenant_id": "t.example", "client_id": "c-1", "client_secret": "hush"}
    assert "hush" not in "".join(capsys.readouterr())


def test_the_app_is_registered_with_a_certificate(desk: Desk, tmp_path: Path) -> None:
    made = made_certificate()
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    key.write_text(made["private_key"])
    certificate.write_text(made["public_certificate"])
    command = ["microsoft", "app", "--tenant", REGISTRATION["tenant_id"], "--client", REGISTRATION["client_id"]]
    assert main([*command, "--key", str(key), "--certificate", str(certificate)]) == 0
    desk.sync.api.account.entra.certificate = made["public_certificate"]
    desk.sync.api.account.entra.client_secret = "none is used"
    assert desk.log_in() == 0


def test_the_sandbox_never_signs_in_at_microsoft_itself(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COSELL_MICROSOFT_LOGIN_URL")
    desk.place = Here("sandbox", desk.place.outputs, desk.place.client_options)
    with pytest.raises(UserError, match="COSELL_MICROSOFT_LOGIN_URL"):
        desk.log_in()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "name --tenant and --client"),
        (["--tenant", "t", "--client", "c", "--key", "/nowhere/key.pem"], "key.pem cannot be read"),
        (["--tenant", "t", "--client", "c", "--certificate", "pyproject.toml"], "--key is needed"),
        (["--tenant", "t", "--client", "c", "--key", "LICENSE", "--certificate", "LICENSE"], "PEM"),
    ],
)
def test_a_registration_that_cannot_work_is_refused_at_the_keyboard(
    desk: Desk, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["microsoft", "app", *options]) == 1
    assert said in capsys.readouterr().err
    assert desk.vault.store.app() == REGISTRATION
