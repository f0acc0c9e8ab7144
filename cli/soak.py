"""``cosell soak``: the scenes of the demo, repeated with random faults."""

from __future__ import annotations

import argparse


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``cosell soak``."""
    parser.add_argument("--rounds", type=int, default=20, help="how often (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the first round (default: %(default)s)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """0 when every scene of every round held."""
    from sandbox.soak import run as play

    return play(arguments.rounds, arguments.seed)
