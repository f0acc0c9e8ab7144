"""CosellStage: one deployment stage."""

from __future__ import annotations

from aws_cdk import Environment, Tags
from aws_cdk import Stage as CdkStage
from constructs import Construct

from config import Configuration, render_settings
from stacks.data_stack import DataStack
from stacks.names import Names
from stacks.partner_central_stack import PartnerCentralStack
from stacks.sources import Sources
from stacks.sync_stack import SyncStack


class CosellStage(CdkStage):
    """Data, sync and Partner Central stacks of one deployment stage, from its entry in ``config/stages.yaml``."""

    def __init__(self, scope: Construct, name: str, *, configuration: Configuration, sources: Sources) -> None:
        stage = configuration.stage(name)
        super().__init__(scope, name, env=Environment(account=stage.account, region=stage.region))
        names = Names(name, stage.account, stage.region)
        self.data = DataStack(self, "Data", names=names, stage=stage, notifications=configuration.aws.notifications)
        self.sync = SyncStack(
            self,
            "Sync",
            names=names,
            stage=stage,
            settings=render_settings(configuration, name),
            data=self.data,
            sources=sources,
        )
        self.partner_central = PartnerCentralStack(self, "PartnerCentral", names=names, stage=stage)
        Tags.of(self).add("application", "cosell-sync")
        Tags.of(self).add("deployment-stage", name)
