"""Who sent a notice of Partner Center's: what its headers claim, and whether the signature covers the body. Pure.

Facts, from Microsoft's page: the signature is RSA PKCS#1 v1.5 with SHA-256 over the raw body, in base64, as
``Authorization: Signature …`` or, when the registration says so, in ``x-ms-signature``; ``x-ms-certificate-url`` names
the signer's certificate and ``x-ms-signature-algorithm`` is ``rsa-sha256``.

Not verified: that the certificate still lies where Microsoft's samples show it (``CERTIFICATE_URL_PREFIX``). If it does
not, every notice is refused, an alarm says so, and the poll finds the change instead.

No header carries a time, so an old notice cannot be told from a new one. Replaying one costs one read of a referral.
https://learn.microsoft.com/partner-center/developer/partner-center-webhooks
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

ALGORITHM = "rsa-sha256"
CERTIFICATE_URL_PREFIX = "https://3psostorageacct.blob.core.windows.net/cert/"
_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\.cer"
_SCHEME = "signature "
_LONGEST_SIGNATURE = 2048  # characters of base64; a key of 8192 bits needs 1368
_THIS_MACHINE = frozenset({"127.0.0.1", "localhost"})


class NoticeRefused(Exception):
    """The notice is not proven to be Microsoft's. The message says why and holds nothing of the request."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a notice says about itself: the signature, and where the certificate for it lies."""

    signature: bytes
    certificate_url: str


def read_claim(headers: Mapping[str, str], prefix: str = CERTIFICATE_URL_PREFIX) -> Claim:
    """The claim in a request's headers (names in any case). Nothing in it is proven yet.

    Raises:
        NoticeRefused: a header is missing or odd, another algorithm, or a certificate that is not one file directly
            under ``prefix``.
    """
    folded = {name.lower(): value.strip() for name, value in headers.items() if isinstance(value, str)}
    if folded.get("x-ms-signature-algorithm", "").lower() != ALGORITHM:
        raise NoticeRefused(f"x-ms-signature-algorithm is missing or not {ALGORITHM}")
    url = folded.get("x-ms-certificate-url", "")
    if not re.fullmatch(re.escape(checked_prefix(prefix)) + _NAME, url):
        raise NoticeRefused("x-ms-certificate-url is missing or not an allowed address")
    return Claim(_signature(folded), url)


def check_signature(key: RSAPublicKey, signature: bytes, body: bytes) -> None:
    """Whether ``key`` signed exactly these bytes; the algorithm is ours, whatever the request says.

    Raises:
        NoticeRefused: it did not.
    """
    try:
        key.verify(signature, body, PKCS1v15(), SHA256())
    except InvalidSignature:
        raise NoticeRefused("the signature does not match the body") from None


def checked_prefix(prefix: str) -> str:
    """``prefix`` itself: https on a host, or http on this machine, with a slash at the end.

    Raises:
        ValueError: it is neither, which is a fault of the configuration.
    """
    parts = urlsplit(prefix)
    local = parts.scheme == "http" and parts.hostname in _THIS_MACHINE
    if not (local or (parts.scheme == "https" and parts.hostname)) or "@" in parts.netloc or not prefix.endswith("/"):
        raise ValueError("the prefix of certificate addresses must be https://host/…/ (http:// for this machine only)")
    return prefix


def _signature(folded: Mapping[str, str]) -> bytes:
    """The signature of the own header if there is one, else of ``Authorization``; a scheme before it is allowed."""
    text = folded.get("x-ms-signature", "")
    if not text and folded.get("authorization", "").lower().startswith(_SCHEME):
        text = folded["authorization"]
    if text.lower().startswith(_SCHEME):
        text = text[len(_SCHEME) :].strip()
    try:
        signature = base64.b64decode(text, validate=True) if len(text) <= _LONGEST_SIGNATURE else b""
    except (binascii.Error, ValueError):
        signature = b""
    if not signature:
        raise NoticeRefused("the signature is missing or not base64")
    return signature
