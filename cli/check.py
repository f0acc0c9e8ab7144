"""``cosell check``: the configuration against its model."""

from __future__ import annotations

import argparse

import config
from cli.main import UserError


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``cosell check``."""
    parser.add_argument("--config", default="config", metavar="FOLDER", help="folder of the YAML files")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the deployment stages, or every finding with file, line, key and allowed values."""
    try:
        configuration = config.load(arguments.config)
    except config.ConfigurationError as error:
        raise UserError(str(error)) from None
    for name, stage in configuration.stages.items():
        config.render_settings(configuration, name)
        print(f"{name}: account {stage.account}, {stage.region}, partners {', '.join(stage.partners)}")
    return 0
