"""``cosell secrets set``: puts a secret where the functions read it. Values are typed or piped, never echoed."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from typing import Any

from cli.main import UserError
from cli.stage import add_stage, place_of

_TOKEN = "hubspot-token"  # noqa: S105 - the secret's name
_OUTPUTS = {_TOKEN: "HubspotTokenSecret", "hubspot-webhook": "HubspotWebhookSecret"}


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``cosell secrets``."""
    parser.add_argument("action", choices=["set"])
    parser.add_argument("secret", choices=sorted(_OUTPUTS))
    parser.add_argument(
        "--target-url",
        action="append",
        help="webhook URL as registered with HubSpot, in the place of all others; may be repeated",
    )
    parser.add_argument("--keep-old", action="store_true", help="accept the former client secret too, for a rotation")
    add_stage(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Store the value; prints which secret was set, never what."""
    place = place_of(arguments.stage)
    manager = place.client("secretsmanager")
    name = place.output(_OUTPUTS[arguments.secret])
    value = sys.stdin.readline().strip() if not sys.stdin.isatty() else getpass.getpass("value (not shown): ")
    if not value:
        raise UserError("no value given")
    if arguments.secret == _TOKEN:
        document: dict[str, Any] = {"access_token": value}
    else:
        document = _webhook(manager, name, value, arguments, place.outputs)
    manager.put_secret_value(SecretId=name, SecretString=json.dumps(document))
    print(f"{arguments.secret} of {arguments.stage} is set")
    return 0


def _webhook(
    manager: Any, name: str, value: str, arguments: argparse.Namespace, outputs: dict[str, str]
) -> dict[str, Any]:
    before = _current(manager, name)
    secrets = [value, *(before.get("client_secrets", [])[:1] if arguments.keep_old else [])]
    return {"client_secrets": list(dict.fromkeys(secrets)), "target_urls": _urls(arguments.target_url, before, outputs)}


def _urls(stated: list[str] | None, before: dict[str, Any], outputs: dict[str, str]) -> list[str]:
    """What was stated and nothing else, or the stack's own with those of before behind them.

    An API that was made anew has another address: those of before alone would refuse every webhook. They stay all the
    same, since one of them may be a custom domain, which no output knows.
    """
    if stated:
        return list(dict.fromkeys(stated))
    return list(dict.fromkeys([*_deployed_urls(outputs), *before.get("target_urls", [])]))


def _current(manager: Any, name: str) -> dict[str, Any]:
    try:
        document = json.loads(manager.get_secret_value(SecretId=name)["SecretString"])
    except (manager.exceptions.ResourceNotFoundException, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _deployed_urls(outputs: dict[str, str]) -> list[str]:
    return sorted(value for key, value in outputs.items() if key.startswith("WebhookUrl"))
