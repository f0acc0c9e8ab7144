"""``cosell``: one command for whoever deploys, tries and looks after the sync.

Each subcommand is one module with ``add(subparsers)`` and a function that takes the parsed arguments and returns an
exit status. Modules are imported when their command is used, so that ``cosell --help`` is instant.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

_COMMANDS = {
    "demo": "play the main job on a local cloud, step by step",
    "soak": "play the main job again and again with random faults",
    "faults": "try every fault on every state of every machine and every vendor call, and print the matrix",
    "sandbox": "start the local cloud and the simulated vendors and leave them running",
    "invoke": "run one function on a saved event",
    "init": "begin a project that uses the package: configuration, app.py, cdk.json",
    "bundles": "build the functions' bundles, unless they are fresh",
    "check": "check the configuration, with file, line and key",
    "mapping": "check the field maps against HubSpot, and preview what they would send of a deal",
    "hubspot": "create or check the HubSpot properties",
    "microsoft": "store the app registration of Microsoft, and sign in to it once",
    "doctor": "look at everything that a deployment stage needs, and say what to do",
    "smoke": "try a deployed stage from end to end without touching a deal",
    "secrets": "set, rotate and list the secrets that the functions read",
    "solutions": "list, search and show our solutions at AWS, and match them to a deal",
    "backfill": "link or create for deals and opportunities that were there before; a dry run first",
    "reconcile": "compare both sides of every link, and report or repair what differs",
    "submit": "submit a deal's opportunity for AWS's review",
    "audit": "verify the audit (nothing altered, removed or cut off), report it, and put heads right after a restore",
    "forget": "remove one person from everything that we keep, and record that it happened",
    "dlq": "list, show, replay or drop dead letters",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; returns its exit status (0 well, 1 not well, 2 wrong usage)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    os.environ.setdefault("POWERTOOLS_LOG_LEVEL", "ERROR")  # the functions' log goes to the output, where answers stand
    parser = argparse.ArgumentParser(prog="cosell", description="The operator's command of cosell-sync.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    wanted = next((one for one in arguments if not one.startswith("-")), None)
    for name, summary in _COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        if name == wanted:
            importlib.import_module(f"{__package__}.{name}").add(command)
    parsed = parser.parse_args(arguments)
    try:
        status = int(parsed.run(parsed))
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # whoever reads us has enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        error = _of_a_package(error)
        if not _can_be_put_right(error):
            raise error
        print(f"cosell {parsed.command}: {error}", file=sys.stderr)
        return 1


def _of_a_package(error: Exception) -> Exception:
    """What the wheel was installed without, or does not have at all, as something to put right."""
    from constructs_lib.places import INSTALLED

    if not INSTALLED or not isinstance(error, ModuleNotFoundError):
        return error
    if str(error.name).startswith(str(__package__).partition(".")[0]):
        return UserError("this command is for a checkout of the repository; the package does not have it")
    return UserError(f"{error.name} is not installed; pip install 'cosell-sync[sandbox]'")


def _can_be_put_right(error: Exception) -> bool:
    """Whether the message is enough for a person: no traceback for wrong input, configuration or credentials."""
    if isinstance(error, UserError):
        return True
    from botocore.exceptions import BotoCoreError, ClientError

    from config import ConfigurationError
    from lambdas.shared.errors import CosellError

    return isinstance(error, (BotoCoreError, ClientError, ConfigurationError, CosellError))


class UserError(Exception):
    """Something that the person at the keyboard can put right; the text says what."""


if __name__ == "__main__":
    sys.exit(main())
