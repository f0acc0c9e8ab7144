"""AuditStack: the daily seals of the audit.

A stack of its own: it outlives the sync, and its resources find no room beside the sync's.
"""

from __future__ import annotations

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from config.model import Stage
from constructs_lib.audit_seal import AuditSeal, AuditSealProps
from constructs_lib.audit_vault import AuditVault, AuditVaultProps
from constructs_lib.sync_function import FunctionDefaults
from stacks.data_stack import DataStack
from stacks.names import Names
from stacks.sources import Sources


class AuditStack(Stack):
    """Vault, function, clock and alarm, in the home region."""

    def __init__(
        self, scope: Construct, construct_id: str, *, names: Names, stage: Stage, data: DataStack, sources: Sources
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            stack_name=names.stack("audit"),
            description="cosell-sync: daily seals of the audit",
            termination_protection=stage.protected,
        )
        audit = stage.audit
        self.vault = AuditVault(
            self,
            "Vault",
            AuditVaultProps(
                locked_days=audit.kept_days + audit.grace_days,
                compliance=(audit.lock or ("compliance" if stage.protected else "governance")) == "compliance",
            ),
        )
        self.seal = AuditSeal(
            self,
            "Seal",
            AuditSealProps(
                functions=FunctionDefaults(code=sources.core(), name_prefix=names.prefix, service=names.prefix),
                ledger=data.ledger,
                vault=self.vault,
                alarms=data.alarms,
            ),
        )
        for name, value, description in (
            ("AuditVaultBucket", self.vault.bucket.bucket_name, "Daily seals of the audit"),
            ("AuditKeyArn", self.vault.key.key_arn, "Signs the seals; keep its public key outside of this account"),
            ("SealAuditFunction", self.seal.function.function.function_name, "Invoke with {} to seal what is due"),
        ):
            CfnOutput(self, name, value=value, description=description)
