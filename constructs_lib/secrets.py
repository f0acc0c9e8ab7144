"""Secrets: created empty, filled in by an operator, read at run time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from constructs_lib.acknowledge import acknowledge
from constructs_lib.sync_function import SyncFunction

# Frozen. They stand in the template's GenerateSecretString, and a change of that makes CloudFormation generate a new
# value, over the one that the operator filled in. A new member belongs into the readers, as one that may be missing.
EMPTY_TOKEN: Mapping[str, object] = {"access_token": ""}
EMPTY_WEBHOOK: Mapping[str, object] = {"client_secrets": [], "target_urls": []}

_BY_AN_OPERATOR = (
    "HubSpot offers no interface by which a function could rotate an app's token or client secret; an operator "
    "does, and two client secrets are valid meanwhile"
)


@dataclass(frozen=True, kw_only=True)
class HubspotSecretsProps:
    """The two secrets of the HubSpot app.

    Attributes:
        token_name: physical name.
        webhook_name: physical name.
        token: bring your own; default an own secret, JSON ``{"access_token"}``.
        webhook: bring your own; default an own secret, JSON ``{"client_secrets": […], "target_urls": […]}``.
        encryption_key: default the account's key for Secrets Manager.
        removal_policy: default RETAIN_ON_UPDATE_OR_DELETE: a name is free again after a deployment that failed.
    """

    token_name: str
    webhook_name: str
    token: secretsmanager.ISecret | None = None
    webhook: secretsmanager.ISecret | None = None
    encryption_key: kms.IKey | None = None
    removal_policy: RemovalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE


class HubspotSecrets(Construct):
    """Access token and webhook secrets. Until an operator fills them in nothing is accepted and nothing is read."""

    def __init__(self, scope: Construct, construct_id: str, props: HubspotSecretsProps) -> None:
        super().__init__(scope, construct_id)
        self._token = props.token or self._own("Token", props.token_name, EMPTY_TOKEN, props)
        self._webhook = props.webhook or self._own("Webhook", props.webhook_name, EMPTY_WEBHOOK, props)

    @property
    def token(self) -> secretsmanager.ISecret:
        """HubSpot's access token."""
        # pyrefly: ignore[bad-return]  # jsii: parameters named otherwise
        return self._token

    @property
    def webhook(self) -> secretsmanager.ISecret:
        """The app's client secrets (two during a rotation) and the target URLs that HubSpot signs."""
        # pyrefly: ignore[bad-return]  # jsii: parameters named otherwise
        return self._webhook

    def _own(
        self, construct_id: str, name: str, empty: Mapping[str, object], props: HubspotSecretsProps
    ) -> secretsmanager.Secret:
        return empty_secret(
            self,
            construct_id,
            name=name,
            empty=empty,
            why_unrotated=_BY_AN_OPERATOR,
            encryption_key=props.encryption_key,
            removal_policy=props.removal_policy,
        )


def empty_secret(
    scope: Construct,
    construct_id: str,
    *,
    name: str,
    empty: Mapping[str, object],
    why_unrotated: str,
    encryption_key: kms.IKey | None = None,
    removal_policy: RemovalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
) -> secretsmanager.Secret:
    """A secret of the right shape without content. ``why_unrotated`` says why Secrets Manager does not rotate it."""
    secret = secretsmanager.Secret(
        scope,
        construct_id,
        secret_name=name,
        encryption_key=encryption_key,
        removal_policy=removal_policy,
        # The generated member only makes the value valid JSON of the right shape; nothing reads it.
        generate_secret_string=secretsmanager.SecretStringGenerator(
            secret_string_template=json.dumps(empty), generate_string_key="unused"
        ),
    )
    acknowledge(secret, why_unrotated, "AwsSolutions-SMG4")
    return secret


def grant_secret(function: SyncFunction, variable: str, secret: secretsmanager.ISecret) -> None:
    """Let ``function`` read ``secret``, whose name it finds in the environment variable ``variable``."""
    function.add_environment(variable, secret.secret_arn)
    # A secret that is known by name only has an ARN without the six characters that Secrets Manager puts behind it.
    resource = secret.secret_full_arn or f"{secret.secret_arn}-??????"
    function.grant_principal.add_to_principal_policy(
        iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[resource])
    )
    if secret.encryption_key is not None:
        secret.encryption_key.grant_decrypt(function)


def grant_replace(function: SyncFunction, secret: secretsmanager.ISecret) -> None:
    """Let ``function`` put a new version into ``secret`` and move its labels."""
    resource = secret.secret_full_arn or f"{secret.secret_arn}-??????"
    function.grant_principal.add_to_principal_policy(
        iam.PolicyStatement(
            actions=["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"], resources=[resource]
        )
    )
    if secret.encryption_key is not None:
        secret.encryption_key.grant_encrypt(function)
