"""The call that every Google operation goes through: address, JSON, errors."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from lambdas.google.adapters.google_errors import failure, lost
from lambdas.shared.adapters.http import Json
from lambdas.shared.errors import Unexpected

TIMEOUT_SECONDS = 15.0


class Answer(Protocol):
    """What a session answers."""

    @property
    def status_code(self) -> int:
        """The HTTP status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers."""
        ...

    def json(self) -> Any:
        """The body; ``ValueError`` if it is no JSON."""
        ...


class Session(Protocol):
    """What sends a request with a token; google-auth's ``AuthorizedSession`` fits (it refreshes once after a 401)."""

    def request(self, method: str, url: str, *, params: Any, json: Any, timeout: Any) -> Answer:
        """Send and answer."""
        ...


class WatchedSession:
    """A session whose requests are seen: ``seen(method, status or None, seconds, headers)`` is told of each.

    ``carry()`` makes headers for each request.
    """

    def __init__(
        self,
        session: Any,
        seen: Callable[[str, int | None, float, Mapping[str, str]], None],
        carry: Callable[[], Mapping[str, str]],
    ) -> None:
        self._session = session
        self._seen = seen
        self._carry = carry

    def request(self, method: str, url: str, *, params: Any, json: Any, timeout: Any) -> Answer:
        """Send and answer."""
        began = time.monotonic()
        try:
            answer = self._session.request(
                method, url, params=params, json=json, timeout=timeout, headers=dict(self._carry())
            )
        except Exception:
            self._seen(method, None, time.monotonic() - began, {})
            raise
        self._seen(method, answer.status_code, time.monotonic() - began, answer.headers)
        return answer


def call(
    session: Session, method: str, url: str, what: str, *, params: Mapping[str, str] | None = None, body: Any = None
) -> Json:
    """The JSON object that Google answers; ``what`` completes "Google refused …" in an error.

    Raises:
        CosellError: by the one table in ``google_errors``.
    """
    try:
        answer = session.request(method, url, params=dict(params or {}), json=body, timeout=TIMEOUT_SECONDS)
    except Exception as error:  # the session's library is not ours to name
        raise lost(what, error) from None
    try:
        said = answer.json()
    except ValueError:
        said = None
    if not 200 <= answer.status_code < 300:
        raise failure(what, answer.status_code, answer.headers, said)
    if not isinstance(said, dict):
        raise Unexpected(f"Google was asked {what} and its answer is not a JSON object.")
    return said
