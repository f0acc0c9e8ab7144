"""The one door for HubSpot's webhooks: verify, strip to a notice, store, answer. No vendor is called here.

Behind API Gateway (REST, proxy). 200 when everything is stored, 401 for a signature that is not good, 404 and 405
for what is not a webhook, 413 for a body over the limit, 503 when the queue or the ledger cannot take it, so
that HubSpot delivers again.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass, field
from typing import Any, Protocol

from lambdas.shared.clock import AtMostEvery, Clock, SystemClock
from lambdas.shared.domain.signature import SignatureRejected, verify
from lambdas.shared.domain.webhook import Delivery, read_delivery
from lambdas.shared.errors import CosellError
from lambdas.shared.runtime import Answer, Event, count, entry_point, logger

_ROOT = "/webhook/hubspot"
_EVENTS_PER_MESSAGE = 200
# Anybody can send a bad signature: it must not cost a call to Secrets Manager each time.
_SECRET_REFETCH_MS = 30_000


def _refetch_pace() -> AtMostEvery:
    return AtMostEvery(_SECRET_REFETCH_MS)


class _Secrets(Protocol):
    def get(self, name: str, *, fresh: bool = False) -> dict[str, Any]: ...


class _Queue(Protocol):
    def send(self, message: dict[str, Any], delay_seconds: int = 0) -> None: ...


class _Quarantine(Protocol):
    def put(self, reason: str, body: str) -> Any: ...


@dataclass(frozen=True)
class Collaborators:
    """What the receiver works with. ``aliases`` maps a path's last part to the partner it limits to.

    ``refetch`` says how often the secret may be read past its cache.
    """

    secrets: _Secrets
    notices: _Queue
    quarantine: _Quarantine
    webhook_secret: str
    aliases: dict[str, str]
    max_body_bytes: int
    portal_id: int | None = None
    clock: Clock = field(default_factory=SystemClock)
    refetch: AtMostEvery = field(default_factory=_refetch_pace)


def receive_webhook(event: Event, c: Collaborators) -> Answer:
    """Take one delivery. ``event`` is API Gateway's proxy event; the answer is its proxy response."""
    refused = _refuse_early(event, c)
    if refused:
        return refused
    body = _body(event)
    if len(body) > c.max_body_bytes:
        return _answer(413, f"the body is larger than {c.max_body_bytes} bytes")
    try:
        target = _verified_target(event, body, c)
    except SignatureRejected as error:
        count("SignatureRejected")
        logger.warning("signature rejected", extra={"reason": str(error)})
        return _answer(401, "the signature could not be verified")
    except CosellError as error:
        logger.error("webhook secret not readable", extra={"reason": str(error)})
        return _answer(503, "not ready; please deliver again")
    delivery = read_delivery(body, c.portal_id)
    try:
        _store(delivery, target, event, c)
    except CosellError as error:
        logger.error("delivery not stored", extra={"error": type(error).__name__, "reason": str(error)})
        return _answer(503, "not stored; please deliver again")
    return _answer(200, f"{len(delivery.events)} accepted, {len(delivery.bad)} quarantined")


def _refuse_early(event: Event, c: Collaborators) -> Answer | None:
    if _alias(str(event.get("path", "")), c) is None:
        return _answer(404, f"the webhook is {_ROOT}, or {_ROOT}/ with one of: {', '.join(sorted(c.aliases))}")
    if event.get("httpMethod") != "POST":
        return _answer(405, "only POST", {"Allow": "POST"})
    return None


def _alias(path: str, c: Collaborators) -> str | None:
    """The part behind the root: "" for the root itself, an alias's name, None for a path that is not ours."""
    if path.rstrip("/") == _ROOT:
        return ""
    name = path.removeprefix(_ROOT + "/")
    return name if name in c.aliases else None


def _body(event: Event) -> bytes:
    body = event.get("body") or ""
    return base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()


def _verified_target(event: Event, body: bytes, c: Collaborators) -> str:
    def check(fresh: bool) -> str:
        secret = c.secrets.get(c.webhook_secret, fresh=fresh)
        return verify(
            headers=event.get("headers") or {},
            method="POST",
            body=body,
            target_urls=secret.get("target_urls", ()),
            secrets=secret.get("client_secrets", ()),
            now_ms=c.clock.now_ms(),
        )

    try:
        return check(fresh=False)
    except SignatureRejected:
        # The secret may have been rotated, or a URL allowed, since it was cached. Whoever is refused meanwhile
        # delivers again.
        if not c.refetch.passes(c.clock.now_ms()):
            raise
        return check(fresh=True)


def _store(delivery: Delivery, target: str, event: Event, c: Collaborators) -> None:
    for part in delivery.bad:
        c.quarantine.put(part.reason, part.body)
        count("Quarantined")
    alias = next((name for name in c.aliases if target.rstrip("/").endswith(f"{_ROOT}/{name}")), None)
    for start in range(0, len(delivery.events), _EVENTS_PER_MESSAGE):
        c.notices.send(
            {
                "source": "hubspot",
                "correlation_id": (event.get("requestContext") or {}).get("requestId", "none"),
                "received_at": c.clock.now_ms(),
                "limit_to": [c.aliases[alias]] if alias else None,
                "events": delivery.events[start : start + _EVENTS_PER_MESSAGE],
            }
        )
    count("WebhookEvents", len(delivery.events))
    logger.info("delivery stored", extra={"events": len(delivery.events), "quarantined": len(delivery.bad)})


def _answer(status: int, message: str, headers: dict[str, str] | None = None) -> Answer:
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json", **(headers or {})},
        "body": json.dumps({"message": message}),
    }


def _collaborators() -> Collaborators:
    from lambdas.shared import wiring

    settings = wiring.settings()
    return Collaborators(
        secrets=wiring.secrets(),
        notices=wiring.queue("COSELL_NOTICES_QUEUE_URL"),
        quarantine=wiring.quarantine(),
        webhook_secret=os.environ["COSELL_HUBSPOT_WEBHOOK_SECRET"],
        aliases={name: name for name in settings["partners"]},
        max_body_bytes=settings["hubspot"]["max_body_bytes"],
        portal_id=settings["hubspot"]["portal_id"],
    )


handler = entry_point(receive_webhook, _collaborators)
