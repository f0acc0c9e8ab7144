"""``cosell solutions list | search | show | match``: our solutions at AWS, and which of them fit a deal."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from cli.main import UserError
from cli.operator_calls import call, part
from cli.stage import Place, add_stage, place_of

_WANTED = {"search": "words to search for", "show": "a solution's id", "match": "a deal's id"}
_PAGE = 100


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``cosell solutions``."""
    parser.add_argument("what", choices=["list", *_WANTED])
    parser.add_argument("wanted", nargs="*", metavar="WANTED", help="words, a solution's id, or a deal's id")
    parser.add_argument("--category", help="list and search: only this category")
    parser.add_argument("--status", choices=["Active", "Inactive", "Draft"], help="list and search: only this status")
    add_stage(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print what the API answers."""
    what, wanted = arguments.what, " ".join(arguments.wanted)
    if (what in _WANTED) != bool(wanted):
        raise UserError(f"{what} takes {_WANTED[what]}" if what in _WANTED else "list takes nothing more")
    place = place_of(arguments.stage)
    if what == "match":
        return _match(call(place, "GET", f"/deals/{part(wanted)}/solutions"))
    if what == "show":
        for name, value in call(place, "GET", f"/solutions/{part(wanted)}").items():
            print(f"{name:16}{value}")
        return 0
    for one in _every_page(place, arguments, wanted):
        print(f"{one['id']:22}{one['status']:10}{one['category']:24}{one['name']}")
    return 0


def _every_page(place: Place, arguments: argparse.Namespace, q: str) -> Iterator[dict[str, Any]]:
    query: dict[str, str | int | None] = {"limit": _PAGE, "category": arguments.category, "status": arguments.status}
    path = "/solutions"
    if arguments.what == "search":
        path, query["q"] = "/solutions/search", q
    while True:
        page = call(place, "GET", path, query)
        yield from page["items"]
        if page["next"] is None:
            return
        query["next"] = page["next"]


def _match(answer: dict[str, Any]) -> int:
    for match in answer["matches"]:
        solution = match["solution"]
        print(f"{match['score']:3}  {solution['id']}  {solution['name']}{'  (chosen)' if match['chosen'] else ''}")
        for reason in match["reasons"]:
            print(f"       {reason}")
    if not answer["matches"]:
        print("No solution fits.")
    if answer["associated"]:
        print(f"Associated: {', '.join(answer['associated'])}")
    if answer["automatic"]["off"]:
        print(answer["automatic"]["off"])
    return 0
