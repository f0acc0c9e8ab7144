"""Ways to a token: workload identity federation, impersonation, and the key's JWT grant (fact sheet 4)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from sandbox.google.errors import OAuthError, denied, invalid, not_found
from sandbox.google.keys import verified_claims
from sandbox.google.switches import Settings
from sandbox.google.times import to_text
from sandbox.google.tokens import CLOUD_PLATFORM, IAM, SCOPES, Grant, ServiceAccount, TokenStore, require_scope

Answer = dict[str, Any]
GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
AWS_REQUEST = "urn:ietf:params:aws:token-type:aws4_request"
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_URI = "https://oauth2.googleapis.com/token"
_TARGET = "x-goog-cloud-target-resource"
_LONGEST_SECONDS = 3600


class Exchanges:
    """The token end points of one account."""

    def __init__(self, tokens: TokenStore, accounts: Mapping[str, ServiceAccount]) -> None:
        self._tokens = tokens
        self._accounts = accounts

    def federate(self, form: Mapping[str, str], settings: Settings, now_ms: int) -> Answer:
        """``POST /v1/token``: a signed AWS GetCallerIdentity request -> a federated token.

        The shape of the request is checked, not AWS's signature: only AWS could.
        """
        wanted = {"grant_type": GRANT, "requested_token_type": ACCESS_TOKEN, "subject_token_type": AWS_REQUEST}
        for name, value in wanted.items():
            if form.get(name) != value:
                raise OAuthError("invalid_request", f"{name} must be {value}")
        if form.get("audience") != settings.audience:
            raise OAuthError("invalid_target", "the audience names no provider of the pool")
        scopes = _scopes(form.get("scope", "").split())
        _check_aws_request(form.get("subject_token", ""), settings.audience)
        token = self._tokens.issue(settings.audience, scopes, now_ms + settings.token_seconds * 1000)
        return {"issued_token_type": ACCESS_TOKEN, **_bearer(token, settings.token_seconds)}

    def impersonate(self, email: str, grant: Grant, body: Any, settings: Settings, now_ms: int) -> Answer:
        """``POST /v1/projects/-/serviceAccounts/{email}:generateAccessToken`` with a federated token."""
        require_scope(grant, CLOUD_PLATFORM, IAM)
        account = self._accounts.get(email)
        if account is None:
            raise not_found("the service account")
        if account.disabled or not account.federated or grant.principal != settings.audience:
            raise denied("the caller may not impersonate the service account", "IAM_PERMISSION_DENIED")
        asked = body if isinstance(body, dict) else {}
        unknown = sorted(set(asked) - {"scope", "lifetime", "delegates"})
        if unknown:
            raise invalid([(unknown[0], "is unknown; allowed: scope, lifetime, delegates")])
        scope = asked.get("scope")
        if not isinstance(scope, list) or not scope or any(one not in SCOPES for one in scope):
            raise invalid([("scope", "must list known scopes, one at least")])
        seconds = _seconds(asked.get("lifetime", f"{settings.token_seconds}s"))
        ends = now_ms + min(seconds, settings.token_seconds) * 1000
        token = self._tokens.issue(email, frozenset(scope), ends)
        return {"accessToken": token, "expireTime": to_text(ends, 3)[:-5] + "Z"}

    def grant_by_key(self, form: Mapping[str, str], own_uri: str, settings: Settings, now_ms: int) -> Answer:
        """``POST /token``: a JWT that a service account's key signed -> a token. ``own_uri``: where we are served."""
        if form.get("grant_type") != JWT_GRANT:
            raise OAuthError("unsupported_grant_type", f"grant_type must be {JWT_GRANT}")
        claims = verified_claims(form.get("assertion", ""), self._accounts)
        if claims.get("aud") not in (TOKEN_URI, own_uri):
            raise OAuthError("invalid_grant", "aud must be the token end point")
        if "sub" in claims and claims["sub"] != claims["iss"]:
            raise OAuthError("unauthorized_client", "domain-wide delegation is not granted", 401)
        _check_times(claims, now_ms)
        scopes = _scopes(str(claims.get("scope", "")).split())
        token = self._tokens.issue(claims["iss"], scopes, now_ms + settings.token_seconds * 1000)
        return _bearer(token, settings.token_seconds)


def _bearer(token: str, seconds: int) -> Answer:
    return {"access_token": token, "token_type": "Bearer", "expires_in": seconds}


def _scopes(asked: list[str]) -> frozenset[str]:
    if not asked or not set(asked) <= set(SCOPES):
        raise OAuthError("invalid_scope", "scope must name known scopes, one at least")
    return frozenset(asked)


def _seconds(lifetime: object) -> int:
    found = re.fullmatch(r"(\d{1,6})s", lifetime) if isinstance(lifetime, str) else None
    if found is None or not 0 < int(found[1]) <= _LONGEST_SECONDS:
        raise invalid([("lifetime", f"must lie between 1s and {_LONGEST_SECONDS}s")])
    return int(found[1])


def _check_times(claims: Mapping[str, Any], now_ms: int) -> None:
    issued, expires = claims.get("iat"), claims.get("exp")
    if not isinstance(issued, int) or not isinstance(expires, int):
        raise OAuthError("invalid_grant", "iat and exp must be seconds since 1970")
    if not 0 < expires - issued <= _LONGEST_SECONDS or expires * 1000 <= now_ms or issued * 1000 > now_ms + 300_000:
        raise OAuthError("invalid_grant", "the assertion is expired, from the future, or lasts more than an hour")


def _check_aws_request(token: str, audience: str) -> None:
    """The subject token: URL-encoded JSON ``{url, method, headers: [{key, value}]}``."""
    try:
        request = json.loads(unquote(token))
        url, headers = urlsplit(request["url"]), {one["key"].lower(): str(one["value"]) for one in request["headers"]}
        method = request["method"]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise OAuthError("invalid_request", "subject_token must be a serialised GetCallerIdentity request") from None
    host = url.hostname or ""
    is_sts = re.fullmatch(r"sts(\.[a-z0-9-]+)?\.amazonaws\.com", host) and "Action=GetCallerIdentity" in url.query
    if not is_sts or method != "POST" or url.scheme != "https":
        raise OAuthError("invalid_grant", "the request must be POST GetCallerIdentity to AWS STS")
    if headers.get(_TARGET) != audience:
        raise OAuthError("invalid_grant", f"{_TARGET} must be the audience")
    signed = re.search(r"SignedHeaders=([^,\s]+)", headers.get("authorization", ""))
    if not headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 ") or "x-amz-date" not in headers:
        raise OAuthError("invalid_grant", "the request must be signed with AWS Signature Version 4")
    # The official client adds the target header after signing, so that one cannot be asked to be signed.
    if signed is None or "host" not in signed[1].split(";"):
        raise OAuthError("invalid_grant", "host must be one of the signed headers")
