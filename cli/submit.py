"""``cosell submit DEAL``: a deal's opportunity into AWS's review, once everything that AWS wants is there."""

from __future__ import annotations

import argparse

from cli.operator_calls import call, part
from cli.stage import add_stage, place_of


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``cosell submit``."""
    parser.add_argument("deal", metavar="DEAL", help="the deal's id in HubSpot")
    add_stage(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print what happens now; everything that keeps the deal from being submitted is told at once."""
    answer = call(place_of(arguments.stage), "POST", f"/deals/{part(arguments.deal)}/submit")
    print(f"Deal {answer['deal']} will be submitted ({answer['opportunity_id'] or 'no opportunity yet'}).")
    for sentence in answer["next"]:
        print(f"  {sentence}")
    return 0
