"""Signing in at Entra, App+User: the authorization code flow once, and the refresh token from then on.

msal makes the requests and signs the client's assertion; our transport carries them, with its time limits. Nothing is
kept between two calls: msal's own caches of tokens and of refusals would outlive a new consent.
https://learn.microsoft.com/partner-center/developer/enable-secure-app-model
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lambdas.microsoft.adapters.sign_in_errors import refusal
from lambdas.microsoft.adapters.sign_in_wire import SignInWire
from lambdas.shared.adapters.http import Transport, urllib3_transport
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.errors import CosellError, Unauthorized, Unexpected

LOGIN_URL = "https://login.microsoftonline.com"
SCOPES = ("https://api.partner.microsoft.com/.default",)
"""msal adds ``openid``, ``profile`` and ``offline_access``, and refuses to be told them."""

_HOW_TO_STORE = "Store it with: cosell microsoft app"
_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}")
_NOT_HEX = re.compile(r"[^0-9A-Fa-f]")


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a sign-in gives. ``expires_at`` is the access token's end in epoch seconds."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: int


class SignIn:
    """One app registration (confidential client) of one tenant.

    ``app`` is the app's secret: ``{"tenant_id", "client_id"}`` and either ``"client_secret"`` or ``"certificate":
    {"private_key", "public_certificate" or "thumbprint"}`` (PEM; the thumbprint is SHA-1 in hex digits).

    Raises:
        Unauthorized: a member is missing.
        Unexpected: ``login_url`` is not an address that a credential may go to.
    """

    def __init__(
        self,
        app: Mapping[str, Any],
        login_url: str = LOGIN_URL,
        http: Transport | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._tenant = _text(app, "tenant_id")
        if not _TENANT.fullmatch(self._tenant):
            raise Unauthorized("tenant_id in the app's secret of Microsoft must be a GUID or a domain name.")
        self._client_id = _text(app, "client_id")
        self._credential = _credential(app)
        self._wire = SignInWire(login_url, http or urllib3_transport(connect_seconds=2.0, read_seconds=8.0))
        self._clock = clock or SystemClock()

    def refresh(self, refresh_token: str, scopes: Sequence[str] = SCOPES) -> Tokens:
        """Redeem a refresh token. Entra gives a new one each time and leaves the old one valid.

        A refresh token is bound to user and client, not to a resource: other ``scopes`` give a token for another API.

        Raises:
            Unauthorized: consent or credential are dead; the text says which.
            Throttled, Retryable: for the moment.
        """
        started = self._clock.now_ms()
        answer = self._ask(
            "to renew the token", lambda app: app.acquire_token_by_refresh_token(refresh_token, list(scopes))
        )
        return _tokens(answer, started, refresh_token)

    def begin(self, redirect_uri: str) -> dict[str, Any]:
        """Start the authorization code flow; the answer's ``auth_uri`` is for the browser, the rest for ``finish``.

        State and PKCE's verifier lie in it. The browser posts its answer to ``redirect_uri``: a code in an address
        would stay in its history.
        """
        flow = self._ask(
            "to start",
            lambda app: app.initiate_auth_code_flow(
                list(SCOPES), redirect_uri=redirect_uri, prompt="select_account", response_mode="form_post"
            ),
        )
        return {**flow, "auth_uri": self._wire.seen_from_here(flow["auth_uri"])}

    def finish(self, flow: dict[str, Any], answer: Mapping[str, str]) -> Tokens:
        """Redeem the code that the browser brought.

        Raises:
            Unauthorized: the answer is not this flow's, the person or Entra refused, or there is no refresh token.
        """
        if answer.get("state") != flow["state"]:
            raise Unauthorized("The browser's answer is not of this sign-in (its state differs). Start again.")
        started = self._clock.now_ms()
        said = self._ask("the sign-in", lambda app: app.acquire_token_by_auth_code_flow(flow, dict(answer)))
        return _tokens(said, started, None)

    def _ask(self, what: str, work: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        self._wire.forget()
        try:
            answer = work(self._msal())
        except CosellError:
            raise
        except Exception as error:  # msal lets its own, PyJWT's and cryptography's through
            raise self._failure(what, error) from None
        if "error" in answer or self._wire.status >= 400:
            # Without a request for a token the refusal came through the browser; the status is that of discovery.
            raise refusal(what, answer, self._wire.status if self._wire.posted else 0, self._wire.headers)
        return answer

    def _msal(self) -> Any:
        import msal

        return msal.ConfidentialClientApplication(
            self._client_id,
            client_credential=self._credential,
            authority=f"{self._wire.authority}/{self._tenant}",
            # It would ask login.microsoftonline.com whether to trust another host, and knows this one.
            instance_discovery=False,
            http_client=self._wire,
        )

    def _failure(self, what: str, error: Exception) -> CosellError:
        """What an exception means: no such tenant, another refusal of Entra's, or an answer that cannot be read."""
        if not self._wire.posted and 400 <= self._wire.status < 500 and self._wire.status != 429:
            return Unauthorized(
                f"Microsoft's sign-in knows no such tenant (HTTP {self._wire.status}). Check tenant_id in the app's "
                "secret."
            )
        if self._wire.status >= 400:
            return refusal(what, {}, self._wire.status, self._wire.headers)
        return Unexpected(f"Microsoft's sign-in was asked {what} and could not be understood ({type(error).__name__}).")


def _text(app: Mapping[str, Any], name: str) -> str:
    value = app.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Unauthorized(f"The app's secret of Microsoft has no {name}. {_HOW_TO_STORE}")
    return value.strip()


def _credential(app: Mapping[str, Any]) -> str | dict[str, str]:
    """As msal wants it. With the certificate itself msal signs by SHA-256; a bare thumbprint is SHA-1."""
    certificate = app.get("certificate")
    if not certificate:
        if not app.get("client_secret"):
            raise Unauthorized(
                f"The app's secret of Microsoft has neither certificate nor client_secret. {_HOW_TO_STORE}"
            )
        return _text(app, "client_secret")
    if not isinstance(certificate, Mapping):
        raise Unauthorized("certificate in the app's secret of Microsoft must be a JSON object.")
    key = _text(certificate, "private_key")
    _check_pem(key, certificate.get("public_certificate"))
    if certificate.get("public_certificate"):
        return {"private_key": key, "public_certificate": _text(certificate, "public_certificate")}
    if certificate.get("thumbprint"):
        return {"private_key": key, "thumbprint": _NOT_HEX.sub("", _text(certificate, "thumbprint"))}
    raise Unauthorized("certificate in the app's secret of Microsoft has neither public_certificate nor thumbprint.")


def _check_pem(key: str, certificate: Any) -> None:
    """Refuse here what would fail somewhere inside of msal with a text that may hold the key."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from cryptography.x509 import load_pem_x509_certificate

    try:
        usable = isinstance(load_pem_private_key(key.encode(), None), RSAPrivateKey)
        if certificate:
            load_pem_x509_certificate(str(certificate).encode())
    except (ValueError, TypeError):
        usable = False
    if not usable:
        raise Unauthorized(
            "certificate in the app's secret of Microsoft cannot be used: private_key must be an RSA key in PEM, "
            "without passphrase, and public_certificate a certificate in PEM."
        )


def _tokens(answer: Mapping[str, Any], started_ms: int, refresh_token: str | None) -> Tokens:
    """Read a success. A refresh that brings no new refresh token leaves the one that was used."""
    access, seconds = answer.get("access_token"), answer.get("expires_in")
    renewed = answer.get("refresh_token") or refresh_token
    if not isinstance(access, str) or not access or not isinstance(seconds, int):
        raise Unexpected("Microsoft's sign-in answered without access_token or expires_in.")
    if not renewed:
        raise Unauthorized("Microsoft's sign-in gave no refresh token: the app needs the permission offline_access.")
    return Tokens(access, renewed, started_ms // 1000 + seconds)
