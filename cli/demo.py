"""``cosell demo``: the main job, played on a local cloud."""

from __future__ import annotations

import argparse


def add(parser: argparse.ArgumentParser) -> None:
    """``cosell demo`` takes no arguments."""
    parser.set_defaults(run=run)


def run(_arguments: argparse.Namespace) -> int:
    """0 when every scene held."""
    from sandbox.lanes import run as play

    return play()
