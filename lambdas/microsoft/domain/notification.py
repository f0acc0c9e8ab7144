"""Partner Center's webhook events: which referral to look at, and nothing else. Pure.

An event carries no field values and is not trusted: its only use is one more read of a referral by id, at the address
that we know. https://learn.microsoft.com/partner-center/developer/partner-center-webhooks
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

EVENTS = ("referral-created", "referral-updated")
TEST_EVENT = "test-created"
MAX_BYTES = 16 * 1024
GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_RESOURCE = re.compile(rf"https://api\.partnercenter\.microsoft\.com/engagements/v1/referrals/(?P<id>{GUID})/?")


class OddNotification(ValueError):
    """The body is no event of a referral. The message holds nothing of the body."""


@dataclass(frozen=True, slots=True)
class Notification:
    """One event: its name, and the referral to read (None for the test event)."""

    event: str
    referral_id: str | None


def parse_notification(body: bytes) -> Notification:
    """The event in a request's raw body, whose signature was checked before.

    Raises:
        OddNotification: too long, no JSON object, an unknown event or resource, or an address that names no referral.
    """
    said = _object(body)
    event = said.get("EventName")
    if event == TEST_EVENT:
        return Notification(TEST_EVENT, None)
    if event not in EVENTS:
        raise OddNotification(f"unknown event; allowed: {', '.join((*EVENTS, TEST_EVENT))}")
    if said.get("ResourceName") != "referral":
        raise OddNotification("unknown resource; allowed: referral")
    address = said.get("ResourceUri")
    found = _RESOURCE.fullmatch(address) if isinstance(address, str) else None
    if found is None:
        raise OddNotification("ResourceUri is not the address of a referral")
    return Notification(str(event), found["id"].lower())


def _object(body: bytes) -> dict[str, Any]:
    if len(body) > MAX_BYTES:
        raise OddNotification(f"the body has more than {MAX_BYTES} bytes")
    try:
        said = json.loads(body.decode())
    except (ValueError, RecursionError):
        raise OddNotification("the body is not JSON") from None
    if not isinstance(said, dict):
        raise OddNotification("the body is not a JSON object")
    return said
