"""Signatures of webhook notices: RSA PKCS#1 v1.5 with SHA-256 and a self-made chain of two (fact sheet 9)."""

from __future__ import annotations

import base64
import threading
from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

ALGORITHM = "rsa-sha256"
_VALID = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC))


class Signer:
    """A root, a leaf that it issued, and the leaf's key.

    ``root_pem`` is what a receiver trusts, ``leaf_pem`` what the certificate URL gives. ``organisation`` is the
    issuer's; another than Microsoft's makes a chain that must be refused.
    """

    def __init__(self, organisation: str = "Microsoft Corporation") -> None:
        root_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        root_name = _name(organisation, "Sandbox Root")
        root = _certificate(root_name, root_name, root_key.public_key(), root_key, authority=True)
        leaf_name = _name(organisation, "Sandbox Partner Center Webhooks")
        leaf = _certificate(leaf_name, root_name, self._key.public_key(), root_key, authority=False)
        self.root_pem = root.public_bytes(serialization.Encoding.PEM)
        self.leaf_pem = leaf.public_bytes(serialization.Encoding.PEM)

    def sign(self, body: bytes) -> str:
        """The signature of the raw body, in base64."""
        return base64.b64encode(self._key.sign(body, padding.PKCS1v15(), hashes.SHA256())).decode()


_MAKING = threading.Lock()


def own_signer() -> Signer:
    """The one signer of this process; keys take time to make."""
    with _MAKING:
        return _signer()


@cache
def _signer() -> Signer:
    return Signer()


def _name(organisation: str, common: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation), x509.NameAttribute(NameOID.COMMON_NAME, common)]
    )


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPublicKey, issuer_key: rsa.RSAPrivateKey, *, authority: bool
) -> x509.Certificate:
    builder = x509.CertificateBuilder(issuer, subject, key, x509.random_serial_number(), *_VALID)
    constraints = x509.BasicConstraints(ca=authority, path_length=None)
    return builder.add_extension(constraints, critical=True).sign(issuer_key, hashes.SHA256())
