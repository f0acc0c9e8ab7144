"""Whether a certificate may sign Partner Center's notices: its chain, its dates, its organisation, its key. Pure.

Facts, from Microsoft's page: the certificate chains to a Microsoft root, and its organisation must be checked;
Microsoft's sample compares the issuer's with ``Microsoft Corporation``. Here issuer and subject must both say so, which
covers both readings.

Not verified, for want of a real notice: which root it is today, and whether the file holds the intermediates as well.
So the anchors are arguments, and a missing issuer is looked up where the certificate itself says
(``issuer_address``), on a short list of hosts only. Revocation is not looked up.
https://learn.microsoft.com/partner-center/developer/partner-center-webhooks
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import verification as verifying
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from lambdas.microsoft.domain.notice_signature import NoticeRefused

ORGANISATION = "Microsoft Corporation"
_LEAST_BITS = 2048
_MOST_INTERMEDIATES = 3
# Where public authorities whose roots are anchors publish the certificates that issued others. Plain http is their
# custom: what comes from there is only used if an anchor signed it.
_ISSUER_ADDRESS = re.compile(
    r"https?://(?:www\.microsoft\.com/pki(?:ops)?/certs|caissuers\.microsoft\.com/pkiops/certs|cacerts\.digicert\.com)"
    r"/[A-Za-z0-9%._-]{1,160}\.(?:crt|cer)"
)


@dataclass(frozen=True, slots=True)
class Proven:
    """A key that may sign notices, until ``until_ms`` (when the first certificate of its chain ends)."""

    key: RSAPublicKey
    until_ms: int


def read_certificates(content: bytes) -> list[x509.Certificate]:
    """The certificates in a file, PEM (one or more) or DER; the signer's comes first.

    Raises:
        NoticeRefused: it holds none.
    """
    try:
        if b"-----BEGIN" in content:
            return list(x509.load_pem_x509_certificates(content))
        return [x509.load_der_x509_certificate(content)]
    except (ValueError, TypeError):
        raise NoticeRefused("the certificate file cannot be read") from None


def check_signer(leaf: x509.Certificate, now_ms: int, organisation: str = ORGANISATION) -> RSAPublicKey:
    """What the certificate says about itself; cheap, and asked before anything else is fetched. Its key.

    Raises:
        NoticeRefused: not valid now, another organisation, or a key that is no RSA key of 2048 bits.
    """
    now = _time(now_ms)
    if not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
        raise NoticeRefused("the certificate is not valid now")
    for name in (leaf.issuer, leaf.subject):
        if [each.value for each in name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)] != [organisation]:
            raise NoticeRefused("the certificate is of another organisation")
    key = leaf.public_key()
    if not isinstance(key, RSAPublicKey) or key.key_size < _LEAST_BITS:
        raise NoticeRefused(f"the certificate's key is no RSA key of {_LEAST_BITS} bits")
    return key


def check_chain(
    certificates: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    now_ms: int,
    organisation: str = ORGANISATION,
) -> Proven:
    """The signer's key, if ``certificates`` (the signer's first) lead to one of ``roots``.

    Raises:
        NoticeRefused: ``check_signer``'s reasons; no chain; an authority in it that is none.
    """
    leaf, *others = certificates
    key = check_signer(leaf, now_ms, organisation)
    if not roots:
        raise NoticeRefused("there is no trusted root")
    policy = (
        verifying.PolicyBuilder()
        .store(verifying.Store(list(roots)))
        .time(_time(now_ms))
        .max_chain_depth(_MOST_INTERMEDIATES)
        .extension_policies(ca_policy=_authority(), ee_policy=_signer())
    )
    try:
        chain = policy.build_client_verifier().verify(leaf, others).chain
    except verifying.VerificationError:
        raise NoticeRefused("the certificate does not lead to a trusted root") from None
    return Proven(key, int(min(each.not_valid_after_utc for each in chain).timestamp() * 1000))


def issuer_address(certificate: x509.Certificate) -> str | None:
    """Where the certificate says that its issuer's lies, if that is an address we ask."""
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (x509.ExtensionNotFound, ValueError):
        return None
    places = (each.access_location for each in access if each.access_method == AuthorityInformationAccessOID.CA_ISSUERS)
    urls = (place.value for place in places if isinstance(place, x509.UniformResourceIdentifier))
    return next((url for url in urls if _ISSUER_ADDRESS.fullmatch(url)), None)


def _authority() -> verifying.ExtensionPolicy:
    either = verifying.Criticality.AGNOSTIC
    return (
        verifying.ExtensionPolicy.permit_all()
        .require_present(x509.BasicConstraints, either, _is_authority)
        .may_be_present(x509.KeyUsage, either, _may_issue)
    )


def _signer() -> verifying.ExtensionPolicy:
    either = verifying.Criticality.AGNOSTIC
    return (
        verifying.ExtensionPolicy.permit_all()
        .may_be_present(x509.BasicConstraints, either, _is_no_authority)
        .may_be_present(x509.KeyUsage, either, _may_sign)
    )


def _is_authority(_policy: object, _certificate: object, said: x509.BasicConstraints) -> None:
    if not said.ca:
        raise ValueError("an issuer is no authority")


def _is_no_authority(_policy: object, _certificate: object, said: x509.BasicConstraints | None) -> None:
    if said is not None and said.ca:
        raise ValueError("the signer is an authority")


def _may_issue(_policy: object, _certificate: object, said: x509.KeyUsage | None) -> None:
    if said is not None and not said.key_cert_sign:
        raise ValueError("an issuer may not issue")


def _may_sign(_policy: object, _certificate: object, said: x509.KeyUsage | None) -> None:
    if said is not None and not said.digital_signature:
        raise ValueError("the signer may not sign")


def _time(now_ms: int) -> datetime:
    return datetime.fromtimestamp(now_ms / 1000, UTC)
