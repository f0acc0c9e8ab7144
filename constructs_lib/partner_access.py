"""How a partner's functions reach their partner: what each way adds to a function's variables and permissions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager

from constructs_lib.secrets import grant_secret
from constructs_lib.sync_function import SyncFunction


class PartnerAccess(Protocol):
    """A way to a partner. A partner of your own brings its own."""

    def give(self, function: SyncFunction) -> None:
        """Let ``function`` speak with the partner."""
        ...


@dataclass(frozen=True, kw_only=True)
class RoleAccess:
    """AWS: a role in the account that is linked to Partner Central, taken with an external id."""

    role_arn: str
    external_id: str

    def give(self, function: SyncFunction) -> None:
        """Let ``function`` take the role."""
        function.add_environment("COSELL_PARTNER_CENTRAL_ROLE_ARN", self.role_arn)
        function.add_environment("COSELL_PARTNER_CENTRAL_EXTERNAL_ID", self.external_id)
        function.grant_principal.add_to_principal_policy(
            iam.PolicyStatement(actions=["sts:AssumeRole"], resources=[self.role_arn])
        )


@dataclass(frozen=True, kw_only=True)
class SecretAccess:
    """A secret that is read at run time, under the variable that the partner's adapter knows."""

    variable: str
    secret: secretsmanager.ISecret

    def give(self, function: SyncFunction) -> None:
        """Let ``function`` read the secret."""
        grant_secret(function, self.variable, self.secret)


@dataclass(frozen=True, kw_only=True)
class FederatedAccess:
    """No secret at all: the function's own role is what the partner trusts (Google's workload identity federation)."""

    def give(self, function: SyncFunction) -> None:
        """Nothing to give: every function has its role."""
