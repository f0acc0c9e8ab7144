"""Every call to a vendor, seen: counted by the class of its answer, timed, logged with the vendor's own id for it.

What is logged of a call is never an address or a text: a path may name a person. The correlation id goes along where
the vendor has a place for it:

| Vendor | Where |
|---|---|
| AWS | the end of the user agent, which CloudTrail keeps in the linked account |
| Microsoft | ``MS-CorrelationId``, a GUID |
| Google | ``X-Goog-Request-Reason``, which Google's audit log keeps |
| HubSpot | nowhere; it gives each request an id of its own, which is logged |
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from lambdas.shared.adapters.http import Answer, Transport
from lambdas.shared.runtime import correlation_id, count, logger, measured

_THEIR_IDS = ("x-amzn-requestid", "request-id", "x-hubspot-correlation-id", "x-request-id")
_NO_ID = re.compile(r"[^A-Za-z0-9._:-]")
_MOST = 100
_TOO_MANY = 429
# Makes a GUID of an id that is none; the same one each time, so that it can be computed again when it is looked for.
_OUR_IDS = uuid.UUID("6f1cfe6e-2f0c-5f0a-9b4e-6a1f2b6c9d10")


def status_class(status: int | None) -> str:
    """``2xx``, ``4xx``, ``429`` …, ``none`` where no answer came."""
    if status is None:
        return "none"
    return str(_TOO_MANY) if status == _TOO_MANY else f"{status // 100}xx"


def as_guid(text: str) -> str:
    """The id itself where it is a GUID, else one that is made of it."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return str(uuid.uuid5(_OUR_IDS, text))


def tidy(text: str) -> str:
    """An id as a header may carry it."""
    return _NO_ID.sub("", text)[:_MOST]


def call_made(vendor: str, operation: str, status: int | None, seconds: float, headers: Mapping[str, str]) -> None:
    """Count, time and log one call. ``operation`` is a method or the name of an operation, ``headers`` the answer's."""
    count("VendorCalls", vendor=vendor, status=status_class(status))
    measured("VendorTime", round(seconds * 1000), vendor=vendor)
    said = {name.lower(): text for name, text in headers.items()}
    theirs = next((tidy(said[name]) for name in _THEIR_IDS if said.get(name)), None)
    about = {"vendor": vendor, "operation": operation, "status": status, "milliseconds": round(seconds * 1000)}
    logger.info("vendor call", extra={**about, "vendor_request_id": theirs})


def watched(transport: Transport, vendor: str, carry: Callable[[str], Mapping[str, str]] | None = None) -> Transport:
    """``transport``, seen. ``carry`` makes the headers in which the vendor takes the correlation id."""

    def send(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        more = carry(correlation_id()) if carry else {}
        began = time.monotonic()
        try:
            answer = transport(method, url, {**headers, **more}, body)
        except Exception:
            call_made(vendor, method, None, time.monotonic() - began, {})
            raise
        call_made(vendor, method, answer[0], time.monotonic() - began, answer[1])
        return answer

    return send


def watch_client(client: Any, vendor: str) -> Any:
    """An SDK client whose calls are seen, and whose user agent ends in the correlation id; the client itself."""

    def begin(context: dict[str, Any], **_more: Any) -> None:
        context["cosell_began"] = time.monotonic()

    def sign(request: Any, **_more: Any) -> None:
        agent = request.headers.get("User-Agent", "")
        agent = agent.decode() if isinstance(agent, bytes) else agent
        del request.headers["User-Agent"]  # setting it would add a second one
        request.headers["User-Agent"] = f"{agent} md/cosell-correlation#{tidy(correlation_id())}"

    def end(response_dict: Any, context: dict[str, Any], event_name: str, **_more: Any) -> None:
        answer = response_dict or {}
        seconds = time.monotonic() - context.get("cosell_began", time.monotonic())
        operation = event_name.rpartition(".")[2]
        call_made(vendor, operation, answer.get("status_code"), seconds, answer.get("headers") or {})

    client.meta.events.register("before-call", begin)
    # Last of all: the SDK writes the user agent anew when the request is made. It is no part of the signature.
    client.meta.events.register_last("request-created", sign)
    client.meta.events.register("response-received", end)
    return client
