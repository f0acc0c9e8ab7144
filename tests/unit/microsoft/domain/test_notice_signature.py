"""Whose signature a notice carries, and whether it covers the body: anything odd is refused."""

from __future__ import annotations

import base64

import pytest

from lambdas.microsoft.domain.notice_signature import NoticeRefused, check_signature, checked_prefix, read_claim
from tests.unit.microsoft.notices import URL, headers, issuing, leaf, notice

BODY = notice()
HOST = "https://3psostorageacct.blob.core.windows.net"


def test_the_claim_is_read_from_the_own_header_or_from_authorization() -> None:
    own = headers(BODY)
    signature = own.pop("x-ms-signature")
    expected = base64.b64decode(signature)
    for said in (
        {"x-ms-signature": signature},
        {"X-Ms-Signature": f"Signature {signature}"},
        {"Authorization": f"Signature {signature}"},
        {"authorization": f"signature {signature}"},
        {"x-ms-signature": signature, "Authorization": "Bearer of-another-proxy"},
    ):
        claim = read_claim({**own, **said})
        assert (claim.signature, claim.certificate_url) == (expected, URL)


@pytest.mark.parametrize(
    "edits",
    [
        {"x-ms-signature": ""},
        {"x-ms-signature": "", "Authorization": "Bearer x"},
        {"x-ms-signature": "not base64!"},
        {"x-ms-signature": "A" * 4096},
        {"X-MS-Signature-Algorithm": ""},
        {"X-MS-Signature-Algorithm": "rsa-sha1"},
        {"X-MS-Signature-Algorithm": "none"},
    ],
)
def test_a_missing_or_odd_signature_or_another_algorithm_is_refused(edits: dict[str, str]) -> None:
    with pytest.raises(NoticeRefused):
        read_claim(headers(BODY, **edits))


@pytest.mark.parametrize(
    "url",
    [
        "",
        URL.replace("https", "http"),
        URL.replace("3psostorageacct", "attacker"),
        f"https://3psostorageacct.blob.core.windows.net.attacker.example/cert/{URL.rpartition('/')[2]}",
        "https://user@3psostorageacct.blob.core.windows.net/cert/a.cer",
        "https://3psostorageacct.blob.core.windows.net:444/cert/a.cer",
        f"{HOST}/other/a.cer",
        f"{HOST}/cert/../other/a.cer",
        f"{HOST}/cert/a/b.cer",
        f"{HOST}/cert/a%2Fb.cer",
        f"{HOST}/cert/a.cer?x=1",
        f"{HOST}/cert/a.cer#x",
        f"{HOST}/cert/a.cer\nx",
        f"{HOST}/cert/.cer",
        f"{HOST}/cert/a.txt",
        f"{HOST}/cert/{'a' * 200}.cer",
        "http://169.254.169.254/latest/meta-data/a.cer",
        "http://127.0.0.1/cert/a.cer",
    ],
)
def test_a_certificate_anywhere_else_is_refused(url: str) -> None:
    with pytest.raises(NoticeRefused, match="x-ms-certificate-url"):
        read_claim(headers(BODY) | {"X-MS-Certificate-Url": url})


def test_another_prefix_takes_the_place_of_the_safe_one() -> None:
    here = "http://127.0.0.1:4000/cert/"
    assert read_claim(headers(BODY, **{"X-MS-Certificate-Url": f"{here}a.cer"}), here).certificate_url == f"{here}a.cer"
    with pytest.raises(NoticeRefused):
        read_claim(headers(BODY), here)


@pytest.mark.parametrize(
    "prefix",
    ["http://hooks.example/cert/", "https://host/cert", "https:///cert/", "ftp://host/", "https://a@host/", "", "/"],
)
def test_a_prefix_in_the_clear_or_without_an_end_is_a_fault_of_the_configuration(prefix: str) -> None:
    with pytest.raises(ValueError, match="prefix"):
        checked_prefix(prefix)


def test_the_signature_covers_every_byte_of_the_body_with_this_key_only() -> None:
    signature = base64.b64decode(leaf().sign(BODY))
    key = leaf().key.public_key()
    check_signature(key, signature, BODY)
    for changed in (BODY + b" ", BODY[:-1], BODY.replace(b"updated", b"created"), b""):
        with pytest.raises(NoticeRefused, match="does not match"):
            check_signature(key, signature, changed)
    for wrong in (base64.b64decode(issuing().sign(BODY)), signature[:-1], bytes(256), b"x"):
        with pytest.raises(NoticeRefused, match="does not match"):
            check_signature(key, wrong, BODY)
