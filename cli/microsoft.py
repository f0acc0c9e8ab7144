"""``cosell microsoft app | login | webhook``: app registration, one-time consent of the service user, webhook."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
import time
import uuid
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cli import microsoft_webhook
from cli.browser_answer import PATH, BrowserAnswer
from cli.main import UserError
from cli.stage import Place, add_stage, place_of
from lambdas.microsoft.adapters.partner_center import BASE_URL, REFERRALS, PartnerCenter
from lambdas.microsoft.adapters.sign_in import LOGIN_URL, SignIn
from lambdas.microsoft.adapters.token_store import TokenStore
from lambdas.shared.errors import CosellError, Unauthorized

_OUTPUTS = ("MicrosoftAppSecret", "MicrosoftConsentSecret", "MicrosoftAccessSecret")
_LOOK_EVERY_SECONDS = 1.0


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``cosell microsoft``."""
    actions = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    _add_app(actions.add_parser("app", help="store the app registration"))
    _add_login(actions.add_parser("login", help="sign in as the service user and consent, once"))
    microsoft_webhook.add_commands(actions)


def _add_app(parser: argparse.ArgumentParser) -> None:
    add_stage(parser)
    parser.add_argument("--tenant", help="directory (tenant) id")
    parser.add_argument("--client", help="application (client) id")
    parser.add_argument("--certificate", type=Path, help="its certificate (PEM), with --key; else a secret is asked")
    parser.add_argument("--key", type=Path, help="the certificate's private key (PEM, RSA, no passphrase)")
    parser.epilog = f"The app registration needs the redirect address http://localhost{PATH} (platform Web)."
    parser.set_defaults(run=run)


def _add_login(parser: argparse.ArgumentParser) -> None:
    add_stage(parser)
    parser.add_argument("--port", type=int, default=0, help="port for the browser's answer (default: any free one)")
    parser.add_argument("--no-browser", action="store_true", help="print the address instead of opening it")
    parser.add_argument("--wait", type=float, default=300, help="seconds to wait for the person (default: %(default)s)")
    parser.epilog = "The service user needs a Referrals role in Partner Center and a second factor."
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do it; prints what happened and never a token or secret."""
    place = place_of(arguments.stage)
    app, consent, access = (place.output(name) for name in _OUTPUTS)
    store = TokenStore(place.client("secretsmanager"), app, consent, access)
    if arguments.what == "app":
        return _store_app(store, arguments)
    return log_in(store, place, arguments)


def log_in(
    store: TokenStore,
    place: Place,
    arguments: argparse.Namespace,
    open_url: Callable[[str], Any] = webbrowser.open,
    patience_seconds: float = 60,
) -> int:
    """Sign in through a browser, store the consent, and have the first access token made; 1 if that does not come.

    ``open_url`` shows an address to the person. The access token is waited for ``patience_seconds``.
    """
    sign_in = SignIn(store.app(), _login_url(place.stage))
    with BrowserAnswer(arguments.port) as browser:
        flow = sign_in.begin(browser.redirect_uri)
        browser.expect(flow["state"])
        print(f"Sign in as the service user, who needs a Referrals role:\n  {flow['auth_uri']}", flush=True)
        if not arguments.no_browser:
            open_url(flow["auth_uri"])
        tokens = sign_in.finish(flow, browser.wait(arguments.wait))
    _check_access(tokens.access_token, _address(place.stage, "COSELL_MICROSOFT_API_URL", BASE_URL))
    before = store.access().version
    store.put_consent(tokens.refresh_token, time.time_ns() // 1_000_000)
    print(f"Signed in; the consent of {place.stage} is stored.", flush=True)
    _wake_refresh(place)
    return _report(store, before, patience_seconds)


def _check_access(access_token: str, url: str) -> None:
    """Ask the Referrals API once. What it refuses this user (no role, no second factor) it would refuse the sync.

    Raises:
        Unauthorized: it is refused; the consent of before, if there is one, has not been touched.
    """
    api = PartnerCenter(lambda _fresh: access_token, url)
    try:
        api.call("GET", REFERRALS, "to show this user's referrals", query="$top=1")
    except Unauthorized:
        raise
    except CosellError as error:
        print(f"Whether this user may see referrals could not be tried: {error}", file=sys.stderr)


def _wake_refresh(place: Place) -> None:
    """Ask the function that owns the tokens, over the queue by which its clock asks it."""
    message = {"poll": "microsoft.token", "correlation_id": f"login-{uuid.uuid4()}"}
    place.client("sqs").send_message(QueueUrl=place.output("PollQueueUrl"), MessageBody=json.dumps(message))


def _report(store: TokenStore, before: str, seconds: float) -> int:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if store.access().version != before:
            print("The first access token is there; Microsoft is being synced.")
            return 0
        time.sleep(min(_LOOK_EVERY_SECONDS, seconds))
    print(
        f"No access token came within {seconds:.0f} seconds. It is tried again by the clock; the log of the function "
        "refresh_token says what is wrong.",
        file=sys.stderr,
    )
    return 1


def _store_app(store: TokenStore, arguments: argparse.Namespace) -> int:
    if not arguments.tenant or not arguments.client:
        raise UserError("name --tenant and --client")
    document: dict[str, Any] = {"tenant_id": arguments.tenant, "client_id": arguments.client}
    if arguments.certificate or arguments.key:
        document["certificate"] = {
            "private_key": _file(arguments.key, "--key"),
            "public_certificate": _file(arguments.certificate, "--certificate"),
        }
    else:
        document["client_secret"] = _typed()
    SignIn(document, _login_url(arguments.stage))  # says now what would be said at the first use
    store.put_app(document)
    print(
        f"The app registration of {arguments.stage} is stored. Next: cosell microsoft login --stage {arguments.stage}"
    )
    return 0


def _file(path: Path | None, option: str) -> str:
    if path is None:
        raise UserError(f"{option} is needed as well")
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read ({type(error).__name__})") from None


def _typed() -> str:
    value = getpass.getpass("client secret (not shown): ") if sys.stdin.isatty() else sys.stdin.readline()
    if not value.strip():
        raise UserError("no client secret given")
    return value.strip()


def _login_url(stage: str) -> str:
    return _address(stage, "COSELL_MICROSOFT_LOGIN_URL", LOGIN_URL)


def _address(stage: str, variable: str, default: str) -> str:
    """Microsoft's own address, or another that the environment names; the sandbox never goes to Microsoft's own."""
    stated = os.environ.get(variable)
    if not stated and stage == "sandbox":
        raise UserError(f"set {variable} to the simulated Microsoft's address, which `cosell sandbox` prints")
    return stated or default
