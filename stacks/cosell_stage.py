"""CosellStage: one deployment stage."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from aws_cdk import Environment, Tags
from aws_cdk import Stage as CdkStage
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from config import Configuration, render_settings
from config.model import AwsPartner, Stage
from config.rooms import ROOMS
from stacks.api_stack import ApiStack
from stacks.audit_stack import AuditStack
from stacks.data_stack import DataStack
from stacks.dead_letter_stack import DeadLetterStack
from stacks.names import Names
from stacks.own_partner import OwnPartner
from stacks.own_parts import OwnParts
from stacks.partner_central_stack import PartnerCentralStack
from stacks.partner_stack import PartnerStack
from stacks.partners import WIRED
from stacks.seeing_stack import SeeingStack
from stacks.sources import Sources, built_sources
from stacks.sync_stack import SyncStack

_STACKS = ("data", "sync", "audit", "api", "seeing")


class CosellStage(CdkStage):
    """The stacks of one stage, from its entry in ``stages.yaml``; what each holds, its own module says.

    ``sources``: default the release's, with bundles that are missing or stale built under ``build/bundles`` first.
    ``own``: parts of yours in the place of ours. ``partners``: partners of yours by name, beside those of ``partners``
    in the stage's entry.
    """

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        configuration: Configuration,
        sources: Sources | None = None,
        own: OwnParts | None = None,
        partners: Mapping[str, OwnPartner] | None = None,
    ) -> None:
        stage, own, partners = configuration.stage(name), own or OwnParts(), partners or {}
        _check_names(name, partners)
        sources = sources or built_sources(build=True)
        wires = {one: WIRED[one] for one in stage.partners} | {one: partners[one].wire(one) for one in partners}
        super().__init__(scope, name, env=Environment(account=stage.account, region=stage.region))
        names = Names(name, stage.account, stage.region)
        aws = cast(AwsPartner, configuration.partners_in(name)["aws"])
        settings = _settings(configuration, name, partners)
        self.data = DataStack(self, "Data", names=names, stage=stage, notifications=aws.notifications, own=own)
        self.sync = SyncStack(
            self,
            "Sync",
            names=names,
            stage=stage,
            settings=settings,
            data=self.data,
            sources=sources,
            own=own,
            aliases=list(wires),
        )
        self.partners = {
            partner: PartnerStack(
                self,
                partner.capitalize(),
                partner=partner,
                wire=wire,
                names=names,
                stage=stage,
                settings=settings,
                data=self.data,
                sources=sources,
                sync=self.sync,
            )
            for partner, wire in wires.items()
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
        self.partner_central = (
            PartnerCentralStack(self, "PartnerCentral", names=names, stage=stage) if "aws" in stage.partners else None
        )
        watched = [self.sync, *self.partners.values(), self.dead_letters, self.audit, *([self.api] if self.api else [])]
        self.seeing = SeeingStack(
            self,
            "Seeing",
            names=names,
            stage=stage,
            partners=list(wires),
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
        ingress = self.sync.ingress
        api = ApiStack(
            self,
            "Api",
            names=names,
            stage=stage,
            settings=settings,
            data=self.data,
            sources=sources,
            manage_log_role=ingress.lacks_log_role,
        )
        if ingress.sets_log_role:  # API Gateway refuses a stage with logs as long as the account has no role for them
            api.add_dependency(self.sync)
        return api


def _settings(configuration: Configuration, name: str, partners: Mapping[str, OwnPartner]) -> dict[str, Any]:
    """The stage's settings with those of the user's partners. All know all tags: none is another partner's business."""
    settings = render_settings(configuration, name)
    settings["partners"] |= {partner: dict(own.settings) for partner, own in partners.items()}
    if partners:
        tags = [tag for each in settings["partners"].values() for tag in each["all_tags"]]
        for each in settings["partners"].values():
            each["all_tags"] = list(dict.fromkeys([*each["all_tags"], *tags]))
    return settings


def _check_names(name: str, partners: Mapping[str, OwnPartner]) -> None:
    """Names of stacks, functions, variables and keys of links are made of a partner's name."""
    for partner in partners:
        if partner in ROOMS or partner in _STACKS:
            raise ValueError(f"stage {name}: {partner!r} is a partner or a stack of ours; yours needs another name")
        if not re.fullmatch(r"[a-z][a-z0-9]{1,15}", partner):
            raise ValueError(f"stage {name}: partner {partner!r}: 2 to 16 small letters and digits, a letter first")
