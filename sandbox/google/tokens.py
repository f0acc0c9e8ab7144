"""Access tokens: who holds them, for what, until when; and the service accounts that get them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from sandbox.google.errors import denied, unauthenticated

CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform"
IAM = "https://www.googleapis.com/auth/iam"
CHANNEL = "https://www.googleapis.com/auth/apps.order"
CRM = "https://www.googleapis.com/auth/cloudcrmpartners"
SCOPES = (CLOUD_PLATFORM, IAM, CHANNEL, CRM)


@dataclass(slots=True)
class ServiceAccount:
    """One service account of the partner.

    ``integrator``: it holds the Integrator role in the partner's hub. ``federated``: the workload identity pool may
    impersonate it. ``keys``: key id -> public key in PEM form.
    """

    email: str
    integrator: bool = True
    federated: bool = True
    disabled: bool = False
    keys: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token says. ``principal``: a service account's email, or the pool of a federated token."""

    principal: str
    scopes: frozenset[str]
    expires_ms: int


class TokenStore:
    """Tokens in force. The same seed gives the same tokens."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)
        self._grants: dict[str, Grant] = {}

    def issue(self, principal: str, scopes: frozenset[str], expires_ms: int) -> str:
        """A new token."""
        token = f"ya29.sandbox-{self._random.getrandbits(128):032x}"
        self._grants[token] = Grant(principal, scopes, expires_ms)
        return token

    def revoke(self, principal: str | None = None) -> int:
        """Take the tokens of one principal, or all, out of force. Returns how many."""
        gone = [token for token, grant in self._grants.items() if principal in (None, grant.principal)]
        for token in gone:
            del self._grants[token]
        return len(gone)

    def check(self, header: str | None, now_ms: int) -> Grant:
        """The grant of an ``Authorization`` header. 401 if there is none, it is unknown, revoked or expired."""
        kind, _, token = (header or "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise unauthenticated("the request lacks an access token")
        grant = self._grants.get(token)
        if grant is None or grant.expires_ms <= now_ms:
            raise unauthenticated("the access token is unknown, revoked or expired")
        return grant


def require_scope(grant: Grant, *any_of: str) -> None:
    """PERMISSION_DENIED unless the token has one of the scopes."""
    if not grant.scopes & set(any_of):
        raise denied("the access token lacks the scope that this method needs", "ACCESS_TOKEN_SCOPE_INSUFFICIENT")
