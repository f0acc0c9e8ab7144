"""``cosell hubspot setup | check | app``: the properties that the sync needs, and the project of the HubSpot app."""

from __future__ import annotations

import argparse
import os

import config
from cli.main import UserError
from config.property_setup import set_up
from lambdas.shared.adapters.hubspot import HubSpot
from lambdas.shared.errors import CosellError

TOKEN_VARIABLE = "HUBSPOT_SETUP_TOKEN"  # noqa: S105 - the variable's name


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``cosell hubspot``."""
    parser.add_argument(
        "what",
        choices=["setup", "check", "app"],
        help="create what is missing and check, only check, or write the app's project into hubspot_app",
    )
    parser.add_argument("--check", action="store_true", help="with setup: change nothing, only check")
    parser.add_argument("--url", default="https://api.hubapi.com", help="HubSpot's API (default: %(default)s)")
    parser.add_argument("--config", default="config", metavar="FOLDER", help="folder of the YAML files (%(default)s)")
    parser.epilog = (
        f"The key is read from {TOKEN_VARIABLE}: a short-lived service key with crm.schemas.deals.write and "
        "crm.schemas.companies.write, so that the run-time token never needs those."
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print what was created, what was there and what is wrong; 1 when anything is wrong."""
    if arguments.what == "app":
        return _write_app(arguments.config)
    token = os.environ.get(TOKEN_VARIABLE)
    if not token:
        raise UserError(f"set {TOKEN_VARIABLE} to a service key with the schema scopes")
    try:
        create = arguments.what == "setup" and not arguments.check
        report = set_up(HubSpot(lambda _fresh: token, arguments.url), config.load(arguments.config), create=create)
    except CosellError as error:
        raise UserError(f"{type(error).__name__} at {arguments.url} (--url): {error}") from None
    for name in report.created:
        print(f"  {name} created")
    for name, options in report.gained.items():
        print(f"  {name} gained the options {', '.join(options)}")
    gained = f"{len(report.gained)} gained options, " if report.gained else ""
    print(f"{len(report.created)} created, {gained}{len(report.present)} in order, {len(report.wrong)} wrong")
    for line in report.wrong:
        print(f"  {line}")
    return 1 if report.wrong else 0


def _write_app(directory: str) -> int:
    """Render the project from the configuration; it goes to HubSpot with `hs project upload`."""
    from pathlib import Path

    from config.hubspot_app import write_app

    for path in write_app(Path("hubspot_app"), directory):
        print(f"  {path}")
    return 0
