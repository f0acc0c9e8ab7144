"""Service account keys: made for a test or a demo, and the JWTs that they sign."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Mapping
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from sandbox.google.errors import OAuthError
from sandbox.google.tokens import ServiceAccount

_MAKING = threading.Lock()


@cache
def _private(email: str, key_id: str) -> rsa.RSAPrivateKey:
    """One for each name in a process: keys take time to make, and every simulated account begins anew."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def new_key(account: ServiceAccount, token_uri: str) -> dict[str, str]:
    """A key in the form of the JSON key file; the account keeps the public half."""
    key_id = f"sandbox-key-{len(account.keys) + 1}"
    with _MAKING:
        private = _private(account.email, key_id)
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    account.keys[key_id] = public.decode()
    secret = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "type": "service_account",
        "project_id": "sandbox",
        "private_key_id": key_id,
        "private_key": secret.decode(),
        "client_email": account.email,
        "client_id": "100000000000000000000",
        "token_uri": token_uri,
    }


def verified_claims(assertion: str, accounts: Mapping[str, ServiceAccount]) -> dict[str, Any]:
    """The claims of an RS256 JWT. ``invalid_grant`` unless a key of its issuer, still valid, signed it."""
    try:
        head, claims, signature = assertion.split(".")
        header, payload, signed = json.loads(_decoded(head)), json.loads(_decoded(claims)), _decoded(signature)
        account = accounts.get(payload["iss"])
        algorithm, key_id = header["alg"], header.get("kid")
    except (ValueError, KeyError, TypeError):
        raise OAuthError("invalid_grant", "the assertion is no JWT with an issuer") from None
    if algorithm != "RS256" or account is None or account.disabled:
        raise OAuthError("invalid_grant", "the issuer is unknown or disabled, or the algorithm is not RS256")
    for name, public in account.keys.items():
        if key_id in (None, name) and _is_signed_by(public, f"{head}.{claims}".encode(), signed):
            return payload
    raise OAuthError("invalid_grant", "no key of the issuer made the signature")


def _is_signed_by(public_pem: str, content: bytes, signature: bytes) -> bool:
    public = serialization.load_pem_public_key(public_pem.encode())
    if not isinstance(public, rsa.RSAPublicKey):
        return False
    try:
        public.verify(signature, content, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
