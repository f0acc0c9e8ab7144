"""The simulated Partner Center account: one partner tenant, its referrals, its tokens, its webhook."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from typing import Any

from werkzeug.datastructures import Headers

from lambdas.shared.clock import Clock, SystemClock
from sandbox.microsoft.entra import Entra
from sandbox.microsoft.errors import VendorError, invalid
from sandbox.microsoft.facts import MSFT
from sandbox.microsoft.quota import QuotaMeter
from sandbox.microsoft.referrals import Referrals
from sandbox.microsoft.shape import Json
from sandbox.microsoft.switches import EventTrouble, Quota, Switches
from sandbox.microsoft.webhooks import Deliver, Webhooks, http_deliver

TENANT = "44444444-4444-4444-8444-444444444444"
CLIENT = "55555555-5555-4555-8555-555555555555"
SECRET = "sandbox-client-secret"
ORGANISATION = "33333333-3333-4333-8333-333333333333"
CERTIFICATE_URL = "https://3psostorageacct.blob.core.windows.net/cert/sandbox.cer"
ROLES = ("Referrals Admin", "Referrals User")


class PartnerCenterAccount:
    """State and rules of one tenant; safe for many threads.

    ``switches``, ``quota`` and ``trouble`` may be changed while it runs, ``role`` too (the service user's; None = no
    role, so 403). ``deliver(url, headers, body) -> status`` carries webhook notices; the default posts over HTTP.
    The same ``seed`` gives the same ids and eTags. ``entra`` is the token endpoint, ``webhooks`` the registration.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        tenant_id: str = TENANT,
        client_id: str = CLIENT,
        client_secret: str = SECRET,
        organisation_id: str = ORGANISATION,
        company: str = "Example Partner Ltd",
        role: str | None = ROLES[0],
        switches: Switches | None = None,
        quota: Quota | None = None,
        trouble: EventTrouble | None = None,
        deliver: Deliver | None = None,
        certificate_url: str = CERTIFICATE_URL,
        latency_seconds: float = 0.0,
        seed: int = 0,
    ) -> None:
        self.clock = clock or SystemClock()
        self.role = role
        self.switches = switches or Switches()
        self.latency_seconds = latency_seconds
        self.quota = QuotaMeter(quota or Quota(), self.switches)
        self.entra = Entra(tenant_id, client_id, client_secret)
        sender = deliver or http_deliver()
        self.webhooks = Webhooks(self.switches, trouble or EventTrouble(), sender, certificate_url, seed)
        self.referrals = Referrals((organisation_id, company), self.switches, self.webhooks.announce, seed)
        self.calls: list[tuple[str, int]] = []
        self.lock = threading.RLock()
        self._request_ids: set[str] = set()

    def admit(self, headers: Headers, audience: str) -> int:
        """Everything that is refused before a call is looked at: token, quota, headers, role. Returns the time."""
        now = self.clock.now_ms()
        self.quota.take(now)
        self.entra.check(headers.get("Authorization"), audience, now)
        self._check_ids(headers)
        if self.role not in ROLES:
            raise VendorError(403, f"the user needs one of the roles: {', '.join(ROLES)}", "10")
        self.referrals.expire(now)
        return now

    def note_call(self, operation: str) -> None:
        """Count a call; those that a fault keeps from the account are counted too."""
        with self.lock:
            self.calls.append((operation, self.clock.now_ms()))

    def call_counts(self) -> dict[str, int]:
        """Calls per operation."""
        with self.lock:
            return dict(sorted(Counter(operation for operation, _ in self.calls).items()))

    def forget_calls(self) -> None:
        """Start counting afresh."""
        with self.lock:
            self.calls.clear()

    def tick(self) -> None:
        """Let time pass: expire what was left Pending for 14 days, deliver the notices that are due."""
        now = self.clock.now_ms()
        with self.lock:
            self.referrals.expire(now)
        self.webhooks.send_due(now)

    def view(self, organisation: str) -> list[Json]:
        """The referrals as one organisation has them: the partner's id, or ``msft`` (its seller's view)."""
        own = self.referrals.organisation[0]
        with self.lock:
            if organisation == own:
                return self.referrals.all()
            if organisation == MSFT:
                return self.referrals.seen_by_microsoft()
        raise ValueError(f"unknown organisation {organisation!r}; allowed: {own}, {MSFT}")

    def edit_as_microsoft(self, referral_id: str, **edits: Any) -> Json:
        """Change a referral as Microsoft would; objects are merged. ``KeyError``, or ``ValueError`` for a field."""
        with self.lock:
            return self.referrals.edit(referral_id, edits, self.clock.now_ms())

    def new_incoming_referral(self, **edits: Any) -> Json:
        """A referral from Microsoft arrives, New/Pending, with ``edits`` laid over an invented one. The referral."""
        with self.lock:
            return self.referrals.arrive(edits, self.clock.now_ms())

    def consent(self) -> str:
        """The person signs in once more; the refresh token."""
        with self.lock:
            return self.entra.consent(self.clock.now_ms())

    def kill_consent(self, *, access_tokens_too: bool = False) -> None:
        """Refresh tokens so far answer ``invalid_grant``."""
        with self.lock:
            self.entra.kill_consent(access_tokens_too=access_tokens_too)

    def require_interaction(self) -> None:
        """Refresh tokens answer ``interaction_required`` until the person signs in."""
        with self.lock:
            self.entra.interaction_required = True

    def _check_ids(self, headers: Headers) -> None:
        given = headers.get("client-request-id")
        if not _is_guid(given):
            raise invalid("client-request-id", "is required, a GUID", "7")
        if self.switches.client_request_id_fresh and given in self._request_ids:
            raise invalid("client-request-id", "must be fresh per call", "7")
        self._request_ids.add(str(given))
        correlation = headers.get("MS-CorrelationId")
        if correlation is not None and not _is_guid(correlation):
            raise invalid("MS-CorrelationId", "must be a GUID", "7")


def _is_guid(text: str | None) -> bool:
    try:
        return text is not None and len(text) == 36 and bool(uuid.UUID(text))
    except ValueError:
        return False
