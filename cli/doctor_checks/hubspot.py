"""HubSpot: the token and its scopes, the account, our properties, and whether webhooks can arrive."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from cli.doctor_checks.check import Check, Finding, NotChecked, error, ok, warning
from cli.doctor_checks.deployment import Deployment, ago
from config.hubspot_app import SCOPES, WEBHOOKS, render_app
from config.property_setup import set_up
from constructs_lib.places import project
from lambdas.shared.adapters.hubspot import API_VERSION, HubSpot
from lambdas.shared.errors import NotFound, Unauthorized

AREA = "hubspot"
APP = project() / "hubspot_app"
_WANTED = tuple(scope for scope in SCOPES if scope != "oauth")  # HubSpot adds that one by itself
_MANY_REFUSED = 10
"""HubSpot tries a refused delivery so often; a smoke test, or somebody who knocks, leaves one each."""
_HOURS_WITHOUT_WEBHOOK = 24
_MUCH = 0.8
_NEW_TOKEN = "cosell secrets rotate hubspot-token --stage {stage}"  # noqa: S105 - a command


def token(d: Deployment) -> Iterator[Finding]:
    """The token works, is of our app and account, and has every scope that the sync needs."""
    try:
        facts = d.token_facts()
    except Unauthorized as caught:
        yield error(str(caught), "token", _NEW_TOKEN.format(stage=d.name))
        return
    except NotFound:
        yield from _by_trying(d)  # a key of another kind, of which HubSpot tells nothing
        return
    yield from _whose(d, facts)
    held = {str(scope) for scope in facts.get("scopes") or ()}
    missing = [scope for scope in _WANTED if scope not in held]
    if missing:
        do = "add them to the app (hubspot_app: hs project upload), install it anew, then " + _NEW_TOKEN
        yield error(f"lacks the scopes {', '.join(missing)}", "token", do.format(stage=d.name))
    else:
        yield ok(f"works, with all {len(_WANTED)} scopes", "token")


def _whose(d: Deployment, facts: Mapping[str, Any]) -> Iterator[Finding]:
    stated = {"hubId": d.stage.hubspot.portal_id, "appId": d.stage.hubspot.app_id}
    for name, what in (("hubId", "account (hubspot.portal_id)"), ("appId", "app (hubspot.app_id)")):
        wanted, found = stated[name], facts.get(name)
        if wanted is None:
            note = "our own writes are not told from changes" if name == "appId" else "webhooks of any are taken"
            do = f"write {found} into the stage's hubspot block in config/stages.yaml, deploy"
            yield warning(f"the stage names no {what}: {note}", "token", do)
        elif str(found) != str(wanted):
            do = "store the token of the right one: " + _NEW_TOKEN.format(stage=d.name)
            yield error(f"is of the {what} {found}, the stage says {wanted}", "token", do)


def _by_trying(d: Deployment) -> Iterator[Finding]:
    """Each read that the sync needs, once; writes are not tried."""
    reads: Mapping[str, Callable[[HubSpot], Any]] = {
        "crm.objects.deals.read": lambda hubspot: hubspot.pipelines(),
        "crm.objects.owners.read": lambda hubspot: hubspot.call(
            "GET", f"/crm/owners/{API_VERSION}", "to read the owners", query={"limit": "1"}
        ),
        **{f"crm.objects.{kind}.read": _one(kind) for kind in ("companies", "contacts")},
        "crm.schemas.deals.read": lambda hubspot: hubspot.properties("deals"),
    }
    failed = 0
    for scope, read in reads.items():
        try:
            read(d.hubspot)
        except Unauthorized as caught:
            failed += 1
            yield error(f"may not do what {scope} allows: {caught}", "token", f"give it {scope}")
    if not failed:
        do = f"see that it has {', '.join(scope for scope in _WANTED if scope.endswith('.write'))}"
        yield warning("reads what the sync reads; HubSpot tells nothing of this kind of key's scopes", "token", do)


def _one(kind: str) -> Callable[[HubSpot], Any]:
    path, what = f"/crm/objects/{API_VERSION}/{kind}", f"to read {kind}"
    return lambda hubspot: hubspot.call("GET", path, what, query={"limit": "1"})


def account(d: Deployment) -> Iterator[Finding]:
    """Time zone and currency are the account's; the day's quota is not nearly used up."""
    facts = d.in_hubspot("account", lambda hubspot: hubspot.account_facts())
    stated = d.stage.hubspot
    for name, wanted in (("timeZone", stated.time_zone), ("companyCurrency", stated.company_currency)):
        found = facts.get(name)
        if wanted is not None and found and found != wanted:
            what = f"the account's {name} is {found}, the stage says {wanted}"
            yield warning(what, "account", "correct the stage's hubspot block in config/stages.yaml, deploy")
    calls, limit = d.in_hubspot("usage", lambda hubspot: hubspot.calls_today())
    if limit and calls >= _MUCH * limit:
        do = "docs/operations.md#a-vendor-is-down: runs wait until HubSpot's midnight; find out who else calls"
        yield warning(f"{calls} of the day's {limit} calls are used", "account", do)
    yield ok("answers", f"account {facts.get('portalId')}")


def properties(d: Deployment) -> Iterator[Finding]:
    """Our properties are there, with type, uniqueness and options."""
    report = d.in_hubspot("our properties", lambda hubspot: set_up(hubspot, d.configuration, create=False))
    for each in report.wrong:
        name, _, fault = each.partition(" ")
        what, _, do = fault.partition("; ")
        yield error(what, name, do)
    if not report.wrong:
        yield ok(f"{len(report.present)} of ours are as they should be", "properties")


def app(d: Deployment) -> Iterator[Finding]:
    """The app project is of this configuration. HubSpot lets nobody read what a private app subscribes to."""
    rendered = render_app(d.configuration, d.name, before=_read(APP / WEBHOOKS))
    stale = [path for path, document in rendered.items() if _read(APP / path) != json.loads(json.dumps(document))]
    if stale:
        do = "cosell hubspot app, then hs project upload"
        yield error("is not what the configuration needs; changes of new properties go unheard", ", ".join(stale), do)
    else:
        do = "when in doubt, hs project upload: it changes nothing where nothing differs"
        yield Finding("ok", "is up to date (HubSpot has no API to read a private app's webhooks)", "hubspot_app", do)


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None


def webhooks(d: Deployment) -> Iterator[Finding]:
    """The addresses that signatures are checked for are the deployed ones, and webhooks come."""
    secret = d.client("secretsmanager").get_secret_value(SecretId=d.place.output("HubspotWebhookSecret"))
    try:
        held = json.loads(secret.get("SecretString") or "{}")
    except ValueError:
        raise NotChecked("the secret hubspot-webhook is not well-formed") from None
    accepted = [str(url) for url in held.get("target_urls") or ()]
    own = d.seen_from_here(d.place.output("WebhookUrl"))
    if own not in accepted:
        do = f"cosell secrets rotate hubspot-webhook --stage {d.name}, unless your own domain stands before it"
        instead = f"accepted is {', '.join(accepted)}" if accepted else "none is accepted"
        make = warning if accepted else error
        yield make(f"is not among the accepted target URLs: {instead}", own, do)
    yield from _traffic(d, own)


def _young(d: Deployment) -> str:
    """How long the stage is there, while that is shorter than webhooks may be away; else nothing. The local cloud is
    always young."""
    made = [stack["CreationTime"].timestamp() * 1000 for stack in d.stacks().values() if "CreationTime" in stack]
    age = d.now_ms() - min(made) if made else 0.0
    return ago(max(0.0, age)) if age < _HOURS_WITHOUT_WEBHOOK * 3_600_000 else ""


def _traffic(d: Deployment, own: str) -> Iterator[Finding]:
    minutes = _HOURS_WITHOUT_WEBHOOK * 60
    service = {"service": f"cosell-{d.name}"}
    rejected = d.metric_sum("CosellSync", "SignatureRejected", service, minutes)
    came = d.metric_sum("CosellSync", "WebhookEvents", service, minutes)
    refused = f", {rejected:.0f} deliveries refused" if rejected else ""
    if rejected >= max(_MANY_REFUSED, came):
        do = "docs/operations.md#signature-rejected: registered URL, target_urls, client secret"
        yield error(f"{rejected:.0f} deliveries of a day were refused for their signature, {came:.0f} taken", own, do)
    elif not came and (young := _young(d)):
        yield ok(f"none came yet; the stage is there for {young}{refused}", own)
    elif not came:
        do = "see that the app is installed and its target URL is this one (hs project upload); the sweep finds changes"
        yield warning(f"no webhook came for {_HOURS_WITHOUT_WEBHOOK} hours{refused}", own, do)
    else:
        yield ok(f"{came:.0f} events in {_HOURS_WITHOUT_WEBHOOK} hours{refused}", own)


CHECKS = [
    Check(area=AREA, name="token", run=token, needs="secretsmanager:GetSecretValue"),
    Check(area=AREA, name="account", run=account),
    Check(area=AREA, name="properties", run=properties),
    Check(area=AREA, name="app", run=app),
    Check(area=AREA, name="webhooks", run=webhooks, needs="secretsmanager:GetSecretValue"),
]
