"""Certificates and requests for the tests of notices. Keys take time to make: each is made once."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from lambdas.microsoft.domain.notice_certificate import ORGANISATION
from lambdas.microsoft.domain.notice_signature import CERTIFICATE_URL_PREFIX
from sandbox.fakes import FakeClock
from tests.unit.microsoft.microsoft_support import REFERRAL

NOW_MS = FakeClock().now_ms()
NOW = datetime.fromtimestamp(NOW_MS / 1000, UTC)
URL = f"{CERTIFICATE_URL_PREFIX}pcnotifications.microsoft.com.cer"
ISSUER_URL = "http://www.microsoft.com/pkiops/certs/Example%20Issuing%20CA%2001.crt"
NOTICE = {
    "EventName": "referral-updated",
    "ResourceUri": f"https://api.partnercenter.microsoft.com/engagements/v1/referrals/{REFERRAL}",
    "ResourceName": "referral",
    "AuditUri": None,
    "ResourceChangeUtcDate": "2030-01-11T09:30:01.5485487+00:00",
}


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """The key of that name."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@dataclass(frozen=True)
class Issued:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Any

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    def sign(self, body: bytes) -> str:
        return base64.b64encode(self.key.sign(body, PKCS1v15(), SHA256())).decode()


def issue(
    name: str,
    issuer: Issued | None = None,
    *,
    organisation: str | None = ORGANISATION,
    authority: bool = False,
    key: Any = None,
    start: datetime = NOW - timedelta(days=1),
    end: datetime = NOW + timedelta(days=1),
    issuer_url: str | None = None,
    usage: x509.KeyUsage | None = None,
    path_length: int | None = None,
    more: Sequence[x509.ExtensionType] = (),
) -> Issued:
    """A certificate by ``issuer``, by itself for None."""
    own = key or rsa_key(name)
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
    if organisation:
        attributes.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    subject = x509.Name(attributes)
    builder = x509.CertificateBuilder(
        issuer.certificate.subject if issuer else subject,
        subject,
        own.public_key(),
        x509.random_serial_number(),
        start,
        end,
    ).add_extension(x509.BasicConstraints(ca=authority, path_length=path_length), critical=True)
    if usage:
        builder = builder.add_extension(usage, critical=True)
    if issuer_url:
        place = x509.UniformResourceIdentifier(issuer_url)
        access = x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, place)
        builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
    for extension in more:
        builder = builder.add_extension(extension, critical=False)
    return Issued(builder.sign(issuer.key if issuer else own, SHA256()), own)


def key_usage(*, sign: bool = False, issue_others: bool = False) -> x509.KeyUsage:
    """Only these usages."""
    return x509.KeyUsage(sign, False, False, not (sign or issue_others), False, issue_others, False, False, False)


@cache
def root() -> Issued:
    """The anchor; public authorities are of another organisation than Microsoft."""
    return issue("Example Root", authority=True, organisation="Example Authority")


@cache
def issuing() -> Issued:
    """Microsoft's own authority below it."""
    return issue("Example Issuing CA", root(), authority=True, usage=key_usage(issue_others=True))


@cache
def leaf() -> Issued:
    """What signs notices."""
    return issue("pcnotifications.microsoft.com", issuing(), usage=key_usage(sign=True))


@cache
def elliptic_key() -> ec.EllipticCurvePrivateKey:
    """A key of another kind."""
    return ec.generate_private_key(ec.SECP256R1())


def certificates(*issued: Issued) -> list[x509.Certificate]:
    return [each.certificate for each in issued]


def pem_of(issued: Sequence[Issued]) -> bytes:
    return b"".join(each.pem for each in issued)


def headers(body: bytes, signer: Issued | None = None, **more: str) -> dict[str, str]:
    """Those of a notice, by default a good one."""
    return {
        "X-MS-Certificate-Url": URL,
        "X-MS-Signature-Algorithm": "rsa-sha256",
        "x-ms-signature": (signer or leaf()).sign(body),
        **more,
    }


def notice(**members: Any) -> bytes:
    """The body of a notice."""
    return json.dumps({**NOTICE, **members}).encode()
