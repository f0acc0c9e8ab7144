"""``cosell secrets set | rotate | list``: the stage's secrets. Values are typed or piped, never echoed, never shown."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cli.main import UserError
from cli.secret_kinds import KINDS, SecretKind, fault_of_url, kinds_of
from cli.stage import Place, add_stage, place_of
from lambdas.shared.errors import CosellError, NotFound

_TOKEN, _WEBHOOK, _KEY = "hubspot-token", "hubspot-webhook", "google-key"

_NEXT = {
    _TOKEN: "Functions take it up by themselves within a minute. Next: cosell doctor --stage {stage} --only hubspot. "
    "Then let the old token end in HubSpot; it stays readable here as AWSPREVIOUS.",
    _WEBHOOK: "Functions take it up by themselves within a minute. Next: cosell doctor --stage {stage} --only hubspot",
    _KEY: "It is read anew for every token. Delete the file you took it from; an old key at Google, an hour from now. "
    "Next: cosell doctor --stage {stage} --only google",
}
_AFTER_ROTATION = (
    "Both client secrets are accepted now. Next: make the new one HubSpot's (Auth tab), see that webhooks come "
    "(cosell doctor --stage {stage} --only hubspot), then drop the old one: cosell secrets set hubspot-webhook "
    "--stage {stage}"
)


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``cosell secrets``."""
    parser.add_argument(
        "action", choices=["set", "rotate", "list"], help="rotate keeps what is valid until the new one is proven"
    )
    parser.add_argument("secret", nargs="?", choices=sorted(kind.name for kind in KINDS), metavar="NAME")
    parser.add_argument(
        "--target-url",
        action="append",
        help="webhook URL as registered with HubSpot, in the place of all others; may be repeated",
    )
    parser.add_argument("--keep-old", action="store_true", help="accept the former client secret too, as rotate does")
    parser.add_argument("--check", action="store_true", help="hubspot-token: try it at HubSpot before it is stored")
    add_stage(parser)
    parser.epilog = f"NAME is one of {', '.join(kind.name for kind in KINDS)}."
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Store the value and say what to do next, or list which are set; prints never what."""
    place = place_of(arguments.stage)
    if arguments.action == "list":
        return _list(place)
    kind = _kind(place, arguments)
    manager, name = place.client("secretsmanager"), place.output(kind.output)
    rotating = arguments.action == "rotate"
    document = _document(kind, arguments, manager, name, place)
    if fault := kind.fault(document):
        raise UserError(f"{kind.name} is not stored: {fault}")
    if kind.name == _TOKEN and (rotating or arguments.check):
        _try_token(document["access_token"], place)
    manager.put_secret_value(SecretId=name, SecretString=json.dumps(document))
    print(f"{kind.name} of {arguments.stage} is set")
    kept = kind.name == _WEBHOOK and len(document["client_secrets"]) > 1
    print((_AFTER_ROTATION if kept else _NEXT[kind.name]).format(stage=arguments.stage), file=sys.stderr)
    return 0


def _kind(place: Place, arguments: argparse.Namespace) -> SecretKind:
    kind = next((each for each in KINDS if each.name == arguments.secret), None)
    if kind is None:
        raise UserError(f"name the secret; allowed: {', '.join(each.name for each in kinds_of(place))}")
    if not kind.typed:
        raise UserError(f"{kind.name} is not typed in; use: {kind.how.format(stage=arguments.stage)}")
    if arguments.check and kind.name != _TOKEN:
        raise UserError(f"--check is for {_TOKEN}; after {kind.name}: cosell doctor --stage {arguments.stage}")
    if (arguments.target_url or arguments.keep_old) and kind.name != _WEBHOOK:
        raise UserError(f"--target-url and --keep-old are for {_WEBHOOK}")
    return kind


def _document(kind: SecretKind, arguments: argparse.Namespace, manager: Any, name: str, place: Place) -> dict[str, Any]:
    if kind.name == _KEY:
        return _key()
    value = _typed("value (not shown): ")
    if kind.name == _TOKEN:
        return {"access_token": value}
    return _webhook(manager, name, value, arguments, place.outputs)


def _typed(prompt: str) -> str:
    value = getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline()
    if not value.strip():
        raise UserError("no value given")
    return value.strip()


def _key() -> dict[str, Any]:
    """A key has many lines, which no prompt takes."""
    if sys.stdin.isatty():
        raise UserError("pipe the key's file in: cosell secrets set google-key --stage … < key.json")
    try:
        document = json.loads(sys.stdin.read())
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise UserError("google-key is not stored: it must be the JSON key of a service account, as Google gave it")
    return document


def _try_token(token: str, place: Place) -> None:
    """Ask HubSpot about a token before it takes the place of one that works.

    Raises:
        UserError: HubSpot does not know it, it is another account's or app's, or it lacks a scope.
    """
    import config
    from config.hubspot_app import SCOPES
    from lambdas.shared.adapters.hubspot import BASE_URL, HubSpot

    hubspot = HubSpot(lambda _fresh: token, place.vendors.get("hubspot", BASE_URL))
    stage = config.load().stage(place.stage)
    unchanged = "What was stored before stays."
    try:
        facts = hubspot.token_facts()
        hubspot.pipelines()
    except NotFound:
        hubspot.pipelines()  # a key of another kind, of which HubSpot tells nothing but that it works
        return
    except CosellError as error:
        raise UserError(f"HubSpot does not take the new token ({error}) {unchanged}") from None
    for name, wanted in (("hubId", stage.hubspot.portal_id), ("appId", stage.hubspot.app_id)):
        if wanted is not None and str(facts.get(name)) != str(wanted):
            raise UserError(f"the new token's {name} is {facts.get(name)}, the stage's is {wanted}. {unchanged}")
    missing = [each for each in SCOPES if each != "oauth" and each not in (facts.get("scopes") or ())]
    if missing:
        raise UserError(f"the new token lacks the scopes {', '.join(missing)}. {unchanged}")


def _webhook(
    manager: Any, name: str, value: str, arguments: argparse.Namespace, outputs: Mapping[str, str]
) -> dict[str, Any]:
    before = _current(manager, name)
    keep = arguments.keep_old or arguments.action == "rotate"
    secrets = [value, *(before.get("client_secrets", [])[:1] if keep else [])]
    urls = _urls(arguments.target_url, before, outputs)
    return {"client_secrets": list(dict.fromkeys(filter(None, secrets))), "target_urls": urls}


def _urls(stated: list[str] | None, before: Mapping[str, Any], outputs: Mapping[str, str]) -> list[str]:
    """What was stated and nothing else, or the stack's own with those of before behind them.

    An API that was made anew has another address: those of before alone would refuse every webhook. They stay all the
    same, since one of them may be a custom domain, which no output knows.
    """
    if stated:
        if wrong := [url for url in stated if fault_of_url(url)]:
            raise UserError(f"--target-url {wrong[0]} cannot be one: it must begin with https://")
        return list(dict.fromkeys(stated))
    return list(dict.fromkeys([*_deployed_urls(outputs), *before.get("target_urls", [])]))


def _current(manager: Any, name: str) -> dict[str, Any]:
    from botocore.exceptions import ClientError

    try:
        document = json.loads(manager.get_secret_value(SecretId=name)["SecretString"])
    except ValueError:
        return {}
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return {}
    return document if isinstance(document, dict) else {}


def _deployed_urls(outputs: Mapping[str, str]) -> list[str]:
    return sorted(value for key, value in outputs.items() if key.startswith("WebhookUrl"))


def _list(place: Place) -> int:
    """Name, since when, and whether one of before is kept; 1 when one is not set."""
    from cli.tables import output

    manager, missing = place.client("secretsmanager"), 0
    with output(["secret", "set", "since", "before it", "how"]) as table:
        for kind in kinds_of(place):
            name = place.output(kind.output)
            answer = manager.get_secret_value(SecretId=name)
            versions = manager.describe_secret(SecretId=name).get("VersionIdsToStages", {})
            is_set = _is_set(kind, answer.get("SecretString") or "")
            missing += not is_set
            table.add(
                {
                    "secret": kind.name,
                    "set": "yes" if is_set else "no",
                    "since": _time(answer["CreatedDate"]) if is_set else "",
                    "before it": "kept" if any("AWSPREVIOUS" in labels for labels in versions.values()) else "",
                    "how": kind.how.format(stage=place.stage),
                }
            )
    return 1 if missing else 0


def _is_set(kind: SecretKind, text: str) -> bool:
    try:
        document = json.loads(text)
    except ValueError:
        return False
    return isinstance(document, dict) and not kind.is_empty(document)


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
