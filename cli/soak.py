"""``cosell soak``: the scenes of the demo, repeated with random faults."""

from __future__ import annotations

import argparse


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``cosell soak``."""
    parser.add_argument("--rounds", type=int, default=20, help="how often (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the first round (default: %(default)s)")
    parser.add_argument(
        "--scenes", type=_span, metavar="FIRST-LAST", help="only these, such as 1-8, the main job of AWS"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """0 when every scene of every round held."""
    from sandbox.soak import run as play

    return play(arguments.rounds, arguments.seed, *(arguments.scenes or ()))


def _span(text: str) -> tuple[int, int]:
    """``1-8`` as its two numbers."""
    first, _, last = text.partition("-")
    if not (first.isdigit() and last.isdigit() and 1 <= int(first) <= int(last)):
        raise argparse.ArgumentTypeError(f"{text!r} is no span of scenes such as 1-8")
    return int(first), int(last)
