"""The secrets of a deployment stage: what each holds, what form it has, and how it is set."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cli.stage import Place

# Opaque to us; but what holds a space, or is somebody's id, is surely not one.
_WORD = re.compile(r"[\x21-\x7e]{8,512}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.gserviceaccount\.com")


@dataclass(frozen=True, slots=True)
class SecretKind:
    """One secret. ``output`` names it; ``main`` is the member without which it counts as empty; ``fault`` says in
    words what is wrong with a document's form (never a value), or None; ``how`` is the command that sets it; ``typed``
    is True where ``cosell secrets`` stores it."""

    name: str
    output: str
    main: str
    fault: Callable[[Mapping[str, Any]], str | None]
    how: str
    typed: bool = True

    def is_empty(self, document: Mapping[str, Any]) -> bool:
        """Whether it is as the data stack made it."""
        return not document.get(self.main)


def fault_of_word(value: Any, what: str) -> str | None:
    """Why a token or client secret cannot be one."""
    if not isinstance(value, str) or not _WORD.fullmatch(value):
        return f"{what} must be one word of 8 to 512 visible characters, without spaces"
    return None


def _token(document: Mapping[str, Any]) -> str | None:
    return fault_of_word(document.get("access_token"), "access_token")


def _webhook(document: Mapping[str, Any]) -> str | None:
    secrets, urls = document.get("client_secrets"), document.get("target_urls")
    if not isinstance(secrets, list) or not 1 <= len(secrets) <= 2:
        return "client_secrets must be one or two"
    if fault := next(filter(None, (fault_of_word(each, "a client secret") for each in secrets)), None):
        return fault
    if not isinstance(urls, list) or not urls:
        return "target_urls must name at least one address"
    return next(filter(None, (fault_of_url(each) for each in urls)), None)


def fault_of_url(url: Any) -> str | None:
    """Why an address cannot be a webhook's."""
    parts = urlsplit(url) if isinstance(url, str) else None
    here = parts is not None and parts.hostname in ("127.0.0.1", "localhost")
    if parts is None or not parts.hostname or (parts.scheme != "https" and not here):
        return "each target URL must begin with https://"
    return None


def _app(document: Mapping[str, Any]) -> str | None:
    from lambdas.microsoft.adapters.sign_in import SignIn
    from lambdas.shared.errors import CosellError

    try:
        SignIn(document)
    except CosellError as caught:
        return str(caught)
    return None


def _consent(document: Mapping[str, Any]) -> str | None:
    return None if isinstance(document.get("obtained_at"), int) else "obtained_at must be a time in milliseconds"


def _access(document: Mapping[str, Any]) -> str | None:
    return None if isinstance(document.get("expires_at"), int) else "expires_at must be a time in seconds"


def fault_of_key(document: Mapping[str, Any]) -> str | None:
    """Why a document is no service account's key."""
    if document.get("type", "service_account") != "service_account":
        return "type must be service_account"
    if not _MAIL.fullmatch(str(document.get("client_email") or "")):
        return "client_email must be a service account's"
    if "PRIVATE KEY-----" not in str(document.get("private_key") or ""):
        return "private_key must be a PEM key"
    return None


KINDS: tuple[SecretKind, ...] = (
    SecretKind(
        "hubspot-token",
        "HubspotTokenSecret",
        "access_token",
        _token,
        "cosell secrets set hubspot-token --stage {stage}",
    ),
    SecretKind(
        "hubspot-webhook",
        "HubspotWebhookSecret",
        "client_secrets",
        _webhook,
        "cosell secrets set hubspot-webhook --stage {stage}",
    ),
    SecretKind(
        "microsoft-app",
        "MicrosoftAppSecret",
        "client_id",
        _app,
        "cosell microsoft app --stage {stage} --tenant … --client …",
        typed=False,
    ),
    SecretKind(
        "microsoft-consent",
        "MicrosoftConsentSecret",
        "refresh_token",
        _consent,
        "cosell microsoft login --stage {stage}",
        typed=False,
    ),
    SecretKind(
        "microsoft-access",
        "MicrosoftAccessSecret",
        "access_token",
        _access,
        "the renewal makes it, see the log of microsoft-refresh-token; or cosell microsoft login --stage {stage}",
        typed=False,
    ),
    SecretKind(
        "google-key", "GoogleKeySecret", "private_key", fault_of_key, "cosell secrets set google-key --stage {stage}"
    ),
)


def kinds_of(place: Place) -> list[SecretKind]:
    """The secrets that this stage has."""
    return [kind for kind in KINDS if kind.output in place.outputs]
