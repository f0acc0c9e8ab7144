"""``cosell microsoft webhook register | show | test``: where Partner Center sends its events.

A part of ``cosell microsoft``: that command parses the arguments and calls ``run``.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from cli.main import UserError
from cli.stage import Place, add_stage, place_of
from lambdas.microsoft.adapters.registrations import AUDIENCE, BASE_URL, OUR_EVENTS, Registration, Registrations
from lambdas.microsoft.adapters.sign_in import LOGIN_URL, SignIn
from lambdas.microsoft.adapters.token_store import TokenStore
from lambdas.shared.adapters.http import TokenSource
from lambdas.shared.errors import Conflict

ACTIONS = {
    "register": "have Partner Center's events sent to the stage",
    "show": "show where Partner Center's events go",
    "test": "have a test event sent, and wait for its delivery",
}
SCOPES = (f"{AUDIENCE}/.default",)
_ADDRESS = "NoticeUrlMicrosoft"
_SECRETS = ("MicrosoftAppSecret", "MicrosoftConsentSecret", "MicrosoftAccessSecret")
_LOOK_EVERY_SECONDS = 2.0
_WELL = frozenset({"200", "ok"})


def add_commands(actions: Any) -> None:
    """Add ``webhook register | show | test`` to the subparsers of ``cosell microsoft``."""
    parser = actions.add_parser("webhook", help="have events sent to a stage, show where they go, or send a test")
    webhook = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, summary in ACTIONS.items():
        action = webhook.add_parser(name, help=summary, description=summary)
        add_stage(action)
        action.add_argument(
            "--webhook-url", help="the address as Microsoft reaches it, for a custom domain (default: the stage's own)"
        )
        action.add_argument("--partner-center-url", default=BASE_URL, help="the API's address (default: %(default)s)")
        action.set_defaults(run=run)
        if name == "register":
            action.add_argument("--replace", action="store_true", help="take it over from another address")
    parser.epilog = (
        "Events only shorten the delay: the poll finds every change. The service user needs a role that may register "
        "(Microsoft lists Billing admin, Admin, Sales and Helpdesk agent), the app the delegated permission "
        "Microsoft Partner Center / user_impersonation."
    )


def run(arguments: argparse.Namespace) -> int:
    """Do the action with the stage's own sign-in; 1 when events do not come to the stage."""
    place = place_of(arguments.stage)
    url = arguments.webhook_url or place.output(_ADDRESS)
    registrations = Registrations(token_of(place), arguments.partner_center_url)
    if arguments.action == "register":
        return register(registrations, url, replace=arguments.replace)
    return show(registrations, url) if arguments.action == "show" else send_test(registrations, url)


def token_of(place: Place, login_url: str | None = None) -> TokenSource:
    """Tokens for Partner Center's API, from the stored consent, which stays as it is: Entra leaves it valid."""
    app, consent, access = (place.output(name) for name in _SECRETS)
    store = TokenStore(place.client("secretsmanager"), app, consent, access)
    kept: list[str] = []

    def token(fresh: bool, /) -> str:
        if fresh or not kept:
            refresh_token = store.consent().refresh_token
            if not refresh_token:
                raise UserError(f"nobody has signed in yet: cosell microsoft login --stage {place.stage}")
            address = login_url or os.environ.get("COSELL_MICROSOFT_LOGIN_URL") or LOGIN_URL
            kept[:] = [SignIn(store.app(), address).refresh(refresh_token, SCOPES).access_token]
        return kept[0]

    return token


def register(registrations: Registrations, url: str, *, replace: bool = False) -> int:
    """Have our events sent to ``url``; twice is once."""
    try:
        found = registrations.register(url, replace=replace)
    except Conflict as error:
        raise UserError(f"{error} To do so nevertheless: --replace") from None
    _print(found)
    print("Next: cosell microsoft webhook test")
    return 0


def show(registrations: Registrations, url: str) -> int:
    """Print the registration; 1 unless it sends all our events to ``url``."""
    found = registrations.read()
    if found is None:
        print("Nothing is registered; changes are found by the poll. Next: cosell microsoft webhook register")
        return 1
    _print(found)
    missing = [event for event in OUR_EVENTS if event not in found.events]
    if found.url != url:
        print(f"That is not this stage's address, which is {url}", file=sys.stderr)
    if missing:
        print(f"It lacks {', '.join(missing)}", file=sys.stderr)
    return 1 if missing or found.url != url else 0


def send_test(
    registrations: Registrations,
    url: str,
    seconds: float = 60.0,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Have a test event sent and wait for its result; 1 unless this stage took it."""
    if show(registrations, url):
        return 1
    correlation_id = registrations.send_test()
    print(f"Test event {correlation_id} was ordered; waiting for its delivery")
    answers: Sequence[str] = ()
    for _ in range(int(seconds / _LOOK_EVERY_SECONDS)):
        result = registrations.test_result(correlation_id)
        answers = result.answers
        if answers and answers[-1].lower() in _WELL:
            print("It was delivered and verified.")
            return 0
        sleep(_LOOK_EVERY_SECONDS)
    said = f"the answers so far: {', '.join(answers)}" if answers else "no attempt was reported"
    print(f"It was not delivered within {seconds:.0f} seconds; {said}", file=sys.stderr)
    return 1


def _print(found: Registration) -> None:
    header = "x-ms-signature" if found.own_header else "Authorization"
    print(f"Events go to {found.url}\n  {', '.join(found.events)}; signature in {header}")
