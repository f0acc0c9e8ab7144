"""The CDK app: one line per deployment stage of ``config/stages.yaml``; ``-c stage=prod`` for one of them."""

from __future__ import annotations

import os
import sys

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

import config
from constructs_lib.bundle import BundleError
from stacks.cosell_stage import CosellStage
from stacks.sources import Sources, built_sources


def build_app(app: App, configuration: config.Configuration, sources: Sources) -> App:
    """Add every deployment stage, or the one that the context key ``stage`` names, and the two rule packs."""
    wanted = app.node.try_get_context("stage")
    if wanted is not None:
        configuration.stage(wanted)
    check_roles(configuration)
    for name in [wanted] if wanted else configuration.stages:
        CosellStage(app, name, configuration=configuration, sources=sources)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))
    return app


def check_roles(configuration: config.Configuration) -> None:
    """One role in a linked account serves one deployment stage, or two stacks would fight over its name.

    Raises:
        ConfigurationError: two stages name the same role of the same account.
    """
    taken: dict[tuple[str, str], str] = {}
    for name, stage in configuration.stages.items():
        central = stage.partner_central
        first = taken.setdefault((central.account, central.role_name), name)
        if first != name:
            raise config.ConfigurationError(
                [
                    config.Finding(
                        "stages.yaml",
                        1,
                        f"stages.{name}.partner_central.role_name",
                        f"{central.role_name} in account {central.account} is the role of stage {first!r} already",
                        ("any name that no other stage of this account has",),
                    )
                ]
            )


def main() -> int:
    """Synthesize; a configuration or bundle that is not right is said in one message, without a traceback."""
    try:
        build_app(App(outdir=os.environ.get("CDK_OUTDIR", "cdk.out")), config.load(), built_sources()).synth()
    except (config.ConfigurationError, BundleError, KeyError) as error:
        print(error.args[0] if isinstance(error, KeyError) else error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
