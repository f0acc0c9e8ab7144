"""Certificates of notices: fetched with limits, proven once, kept for a while, refused in bulk."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lambdas.microsoft.adapters.notice_certificates import KEPT_MS, REFUSED_MS, ROOTS, NoticeCertificates, public_roots
from lambdas.microsoft.domain.notice_signature import NoticeRefused
from lambdas.shared.errors import Retryable
from sandbox.fakes import FakeClock
from tests.unit.microsoft.notices import (
    ISSUER_URL,
    NOW,
    NOW_MS,
    URL,
    certificates,
    issue,
    issuing,
    leaf,
    pem_of,
    root,
    rsa_key,
)

WHOLE = pem_of([leaf(), issuing()])


class Files:
    """Answers by address; what is not there is refused, an exception is raised."""

    def __init__(self, **files: bytes | Exception) -> None:
        self.files: dict[str, bytes | Exception] = {URL: WHOLE, **files}
        self.asked: list[str] = []

    def __call__(self, url: str) -> bytes:
        self.asked.append(url)
        found = self.files.get(url, NoticeRefused("there is no such certificate (404)"))
        if isinstance(found, Exception):
            raise found
        return found


def source(files: Files, clock: FakeClock | None = None) -> NoticeCertificates:
    return NoticeCertificates(certificates(root()), files, clock or FakeClock())


def test_a_certificate_is_fetched_once_and_again_after_an_hour() -> None:
    files, clock = Files(), FakeClock()
    kept = source(files, clock)
    assert [kept.key(URL), kept.key(URL)] == [leaf().key.public_key()] * 2
    assert files.asked == [URL]
    clock.advance(ms=KEPT_MS)
    kept.key(URL)
    assert files.asked == [URL] * 2


def test_a_kept_key_ends_with_its_certificate() -> None:
    brief = issue("brief signer", issuing(), end=NOW + timedelta(minutes=1))
    files, clock = Files(), FakeClock()
    files.files[URL] = pem_of([brief, issuing()])
    kept = source(files, clock)
    kept.key(URL)
    clock.advance(seconds=61)
    with pytest.raises(NoticeRefused, match="not valid now"):
        kept.key(URL)


def test_a_file_renewed_in_its_place_is_seen_when_asked_for_afresh() -> None:
    files = Files()
    kept = source(files)
    kept.key(URL)
    renewed = issue("renewed signer", issuing())
    files.files[URL] = pem_of([renewed, issuing()])
    assert kept.key(URL) == leaf().key.public_key()
    assert kept.key(URL, fresh=True) == renewed.key.public_key()
    assert kept.key(URL) == renewed.key.public_key()


def test_a_missing_issuer_is_looked_up_where_the_certificate_says() -> None:
    alone = issue("lone signer", issuing(), issuer_url=ISSUER_URL)
    files = Files(**{ISSUER_URL: issuing().der})
    files.files[URL] = alone.der
    assert source(files).key(URL) == alone.key.public_key()
    assert files.asked == [URL, ISSUER_URL]


def test_nothing_is_looked_up_for_a_certificate_that_could_never_do() -> None:
    foreign = issue("foreign", issuing(), issuer_url=ISSUER_URL, organisation="Attacker Ltd")
    files = Files()
    files.files[URL] = foreign.der
    with pytest.raises(NoticeRefused, match="another organisation"):
        source(files).key(URL)
    assert files.asked == [URL]


def test_a_chain_that_never_ends_is_given_up() -> None:
    endless = issue("endless", issue("Forged CA", authority=True, key=rsa_key("forged")), issuer_url=ISSUER_URL)
    looping = issue("Looping CA", authority=True, issuer_url=ISSUER_URL, key=rsa_key("forged"))
    files = Files(**{ISSUER_URL: looping.der})
    files.files[URL] = endless.der
    with pytest.raises(NoticeRefused, match="does not lead"):
        source(files).key(URL)
    assert len(files.asked) == 4


def test_a_refusal_is_kept_for_a_minute_and_then_asked_again() -> None:
    files, clock = Files(), FakeClock()
    files.files[URL] = pem_of([leaf()])
    kept = source(files, clock)
    for _ in range(3):
        with pytest.raises(NoticeRefused, match="does not lead"):
            kept.key(URL)
    assert files.asked == [URL]
    files.files[URL] = WHOLE
    clock.advance(ms=REFUSED_MS)
    kept.key(URL)


def test_no_answer_is_no_refusal() -> None:
    files = Files()
    files.files[URL] = Retryable("away")
    kept = source(files)
    with pytest.raises(Retryable):
        kept.key(URL)
    files.files[URL] = WHOLE
    kept.key(URL)


def test_a_flood_of_invented_names_is_slowed_down_and_cannot_push_out_the_real_one() -> None:
    files, clock = Files(), FakeClock()
    kept = source(files, clock)
    kept.key(URL)
    for minute in range(10):
        for number in range(19):
            with pytest.raises(NoticeRefused):
                kept.key(f"{URL}-{minute}-{number}")
        if not minute:
            with pytest.raises(Retryable, match="Too many"):
                kept.key(f"{URL}-one-more")
        clock.advance(seconds=61)
    assert len(kept._refused) == 64
    assert files.asked.count(URL) == 1
    assert kept.key(URL) == leaf().key.public_key()


def test_the_public_anchors_are_all_there_and_more_can_be_added() -> None:
    from cryptography.hazmat.primitives.hashes import SHA256

    found = public_roots()
    assert {one.fingerprint(SHA256()).hex() for one in found} == ROOTS
    assert all(one.subject == one.issuer and one.not_valid_after_utc > NOW for one in found)
    assert public_roots(root().pem.decode()) == (*found, root().certificate)
    with pytest.raises(NoticeRefused):
        public_roots("no certificate")


def test_the_public_anchors_alone_do_not_trust_a_stranger() -> None:
    assert NOW_MS
    with pytest.raises(NoticeRefused, match="does not lead"):
        NoticeCertificates(public_roots(), Files(), FakeClock()).key(URL)
