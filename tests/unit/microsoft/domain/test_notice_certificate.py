"""Which certificates may sign a notice: Microsoft's, valid now, below an anchor, and no authority itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from lambdas.microsoft.domain.notice_certificate import check_chain, issuer_address, read_certificates
from lambdas.microsoft.domain.notice_signature import NoticeRefused
from tests.unit.microsoft.notices import (
    ISSUER_URL,
    NOW,
    NOW_MS,
    Issued,
    certificates,
    elliptic_key,
    issue,
    issuing,
    key_usage,
    leaf,
    pem_of,
    root,
    rsa_key,
)

DAY_MS = 24 * 60 * 60 * 1000


def check(*chain: Issued, anchor: Issued | None = None, now_ms: int = NOW_MS) -> Any:
    return check_chain(certificates(*chain), certificates(anchor or root()), now_ms)


def test_a_chain_to_an_anchor_gives_the_signer_s_key_until_its_first_certificate_ends() -> None:
    proven = check(leaf(), issuing())
    assert proven.key == leaf().key.public_key()
    assert proven.until_ms == (NOW_MS + DAY_MS) // 1000 * 1000
    brief = issue("Brief CA", root(), authority=True, end=NOW + timedelta(hours=1))
    below = issue("signer", brief, key=rsa_key("signer"))
    assert check(below, brief).until_ms == (NOW_MS + DAY_MS // 24) // 1000 * 1000


def test_a_usual_tls_server_certificate_may_sign_notices() -> None:
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    names = x509.SubjectAlternativeName([x509.DNSName("pcnotifications.microsoft.com")])
    authority = issue(
        "TLS CA", root(), authority=True, path_length=0, usage=key_usage(issue_others=True, sign=True), more=[usage]
    )
    check(issue("TLS signer", authority, usage=key_usage(sign=True), more=[usage, names]), authority)


def test_certificates_below_an_anchor_need_no_intermediate() -> None:
    anchor = issue("Own Root", authority=True)
    check(issue("signer", anchor), anchor=anchor)


@pytest.mark.parametrize(
    ("edits", "message"),
    [
        ({"end": NOW - timedelta(seconds=1)}, "not valid now"),
        ({"start": NOW + timedelta(seconds=1)}, "not valid now"),
        ({"organisation": "Attacker Ltd"}, "another organisation"),
        ({"organisation": "Microsoft Corporation Ltd"}, "another organisation"),
        ({"organisation": None}, "another organisation"),
        ({"key": elliptic_key()}, "no RSA key"),
        ({"key": rsa_key("weak", 1024)}, "no RSA key"),
        ({"authority": True}, "does not lead"),
        ({"usage": key_usage()}, "does not lead"),
    ],
)
def test_a_signer_that_is_not_as_it_must_be_is_refused(edits: dict[str, Any], message: str) -> None:
    bad = issue("signer", issuing(), **edits)
    with pytest.raises(NoticeRefused, match=message):
        check(bad, issuing())


def test_an_issuer_of_another_organisation_is_refused() -> None:
    other = issue("Other CA", root(), authority=True, organisation="Example Authority")
    with pytest.raises(NoticeRefused, match="another organisation"):
        check(issue("signer", other), other)


@pytest.mark.parametrize(
    "edits",
    [{"authority": False}, {"end": NOW - timedelta(seconds=1)}, {"usage": key_usage(sign=True)}],
)
def test_an_issuer_that_is_no_authority_or_ended_is_refused(edits: dict[str, Any]) -> None:
    bad = issue("Bad CA", root(), **({"authority": True} | edits))
    with pytest.raises(NoticeRefused, match="does not lead"):
        check(issue("signer", bad), bad)


def test_an_authority_that_may_only_issue_signers_makes_no_other() -> None:
    last = issue("Last CA", root(), authority=True, path_length=0)
    check(issue("signer", last), last)
    beyond = issue("Beyond CA", last, authority=True)
    with pytest.raises(NoticeRefused, match="does not lead"):
        check(issue("signer", beyond), beyond, last)


def test_names_alone_do_not_make_a_chain() -> None:
    forged_root = issue("Example Root", authority=True, organisation="Example Authority", key=rsa_key("forged root"))
    forged = issue("Example Issuing CA", forged_root, authority=True, key=rsa_key("forged"))
    signer = issue("pcnotifications.microsoft.com", forged)
    for chain in ((signer, forged, forged_root), (signer, issuing()), (signer, forged)):
        with pytest.raises(NoticeRefused, match="does not lead"):
            check(*chain)


def test_without_a_root_nothing_is_trusted() -> None:
    with pytest.raises(NoticeRefused, match="no trusted root"):
        check_chain(certificates(leaf(), issuing()), [], NOW_MS)


def test_a_file_is_pem_with_one_or_more_or_der() -> None:
    assert read_certificates(leaf().der) == certificates(leaf())
    assert read_certificates(pem_of([leaf(), issuing()])) == certificates(leaf(), issuing())


@pytest.mark.parametrize("content", [b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nx\n", b"-----BEGIN"])
def test_a_file_without_certificate_is_refused(content: bytes) -> None:
    with pytest.raises(NoticeRefused, match="cannot be read"):
        read_certificates(content)


def test_an_issuer_is_looked_for_on_listed_hosts_only() -> None:
    for url in (ISSUER_URL, "http://caissuers.microsoft.com/pkiops/certs/a.crt", "http://cacerts.digicert.com/a.crt"):
        assert issuer_address(issue("signer", issuing(), issuer_url=url).certificate) == url
    for url in (
        "http://attacker.example/a.crt",
        "http://www.microsoft.com/other/a.crt",
        "http://www.microsoft.com/pkiops/certs/../../a.crt",
        "http://www.microsoft.com.attacker.example/pkiops/certs/a.crt",
        "http://169.254.169.254/pkiops/certs/a.crt",
        f"{ISSUER_URL}?x=1",
    ):
        assert issuer_address(issue("signer", issuing(), issuer_url=url).certificate) is None
    assert issuer_address(leaf().certificate) is None
