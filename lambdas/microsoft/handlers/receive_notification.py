"""The one door for Partner Center's webhook notices: verify, keep the referral's id, store, answer.

Behind API Gateway (REST, proxy). 200 when the notice is stored (or is the test event, or was quarantined), 401 for a
notice that is not proven to be Microsoft's, 404 and 405 for what is not a notice, 413 for a body over the limit, 503
when the certificate or the queue cannot be reached, so that Microsoft delivers again (ten times, then never).
A notice only triggers one read of a referral: the poll finds what notices lose, and a repeated one changes nothing.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from dataclasses import dataclass, field
from typing import Any, Protocol

from lambdas.microsoft.domain.notice_signature import (
    CERTIFICATE_URL_PREFIX,
    NoticeRefused,
    check_signature,
    read_claim,
)
from lambdas.microsoft.domain.notification import MAX_BYTES, Notification, OddNotification, parse_notification
from lambdas.shared.clock import AtMostEvery, Clock, SystemClock
from lambdas.shared.errors import CosellError
from lambdas.shared.runtime import Answer, Event, count, entry_point, logger

PATH = "/notices/microsoft"
_PARTNER = "microsoft"
# Anybody can send a bad signature: it must not cost a fetch of the certificate each time.
_CERTIFICATE_REFETCH_MS = 30_000


def _refetch_pace() -> AtMostEvery:
    return AtMostEvery(_CERTIFICATE_REFETCH_MS)


class _Certificates(Protocol):
    def key(self, url: str, *, fresh: bool = False) -> Any: ...


class _Queue(Protocol):
    def send(self, message: dict[str, Any], delay_seconds: int = 0) -> None: ...


class _Quarantine(Protocol):
    def put(self, reason: str, body: str) -> Any: ...


@dataclass(frozen=True)
class Collaborators:
    """What the receiver works with. ``prefix`` is the one address under which certificates may lie.

    ``refetch`` says how often a certificate may be fetched past what is kept.
    """

    certificates: _Certificates
    notices: _Queue
    quarantine: _Quarantine
    prefix: str = CERTIFICATE_URL_PREFIX
    max_body_bytes: int = MAX_BYTES
    clock: Clock = field(default_factory=SystemClock)
    refetch: AtMostEvery = field(default_factory=_refetch_pace)


def receive_notification(event: Event, c: Collaborators) -> Answer:
    """Take one notice. ``event`` is API Gateway's proxy event; the answer is its proxy response."""
    refused = _refuse_early(event)
    if refused:
        return refused
    try:
        body = _body(event, c.max_body_bytes)
        _verify(event, body, c)
    except _TooLarge:
        return _answer(413, f"the body is larger than {c.max_body_bytes} bytes")
    except NoticeRefused as error:
        count("NoticeRefused")
        logger.warning("notice refused", extra={"reason": str(error)})
        return _answer(401, "the signature could not be verified")
    except CosellError as error:
        return _later("certificate not readable", error)
    try:
        return _answer(200, _take(event, body, c))
    except CosellError as error:
        return _later("notice not stored", error)


def _refuse_early(event: Event) -> Answer | None:
    if str(event.get("path", "")).rstrip("/") != PATH:
        return _answer(404, f"the webhook is {PATH}")
    if event.get("httpMethod") != "POST":
        return _answer(405, "only POST", {"Allow": "POST"})
    return None


class _TooLarge(Exception):
    """The body is over the limit."""


def _body(event: Event, most: int) -> bytes:
    """The raw bytes that were signed; their text is not decoded where it alone is too long."""
    text = event.get("body") or ""
    if len(text) > 2 * most:
        raise _TooLarge
    try:
        body = base64.b64decode(text) if event.get("isBase64Encoded") else text.encode()
    except (binascii.Error, UnicodeEncodeError):
        body = b""  # nothing that anybody could have signed
    if len(body) > most:
        raise _TooLarge
    return body


def _verify(event: Event, body: bytes, c: Collaborators) -> None:
    claim = read_claim(event.get("headers") or {}, c.prefix)
    key = c.certificates.key(claim.certificate_url)
    try:
        check_signature(key, claim.signature, body)
    except NoticeRefused:
        # The file may have been renewed in its place since it was kept. Who is refused meanwhile delivers again.
        if not c.refetch.passes(c.clock.now_ms()):
            raise
        check_signature(c.certificates.key(claim.certificate_url, fresh=True), claim.signature, body)


def _take(event: Event, body: bytes, c: Collaborators) -> str:
    """Store what a proven notice asks for; what was done, in words."""
    try:
        notification = parse_notification(body)
    except OddNotification as error:
        # Microsoft's own, but not for us: the tenant's one registration may list events of others.
        c.quarantine.put(f"notice of Microsoft: {error}", body.decode("utf-8", "replace"))
        count("Quarantined")
        return "quarantined"
    if notification.referral_id is None:
        count("TestNotices")
        logger.info("test notice received")
        return "test received"
    c.notices.send(_message(event, notification))
    count("PartnerNotices")
    logger.info("notice stored")
    return "accepted"


def _message(event: Event, notification: Notification) -> dict[str, Any]:
    return {
        "source": "partner",
        "partner": _PARTNER,
        "correlation_id": (event.get("requestContext") or {}).get("requestId", "none"),
        "opportunities": [notification.referral_id],
    }


def _later(what: str, error: CosellError) -> Answer:
    logger.error(what, extra={"error": type(error).__name__, "reason": str(error)})
    return _answer(503, f"{what}; please deliver again")


def _answer(status: int, message: str, headers: dict[str, str] | None = None) -> Answer:
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json", **(headers or {})},
        "body": json.dumps({"message": message}),
    }


def _collaborators() -> Collaborators:
    from lambdas.microsoft.adapters.notice_certificates import NoticeCertificates, public_roots
    from lambdas.microsoft.domain.notice_signature import checked_prefix
    from lambdas.shared import wiring

    # Only the local cloud sets these two: its simulator has an address and an authority of its own.
    prefix = os.environ.get("COSELL_MICROSOFT_CERTIFICATE_URL_PREFIX") or CERTIFICATE_URL_PREFIX
    roots = public_roots(os.environ.get("COSELL_MICROSOFT_CERTIFICATE_ROOTS", ""))
    return Collaborators(
        certificates=NoticeCertificates(roots),
        notices=wiring.queue("COSELL_NOTICES_QUEUE_URL"),
        quarantine=wiring.quarantine(),
        prefix=checked_prefix(prefix),
    )


handler = entry_point(receive_notification, _collaborators)
