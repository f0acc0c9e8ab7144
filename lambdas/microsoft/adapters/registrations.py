"""The tenant's one webhook registration at Partner Center: where its events go, and which ones.

It is another host than the Referrals API, with a token audience of its own (``AUDIENCE``). Microsoft lists Billing
admin, Admin agent, Sales agent and Helpdesk agent as the roles that may register; whether a user with a Referrals role
alone may is not verified, nor how Microsoft answers where nothing is registered: any 404 at this address is taken so.
https://learn.microsoft.com/partner-center/developer/partner-center-webhooks
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from lambdas.microsoft.adapters.referral_errors import failure
from lambdas.microsoft.domain.notification import EVENTS, TEST_EVENT
from lambdas.shared.adapters.http import Json, JsonApi, TokenSource, Transport
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.errors import Conflict, Unexpected

AUDIENCE = "https://api.partnercenter.microsoft.com"
BASE_URL = AUDIENCE
OUR_EVENTS = (*EVENTS, TEST_EVENT)
_PATH = "/webhooks/v1/registration"


@dataclass(frozen=True, slots=True)
class Registration:
    """Where events go. ``own_header``: the signature comes in ``x-ms-signature``, not in ``Authorization``."""

    url: str
    events: tuple[str, ...]
    own_header: bool


@dataclass(frozen=True, slots=True)
class TestResult:
    """How the delivery of a test event went: its status, and the answer to each attempt."""

    __test__ = False  # for pytest it would be a test by its name

    status: str
    answers: tuple[str, ...]


class Registrations:
    """Reads and changes the registration. Every method raises the classes of ``lambdas.shared.errors``."""

    def __init__(
        self,
        token: TokenSource,
        base_url: str = BASE_URL,
        http: Transport | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._api = JsonApi("Microsoft", token, base_url, variable="the address given", http=http, each_time=_ids)
        self._clock = clock or SystemClock()

    def read(self) -> Registration | None:
        """The registration, or None where the tenant has none."""
        answer = self._call("GET", _PATH, "to read the webhook registration", missing_is_none=True)
        return None if answer is None else _registration(answer)

    def register(self, url: str, *, replace: bool = False) -> Registration:
        """Have our events sent to ``url``; what is registered then. Doing it twice changes nothing.

        A tenant has one registration: events that others listed for the same address stay. ``replace`` takes the
        registration over from another address, with our events only.

        Raises:
            Conflict: the registration belongs to another address, and ``replace`` was not given.
        """
        before = self.read()
        if before is None:
            return self._write("POST", url, OUR_EVENTS)
        if before.url != url and not replace:
            raise Conflict(
                f"The tenant's one webhook registration sends {', '.join(before.events) or 'nothing'} to "
                f"{urlsplit(before.url).hostname}. Replacing it ends that."
            )
        kept = before.events if before.url == url else ()
        wanted = tuple(dict.fromkeys([*kept, *OUR_EVENTS]))
        if before == Registration(url, wanted, own_header=True):
            return before
        return self._write("PUT", url, wanted)

    def send_test(self) -> str:
        """Have a test event sent (Microsoft takes two a minute); the id to ask ``test_result`` with."""
        what = "to send a test event"
        found = _member(self._call("POST", f"{_PATH}/validationEvents", what) or {}, "correlationId")
        if not isinstance(found, str) or not found:
            raise Unexpected(f"Microsoft was asked {what} and its answer has no correlationId.")
        return found

    def test_result(self, correlation_id: str) -> TestResult:
        """How a test event fared; Microsoft keeps it for seven days."""
        path = f"{_PATH}/validationEvents/{quote(correlation_id, safe='')}"
        answer = self._call("GET", path, "to read a test event's result") or {}
        results = _member(answer, "results")
        attempts = [each for each in results if isinstance(each, Mapping)] if isinstance(results, list) else []
        codes = tuple(str(_member(each, "responseCode")) for each in attempts)
        return TestResult(str(_member(answer, "status") or "unknown"), codes)

    def _write(self, method: str, url: str, events: Sequence[str]) -> Registration:
        what = "to write the webhook registration"
        body = {"WebhookUrl": url, "WebhookEvents": list(events), "SignatureTokenToMsSignatureHeader": True}
        written = _registration(self._call(method, _PATH, what, body) or {})
        if written.url != url or not set(OUR_EVENTS) <= set(written.events):
            raise Unexpected(f"Microsoft was asked {what} and its answer does not hold our address and events.")
        return written

    def _call(
        self, method: str, path: str, what: str, body: Any = None, *, missing_is_none: bool = False
    ) -> Json | None:
        status, headers, content = self._api.send(method, path, what, body)
        if status == 404 and missing_is_none:
            return None
        if not 200 <= status < 300:
            raise failure(what, status, headers, content, self._clock.now_ms())
        return self._api.read(content, what)


def _registration(answer: Json) -> Registration:
    url, events = _member(answer, "WebhookUrl"), _member(answer, "WebhookEvents")
    if not isinstance(url, str) or not isinstance(events, list):
        raise Unexpected("Microsoft's webhook registration lacks WebhookUrl or WebhookEvents.")
    return Registration(url, tuple(map(str, events)), _member(answer, "SignatureTokenToMsSignatureHeader") is True)


def _member(answer: Mapping[str, Any], name: str) -> Any:
    """By name in any case: Microsoft's own samples differ."""
    return next((value for key, value in answer.items() if key.lower() == name.lower()), None)


def _ids() -> dict[str, str]:
    """Ids of one request; both families of headers, since this host's practice differs from the Referrals API's."""
    return {name: str(uuid.uuid4()) for name in ("client-request-id", "ms-correlationid", "ms-requestid")}
