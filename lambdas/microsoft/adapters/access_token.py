"""The access token as a worker has it: it only reads what the one refresh function wrote."""

from __future__ import annotations

from typing import Any, Protocol

from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.errors import Unauthorized

HOW_TO_SIGN_IN = "A person has to sign in: cosell microsoft login"


class ReadsSecrets(Protocol):
    """``lambdas.shared.adapters.secrets.Secrets``, or whatever reads like it."""

    def get(self, name: str, fresh: bool = False) -> dict[str, Any]:
        """The JSON object under ``name``; ``fresh`` goes past the cache."""
        ...


class AccessToken:
    """A ``TokenSource`` over the secret ``name``: ``{"access_token", "expires_at"}``, the latter in epoch seconds.

    A kept token that has run out is read again before it is called expired: the refresh function renews it long before
    its end, while a container may have kept it since.
    """

    def __init__(self, secrets: ReadsSecrets, name: str, clock: Clock | None = None) -> None:
        self._secrets = secrets
        self._name = name
        self._clock = clock or SystemClock()

    def __call__(self, fresh: bool, /) -> str:
        """The token; ``fresh`` reads past the cache.

        Raises:
            Unauthorized: there is none, or it has expired; the text says what to do.
            CosellError: the secret could not be read.
        """
        document = self._secrets.get(self._name, fresh)
        if not fresh and self._wrong(document):
            document = self._secrets.get(self._name, fresh=True)
        wrong = self._wrong(document)
        if wrong:
            raise Unauthorized(f"Microsoft's access token in the secret {self._name} {wrong}. {HOW_TO_SIGN_IN}")
        return document["access_token"]

    def _wrong(self, document: dict[str, Any]) -> str | None:
        token, expires_at = document.get("access_token"), document.get("expires_at")
        if not isinstance(token, str) or not token:
            return "is missing"
        if not isinstance(expires_at, int) or expires_at * 1000 <= self._clock.now_ms():
            return "has expired and was not renewed"
        return None
