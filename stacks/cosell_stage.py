"""CosellStage: one deployment stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from aws_cdk import Environment, Tags
from aws_cdk import Stage as CdkStage
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from config import Configuration, render_settings
from config.model import AwsPartner, Stage
from stacks.api_stack import ApiStack
from stacks.audit_stack import AuditStack
from stacks.data_stack import DataStack
from stacks.dead_letter_stack import DeadLetterStack
from stacks.names import Names
from stacks.partner_central_stack import PartnerCentralStack
from stacks.partner_stack import PartnerStack
from stacks.seeing_stack import SeeingStack
from stacks.sources import Sources
from stacks.sync_stack import SyncStack


class CosellStage(CdkStage):
    """The stacks of one stage, from its entry in ``stages.yaml``; what each holds, its own module says."""

    def __init__(self, scope: Construct, name: str, *, configuration: Configuration, sources: Sources) -> None:
        stage = configuration.stage(name)
        super().__init__(scope, name, env=Environment(account=stage.account, region=stage.region))
        names = Names(name, stage.account, stage.region)
        aws = cast(AwsPartner, configuration.partners_in(name)["aws"])
        settings = render_settings(configuration, name)
        self.data = DataStack(self, "Data", names=names, stage=stage, notifications=aws.notifications)
        self.sync = SyncStack(
            self,
            "Sync",
            names=names,
            stage=stage,
            settings=settings,
            data=self.data,
            sources=sources,
        )
        self.partners = {
            partner: PartnerStack(
                self,
                partner.capitalize(),
                partner=partner,
                names=names,
                stage=stage,
                settings=settings,
                data=self.data,
                sources=sources,
                sync=self.sync,
            )
            for partner in stage.partners
        }
        self.sync.connect([each.wired for each in self.partners.values()])
        for each in self.partners.values():
            each.put_on_clock(self.sync.polls)
        dead_letters = {**self.sync.queues, **self._undelivered()}
        self.dead_letters = DeadLetterStack(
            self,
            "DeadLetters",
            names=names,
            data=self.data,
            sources=sources,
            queues=dead_letters,
            stage=stage,
        )
        self.audit = AuditStack(self, "Audit", names=names, stage=stage, data=self.data, sources=sources)
        self.api = self._api(names, stage, settings, sources)
        self.partner_central = PartnerCentralStack(self, "PartnerCentral", names=names, stage=stage)
        watched = [self.sync, *self.partners.values(), self.dead_letters, self.audit, *([self.api] if self.api else [])]
        self.seeing = SeeingStack(
            self,
            "Seeing",
            names=names,
            stage=stage,
            data=self.data,
            queues={name: queue.queue for name, queue in self.sync.queues.items()},
            dead_letters=dead_letters,
            by_name=[name for each in self.partners.values() for name in each.wired.queues],
            watched=watched,
        )
        Tags.of(self).add("application", "cosell-sync")
        Tags.of(self).add("deployment-stage", name)

    def _undelivered(self) -> dict[str, sqs.IQueue]:
        """Where rules leave what they could not deliver, by the name of its dead letters."""
        queues = {"partner-events-undelivered": self.sync.router.undelivered}
        if self.data.notifications is not None:
            queues["notifications-undelivered"] = self.data.notifications.undelivered
        return queues

    def _api(self, names: Names, stage: Stage, settings: Mapping[str, Any], sources: Sources) -> ApiStack | None:
        if not stage.api.enabled or "aws" not in stage.partners:
            return None
        return ApiStack(
            self,
            "Api",
            names=names,
            stage=stage,
            settings=settings,
            data=self.data,
            sources=sources,
        )
