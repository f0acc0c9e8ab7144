"""QuotaLimiter: one limiter of vendor writes for one partner account."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from constructs import Construct

from constructs_lib.parts import grant_table


@dataclass(frozen=True, kw_only=True)
class QuotaLimiterProps:
    """Whose writes are limited.

    Attributes:
        partner: ``aws``, …
        account_key: what the partner counts by; for AWS the catalog.
        table: where the row lies. Default wiring: the stage's ledger. Deployment stages that share a partner account
            share one table, so that they share the quota.
    """

    partner: str
    account_key: str
    table: dynamodb.ITable


class QuotaLimiter(Construct):
    """A row in DynamoDB, ``quota#<partner>#<account key>``: one conditional update reserves n slots.

    Every machine, the command line and every deployment stage on the same partner account reserve here. A slot within
    a minute is a Wait state; a later one is ``not_before`` on the link.
    """

    def __init__(self, scope: Construct, construct_id: str, props: QuotaLimiterProps) -> None:
        super().__init__(scope, construct_id)
        self._props = props

    @property
    def row(self) -> str:
        """Partition key of the limiter's row."""
        return f"quota#{self._props.partner}#{self._props.account_key}"

    @property
    def table(self) -> dynamodb.ITable:
        """The table that holds the row."""
        return self._props.table

    def grant_reserve(self, grantee: iam.IGrantable) -> None:
        """Read and move this row, and no other of the table."""
        grant_table(self._props.table, grantee, "dynamodb:GetItem", "dynamodb:UpdateItem", keys=self.row)
