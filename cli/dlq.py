"""``cosell dlq list | show | replay | drop``: dead letters, as the ledger has them on record."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from typing import Any

from cli.main import UserError
from cli.stage import Place, add_stage, place_of
from lambdas.shared.adapters.ledger import DeadLetters


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``cosell dlq``."""
    parser.add_argument("what", choices=["list", "show", "replay", "drop"])
    parser.add_argument(
        "messages", nargs="*", metavar="MESSAGE_ID", help="as shown by list; replay and drop take several"
    )
    parser.add_argument("--all", action="store_true", help="replay every waiting dead letter")
    add_stage(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """One of the four; 1 when a message is not on record."""
    place = place_of(arguments.stage)
    letters = DeadLetters(place.client("dynamodb"), place.output("LedgerTableName"))
    if arguments.what == "list":
        return _list(letters)
    if arguments.all and arguments.what != "replay":
        raise UserError(f"--all is for replay; name the messages to {arguments.what}")
    chosen = [one.message_id for one in letters.newest("waiting", sys.maxsize)] if arguments.all else arguments.messages
    if not chosen:
        raise UserError("name a message id, or --all")
    for message_id in chosen:
        _one(arguments.what, message_id, letters, place)
    return 0


def _list(letters: Any) -> int:
    found = letters.newest()
    print(f"{len(found)} dead letters")
    for one in found:
        when = datetime.fromtimestamp(one.registered_at / 1000, UTC).isoformat(timespec="seconds")
        print(f"{one.message_id}  {when}  {one.state:8}  {one.error}  {one.link or '-'}")
    return 0


def _one(what: str, message_id: str, letters: Any, place: Place) -> None:
    letter = letters.get(message_id)
    if letter is None:
        raise UserError(f"there is no dead letter {message_id}; see `cosell dlq list`")
    if what == "show":
        print(json.dumps({name: getattr(letter, name) for name in letter.__dataclass_fields__}, indent=2))
    elif letter.state != "waiting":
        raise UserError(f"{message_id} was {letter.state} already")
    elif what == "drop":
        letters.mark(message_id, "dropped")
        print(f"{message_id} dropped")
    else:
        letters.replay(letter, place.client("sqs"))
        print(f"{message_id} replayed")
