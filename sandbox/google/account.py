"""The simulated vendor: one partner, its records, its service accounts, its quota."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lambdas.shared.clock import Clock, SystemClock
from sandbox.google import crm_opportunities, google_side, leads, opportunities, queries
from sandbox.google.call import Call, World
from sandbox.google.enums import sandbox_enums
from sandbox.google.errors import denied
from sandbox.google.exchanges import TOKEN_URI, Exchanges
from sandbox.google.keys import new_key
from sandbox.google.quota import QuotaMeter
from sandbox.google.schema import Document, Schema
from sandbox.google.state import State
from sandbox.google.switches import Settings, Switches, changed
from sandbox.google.tokens import CHANNEL, CRM, Grant, ServiceAccount, TokenStore, require_scope

METHODS: dict[str, Callable[[Call], Document]] = {
    "opportunities.create": opportunities.create,
    "opportunities.get": opportunities.read,
    "opportunities.patch": opportunities.patch,
    "opportunities.query": queries.query,
    "partners.leads.create": leads.create,
    "partners.leads.get": leads.read,
    "partners.opportunities.get": crm_opportunities.read,
    "partners.opportunities.patch": crm_opportunities.patch,
}
INTEGRATOR = "cosell-sync@sandbox.iam.gserviceaccount.com"


class GoogleAccount:
    """State and rules of one partner; safe for many threads.

    ``partner_id``: the id in Partner Hub; ``crm_partner_id``: the one of CRM Partners. ``enums`` puts members in
    place of a type's sandbox values. ``service_accounts`` may be changed while it runs, ``settings`` and ``switches``
    by ``change``. The same ``seed`` gives the same ids and tokens.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        partner_id: str = "SANDBOX001",
        crm_partner_id: str = "0014000000SANDBOX1",
        *,
        settings: Settings | None = None,
        switches: Switches | None = None,
        enums: Mapping[str, Iterable[str]] | None = None,
        service_accounts: Iterable[ServiceAccount] = (),
        seed: int = 0,
    ) -> None:
        self.clock = clock or SystemClock()
        self.settings, self.switches = settings or Settings(), switches or Switches()
        self.enums = sandbox_enums(enums)
        self.partner, self.crm_partner = f"partners/{partner_id}", f"partners/{crm_partner_id}"
        accounts = list(service_accounts) or [ServiceAccount(INTEGRATOR)]
        self.service_accounts = {account.email: account for account in accounts}
        self.state, self.tokens, self.quota = State(seed), TokenStore(seed), QuotaMeter()
        self.exchanges = Exchanges(self.tokens, self.service_accounts)
        self.lock = threading.RLock()
        self.calls: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.call_log: deque[tuple[int, str, int]] = deque(maxlen=1000)
        self._schemas = Schema("channel", self.enums), Schema("crm", self.enums)

    def handle(
        self,
        method: str,
        grant: Grant,
        path: Mapping[str, str],
        query: Callable[[], Mapping[str, str]],
        body: Callable[[], Any],
    ) -> Document:
        """Play one API call: the answer's JSON form, or a ``VendorError``.

        ``query`` and ``body`` are read after the call is counted and allowed.
        """
        with self.lock:
            now = self.clock.now_ms()
            self.quota.take(method, now, self.settings, self.switches)
            require_scope(grant, CHANNEL if method.startswith("opportunities.") else CRM)
            self._require_access(grant)
            return METHODS[method](self._call(now, grant.principal, path, query(), body()))

    def review(self, name: str, *, accept: bool, reason: str = "") -> None:
        """Google accepts or rejects a SUBMITTED opportunity. ``KeyError`` if there is none."""
        with self.lock:
            google_side.review(self._call(), self.state.opportunities[name], accept=accept, reason=reason)

    def edit_as_google(self, name: str, edits: Mapping[str, Any]) -> None:
        """Change an opportunity as Google's people would: path -> value, None clears. ``KeyError`` if there is none."""
        with self.lock:
            google_side.edit(self._call(), self.state.opportunities[name], edits)

    def new_google_opportunity(self, document: Document) -> str:
        """An opportunity that Google brings; fields as in the API, output-only ones too. Returns its name."""
        with self.lock:
            return google_side.new(self._call(), document).name

    def detach(self, name: str) -> None:
        """Take the partner's access to an opportunity away (PARTNER_DETACHED)."""
        with self.lock:
            self.state.opportunities[name].detached = True

    def review_lead(self, name: str, *, accept: bool, reason: str = "") -> str | None:
        """Google approves or rejects a lead. Returns the CRM opportunity's name of an approved one."""
        with self.lock:
            return google_side.review_lead(self._call(), self.state.leads[name], accept=accept, reason=reason)

    def token(self, *scopes: str, email: str | None = None) -> str:
        """A token without an exchange, for tests of the API alone; by default with both APIs' scopes."""
        principal = email or next(iter(self.service_accounts))
        ends = self.clock.now_ms() + self.settings.token_seconds * 1000
        with self.lock:
            return self.tokens.issue(principal, frozenset(scopes or (CHANNEL, CRM)), ends)

    def revoke(self, email: str | None = None) -> int:
        """Take the tokens of one service account, or all, out of force. Returns how many."""
        with self.lock:
            return self.tokens.revoke(email)

    def make_key(self, email: str | None = None, token_uri: str = TOKEN_URI) -> dict[str, str]:
        """A new key of a service account, in the form of the JSON key file."""
        with self.lock:
            return new_key(self.service_accounts[email or next(iter(self.service_accounts))], token_uri)

    def change(self, settings: Mapping[str, Any] | None = None, switches: Mapping[str, Any] | None = None) -> None:
        """Change some settings and switches. ``ValueError`` naming an unknown one, before anything is changed."""
        with self.lock:
            after = changed(self.settings, settings or {}), changed(self.switches, switches or {})
            self.settings, self.switches = after

    def note(self, method: str, status: int) -> None:
        """Count an answered call."""
        with self.lock:
            self.calls[method] += 1
            self.call_log.append((self.clock.now_ms(), method, status))
            if status >= 400:
                self.refused[f"{method} {status}"] += 1

    def forget_calls(self) -> None:
        """Start counting afresh."""
        with self.lock:
            self.calls.clear()
            self.refused.clear()
            self.call_log.clear()

    def _require_access(self, grant: Grant) -> None:
        holder = self.service_accounts.get(grant.principal)
        if not self.settings.allow_listed:
            raise denied("the partner is not let in to this API", "PARTNER_NOT_ALLOW_LISTED")
        if holder is None or holder.disabled or not holder.integrator:
            raise denied("the caller lacks the Integrator role", "PARTNER_ACCESS_DENIED")

    def _call(
        self,
        now_ms: int | None = None,
        email: str = "",
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Call:
        channel, crm = self._schemas
        world = World(self.partner, self.crm_partner, self.state, self.settings, self.switches, channel, crm)
        return Call(world, self.clock.now_ms() if now_ms is None else now_ms, email, path or {}, query or {}, body)
