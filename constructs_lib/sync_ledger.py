"""SyncLedger: the three tables in which a deployment stage remembers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from constructs_lib.overrides import warn_override
from constructs_lib.parts import grant_index, grant_table

DUE_INDEX = "due"
REGISTER_INDEX = "register"
DEAL_INDEX = "deal"
DAY_INDEX = "day"
AUDIT_KEPT_DAYS = 7 * 365 + 2
READ = ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query")
# A transaction needs what its entries need one by one; none of ours only checks a condition.
WRITE = ("dynamodb:PutItem", "dynamodb:UpdateItem")
DELETE = ("dynamodb:DeleteItem",)
LINKS = "link#*"
SUBJECTS = "subject#*"
QUARANTINE = "quarantine#*"


@dataclass(frozen=True, kw_only=True)
class SyncLedgerProps:
    """The tables.

    Attributes:
        ledger: bring your own (``pk``, ``sk``, TTL ``expires_at``, indexes ``due``, ``register``); default an own one.
        runs: bring your own (``pk``, ``sk``, TTL ``expires_at``); default an own one. It holds personal data for 24 h.
        audit: bring your own (``pk``, ``sk``, TTL ``expires_at``, indexes ``deal``, ``day``); default an own table,
            retained whatever happens to the stack.
        audit_kept_days: how long a record of the audit is kept; default seven years.
        encryption_key: default a key that AWS owns; bring a KMS key to hold it yourself.
        subject_key: wraps the keys of people whose values are in the audit; default an own KMS key, rotated. Who loses
            it can read none of these values any more, the chains stay whole.
        deletion_protection: default True.
        point_in_time_recovery: default True; one day for ``runs``, whose items shall not live on in backups.
        removal_policy: of ledger and runs; default RETAIN_ON_UPDATE_OR_DELETE.
    """

    ledger: dynamodb.ITable | None = None
    runs: dynamodb.ITable | None = None
    audit: dynamodb.ITable | None = None
    audit_kept_days: int = AUDIT_KEPT_DAYS
    encryption_key: kms.IKey | None = None
    subject_key: kms.IKey | None = None
    deletion_protection: bool = True
    point_in_time_recovery: bool = True
    removal_policy: RemovalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE


class SyncLedger(Construct):
    """``ledger`` (links, watermarks, quota, dead letters), ``runs`` (documents, 24 h), ``audit`` (append-only).

    On-demand, encrypted, point-in-time recovery. The keys and items are described in ``docs/architecture.md``.
    """

    def __init__(self, scope: Construct, construct_id: str, props: SyncLedgerProps | None = None) -> None:
        super().__init__(scope, construct_id)
        self._props = props or SyncLedgerProps()
        if not self._props.point_in_time_recovery:
            warn_override(self, "point_in_time_recovery", "a table that was damaged cannot be put back")
        self._ledger = self._props.ledger or self._own_ledger()
        self._runs = self._props.runs or self._own_table(
            "Runs", removal_policy=self._props.removal_policy, recovery_days=1
        )
        self._audit = self._props.audit or self._own_audit()
        self._subject_key = self._props.subject_key or cast(kms.IKey, self._own_subject_key())

    @property
    def ledger(self) -> dynamodb.ITable:
        """Links and all other state."""
        return self._ledger

    @property
    def runs(self) -> dynamodb.ITable:
        """Documents of runs; personal data, gone after a day."""
        return self._runs

    @property
    def audit(self) -> dynamodb.ITable:
        """Every vendor write and every refusal, in hash chains."""
        return self._audit

    @property
    def subject_key(self) -> kms.IKey:
        """Wraps people's keys."""
        return self._subject_key

    @property
    def audit_kept_days(self) -> int:
        """How long a record of the audit is kept."""
        return self._props.audit_kept_days

    def grant_read(self, grantee: iam.IGrantable) -> None:
        """Read the ledger by key."""
        grant_table(self._ledger, grantee, *READ)

    def grant_read_write(self, grantee: iam.IGrantable) -> None:
        """Read and write the ledger by key, transactions included; nothing is deleted."""
        grant_table(self._ledger, grantee, *READ, *WRITE)

    def grant_read_write_delete(self, grantee: iam.IGrantable) -> None:
        """The same, and delete items: for whoever settles an open create, whose marker goes then."""
        grant_table(self._ledger, grantee, *READ, *WRITE, *DELETE)

    def grant_change_links(self, grantee: iam.IGrantable) -> None:
        """Read and change links one by one, and touch no other item of the ledger (the write quota lies in it)."""
        grant_table(self._ledger, grantee, "dynamodb:GetItem", "dynamodb:UpdateItem", keys=LINKS)

    def grant_quarantine(self, grantee: iam.IGrantable) -> None:
        """Put what cannot be read into quarantine, and touch no other item: for a function that faces the internet."""
        grant_table(self._ledger, grantee, "dynamodb:PutItem", keys=QUARANTINE)

    def grant_scan(self, grantee: iam.IGrantable) -> None:
        """Read the ledger from end to end, for counting."""
        grant_table(self._ledger, grantee, "dynamodb:Scan")

    def grant_due(self, grantee: iam.IGrantable) -> None:
        """Query the links that are due."""
        grant_index(self._ledger, grantee, DUE_INDEX)

    def grant_runs_read(self, grantee: iam.IGrantable) -> None:
        """Read a run's documents."""
        grant_table(self._runs, grantee, *READ)

    def grant_runs_read_write(self, grantee: iam.IGrantable) -> None:
        """Read and store a run's documents."""
        grant_table(self._runs, grantee, *READ, "dynamodb:PutItem", "dynamodb:UpdateItem")

    def grant_audit_append(self, grantee: iam.IGrantable) -> None:
        """Append to the audit table; never read, change or delete."""
        grant_table(self._audit, grantee, "dynamodb:PutItem")

    def grant_conceal(self, grantee: iam.IGrantable) -> None:
        """Seal people's values for the audit: their public keys, and new keys wrapped. Nothing is unwrapped by any
        function: ``kms:Decrypt`` is an operator's, who reads reports."""
        grant_table(self._ledger, grantee, "dynamodb:GetItem", *WRITE, keys=SUBJECTS)
        grantee.grant_principal.add_to_principal_policy(
            iam.PolicyStatement(actions=["kms:Encrypt"], resources=[self._subject_key.key_arn])
        )

    def grant_sweep(self, grantee: iam.IGrantable) -> None:
        """Read every item of ledger and runs table (to take a person out of them)."""
        for table in (self._ledger, self._runs):
            grant_table(table, grantee, "dynamodb:Scan")

    def grant_audit_days(self, grantee: iam.IGrantable) -> None:
        """Ask the audit table's index by day for chains and their hashes; no record's content is in it."""
        grant_index(self._audit, grantee, DAY_INDEX)

    def grant_audit_report(self, grantee: iam.IGrantable) -> None:
        """Read records of the audit by key, and ask both indexes which there are; no scan, and nothing is written."""
        grant_table(self._audit, grantee, "dynamodb:GetItem", "dynamodb:BatchGetItem")
        for index in (DEAL_INDEX, DAY_INDEX):
            grant_index(self._audit, grantee, index)

    def _own_subject_key(self) -> kms.Key:
        return kms.Key(
            self,
            "SubjectKey",
            enable_key_rotation=True,
            description="Wraps the keys of people whose values are in the audit",
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )

    def _own_audit(self) -> dynamodb.Table:
        """Records are not copied into the indexes: kept for seven years, they would cost as much again each."""
        table = self._own_table("Audit", removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
        table.add_global_secondary_index(
            index_name=DEAL_INDEX,
            partition_key=dynamodb.Attribute(name="deal_id", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="at", type=dynamodb.AttributeType.NUMBER),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )
        table.add_global_secondary_index(
            index_name=DAY_INDEX,
            partition_key=dynamodb.Attribute(name="day", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="at", type=dynamodb.AttributeType.NUMBER),
            projection_type=dynamodb.ProjectionType.INCLUDE,
            non_key_attributes=["seq", "hash", "partner", "expires_at"],
        )
        return table

    def _own_ledger(self) -> dynamodb.Table:
        table = self._own_table("Ledger", removal_policy=self._props.removal_policy)
        for name, hash_key, range_key in (
            (DUE_INDEX, "partner", "due_at"),
            (REGISTER_INDEX, "register", "registered_at"),
        ):
            table.add_global_secondary_index(
                index_name=name,
                partition_key=dynamodb.Attribute(name=hash_key, type=dynamodb.AttributeType.STRING),
                sort_key=dynamodb.Attribute(name=range_key, type=dynamodb.AttributeType.NUMBER),
            )
        return table

    def _own_table(
        self, construct_id: str, *, removal_policy: RemovalPolicy, recovery_days: int | None = None
    ) -> dynamodb.Table:
        props = self._props
        if props.deletion_protection and removal_policy == RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE:
            # Even CloudFormation may not delete it then: a rollback would fail over it, and its name is nobody's rival.
            removal_policy = RemovalPolicy.RETAIN
        recovery = props.point_in_time_recovery
        return dynamodb.Table(
            self,
            construct_id,
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="sk", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=(
                dynamodb.TableEncryption.CUSTOMER_MANAGED if props.encryption_key else dynamodb.TableEncryption.DEFAULT
            ),
            encryption_key=props.encryption_key,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=recovery, recovery_period_in_days=recovery_days if recovery else None
            ),
            deletion_protection=props.deletion_protection,
            time_to_live_attribute="expires_at",
            removal_policy=removal_policy,
        )
