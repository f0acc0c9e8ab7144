"""``cosell bundles``: what the functions carry, built before a synth; the one step that may need the network."""

from __future__ import annotations

import argparse

from cli.main import UserError
from constructs_lib.bundle import BundleError, build_all


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``cosell bundles``: none."""
    parser.set_defaults(run=run)


def run(_arguments: argparse.Namespace) -> int:
    """Print each bundle with its size. A synth would build them too, later."""
    try:
        bundles = build_all()
    except BundleError as error:
        raise UserError(str(error)) from None
    for bundle in bundles:
        print(f"{bundle.name}: {bundle.size / 1_000_000:.1f} MB unzipped, {bundle.path}")
    return 0
