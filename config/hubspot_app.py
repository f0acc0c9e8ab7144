"""Our HubSpot app as a HubSpot project: what ``hs project upload`` takes, rendered from the configuration.

``python -m config.hubspot_app`` writes it to ``hubspot_app/``. The project names no account and no secret: the target
URL is a variable that each ``hsprofile.<name>.json`` fills in.
https://developers.hubspot.com/docs/apps/developer-platform/build-apps/overview
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from config.loader import load
from config.model import Configuration
from config.webhooks import EVENTS, HUB_EVENTS, watched_in_any_stage

PLATFORM_VERSION = "2026.03"
WEBHOOKS = "src/app/webhooks/webhooks-hsmeta.json"
TARGET_URL = "${WEBHOOK_URL}"
"""The profile variable that stands for the stack output ``WebhookUrl``."""

# Notes and tasks are guarded by the contacts scopes; `oauth` is listed by the vendor's templates for static apps too.
SCOPES = (
    "oauth",
    "crm.objects.deals.read",
    "crm.objects.deals.write",
    "crm.objects.companies.read",
    "crm.objects.companies.write",
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.objects.owners.read",
    "crm.schemas.deals.read",
)
_MAX_CONCURRENT_REQUESTS = 10


def render_app(
    configuration: Configuration,
    stage: str,
    target_url: str = TARGET_URL,
    before: Mapping[str, Any] | None = None,
) -> dict[str, dict[str, Any]]:
    """The project's files: path inside the project to its JSON.

    ``stage`` is a deployment stage of ``stages.yaml``; ``target_url`` the webhook's URL, or a profile variable. The
    subscriptions are those of all configured partners, whichever are on: one project serves every stage, and what a
    stage does not look at, it drops. ``before`` is the webhooks component as it was rendered last: a subscription that
    is needed no longer stays in it, switched off, since an upload from which one has vanished may be refused.

    Raises:
        KeyError: there is no such stage; the message names those there are.
    """
    configuration.stage(stage)
    return {
        "hsproject.json": {"name": "cosell-sync", "srcDir": "src", "platformVersion": PLATFORM_VERSION},
        "src/app/app-hsmeta.json": _app(),
        WEBHOOKS: _webhooks(configuration, target_url, before or {}),
    }


def _app() -> dict[str, Any]:
    return {
        "uid": "cosell_sync_app",
        "type": "app",
        "config": {
            "name": "Co-sell sync",
            "description": "Sends tagged deals to cloud partners' portals and shows on the deal how they stand.",
            "distribution": "private",
            "auth": {
                "type": "static",
                "requiredScopes": list(SCOPES),
                "optionalScopes": [],
                "conditionallyRequiredScopes": [],
            },
            "permittedUrls": {"fetch": [], "iframe": [], "img": []},
        },
    }


def _webhooks(configuration: Configuration, target_url: str, before: Mapping[str, Any]) -> dict[str, Any]:
    wanted = _subscriptions(configuration)
    return {
        "uid": "cosell_sync_webhooks",
        "type": "webhooks",
        "config": {
            "settings": {"targetUrl": target_url, "maxConcurrentRequests": _MAX_CONCURRENT_REQUESTS},
            "subscriptions": {
                "crmObjects": [*wanted, *_needed_no_longer(before, wanted)],
                "legacyCrmObjects": [],
                "hubEvents": _hub_events(),
            },
        },
    }


def _subscriptions(configuration: Configuration) -> list[dict[str, Any]]:
    """One entry per event, and one per property whose change matters."""
    entries = []
    for crm_object, properties in watched_in_any_stage(configuration).items():
        for kind in EVENTS.get(crm_object, ()):
            entries.append({"subscriptionType": f"object.{kind}", "objectType": crm_object, "active": True})
        for name in properties:
            entries.append(
                {
                    "subscriptionType": "object.propertyChange",
                    "objectType": crm_object,
                    "propertyName": name,
                    "active": True,
                }
            )
    return entries


def _needed_no_longer(before: Mapping[str, Any], wanted: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    known = {_identity(each) for each in wanted}
    there = ((before.get("config") or {}).get("subscriptions") or {}).get("crmObjects") or ()
    return [{**each, "active": False} for each in there if _identity(each) not in known]


def _identity(subscription: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(subscription.get(key) for key in ("subscriptionType", "objectType", "propertyName"))


def _hub_events() -> list[dict[str, Any]]:
    return [{"subscriptionType": name, "active": True} for name in HUB_EVENTS]


def as_text(document: dict[str, Any]) -> str:
    """A file's text as it is checked in."""
    return json.dumps(document, indent=2) + "\n"


def write_app(folder: Path, directory: str | Path = "config") -> list[Path]:
    """Render the configuration of ``directory`` into ``folder``; returns the files written.

    Every deployment stage needs the same project.
    """
    written = []
    configuration = load(directory)
    there = folder / WEBHOOKS
    before = json.loads(there.read_text("utf-8")) if there.exists() else None
    for path, document in render_app(configuration, next(iter(configuration.stages)), before=before).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(as_text(document))
        written.append(target)
    return written


if __name__ == "__main__":
    beside = Path(__file__).resolve().parent.parent / "hubspot_app"  # of the repository; the wheel has none here
    for each in write_app(beside if beside.is_dir() else Path("hubspot_app")):
        print(each.relative_to(Path.cwd()) if each.is_relative_to(Path.cwd()) else each)
