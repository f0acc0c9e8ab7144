"""``cosell backfill``: links or creates for deals and opportunities of before the sync; a dry run comes first."""

from __future__ import annotations

import argparse
import hashlib
import itertools
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from cli.arguments import positive
from cli.backfill_apply import Applying, QuotaSpent, as_dict, unsynced
from cli.backfill_look import Looker, Paces, limited
from cli.main import UserError
from cli.named_deals import check_there, links_of
from cli.progress import Progressing, progressing
from cli.stage import add_stage, place_of
from cli.sync_access import Access, access_to
from cli.tables import output
from lambdas.shared.adapters.ledger.backfills import Progress
from lambdas.shared.domain.backfill import VERDICTS, Finding
from lambdas.shared.domain.woken import RESULTS

_COLUMNS = ("partner", "deal", "opportunity", "title", "what", "why", "missing", "to partner", "to deal")
_LEFT = ("record", "state", "why", "missing", "link")
_EVERYTHING = "all|all|all|careful"
LEFT_OFF = 3
"""Exit status of a backfill that ended before its end (quota, Ctrl-C): start it again."""


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``cosell backfill``."""
    add_stage(parser)
    parser.add_argument("--partner", help="only this partner (aws, microsoft, google)")
    parser.add_argument("--deal", action="append", metavar="ID", help="only this deal; may be repeated")
    parser.add_argument("--limit", type=positive, help="stop after so many for which there is something to do")
    parser.add_argument(
        "--create-all-the-same",
        action="store_true",
        help="create although an opportunity without a deal has the same title",
    )
    parser.add_argument("--json", action="store_true", help="JSON lines instead of a table")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the table into a CSV file")
    parser.add_argument("--apply", action="store_true", help="do it; without, nothing is changed")
    parser.add_argument("--resume", metavar="ID", help="with --apply: go on with this backfill, with its own scope")
    parser.add_argument("--anew", action="store_true", help="with --apply: leave an unfinished one and begin another")
    parser.add_argument(
        "--window", type=positive, default=20, help="links outstanding at a time (default: %(default)s)"
    )
    parser.add_argument(
        "--per-second", type=_rate, default=3.0, help="records read a second, all partners (default: %(default)s)"
    )
    parser.add_argument(
        "--day-share", type=_share, default=0.8, help="leave off at this part of a day's writes (default: %(default)s)"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Look, tell, and with ``--apply`` do. 0: at its end; 1: something did not sync; 3: start it again to go on."""
    if (arguments.resume or arguments.anew) and not arguments.apply:
        raise UserError("--resume and --anew go with --apply")
    if arguments.resume and (arguments.anew or scope_of(arguments) != _EVERYTHING):
        raise UserError("--resume goes on with what that backfill was begun for; name nothing else with it")
    with access_to(place_of(arguments.stage), arguments.partner) as access, progressing() as progress:
        unlinked = [one for one in arguments.deal or () if not links_of(one, access.links)]
        if unlinked:
            check_there(unlinked, access.hubspot)
        if arguments.apply:
            return apply(access, arguments, progress)
        return dry_run(access, arguments, progress)


def dry_run(access: Access, arguments: argparse.Namespace, progress: Progressing) -> int:
    """A line for each deal and opportunity, and the sums; nothing is changed."""
    counts: Counter[str] = Counter()
    left_off = ""
    with output(_COLUMNS, as_json=arguments.json, csv_file=arguments.csv) as out:
        try:
            for finding in progress.each(_findings(access, arguments, progress)):
                counts[finding.verdict] += 1
                if finding.verdict != "linked" or arguments.json or arguments.csv:
                    out.add(finding.as_dict() if arguments.json else _line(finding))
        except KeyboardInterrupt:
            left_off = "Interrupted; this is not all. "
        progress.stop()
    told = {VERDICTS[verdict]: counts[verdict] for verdict in VERDICTS if counts[verdict]}
    _sums(told, f"{left_off}Nothing was changed.")
    return LEFT_OFF if left_off else 0


def apply(access: Access, arguments: argparse.Namespace, progress: Progressing) -> int:
    """Begin a backfill or go on with one, and tell what did not sync and why."""
    scope = scope_of(arguments)
    if arguments.resume:
        scope = access.backfills.scope_of(arguments.resume)
        take_scope(arguments, scope)
        backfill_id, goes_on = arguments.resume, True
    else:
        backfill_id, goes_on = access.backfills.begin(scope, _new_id(access, scope), anew=arguments.anew)
    print(f"Backfill {backfill_id} {'goes on' if goes_on else 'begins'}.", file=sys.stderr)
    work = Applying(access, backfill_id, arguments.day_share, lambda one: progress.heard(one.state))
    work.window.size = arguments.window
    left_off = _work(work, access, arguments, progress)
    if not left_off:
        access.backfills.end(backfill_id)
    progress.stop()
    return _told(work, arguments, left_off)


def _work(work: Applying, access: Access, arguments: argparse.Namespace, progress: Progressing) -> str:
    """Why it ended before its end, or nothing."""
    try:
        work.go_on()
        findings = _findings(access, arguments, progress, work.has_dealt_with, len(work.known))
        work.raise_all(progress.each(findings))
        work.finish()
    except QuotaSpent as spent:
        work.finish()
        return str(spent)
    except KeyboardInterrupt:
        return "interrupted; start it again and it goes on where it was"
    return ""


def _findings(
    access: Access,
    arguments: argparse.Namespace,
    progress: Progressing,
    skip: Callable[[str], bool] = lambda _record: False,
    done: int = 0,
) -> Iterator[Finding]:
    paces = Paces.of(access, arguments.per_second)
    lookers = (
        Looker(access, partner, paces, arguments.create_all_the_same, skip, progress.listing, progress.ahead)
        for partner in access.partners.values()
        if arguments.partner in (None, partner.name)
    )
    limit = None if arguments.limit is None else max(0, arguments.limit - done)
    return limited(itertools.chain.from_iterable(each.findings(arguments.deal) for each in lookers), limit)


def _told(work: Applying, arguments: argparse.Namespace, left_off: str) -> int:
    rest = unsynced(work.known.values())
    with output(_LEFT, as_json=arguments.json, csv_file=arguments.csv) as out:
        for one in rest:
            out.add(as_dict(one))
    _sums({name: _count(work.known.values(), name) for name in RESULTS if _count(work.known.values(), name)}, left_off)
    if left_off:
        return LEFT_OFF
    return 1 if rest else 0


def _count(known: Iterable[Progress], state: str) -> int:
    return sum(one.state == state for one in known)


def _sums(counts: Mapping[str, int], more: str) -> None:
    for name, number in counts.items():
        print(f"{number:7}  {name}", file=sys.stderr)
    if not counts:
        print("Nothing to do: no tagged deal and no opportunity was found.", file=sys.stderr)
    if more:
        print(more, file=sys.stderr)


def _line(finding: Finding) -> dict[str, Any]:
    return {
        "partner": finding.partner,
        "deal": finding.deal_id,
        "opportunity": finding.opportunity_id,
        "title": finding.title,
        "what": VERDICTS[finding.verdict],
        "why": finding.why,
        "missing": [
            f"{each['object']}.{each['property'] or each['field']}: {each['message']}" for each in finding.missing
        ],
        "to partner": finding.to_partner,
        "to deal": finding.to_deal,
    }


def scope_of(arguments: argparse.Namespace) -> str:
    """What a backfill is for, as text: the same words go on with the same backfill."""
    deals = ",".join(sorted(arguments.deal or ())) or "all"
    same = "all-the-same" if arguments.create_all_the_same else "careful"
    return f"{arguments.partner or 'all'}|{deals}|{arguments.limit or 'all'}|{same}"


def take_scope(arguments: argparse.Namespace, scope: str) -> None:
    """Ask for what a backfill was begun for."""
    partner, deals, limit, same = scope.split("|")
    arguments.partner = None if partner == "all" else partner
    arguments.deal = None if deals == "all" else deals.split(",")
    arguments.limit = None if limit == "all" else int(limit)
    arguments.create_all_the_same = same == "all-the-same"


def _new_id(access: Access, scope: str) -> str:
    return hashlib.sha256(f"{scope} {access.clock.now_ms()}".encode()).hexdigest()[:10]


def _rate(text: str) -> float:
    number = float(text)
    if not 0 < number <= 10:
        raise argparse.ArgumentTypeError("must be above 0, and 10 at most: HubSpot's limits are the whole account's")
    return number


def _share(text: str) -> float:
    number = float(text)
    if not 0 < number <= 1:
        raise argparse.ArgumentTypeError("must be above 0, and 1 at most")
    return number
