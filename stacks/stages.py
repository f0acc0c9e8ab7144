"""Every deployment stage of a configuration in one app."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from config import Configuration, ConfigurationError, Finding
from stacks.cosell_stage import CosellStage
from stacks.own_partner import OwnPartner
from stacks.own_parts import OwnParts
from stacks.sources import Sources, built_sources


def add_stages(
    app: App,
    configuration: Configuration,
    *,
    sources: Sources | None = None,
    own: OwnParts | None = None,
    partners: Mapping[str, OwnPartner] | None = None,
) -> dict[str, CosellStage]:
    """Add every deployment stage, or the one that the context key ``stage`` names (``cdk deploy -c stage=dev``).

    The other arguments are those of ``CosellStage``.

    Raises:
        ConfigurationError: two stages name the same role of the same account.
        KeyError: there is no stage of that name; the message names those there are.
    """
    wanted = app.node.try_get_context("stage")
    if wanted is not None:
        configuration.stage(wanted)
    check_roles(configuration)
    sources = sources or built_sources(build=True)
    return {
        name: CosellStage(app, name, configuration=configuration, sources=sources, own=own, partners=partners)
        for name in ([wanted] if wanted else configuration.stages)
    }


def add_rule_packs(app: App) -> None:
    """Let cdk-nag's two packs look at the app; what they find is in ``validation-report.json`` and fails the synth."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))


def check_roles(configuration: Configuration) -> None:
    """A role in a linked account serves one deployment stage, or two stacks would fight over its name.

    Raises:
        ConfigurationError: two stages name the same role of the same account.
    """
    taken: dict[tuple[str, str], str] = {}
    for name, stage in configuration.stages.items():
        if "aws" not in stage.partners:  # no role is made, and the block is there for form's sake
            continue
        central = stage.partner_central
        for key, role in (("role_name", central.role_name), ("snapshot_role_name", central.snapshot_role_name)):
            by = f"{name}.partner_central.{key}"
            first = taken.setdefault((central.account, role), by)
            if first != by:
                message = f"{role} in account {central.account} is the name of stages.{first} already"
                allowed = ("any name that no other role of this account has",)
                raise ConfigurationError([Finding("stages.yaml", 1, f"stages.{by}", message, allowed)])
