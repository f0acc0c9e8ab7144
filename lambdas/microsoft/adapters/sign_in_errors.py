"""Entra's refusals as our error classes, in one table.

Entra's descriptions name users and can repeat what was sent. Only its error names, its numbered codes and ids go into
our messages, never a token or secret.
https://learn.microsoft.com/entra/identity-platform/reference-error-codes
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lambdas.microsoft.adapters.access_token import HOW_TO_SIGN_IN
from lambdas.shared.errors import CosellError, Retryable, Throttled, Unauthorized, Unexpected

_APP = "Check tenant_id, client_id and the client secret or certificate (which may have expired) in the app's secret."

BY_ERROR: Mapping[str, tuple[type[CosellError], str]] = {
    "invalid_grant": (Unauthorized, HOW_TO_SIGN_IN),
    "interaction_required": (Unauthorized, HOW_TO_SIGN_IN),
    "consent_required": (Unauthorized, HOW_TO_SIGN_IN),
    "login_required": (Unauthorized, HOW_TO_SIGN_IN),
    "access_denied": (Unauthorized, HOW_TO_SIGN_IN),
    "invalid_client": (Unauthorized, _APP),
    "unauthorized_client": (Unauthorized, _APP),
    "invalid_resource": (Unauthorized, "Give the app registration the delegated permissions of Partner Center."),
    "temporarily_unavailable": (Retryable, ""),
    "server_error": (Retryable, ""),
}
"""Entra's ``error`` to our class and what to do. 429 and 5xx go before it; any other name is ``Unexpected``."""

_WORD = re.compile(r"[a-z][a-z0-9_]{0,49}")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_AADSTS = re.compile(r"AADSTS(\d{4,8})")


def refusal(
    what: str, answer: Mapping[str, Any], status: int = 0, headers: Mapping[str, str] | None = None
) -> CosellError:
    """The error for an answer that is no success; ``what`` completes "Microsoft's sign-in refused …".

    ``answer`` is Entra's document (``{}`` if unreadable), ``status`` 0 if it came through the browser. ``headers`` have
    lower-case names.
    """
    name = answer.get("error")
    name = name if isinstance(name, str) and _WORD.fullmatch(name) else ""
    text = f"Microsoft's sign-in refused {what} ({', '.join(_details(name, answer, status)) or 'no reason given'})."
    if status == 429:
        pause = (headers or {}).get("retry-after", "")
        return Throttled(text, float(pause) if pause.isdecimal() else None)
    if status >= 500:
        return Retryable(text)
    kind, advice = BY_ERROR.get(name, (Unexpected, ""))
    return kind(f"{text} {advice}".rstrip())


def _details(name: str, answer: Mapping[str, Any], status: int) -> list[str]:
    known_as = answer.get("correlation_id")
    details = [name] if name else []
    details += [f"AADSTS{code}" for code in _codes(answer)[:3]]
    details += [f"HTTP {status}"] if status else []
    details += [f"correlation id {known_as}"] if isinstance(known_as, str) and _ID.fullmatch(known_as) else []
    return details


def _codes(answer: Mapping[str, Any]) -> list[str]:
    """The numbered codes. What comes through the browser has them in the description only."""
    codes = answer.get("error_codes")
    if isinstance(codes, list) and codes:
        return [str(code) for code in codes if isinstance(code, int)]
    return _AADSTS.findall(str(answer.get("error_description")))
