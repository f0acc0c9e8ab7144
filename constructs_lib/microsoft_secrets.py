"""MicrosoftSecrets: the app, the person's consent and the access token, each in a secret of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from constructs_lib.secrets import empty_secret

# Frozen, for the reason that stands in secrets.py.
EMPTY_APP: Mapping[str, object] = {"tenant_id": "", "client_id": "", "client_secret": ""}
EMPTY_CONSENT: Mapping[str, object] = {"refresh_token": "", "obtained_at": 0}
EMPTY_ACCESS: Mapping[str, object] = {"access_token": "", "expires_at": 0}

_BY_A_PERSON = "A person consents once by the command; from then on the one function that owns it renews it daily"
_BY_AN_OPERATOR = "Entra lets no function of ours renew an app's secret or certificate; an operator does"


@dataclass(frozen=True, kw_only=True)
class MicrosoftSecretsProps:
    """The three secrets.

    Attributes:
        name_prefix: physical names are ``<prefix>/microsoft-app``, ``…/microsoft-consent``, ``…/microsoft-access``.
        app, consent, access: bring your own; default own ones.
        encryption_key: default the account's key for Secrets Manager.
        removal_policy: default RETAIN_ON_UPDATE_OR_DELETE: a name is free again after a deployment that failed.
    """

    name_prefix: str
    app: secretsmanager.ISecret | None = None
    consent: secretsmanager.ISecret | None = None
    access: secretsmanager.ISecret | None = None
    encryption_key: kms.IKey | None = None
    removal_policy: RemovalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE


class MicrosoftSecrets(Construct):
    """Filled by ``cosell microsoft login``; until then every link of Microsoft's waits."""

    def __init__(self, scope: Construct, construct_id: str, props: MicrosoftSecretsProps) -> None:
        super().__init__(scope, construct_id)
        self._props = props
        self._app = props.app or self._own("App", EMPTY_APP, _BY_AN_OPERATOR)
        self._consent = props.consent or self._own("Consent", EMPTY_CONSENT, _BY_A_PERSON)
        self._access = props.access or self._own("Access", EMPTY_ACCESS, _BY_A_PERSON)

    @property
    def app(self) -> secretsmanager.ISecret:
        """The app's registration: tenant, client, and its secret or certificate."""
        # pyrefly: ignore[bad-return]  # jsii: parameters named otherwise
        return self._app

    @property
    def consent(self) -> secretsmanager.ISecret:
        """The person's consent: the refresh token, the one before it in the version ``AWSPREVIOUS``."""
        # pyrefly: ignore[bad-return]  # jsii: parameters named otherwise
        return self._consent

    @property
    def access(self) -> secretsmanager.ISecret:
        """The access token, which is all that a worker reads."""
        # pyrefly: ignore[bad-return]  # jsii: parameters named otherwise
        return self._access

    def _own(self, construct_id: str, empty: Mapping[str, object], why_unrotated: str) -> secretsmanager.Secret:
        return empty_secret(
            self,
            construct_id,
            name=f"{self._props.name_prefix}/microsoft-{construct_id.lower()}",
            empty=empty,
            why_unrotated=why_unrotated,
            encryption_key=self._props.encryption_key,
            removal_policy=self._props.removal_policy,
        )
