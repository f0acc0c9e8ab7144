"""Sign-ins to a served Google account, for the tests of both ways in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from lambdas.google.adapters import cloud_channel
from lambdas.google.adapters.cloud_channel import CloudChannel
from lambdas.google.adapters.sign_in import KEY_VARIABLE, google_session
from lambdas.shared.errors import CosellError, NotFound
from sandbox.google import GoogleAccount
from sandbox.google.account import INTEGRATOR
from sandbox.google.routes import JWT, STS
from sandbox.google.server import Served, serve

OPPORTUNITY = "opportunities/none"
KEY_SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:google-key"
ROLE = {
    "AWS_ACCESS_KEY_ID": "ASIAEXAMPLEEXAMPLE00",
    "AWS_SECRET_ACCESS_KEY": "example",
    "AWS_SESSION_TOKEN": "example-session",
    "AWS_REGION": "eu-west-1",
}


class SecretsInMemory:
    """Secrets as they are now; a refusal is raised."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values
        self.reads: list[tuple[str, bool]] = []

    def get(self, name: str, fresh: bool = False) -> dict[str, Any]:
        self.reads.append((name, fresh))
        value = self.values[name]
        if isinstance(value, CosellError):
            raise value
        return value


class Google:
    """A served account, and sign-ins to it; ``way`` is "identity" or "key"."""

    def __init__(self, way: str) -> None:
        self.account = GoogleAccount()
        self.served: Served = serve(self.account)
        self.way = way
        self.settings = {"identity": {"audience": self.account.settings.audience, "service_account": INTEGRATOR}}
        self.secrets = SecretsInMemory({KEY_SECRET: self.account.make_key()} if way == "key" else {})
        self.environ = {
            **ROLE,
            "COSELL_GOOGLE_STS_URL": self.served.url,
            "COSELL_GOOGLE_IAM_URL": f"{self.served.url}/",
            "COSELL_GOOGLE_TOKEN_URL": f"{self.served.url}/token",
        }
        if way == "key":
            self.environ[KEY_VARIABLE] = KEY_SECRET

    @property
    def exchange(self) -> str:
        """The method that is asked first."""
        return JWT if self.way == "key" else STS

    def session(self, scope: str = cloud_channel.SCOPE) -> Any:
        return google_session(scope, self.settings, lambda: self.secrets, self.environ)

    def channel(self) -> CloudChannel:
        return CloudChannel(self.session(), "SANDBOX001", self.served.url)

    def listen(self, monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, Any]]:
        """The forms that the exchange is sent from now on."""
        forms: list[Mapping[str, Any]] = []
        federate = self.account.exchanges.federate
        monkeypatch.setattr(
            self.account.exchanges, "federate", lambda form, *rest: forms.append(form) or federate(form, *rest)
        )
        return forms

    def count(self, *methods: str) -> list[int]:
        return [self.account.calls[method] for method in methods]


def ask(channel: CloudChannel) -> None:
    """One call that Google answers; there is nothing to read, which only a signed-in caller is told."""
    with pytest.raises(NotFound):
        channel.get_opportunity(OPPORTUNITY)
