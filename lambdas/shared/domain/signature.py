"""HubSpot's v3 request signature: who sent this, to which of our URLs, and when.

Text = METHOD + URI + raw body + timestamp; HMAC-SHA-256 with the app's client secret; base64. The URI is a
configured constant, never rebuilt from the request, because host and forwarded headers can be forged.
https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping

MAX_AGE_MS = 300_000
MAX_AHEAD_MS = 60_000

# Only these sequences are decoded before signing; a general URL-decode would be wrong.
_DECODED = {
    "%3A": ":",
    "%2F": "/",
    "%3F": "?",
    "%40": "@",
    "%21": "!",
    "%24": "$",
    "%27": "'",
    "%28": "(",
    "%29": ")",
    "%2A": "*",
    "%2C": ",",
    "%3B": ";",
}


class SignatureRejected(Exception):
    """The request is not HubSpot's, or not for us, or too old. The text says which, without any value."""


def sign(*, secret: str, method: str, uri: str, body: bytes, timestamp: str) -> str:
    """The v3 signature of one request, as it stands in ``X-HubSpot-Signature-v3``."""
    text = method.upper().encode() + _partly_decoded(uri).encode() + body + timestamp.encode()
    return base64.b64encode(hmac.new(secret.encode(), text, hashlib.sha256).digest()).decode()


def verify(  # every argument is a different fact about the request
    *,
    headers: Mapping[str, str],
    method: str,
    body: bytes,
    target_urls: Iterable[str],
    secrets: Iterable[str],
    now_ms: int,
) -> str:
    """Return the allowed target URL that the request was signed for.

    ``headers`` may have any case; ``secrets`` holds two during a rotation. Raises ``SignatureRejected``.
    """
    folded = {name.lower(): value for name, value in headers.items()}
    given = folded.get("x-hubspot-signature-v3")
    timestamp = folded.get("x-hubspot-request-timestamp")
    if not given or not timestamp:
        raise SignatureRejected("no v3 signature or no timestamp")
    if not (timestamp.isascii() and timestamp.isdigit()):
        raise SignatureRejected("the timestamp is not a number of milliseconds")
    age = now_ms - int(timestamp)
    if age > MAX_AGE_MS or age < -MAX_AHEAD_MS:
        raise SignatureRejected("the timestamp is more than five minutes old or lies ahead")
    known = tuple(secrets)
    for uri in target_urls:
        for secret in known:
            expected = sign(secret=secret, method=method, uri=uri, body=body, timestamp=timestamp)
            if hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
                return uri
    raise SignatureRejected("the signature fits none of the allowed target URLs")


def _partly_decoded(uri: str) -> str:
    for encoded, character in _DECODED.items():
        uri = uri.replace(encoded, character).replace(encoded.lower(), character)
    return uri
