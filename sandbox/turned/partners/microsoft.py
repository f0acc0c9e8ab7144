"""Microsoft: Partner Center and Entra asked without sockets, the three secrets in memory, and signed notices."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from cryptography import x509

from lambdas.microsoft.adapters.access_token import AccessToken
from lambdas.microsoft.adapters.opportunities import MicrosoftOpportunities
from lambdas.microsoft.adapters.referrals import Referrals
from lambdas.microsoft.adapters.sign_in import SignIn
from lambdas.microsoft.adapters.token_store import TokenStore
from lambdas.microsoft.domain.notification import EVENTS
from lambdas.microsoft.domain.partner import plan_run
from lambdas.microsoft.handlers import receive_notification, refresh_token
from lambdas.shared.adapters.secrets import Secrets
from sandbox.fakes import FakeSecretsManager
from sandbox.faults import FaultRules
from sandbox.microsoft.account import CLIENT, SECRET, TENANT, PartnerCenterAccount
from sandbox.microsoft.app import make_app
from sandbox.microsoft.signing import own_signer
from sandbox.turned.partners.side import Side, Surroundings
from sandbox.turned.parts import NOTICES, Function, bound
from sandbox.turned.probe import NOTIFICATION, through
from sandbox.turned.wire import Request, Wire

APP, CONSENT, ACCESS = "microsoft-app", "microsoft-consent", "microsoft-access"
NOTICE_URL = f"https://webhooks.example{receive_notification.PATH}"
REGISTRATION = {"tenant_id": TENANT, "client_id": CLIENT, "client_secret": SECRET}
TOKEN_POLL = "microsoft.token"


class _Certificates:
    """The simulator's own; that the product proves them is tested elsewhere."""

    def key(self, url: str, *, fresh: bool = False) -> Any:
        """Its public key."""
        return x509.load_pem_x509_certificate(own_signer().leaf_pem).public_key()


class MicrosoftSide(Side):
    """Partner Center. ``login`` is a person's consent; ``secrets`` is Secrets Manager, ``store`` the product's way
    to it."""

    name = "microsoft"
    writing = frozenset({"CreateReferral", "UpdateReferral", "ReplaceReferral"})
    polls: ClassVar = {TOKEN_POLL: 15}
    upkeep = (TOKEN_POLL,)

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        clock = around.clock
        self.account = PartnerCenterAccount(clock, deliver=self._deliver, seed=around.options.seed)
        self.faults = FaultRules(around.options.seed)
        self.wire = Wire(make_app(self.account, self.faults, sleep=lambda _seconds: None), self._answered)
        self.secrets = FakeSecretsManager(**{APP: json.dumps(REGISTRATION), CONSENT: "{}", ACCESS: "{}"})
        self.store = TokenStore(self.secrets, APP, CONSENT, ACCESS)
        self.referrals = Referrals(
            AccessToken(Secrets(self.secrets, clock), ACCESS, clock),
            http=self.wire.send,
            clock=clock,
            filter_by_time=bool(self.settings["filter_by_time"]),
            filter_by_reference=bool(self.settings["filter_by_reference"]),
        )
        self.opportunities = MicrosoftOpportunities(
            self.referrals,
            self.rules,
            names=self.settings["solution_names"],
            send_status=bool(self.settings["send_status"]),
        )
        self.plan_run = plan_run
        self._take_notice = bound(receive_notification.receive_notification, self._door())
        if around.options.notices:
            self.account.webhooks.registration = {"WebhookUrl": NOTICE_URL, "WebhookEvents": list(EVENTS)}
        self.login()

    def login(self) -> None:
        """As ``cosell microsoft login`` ends: a consent, and the first access token."""
        self.store.put_consent(self.account.consent(), self.around.clock.now_ms())
        refresh_token.refresh_token({}, self._renewal())

    def own_functions(self) -> dict[str, Function]:
        """The one owner of the tokens."""
        return {TOKEN_POLL: bound(refresh_token.refresh_token, self._renewal())}

    def tick(self) -> None:
        """Referrals expire, notices go out."""
        self.account.tick()

    def next_moment(self) -> int | None:
        """A notice that is late, or that was refused."""
        return self.around.clock.now_ms() + 1000 if self.account.webhooks.pending() else None

    def documents(self) -> Mapping[str, Mapping[str, Any]]:
        """The referrals."""
        return self.account.referrals.documents

    def origins(self) -> list[str]:
        """The deals that our referrals name."""
        ours = (one for one in self.documents().values() if one["direction"] == "Outgoing")
        return [str(one["externalReferenceId"]) for one in ours]

    def operations(self) -> list[str]:
        """Partner Center's and Entra's."""
        return [name for name, _ in self.account.calls]

    def requests(self) -> list[Request]:
        """To all of Microsoft's hosts."""
        return self.wire.requests

    def _renewal(self) -> refresh_token.Collaborators:
        clock = self.around.clock
        return refresh_token.Collaborators(
            self.store, lambda: SignIn(self.store.app(), http=self.wire.send, clock=clock), clock
        )

    def _door(self) -> receive_notification.Collaborators:
        p = self.around.parts
        return receive_notification.Collaborators(_Certificates(), p.queues[NOTICES], p.quarantine, clock=p.clock)

    def _deliver(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        event = {
            "httpMethod": "POST",
            "path": "/" + url.split("/", 3)[3],
            "headers": dict(headers),
            "body": body.decode(),
            "requestContext": {"requestId": "notice"},
        }
        return through(self.around.options.probe, NOTIFICATION, lambda: self._take_notice(event))["statusCode"]

    def _answered(self) -> None:
        self.around.note(self.account.calls[-1][0])
