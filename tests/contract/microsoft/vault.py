"""The three secrets as the template makes them, in an emulated Secrets Manager, and what can go wrong with a call."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

from lambdas.microsoft.adapters.token_store import TokenStore
from sandbox.microsoft.account import CLIENT, SECRET, TENANT

OPTIONS = {"region_name": "eu-central-1", "aws_access_key_id": "none", "aws_secret_access_key": "none"}
REGISTRATION = {"tenant_id": TENANT, "client_id": CLIENT, "client_secret": SECRET}


class Vault:
    """Stands before the boto3 ``client``: ``ahead[operation]`` runs before the next call of it, ``lost`` calls are
    made twice, as the SDK does when the first answer did not arrive. ``store`` works through it."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.ahead: dict[str, Callable[[], Any]] = {}
        self.lost: set[str] = set()
        mark = uuid.uuid4().hex
        self.app, self.consent, self.access = (f"{mark}/{name}" for name in ("app", "consent", "access"))
        self.store = TokenStore(self, self.app, self.consent, self.access)
        for name, document in (
            (self.app, REGISTRATION),
            (self.consent, {"refresh_token": "", "obtained_at": 0, "unused": "x"}),
            (self.access, {"access_token": "", "expires_at": 0, "unused": "x"}),
        ):
            client.create_secret(Name=name, SecretString=json.dumps(document))

    def __getattr__(self, operation: str) -> Any:
        def call(**arguments: Any) -> Any:
            if operation in self.ahead:
                self.ahead.pop(operation)()
            if operation in self.lost:
                self.lost.discard(operation)
                getattr(self.client, operation)(**arguments)
            return getattr(self.client, operation)(**arguments)

        return call

    def document(self, name: str, label: str = "AWSCURRENT") -> dict[str, Any]:
        return json.loads(self.client.get_secret_value(SecretId=name, VersionStage=label)["SecretString"])

    def refresh_token(self, label: str = "AWSCURRENT") -> str:
        return self.document(self.consent, label)["refresh_token"]
