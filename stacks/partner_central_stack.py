"""PartnerCentralStack: the little that lies in the account linked to Partner Central, in us-east-1."""

from __future__ import annotations

from aws_cdk import CfnOutput, Environment, Stack
from constructs import Construct

from config.model import Stage
from constructs_lib.partner_central_link import PartnerCentralLink, PartnerCentralLinkProps
from stacks.names import Names


class PartnerCentralStack(Stack):
    """Roles and event rule. Built from names alone, so that it may lie in another account and region."""

    def __init__(self, scope: Construct, construct_id: str, *, names: Names, stage: Stage) -> None:
        central = stage.partner_central
        super().__init__(
            scope,
            construct_id,
            env=Environment(account=central.account, region=central.region),
            stack_name=names.stack("partner-central"),
            description="cosell-sync: roles and event rule in the account linked to AWS Partner Central",
            termination_protection=stage.protected,
        )
        self.link = PartnerCentralLink(
            self,
            "Link",
            PartnerCentralLinkProps(
                catalog=central.catalog,
                trusted_role_arns=[names.partner_role_arns("aws"), *central.operators],
                home_account=names.account,
                home_bus_arn=names.partner_events_bus_arn,
                role_name=central.role_name,
                external_id=central.external_id,
                snapshot_role_name=central.snapshot_role_name,
            ),
        )
        CfnOutput(self, "RoleArn", value=self.link.role.role_arn, description="Role that the sync's functions take")
