"""HubSpot's request signatures, from the sending side (hubspot.md 2). Pure functions."""

from __future__ import annotations

import base64
import hashlib
import hmac

from sandbox.hubspot.facts import FACTS

_DECODED: dict[str, str] = FACTS["signature"]["uri_decode"]


def signed_uri(uri: str) -> str:
    """The URI as it is signed: only some escapes are decoded, the rest stays as sent."""
    for escape, character in _DECODED.items():
        uri = uri.replace(escape, character).replace(escape.lower(), character)
    return uri


def sign_v3(secret: str, method: str, uri: str, body: str | bytes, timestamp: str | int) -> str:
    """Base64 HMAC-SHA-256 over METHOD, URI, body and timestamp (milliseconds, as in the header)."""
    text = method.upper().encode() + signed_uri(uri).encode() + _bytes(body) + str(timestamp).encode()
    return base64.b64encode(hmac.new(secret.encode(), text, hashlib.sha256).digest()).decode()


def sign_v2(secret: str, method: str, uri: str, body: str | bytes) -> str:
    """Hex SHA-256 over secret, METHOD, URI and body."""
    return hashlib.sha256(secret.encode() + method.upper().encode() + uri.encode() + _bytes(body)).hexdigest()


def sign_v1(secret: str, body: str | bytes) -> str:
    """Hex SHA-256 over secret and body."""
    return hashlib.sha256(secret.encode() + _bytes(body)).hexdigest()


def delivery_headers(secret: str, uri: str, body: bytes, timestamp: int) -> dict[str, str]:
    """All headers of one delivery: v1 and v3 beside each other, as observed (hubspot.md 1.3)."""
    return {
        "Content-Type": "application/json",
        "User-Agent": "HubSpot Connect 2.0 (http://dev.hubspot.com/) (cosell sandbox)",
        "X-HubSpot-Request-Timestamp": str(timestamp),
        "X-HubSpot-Signature": sign_v1(secret, body),
        "X-HubSpot-Signature-Version": "v1",
        "X-HubSpot-Signature-v3": sign_v3(secret, "POST", uri, body, timestamp),
        "X-HubSpot-Timeout-Millis": "10000",
    }


def _bytes(body: str | bytes) -> bytes:
    return body if isinstance(body, bytes) else body.encode()
