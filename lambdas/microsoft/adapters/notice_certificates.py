"""The certificates that Partner Center's notices name: fetched, checked once, kept for a while.

Whoever knows our address can make us ask for a file, but only for one directly under one address, of bounded size and
time, so many a minute, and never through a redirect. What was checked and what was refused are kept apart, so that a
flood of invented names cannot push out the real one.
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from lambdas.microsoft.domain.notice_certificate import (
    Proven,
    check_chain,
    check_signer,
    issuer_address,
    read_certificates,
)
from lambdas.microsoft.domain.notice_signature import NoticeRefused
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.errors import Retryable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.x509 import Certificate
    from urllib3 import BaseHTTPResponse

type Fetch = Callable[[str], bytes]
"""``url -> content``. ``NoticeRefused`` when there is no such file, ``Retryable`` when no answer came."""

KEPT_MS = 60 * 60 * 1000
REFUSED_MS = 60 * 1000
_MOST_KEPT = 8
_MOST_REFUSED = 64
_FETCHES_PER_MINUTE = 20
_MOST_ISSUERS = 3
_LARGEST_BYTES = 64 * 1024
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"

# SHA-256 of public roots: the two that Microsoft runs itself, and the one of DigiCert's under which most of Microsoft's
# own issuing authorities stand. Which of them a notice's certificate leads to is not verified.
ROOTS = frozenset(
    {
        "c741f70f4b2a8d88bf2e71c14122ef53ef10eba0cfa5e64cfa20f418853073e0",  # Microsoft RSA Root 2017
        "358df39d764af9e1b766e9c972df352ee15cfac227af6ad1d70e8e4a6edcba02",  # Microsoft ECC Root 2017
        "cb3ccbb76031e5e0138f8dd39a23f9de47ffc35e43c1144cea27d46a5ab1cb5f",  # DigiCert Global Root G2
    }
)


class NoticeCertificates:
    """Gives the key of a certificate by its address.

    ``roots`` are the only anchors. ``fetch`` gets one file. The address was checked before (``read_claim``).
    """

    def __init__(
        self,
        roots: Sequence[Certificate],
        fetch: Fetch | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._roots = roots
        self._fetch = fetch or limited_fetch()
        self._clock = clock or SystemClock()
        self._proven: OrderedDict[str, tuple[int, Proven]] = OrderedDict()
        self._refused: OrderedDict[str, tuple[int, str]] = OrderedDict()
        self._fetched: deque[int] = deque(maxlen=_FETCHES_PER_MINUTE)

    def key(self, url: str, *, fresh: bool = False) -> RSAPublicKey:
        """The key that signs; ``fresh`` goes past what is kept (the file is renewed in its place).

        Raises:
            NoticeRefused: there is no such certificate, or it may not sign notices.
            Retryable: it could not be fetched now, or too many were asked for in the last minute.
        """
        now = self._clock.now_ms()
        kept = self._proven.get(url)
        if kept and not fresh and now < kept[0]:
            return kept[1].key
        refused = self._refused.get(url)
        if refused and not fresh and now < refused[0]:
            raise NoticeRefused(refused[1])
        try:
            proven = self._prove(url, now)
        except NoticeRefused as error:
            _keep(self._refused, url, (now + REFUSED_MS, str(error)), _MOST_REFUSED)
            raise
        _keep(self._proven, url, (min(now + KEPT_MS, proven.until_ms), proven), _MOST_KEPT)
        return proven.key

    def _prove(self, url: str, now: int) -> Proven:
        chain = read_certificates(self._paced_fetch(url, now))
        check_signer(chain[0], now)
        for _ in range(_MOST_ISSUERS):
            try:
                return check_chain(chain, self._roots, now)
            except NoticeRefused:
                address = issuer_address(chain[-1])
                if address is None:
                    raise
                chain += read_certificates(self._paced_fetch(address, now))[:1]
        return check_chain(chain, self._roots, now)

    def _paced_fetch(self, url: str, now: int) -> bytes:
        if len(self._fetched) == _FETCHES_PER_MINUTE and now - self._fetched[0] < 60_000:
            raise Retryable("Too many certificates were asked for in the last minute.")
        self._fetched.append(now)
        return self._fetch(url)


def _keep[V](kept: OrderedDict[str, V], url: str, value: V, most: int) -> None:
    kept[url] = value
    kept.move_to_end(url)
    while len(kept) > most:
        kept.popitem(last=False)


def public_roots(more_pem: str = "") -> tuple[Certificate, ...]:
    """Those of ``ROOTS`` that certifi (it comes with msal) still trusts, and those in ``more_pem``."""
    return (*_public_roots(), *(read_certificates(more_pem.encode()) if more_pem.strip() else ()))


@cache
def _public_roots() -> tuple[Certificate, ...]:
    import certifi

    files = (_der(part) for part in certifi.contents().split(_BEGIN)[1:])
    return tuple(read_certificates(one)[0] for one in files if hashlib.sha256(one).hexdigest() in ROOTS)


def _der(part: str) -> bytes:
    return base64.b64decode("".join(part.partition(_END)[0].split()))


def limited_fetch(seconds: float = 5.0, largest_bytes: int = _LARGEST_BYTES) -> Fetch:
    """A GET through urllib3 of at most ``largest_bytes`` in at most about ``seconds``; no retries, no redirects."""
    import urllib3
    from urllib3 import exceptions

    pool = urllib3.PoolManager(timeout=urllib3.Timeout(connect=2.0, read=2.0), retries=False)

    def fetch(url: str) -> bytes:
        until = time.monotonic() + seconds
        try:
            answer = pool.request("GET", url, redirect=False, preload_content=False)
            try:
                return _content(answer, until, largest_bytes)
            finally:
                answer.close()
        except (exceptions.HTTPError, OSError) as error:
            raise Retryable(f"A certificate could not be fetched ({type(error).__name__}).") from None

    return fetch


def _content(answer: BaseHTTPResponse, until: float, largest_bytes: int) -> bytes:
    if answer.status == 429 or answer.status >= 500:
        raise Retryable(f"A certificate could not be fetched ({answer.status}).")
    if answer.status != 200:
        raise NoticeRefused(f"there is no such certificate ({answer.status})")
    content = b""
    for part in answer.stream(4096):
        content += part
        if len(content) > largest_bytes:
            raise NoticeRefused("the certificate file is too large")
        if time.monotonic() > until:
            raise Retryable("A certificate could not be fetched in time.")
    return content
