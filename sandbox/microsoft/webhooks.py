"""Webhook registration and delivery (fact sheet 9): one registration per tenant, signed notices, ten attempts."""

from __future__ import annotations

import json
import random
import threading
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import urllib3

from sandbox.microsoft.errors import Throttled, VendorError, invalid
from sandbox.microsoft.facts import FACTS
from sandbox.microsoft.shape import Json
from sandbox.microsoft.signing import ALGORITHM, Signer, own_signer
from sandbox.microsoft.switches import EventTrouble, Switches

Deliver = Callable[[str, Mapping[str, str], bytes], int]
TEST = "test-created"
_RETRY_MS = 50
_MINUTE_MS = 60_000


@dataclass(slots=True)
class _Waiting:
    due_ms: int
    event: str
    body: bytes
    attempt: int = 1
    correlation: str | None = None


@dataclass(slots=True)
class Webhooks:
    """The tenant's registration and the notices on their way.

    ``deliver(url, headers, body)`` gives a status; it may raise. ``certificate_url`` is what the notices name.
    ``delivered`` counts notices taken, ``dropped`` those that trouble or ten failed attempts lost.
    """

    switches: Switches
    trouble: EventTrouble
    deliver: Deliver
    certificate_url: str
    seed: int = 0
    registration: Json | None = None
    signer: Signer | None = None
    delivered: int = 0
    dropped: int = 0
    _in_flight: int = 0
    _waiting: list[_Waiting] = field(default_factory=list)
    _tests: dict[str, Json] = field(default_factory=dict)
    _test_times: list[int] = field(default_factory=list)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._dice = random.Random(f"webhooks-{self.seed}")

    def read(self) -> Json:
        """GET: the registration; 404 if there is none."""
        if self.registration is None:
            raise VendorError(404, "no webhook is registered", "9", target="registration")
        return dict(self.registration)

    def create(self, body: Any) -> Json:
        """POST: the first registration."""
        if self.registration is not None and self.switches.second_registration_refused:
            raise VendorError(409, "there is one registration per tenant: use PUT", "9", target="registration")
        self.registration = _checked(body)
        return self.read()

    def update(self, body: Any) -> Json:
        """PUT: replaces the registration, or merges the events, as the switch says."""
        before, given = self.read(), _checked(body)
        if self.switches.put_registration_merges:
            given["WebhookEvents"] = list(dict.fromkeys([*before["WebhookEvents"], *given["WebhookEvents"]]))
        self.registration = given
        return self.read()

    def send_test(self, now_ms: int) -> Json:
        """POST validationEvents: a test notice, at most two a minute."""
        self.read()
        self._test_times = [at for at in self._test_times if at > now_ms - _MINUTE_MS]
        if len(self._test_times) >= FACTS["validation_events_per_minute"]:
            raise Throttled(max(1, -(-(self._test_times[0] + _MINUTE_MS - now_ms) // 1000)))
        self._test_times.append(now_ms)
        correlation = str(uuid.UUID(int=self._dice.getrandbits(128), version=4))
        self._tests[correlation] = {"correlationId": correlation, "status": "pending", "results": []}
        self._enqueue(TEST, "test", correlation, now_ms, correlation)
        return {"correlationId": correlation}

    def test_result(self, correlation: str) -> Json:
        """GET validationEvents/{id}: how the delivery went."""
        if correlation not in self._tests:
            raise VendorError(404, "no such validation event", "9", target="validationEvents")
        return self._tests[correlation]

    def announce(self, event: str, referral_id: str, now_ms: int) -> None:
        """Something happened to a referral."""
        self._enqueue(event, "referral", referral_id, now_ms, None)

    def pending(self) -> int:
        """How many notices wait or are on their way."""
        with self._lock:
            return len(self._waiting) + self._in_flight

    def send_due(self, now_ms: int) -> int:
        """Deliver, on this thread, what is due; returns the number of requests made."""
        with self._lock:
            due = sorted((one for one in self._waiting if one.due_ms <= now_ms), key=lambda one: one.due_ms)
            self._waiting = [one for one in self._waiting if one.due_ms > now_ms]
            self._in_flight += len(due)
        for one in due:
            self._attempt(one, now_ms)
        return len(due)

    def headers(self, body: bytes) -> dict[str, str]:
        """The headers that go with a notice."""
        signature = (self.signer or own_signer()).sign(body)
        own = {"x-ms-certificate-url": self.certificate_url, "x-ms-signature-algorithm": ALGORITHM}
        if (self.registration or {}).get("SignatureTokenToMsSignatureHeader"):
            return {**own, "Content-Type": "application/json", "x-ms-signature": signature}
        return {**own, "Content-Type": "application/json", "Authorization": f"Signature {signature}"}

    def _enqueue(self, event: str, resource: str, identifier: str, now_ms: int, correlation: str | None) -> None:
        registration = self.registration
        if registration is None or event not in registration["WebhookEvents"]:
            return
        changed = datetime.fromtimestamp(now_ms / 1000, UTC)
        notice = {
            "EventName": event,
            "ResourceUri": f"https://api.partnercenter.microsoft.com/engagements/v1/{resource}s/{identifier}",
            "ResourceName": resource,
            "AuditUri": None,
            "ResourceChangeUtcDate": f"{changed:%Y-%m-%dT%H:%M:%S}.{now_ms % 1000:03d}0000+00:00",
        }
        body = json.dumps(notice).encode()
        with self._lock:
            delays = self.trouble.delays(self._dice)
            self.dropped += not delays
            self._waiting += [_Waiting(now_ms + delay, event, body, correlation=correlation) for delay in delays]

    def _attempt(self, one: _Waiting, now_ms: int) -> None:
        status = 0
        if self.registration is not None:
            # any failure of a receiver is a failed delivery
            with suppress(Exception):
                status = self.deliver(self.registration["WebhookUrl"], self.headers(one.body), one.body)
        if one.correlation is not None:
            result = self._tests[one.correlation]
            result["status"] = "completed" if 200 <= status < 300 else "failed"
            result["results"].append({"responseCode": str(status)})
        with self._lock:
            self._in_flight -= 1
            if 200 <= status < 300:
                self.delivered += 1
            elif one.attempt >= FACTS["webhook_attempts"]:
                self.dropped += 1
            else:
                one.attempt += 1
                one.due_ms = now_ms + _RETRY_MS * one.attempt
                self._waiting.append(one)


def http_deliver(timeout_seconds: float = 5.0) -> Deliver:
    """Post over HTTP; no redirects, no retries of its own."""
    pool = urllib3.PoolManager(retries=False)

    def deliver(url: str, headers: Mapping[str, str], body: bytes) -> int:
        answer = pool.request("POST", url, body=body, headers=dict(headers), timeout=timeout_seconds, redirect=False)
        return answer.status

    return deliver


def _checked(body: Any) -> Json:
    members = {"WebhookUrl", "WebhookEvents", "SignatureTokenToMsSignatureHeader"}
    if not isinstance(body, dict) or set(body) - members:
        raise invalid("body", f"must be an object of: {', '.join(sorted(members))}", "9")
    parts = urlsplit(body.get("WebhookUrl") or "")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")):
        raise invalid("WebhookUrl", "must be https", "9")
    events = body.get("WebhookEvents")
    known = FACTS["webhook_events"]
    if not isinstance(events, list) or not events or any(event not in known for event in events):
        raise invalid("WebhookEvents", f"must name some of: {', '.join(known)}", "9")
    flag = body.get("SignatureTokenToMsSignatureHeader", False)
    if not isinstance(flag, bool):
        raise invalid("SignatureTokenToMsSignatureHeader", "must be true or false", "9")
    return {"WebhookUrl": body["WebhookUrl"], "WebhookEvents": events, "SignatureTokenToMsSignatureHeader": flag}
