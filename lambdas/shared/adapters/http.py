"""HTTP as every vendor's adapter needs it: one transport, an address the token may go to, JSON in and out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from lambdas.shared.errors import Retryable, Unexpected

type Json = dict[str, Any]
type Answer = tuple[int, Mapping[str, str], bytes]
type Transport = Callable[[str, str, Mapping[str, str], bytes | None], Answer]
"""``(method, url, headers, body) -> (status, headers, body)``. Raises ``Retryable`` when no answer came, saying whether
the request was sent."""

_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})


class TokenSource(Protocol):
    """Gives an access token; ``fresh`` asks past any cache, after a 401."""

    def __call__(self, fresh: bool, /) -> str:
        """The token."""
        ...


class JsonApi:
    """One vendor's JSON API at one address, and at no other: the token goes nowhere else.

    ``vendor`` is its name in messages, ``variable`` the environment variable that may hold ``base_url``. ``each_time``
    makes headers anew for every request, a repeated one too.
    """

    def __init__(
        self,
        vendor: str,
        token: TokenSource,
        base_url: str,
        *,
        variable: str,
        http: Transport | None = None,
        each_time: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self.base_url = checked_base_url(base_url, vendor, variable)
        self._vendor = vendor
        self._token = token
        self._http = http or urllib3_transport()
        self._each_time = each_time

    def send(
        self, method: str, target: str, what: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send to ``target`` (path and query), once more with a fresh token after a 401; the answer as it came.

        ``what`` completes "The vendor could not be reached …" and holds no customer value. The header names of the
        answer are in lower case.

        Raises:
            Retryable: no answer came.
        """
        payload = None if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        more = dict(headers or {}) if payload is None else {"content-type": "application/json", **(headers or {})}
        answer = self._attempt(method, target, what, payload, more, fresh=False)
        if answer[0] == 401:
            answer = self._attempt(method, target, what, payload, more, fresh=True)
        status, said, content = answer
        return status, {name.lower(): value for name, value in said.items()}, content

    def read(self, content: bytes, what: str) -> Json:
        """A body as its JSON object, empty for none. ``Unexpected`` if it is anything else."""
        if not content.strip():
            return {}
        try:
            answer = json.loads(content)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise Unexpected(f"{self._vendor} was asked {what} and its answer is not a JSON object.")
        return answer

    def _attempt(
        self, method: str, target: str, what: str, payload: bytes | None, more: Mapping[str, str], *, fresh: bool
    ) -> Answer:
        token = self._fetch_token(fresh)
        headers = {"authorization": f"Bearer {token}", "accept": "application/json", **self._each_time(), **more}
        try:
            return self._http(method, self.base_url + target, headers, payload)
        except Retryable as error:
            raise Retryable(f"{self._vendor} could not be reached {what}. {error}", sent=error.sent) from None

    def _fetch_token(self, fresh: bool) -> str:
        """The source's error names the source; that the request was not sent is ours to say."""
        try:
            return self._token(fresh)
        except Retryable as error:
            error.sent = False
            raise


def checked_base_url(base_url: str, vendor: str, variable: str) -> str:
    """The address without a trailing slash. A token goes along, so it is in the clear on this machine only.

    Raises:
        Unexpected: it is neither https nor on this machine; names the ``vendor`` and the environment ``variable``.
    """
    parts = urlsplit(base_url)
    if parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _THIS_MACHINE)):
        return base_url.rstrip("/")
    raise Unexpected(f"{vendor}'s base URL must be https://… (http:// for this machine only). Check {variable}.")


def urllib3_transport(connect_seconds: float = 2.0, read_seconds: float = 10.0, connections: int = 4) -> Transport:
    """Keep-alive connections through urllib3 (it comes with botocore), with time limits, no retries and no redirects.

    Retries belong to the state machine. A redirect is not followed: it could carry the token to another host.
    """
    import urllib3
    from urllib3 import exceptions

    pool = urllib3.PoolManager(
        maxsize=connections,
        timeout=urllib3.Timeout(connect=connect_seconds, read=read_seconds),
        retries=False,
    )

    def request(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        try:
            answer = pool.request(method, url, body=body, headers=dict(headers), redirect=False)
        except (exceptions.NewConnectionError, exceptions.ConnectTimeoutError) as error:
            raise Retryable(f"No connection came about ({type(error).__name__}).", sent=False) from None
        except (exceptions.HTTPError, OSError) as error:
            raise Retryable(f"No answer came ({type(error).__name__}).") from None
        return answer.status, answer.headers, answer.data

    return request
