"""The CDK app: one line per deployment stage of ``config/stages.yaml``; ``-c stage=prod`` for one of them."""

from __future__ import annotations

import os
import sys

from aws_cdk import App

import config
from constructs_lib.bundle import BundleError
from stacks.sources import Sources, built_sources
from stacks.stages import add_rule_packs, add_stages


def build_app(app: App, configuration: config.Configuration, sources: Sources) -> App:
    """Add every deployment stage, or the one that the context key ``stage`` names, and the two rule packs."""
    add_stages(app, configuration, sources=sources)
    add_rule_packs(app)
    return app


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
