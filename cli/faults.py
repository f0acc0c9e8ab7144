"""``cosell faults``: every state of every machine and every vendor call, under every fault."""

from __future__ import annotations

import argparse


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``cosell faults``."""
    parser.add_argument("--only", metavar="TEXT", help="only cases whose id contains this: a machine, vendor, fault …")
    parser.add_argument("--case", metavar="ID", help="one case, as a failed one is named; tells what does not hold")
    parser.add_argument("--sample", type=int, metavar="N", help="N cases drawn by the seed, in place of all")
    parser.add_argument("--seed", type=int, default=1, help="seed of the sample (default: %(default)s)")
    parser.add_argument(
        "--from",
        dest="begin",
        type=int,
        default=1,
        metavar="N",
        help="begin with case N, where a run was cut off",
    )
    parser.add_argument("--processes", type=int, default=2, help="at a time (default: %(default)s)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """0 when every case held."""
    from cli.main import UserError
    from sandbox.faults_matrix.report import run as play

    if min(arguments.processes, arguments.begin, arguments.sample or 1) < 1 or arguments.sample == 0:
        raise UserError("--processes, --from and --sample are at least 1.")
    try:
        return play(
            only=arguments.only,
            case=arguments.case,
            sample=arguments.sample,
            seed=arguments.seed,
            begin=arguments.begin,
            processes=arguments.processes,
        )
    except KeyError as error:
        raise UserError(str(error.args[0])) from None
