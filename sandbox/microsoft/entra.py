"""The token endpoint of one tenant (fact sheet 10): authorization codes, refresh tokens that rotate, audiences."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.microsoft.client_assertion import is_signed_by, read_assertion
from sandbox.microsoft.errors import VendorError
from sandbox.microsoft.facts import FACTS, PARTNER_CENTER, REFERRALS
from sandbox.microsoft.times import DAY_MS

OPENID = {"openid", "profile", "offline_access"}
SCOPES = {
    f"{REFERRALS}/.default": REFERRALS,
    f"{PARTNER_CENTER}/.default": PARTNER_CENTER,
    f"{PARTNER_CENTER}/user_impersonation": PARTNER_CENTER,
}
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class EntraError(Exception):
    """A refusal of the token endpoint; ``document`` is its wire form."""

    def __init__(self, error: str, text: str, status: int = 400) -> None:
        super().__init__(f"{text} [fact sheet 10]")
        self.error = error
        self.status = status

    def document(self) -> dict[str, Any]:
        """``error``, ``error_description`` and what else an error of Entra carries."""
        return {"error": self.error, "error_description": str(self), "error_codes": [], "correlation_id": ""}


class Declined(EntraError):
    """The person said no: this goes back to the redirect address, not onto the page."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token of one audience. ``mfa``: it carries the claim that the user signed in with a second factor."""

    audience: str
    expires_ms: int
    mfa: bool


@dataclass(frozen=True, slots=True)
class _Code:
    redirect_uri: str
    challenge: str | None
    nonce: str | None


@dataclass(slots=True)
class Entra:
    """One tenant, one confidential client, one service user. Not locked: the account does that.

    ``mfa`` says whether the next sign-in uses a second factor, ``declines`` that the person says no. ``certificate``
    (PEM) is the registered one: assertions must be signed by its key. Without one they are taken unsigned.
    """

    tenant_id: str
    client_id: str
    client_secret: str
    mfa: bool = True
    interaction_required: bool = False
    declines: bool = False
    certificate: str | None = None
    access_tokens: dict[str, AccessToken] = field(default_factory=dict)
    _refresh: dict[str, tuple[int, bool]] = field(default_factory=dict)
    _codes: dict[str, _Code] = field(default_factory=dict)

    def consent(self, now_ms: int) -> str:
        """The person signs in and consents; returns the refresh token. Ends ``interaction_required``."""
        self.interaction_required = False
        return self._new_refresh(now_ms, self.mfa)

    def authorize(self, tenant: str, query: Mapping[str, str]) -> str:
        """The person signs in at the authorize page; returns a code for ``redirect_uri``, good for one use."""
        self.check_tenant(tenant)
        if query.get("client_id") != self.client_id:
            raise EntraError("unauthorized_client", "client_id is not the registered one")
        if query.get("response_type") != "code" or not query.get("redirect_uri"):
            raise EntraError("invalid_request", "response_type=code and redirect_uri are needed")
        if query.get("code_challenge_method", "S256") != "S256":
            raise EntraError("invalid_request", "code_challenge_method must be S256")
        if self.declines:
            raise Declined("access_denied", "the person declined")
        code = f"code-{secrets.token_urlsafe(16)}"
        self._codes[code] = _Code(query["redirect_uri"], query.get("code_challenge"), query.get("nonce"))
        return code

    def kill_consent(self, *, access_tokens_too: bool = False) -> None:
        """Every refresh token so far is dead (``invalid_grant``); access tokens live out their hour unless told."""
        self._refresh.clear()
        if access_tokens_too:
            self.access_tokens.clear()

    def token(self, tenant: str, form: Mapping[str, str], now_ms: int) -> dict[str, Any]:
        """One token request; raises ``EntraError``."""
        self.check_tenant(tenant)
        self._check_client(form, now_ms)
        grant = form.get("grant_type")
        if grant == "refresh_token":
            nonce, mfa = None, self._redeem_refresh(form, now_ms)
        elif grant == "authorization_code":
            nonce, mfa = self._redeem_code(form), self.mfa
            self.interaction_required = False
        else:
            raise EntraError("unsupported_grant_type", "App+User only: refresh_token, authorization_code")
        return self._answer(form, nonce, mfa, now_ms)

    def check_tenant(self, tenant: str) -> None:
        """Refuse a tenant that does not exist."""
        if tenant not in (self.tenant_id, "organizations", "common"):
            raise EntraError("invalid_request", "no such tenant")

    def check(self, authorization: str | None, audience: str, now_ms: int) -> None:
        """Refuse (401) a call without a living token of the right audience."""
        scheme, _, text = (authorization or "").partition(" ")
        token = self.access_tokens.get(text)
        if scheme != "Bearer" or token is None:
            raise VendorError(401, "no known bearer token", "7", target="Authorization")
        if token.expires_ms <= now_ms:
            raise VendorError(401, "the access token has expired", "10", target="Authorization")
        if token.audience != audience:
            raise VendorError(401, f"the token is not for {audience}", "1", target="Authorization")
        if not token.mfa:
            raise VendorError(401, "the token lacks the MFA claim", "10", target="Authorization", code="900421")

    def _check_client(self, form: Mapping[str, str], now_ms: int) -> None:
        if form.get("client_id") != self.client_id:
            raise EntraError("invalid_client", "client_id is not the registered one", 401)
        if form.get("client_assertion_type") == _ASSERTION:
            assertion = form.get("client_assertion", "")
            _, claims = read_assertion(assertion)
            known = claims.get("iss") == claims.get("sub") == self.client_id
            known = known and (self.certificate is None or is_signed_by(assertion, self.certificate))
            if not known or not isinstance(claims.get("exp"), int | float) or claims["exp"] * 1000 <= now_ms:
                raise EntraError("invalid_client", "the client assertion is not this client's, or has expired", 401)
        elif form.get("client_secret") != self.client_secret:
            raise EntraError("invalid_client", "a confidential client needs its certificate or secret", 401)

    def _redeem_refresh(self, form: Mapping[str, str], now_ms: int) -> bool:
        if self.interaction_required:
            raise EntraError("interaction_required", "the person must sign in again")
        born, mfa = self._refresh.get(form.get("refresh_token", ""), (None, False))
        if born is None:
            raise EntraError("invalid_grant", "the refresh token is unknown or was revoked")
        if now_ms - born >= FACTS["refresh_token_days"] * DAY_MS:
            raise EntraError("invalid_grant", "the refresh token is older than 90 days")
        return mfa

    def _redeem_code(self, form: Mapping[str, str]) -> str | None:
        code = self._codes.pop(form.get("code", ""), None)
        if code is None or form.get("redirect_uri") != code.redirect_uri:
            raise EntraError("invalid_grant", "the code is unknown, used, or of another redirect_uri")
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if code.challenge is not None and base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != code.challenge:
            raise EntraError("invalid_grant", "code_verifier does not fit the challenge")
        return code.nonce

    def _answer(self, form: Mapping[str, str], nonce: str | None, mfa: bool, now_ms: int) -> dict[str, Any]:
        asked = form.get("scope", "").split()
        audiences = {SCOPES.get(scope, "") for scope in asked if scope not in OPENID}
        if len(audiences) != 1 or "" in audiences:
            raise EntraError("invalid_scope", f"scope must be of one resource: {', '.join(SCOPES)}")
        seconds = FACTS["access_token_seconds"]
        text = f"access-{secrets.token_urlsafe(24)}"
        self.access_tokens[text] = AccessToken(audiences.pop(), now_ms + seconds * 1000, mfa)
        answer: dict[str, Any] = {
            "token_type": "Bearer",
            "scope": " ".join(scope for scope in asked if scope not in OPENID),
            "expires_in": seconds,
            "ext_expires_in": seconds,
            "access_token": text,
            "refresh_token": self._new_refresh(now_ms, mfa),
        }
        if form.get("client_info"):
            answer["client_info"] = _encoded({"uid": "service-user", "utid": self.tenant_id})
        if "openid" in asked:
            answer["id_token"] = self._id_token(nonce, now_ms // 1000)
        return answer

    def _id_token(self, nonce: str | None, now: int) -> str:
        claims = {
            "aud": self.client_id,
            "iss": f"https://login.microsoftonline.com/{self.tenant_id}/v2.0",
            "iat": now,
            "exp": now + FACTS["access_token_seconds"],
            "sub": "service-user",
            "oid": "service-user",
            "tid": self.tenant_id,
            "preferred_username": "cosell-sync@partner.example",
        }
        if nonce is not None:
            claims["nonce"] = nonce
        return f"{_encoded({'alg': 'none', 'typ': 'JWT'})}.{_encoded(claims)}."

    def _new_refresh(self, now_ms: int, mfa: bool) -> str:
        text = f"refresh-{secrets.token_urlsafe(24)}"
        self._refresh[text] = (now_ms, mfa)
        return text


def _encoded(document: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()
