"""Poll ``microsoft.token``: the one owner of Microsoft's tokens. It renews them before anybody misses them.

It reads no page: it runs on the polls' clock because that clock is one that is watched. Workers only read what it
stored. It must come at least twice in the last 40 minutes of an access token, so every 15 to 20 minutes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lambdas.microsoft.adapters.access_token import HOW_TO_SIGN_IN
from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.errors import Conflict, Unauthorized
from lambdas.shared.runtime import Answer, Event, count, entry_point, logger

GOOD_FOR_MS = 40 * 60_000
"""An access token (it lives 60 to 90 minutes) with more than this left is let alone."""

ROTATE_AFTER_MS = 20 * 3_600_000
"""A refresh token dies unused after 90 days, sooner under some policies: it is renewed daily, four hours early."""


@dataclass(frozen=True)
class Collaborators:
    """What the function works with. ``sign_in`` makes the ``SignIn`` of the app as its secret is now."""

    store: Any
    sign_in: Callable[[], Any]
    clock: Clock


def refresh_token(_event: Event, c: Collaborators) -> Answer:
    """Answer ``{"more": False, "count": 1}`` after a renewal, 0 when nothing was due.

    A consent that was never given is no failure: ``ConsentMissing`` is counted and 0 answered, each time. A dead one is
    ``Unauthorized`` and counts ``ConsentDead``. Both end with the next login, without further ado.

    Raises:
        Unauthorized, Throttled, Retryable: of Entra or Secrets Manager.
        Conflict: others wrote the consent twice while we renewed it.
    """
    try:
        return _renew(c)
    except Conflict:
        count("ConsentReplaced")
        return _renew(c)


def _renew(c: Collaborators) -> Answer:
    consent = c.store.consent()
    if not consent.refresh_token:
        count("ConsentMissing")
        logger.warning(f"Nobody has consented to Microsoft's access yet. {HOW_TO_SIGN_IN}")
        return {"more": False, "count": 0}
    now = c.clock.now_ms()
    if not _due(consent, c.store.access(), now):
        return {"more": False, "count": 0}
    sign_in = c.sign_in()
    try:
        tokens = sign_in.refresh(consent.refresh_token)
    except Unauthorized:
        count("ConsentDead")
        raise
    # First what cannot be had again without a person. Should we end here, the next call sees that the stored access
    # token is not of this consent, and renews once more.
    c.store.rotate_consent(consent, tokens.refresh_token, now)
    c.store.put_access(tokens.access_token, tokens.expires_at, now)
    count("TokenRenewed")
    return {"more": False, "count": 1}


def _due(consent: Any, access: Any, now: int) -> bool:
    """A new consent, an ageing consent, or an access token near its end."""
    return (
        access.consent_at != consent.obtained_at
        or now - consent.obtained_at >= ROTATE_AFTER_MS
        or access.expires_at * 1000 - now <= GOOD_FOR_MS
    )


def _collaborators() -> Collaborators:
    from lambdas.microsoft.adapters.sign_in import LOGIN_URL, SignIn
    from lambdas.microsoft.adapters.token_store import TokenStore
    from lambdas.shared import wiring

    store = TokenStore(
        wiring.client("secretsmanager"),
        os.environ["COSELL_MICROSOFT_APP_SECRET"],
        os.environ["COSELL_MICROSOFT_CONSENT_SECRET"],
        os.environ["COSELL_MICROSOFT_ACCESS_SECRET"],
    )
    login_url = os.environ.get("COSELL_MICROSOFT_LOGIN_URL") or LOGIN_URL
    return Collaborators(store, lambda: SignIn(store.app(), login_url), SystemClock())


handler = entry_point(refresh_token, _collaborators)
