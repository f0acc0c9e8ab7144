"""``cosell dlq list | show | replay | drop``: dead letters, as the ledger has them on record."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from cli.dead_letter_words import at_length, heading, row
from cli.main import UserError
from cli.named_deals import keys_of, links_of, unknown
from cli.stage import Place, add_stage, place_of
from lambdas.shared.adapters.ledger import DeadLetters, Links
from lambdas.shared.domain.dead_letters import KINDS, STATES, DeadLetter, Work, work_of
from lambdas.shared.domain.link import partner_of
from lambdas.shared.errors import Conflict, NotFound

_FILTERS = ("state", "kind", "partner", "error", "queue", "deal")
_DONE = {"replay": "replayed", "drop": "dropped"}


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``cosell dlq``."""
    parser.add_argument("what", choices=["list", "show", "replay", "drop"])
    parser.add_argument(
        "messages", nargs="*", metavar="MESSAGE_ID", help="as shown by list and on deals; replay and drop take several"
    )
    parser.add_argument("--all", action="store_true", help="replay (or, with a filter, drop) every waiting dead letter")
    parser.add_argument("--state", choices=STATES, help="only those in this state")
    parser.add_argument("--kind", choices=KINDS, help="transient: woken again by itself; permanent: waits for a person")
    parser.add_argument("--partner", help="only of this partner: aws, microsoft or google")
    parser.add_argument("--error", help="only with this error, as list shows it")
    parser.add_argument("--queue", help="only of this queue, as list shows it")
    parser.add_argument("--deal", help="only of the links of this deal id")
    parser.add_argument("--limit", type=_at_least_one, default=100, help="list at most so many (default: %(default)s)")
    parser.add_argument(
        "--per-second", type=_pace, default=5.0, help="replays a second with --all (default: %(default)s)"
    )
    add_stage(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, sleep: Callable[[float], None] = time.sleep) -> int:
    """One of the four; 1 when a message is not on record, or one of many could not be dealt with."""
    place = place_of(arguments.stage)
    client, table = place.client("dynamodb"), place.output("LedgerTableName")
    letters, links = DeadLetters(client, table), Links(client, table)
    wanted = _wanted(arguments, links)
    if arguments.what == "list":
        return _list(letters, wanted, arguments, links)
    filtered = [name for name in _FILTERS if getattr(arguments, name)]
    if arguments.all:
        _check_all(arguments, filtered)
        return _many(arguments, letters.newest("waiting", sys.maxsize, wanted), letters, place, sleep)
    if filtered:
        raise UserError(f"--{filtered[0]} goes with list or --all, not with named messages")
    if not arguments.messages:
        raise UserError("name a message id, or --all")
    for message_id in arguments.messages:
        _one(arguments.what, message_id, letters, links, place)
    return 0


def _check_all(arguments: argparse.Namespace, filtered: list[str]) -> None:
    if arguments.what == "show" or (arguments.what == "drop" and not filtered):
        raise UserError(f"--all is for replay; name the messages to {arguments.what}, or drop with --all and a filter")
    if arguments.messages:
        raise UserError("name messages or --all, not both")
    if arguments.state not in (None, "waiting"):
        raise UserError(f"--all takes what waits; --state {arguments.state} is dealt with already")


def _wanted(arguments: argparse.Namespace, links: Any) -> Callable[[DeadLetter], bool]:
    """Whether a letter is one of those that the filters ask for."""
    keys = keys_of(arguments.deal, links) if arguments.deal else None

    def wanted(letter: DeadLetter) -> bool:
        return (
            arguments.kind in (None, letter.kind)
            and arguments.partner in (None, _partner(letter))
            and arguments.error in (None, letter.error)
            and arguments.queue in (None, letter.queue)
            and (keys is None or letter.link in keys)
        )

    return wanted


def _partner(letter: DeadLetter) -> str | None:
    """Whose it is: of a link that it names, else of the queue; None for notices and polls."""
    if letter.link:
        return partner_of(letter.link)
    return letter.queue.partition("-")[0] if letter.queue and "-" in letter.queue else None


def _list(letters: Any, wanted: Callable[[DeadLetter], bool], arguments: argparse.Namespace, links: Any) -> int:
    """Those that are asked for; of one trouble only the letter that stands for all, unless those replaced are."""

    def shown(letter: DeadLetter) -> bool:
        return wanted(letter) and (arguments.state == "replaced" or letter.state != "replaced")

    found = letters.newest(arguments.state, arguments.limit, shown)
    if not found and arguments.deal and not links_of(arguments.deal, links):
        raise unknown(arguments.deal, "dead letter")
    if found:
        print(heading())
    for one in found:
        print(row(one))
    waiting = sum(letter.state == "waiting" for letter in found)
    print(f"{len(found)} dead {'letter' if len(found) == 1 else 'letters'}, {waiting} waiting")
    return 0


def _one(what: str, message_id: str, letters: Any, links: Any, place: Place) -> None:
    letter = letters.live(message_id)
    if letter is None:
        raise UserError(f"there is no dead letter {message_id}{_instead(message_id, letters, links)}")
    if what == "show":
        if letter.message_id != message_id:
            print(f"{message_id} was replaced: this younger letter of the same trouble stands for it.\n")
        print(at_length(letter, links.follow(letter.link) if letter.link else None, place.stage))
        return
    if letter.state == "resolved" and what == "replay":
        print(f"{message_id} was resolved already: its work was done meanwhile, nothing is left to do")
        return
    if letter.state != "waiting":
        raise UserError(f"{message_id} was {letter.state} already")
    _decide(what, letter, letters, place)
    print(f"{letter.message_id} {_DONE[what]}")


def _decide(what: str, letter: DeadLetter, letters: Any, place: Place) -> None:
    if what == "drop":
        letters.mark(letter.message_id, "dropped")
    elif work_of(letter) is Work.EVENT:
        raise UserError(f"{letter.message_id} is an event as it came, which nobody can read again; the polls find it")
    else:
        letters.replay(letter, place.client("sqs"))


def _instead(given: str, letters: Any, links: Any) -> str:
    """What an id is that is no dead letter's, and where its letters are found."""
    if given.startswith("link#"):
        return _of_link(given, links)
    of_run = [one for one in letters.newest(limit=sys.maxsize) if _is_execution(given, one)]
    if of_run:
        return f": that is an execution, whose dead letter is {', '.join(one.message_id for one in of_run)}"
    if given.isdecimal() and links_of(given, links):
        return f": that is a deal; `cosell dlq list --deal {given}` lists its dead letters"
    if ":execution:" in given or ":express:" in given:
        return ": that is an execution, and no dead letter came of it"
    return "; see `cosell dlq list`"


def _of_link(key: str, links: Any) -> str:
    link = links.follow(key)
    if link is None or link.deal_id is None:
        return ": that is a link's key; see `cosell dlq list`"
    return f": that is a link; `cosell dlq list --deal {link.deal_id}` lists its dead letters"


def _is_execution(given: str, letter: DeadLetter) -> bool:
    return bool(letter.execution) and given in (letter.execution, *letter.execution.split(":")[-2:])


def _many(
    arguments: argparse.Namespace,
    found: Iterable[DeadLetter],
    letters: Any,
    place: Place,
    sleep: Callable[[float], None],
) -> int:
    """One after the other, the oldest first. Each is marked as it is done: whoever is interrupted begins again."""
    from rich.console import Console
    from rich.progress import track

    chosen = sorted((one for one in found if _has_work(arguments.what, one)), key=lambda one: one.registered_at)
    done: Counter[str] = Counter()
    pause = 1 / arguments.per_second if arguments.what == "replay" else 0.0
    shown = track(chosen, description=f"{arguments.what} dead letters", console=Console(stderr=True))
    try:
        for number, letter in enumerate(shown):
            if number and pause:
                sleep(pause)
            try:
                _decide(arguments.what, letter, letters, place)
                done[_DONE[arguments.what]] += 1
            except (Conflict, NotFound) as error:
                done["left"] += 1
                print(f"{letter.message_id}: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("stopped; the same command goes on with those that still wait", file=sys.stderr)
        done["left"] += len(chosen) - done.total()
    print(f"{done[_DONE[arguments.what]]} {_DONE[arguments.what]}, {done['left']} left")
    return 1 if done["left"] else 0


def _has_work(what: str, letter: DeadLetter) -> bool:
    """An event as it came is no message of ours: nobody could read its replay."""
    return what == "drop" or work_of(letter) is not Work.EVENT


def _at_least_one(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number; allowed: 1 or more")
    return int(text)


def _pace(text: str) -> float:
    try:
        pace = float(text)
    except ValueError:
        pace = 0.0
    if not 0.1 <= pace <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is no pace; allowed: 0.1 to 100 a second")
    return pace
