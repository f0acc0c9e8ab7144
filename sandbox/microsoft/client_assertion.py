"""The assertion by which a client shows that it has its certificate's key (fact sheet 10): a signed JWT."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

_PADDINGS: Mapping[str, tuple[padding.AsymmetricPadding, str, hashes.HashAlgorithm]] = {
    "PS256": (padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH), "x5t#S256", hashes.SHA256()),
    "RS256": (padding.PKCS1v15(), "x5t", hashes.SHA1()),  # noqa: S303 - a thumbprint, no signature
}
"""By ``alg``: how it is signed, and the header that holds which thumbprint of the certificate."""


def read_assertion(assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Its header and claims, unchecked; both empty if it is no JWT."""
    parts = assertion.split(".")
    if len(parts) != 3:
        return {}, {}
    try:
        header, claims = (json.loads(_decoded(part)) for part in parts[:2])
    except ValueError:
        return {}, {}
    return (header, claims) if isinstance(header, dict) and isinstance(claims, dict) else ({}, {})


def is_signed_by(assertion: str, certificate_pem: str) -> bool:
    """Whether the key of this certificate signed it, and its header names this certificate."""
    certificate = x509.load_pem_x509_certificate(certificate_pem.encode())
    key, (header, _) = certificate.public_key(), read_assertion(assertion)
    if header.get("alg") not in _PADDINGS or not isinstance(key, rsa.RSAPublicKey):
        return False
    how, thumbprint, digest = _PADDINGS[header["alg"]]
    if _decoded(str(header.get(thumbprint, ""))) != certificate.fingerprint(digest):
        return False
    signed, _, signature = assertion.rpartition(".")
    try:
        key.verify(_decoded(signature), signed.encode(), how, hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
