"""``cosell invoke FUNCTION EVENT.json``: one deployed function on a saved event, on the local cloud."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cli.main import UserError

STAGE = "sandbox"


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``cosell invoke``."""
    parser.add_argument(
        "function", metavar="FUNCTION", help="receive_webhook, microsoft-fetch-deal, google-plan-changes, …"
    )
    parser.add_argument("event", metavar="EVENT.json", type=Path, help="the saved event; - for standard input")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the answer as JSON; 1 and the error when the function fails.

    Starts a local cloud of its own, deploys the app as ``make demo`` does, invokes the function as deployed (its
    bundle, environment and settings), and ends it.
    """
    event = _event(arguments.event)
    from sandbox.local_cloud.functions import FunctionFailed
    from sandbox.world import World

    with World() as world:
        name = _deployed_name(world, arguments.function)
        try:
            answer = world.cloud.functions.invoke(name, event)
        except FunctionFailed as error:
            print(json.dumps(error.payload, indent=2))
            return 1
    print(json.dumps(answer, indent=2))
    return 0


def _event(path: Path) -> Any:
    try:
        return json.loads(sys.stdin.read() if str(path) == "-" else path.read_text())
    except FileNotFoundError:
        raise UserError(f"there is no file {path}") from None
    except ValueError as error:
        raise UserError(f"{path} is not JSON: {error}") from None


def _deployed_name(world: Any, wanted: str) -> str:
    """A deployed function by its name without the stage's prefix (``microsoft-fetch-deal``), or by its handler's.

    ``UserError`` lists those there are, or the several partners' that have the handler.
    """
    found = world.cloud.client("lambda").get_paginator("list_functions").paginate()
    return deployed_name({one["FunctionName"]: one["Handler"] for page in found for one in page["Functions"]}, wanted)


def deployed_name(handlers: Mapping[str, str], wanted: str) -> str:
    """The function that ``wanted`` means, of ``{function name: handler}``."""
    short, module = wanted.replace("_", "-"), wanted.replace("-", "_")
    named = [name for name in handlers if _short(name) == short]
    handled = [name for name, handler in handlers.items() if handler.split(".")[-2] == module]
    found = named or handled
    if len(found) == 1:
        return found[0]
    if found:
        raise UserError(f"several partners have {wanted}; choose one of: {', '.join(sorted(map(_short, found)))}")
    raise UserError(f"no function {wanted}; there are: {', '.join(sorted(map(_short, handlers)))}")


def _short(name: str) -> str:
    return name.removeprefix(f"cosell-{STAGE}-")
