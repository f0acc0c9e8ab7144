"""``cosell reconcile``: compares both sides of every link, reports what differs, and wakes what may be repaired."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cli.arguments import positive
from cli.link_trouble import of_letters, of_refusal, waiting_letters
from cli.named_deals import check_linked
from cli.pace import Pace
from cli.progress import Progressing, progressing
from cli.stage import add_stage, place_of
from cli.sync_access import Access, access_to
from cli.tables import Output, output
from cli.waking import Window, Woken
from lambdas.shared.domain.link import Link, deal_pointer, opportunity_pointer
from lambdas.shared.domain.reconcile import BY_A_RUN, Drift, drifts_of, of_pointers, of_work, under_way
from lambdas.shared.domain.woken import Result
from lambdas.shared.errors import CosellError, Unauthorized
from lambdas.shared.handlers.rehearsal import rehearse

WHY = "reconcile"
_FRESH_MS = 300_000
"""A notice is settled within minutes, or postponed; one that is older and was neither is a drift."""

_COLUMNS = ("kind", "partner", "link", "deal_id", "opportunity_id", "names", "why")


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``cosell reconcile``."""
    add_stage(parser)
    parser.add_argument("--partner", help="only this partner (aws, microsoft, google)")
    parser.add_argument("--deal", action="append", metavar="ID", help="only links of this deal; may be repeated")
    parser.add_argument(
        "--since", type=_moment, metavar="TIME", help="only links that moved since (2026-11-30, or with T12:00Z)"
    )
    parser.add_argument("--after", metavar="LINK", help="go on behind this link, which an interrupted run names")
    parser.add_argument("--values", action="store_true", help="show the values that differ, which are customers'")
    parser.add_argument("--json", action="store_true", help="JSON lines instead of a table")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the table into a CSV file")
    parser.add_argument("--repair", action="store_true", help="wake the links that differ, wait, and look again")
    parser.add_argument(
        "--window", type=positive, default=20, help="links outstanding at a time (default: %(default)s)"
    )
    parser.add_argument("--per-second", type=_rate, default=2.0, help="links read a second (default: %(default)s)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Compare, tell, and with ``--repair`` wake and compare again. 0: nothing differs (any more), else 1."""
    with access_to(place_of(arguments.stage), arguments.partner) as access, progressing() as progress:
        return reconcile(access, arguments, progress)


def reconcile(access: Access, arguments: argparse.Namespace, progress: Progressing) -> int:
    """One round, and a second one over what was woken."""
    partners = list(access.partners)
    if arguments.deal:
        check_linked(arguments.deal, access.links, access.hubspot, partners)
    work = Comparing(access, access.pace(arguments.per_second), progress, named=bool(arguments.deal))
    links, pointers = access.survey.everything()
    wanted = sorted(_wanted(links.values(), partners, arguments), key=lambda link: link.key)
    by_hand = [] if _is_part(arguments) else confirmed(of_pointers(links, pointers, partners), partners, access)
    try:
        found = [*by_hand, *work.compare(wanted)]
    except KeyboardInterrupt:
        progress.stop()
        print(f"Interrupted; --after '{work.last}' goes on behind the last link that was read.", file=sys.stderr)
        return 1
    if arguments.repair:
        _tell(found, arguments, progress, "differ", to=sys.stderr)
        found = _repaired(work, found, arguments, progress)
    status = _tell(found, arguments, progress, "remain" if arguments.repair else "differ")
    print(f"{len(wanted) - work.under_way:7}  links compared, {work.under_way} under way", file=sys.stderr)
    return status


def confirmed(found: Sequence[Drift], partners: Sequence[str], access: Access) -> list[Drift]:
    """Those that hold once their links and pointers are read consistently: the survey read them at different times."""
    if not found:
        return []
    wanted = {(one.partner, one.deal_id, one.opportunity_id) for one in found}
    keys = {one.link for one in found if one.link} | set(_pointers(wanted, access).values())
    links = access.links.get_many(sorted(keys))
    wanted |= {(link.partner, link.deal_id, link.opportunity_id) for link in links.values()}
    return of_pointers(links, _pointers(wanted, access), partners)


def _pointers(wanted: Iterable[tuple[str, str | None, str | None]], access: Access) -> dict[str, str]:
    found: dict[str, str] = {}
    for partner, deal_id, opportunity_id in wanted:
        for each, key in access.links.for_deals(partner, [deal_id] if deal_id else []).items():
            found[deal_pointer(partner, each)] = key
        for each, key in access.links.for_opportunities(partner, [opportunity_id] if opportunity_id else []).items():
            found[opportunity_pointer(partner, each)] = key
    return found


def _is_part(arguments: argparse.Namespace) -> bool:
    return bool(arguments.deal or arguments.since or arguments.after)


def _wanted(links: Iterable[Link], partners: Sequence[str], arguments: argparse.Namespace) -> Iterator[Link]:
    for link in links:
        if link.handed_over or link.partner not in partners:
            continue
        if arguments.deal and link.deal_id not in arguments.deal:
            continue
        if arguments.since is not None and link.updated_at < arguments.since:
            continue
        if arguments.after and link.key <= arguments.after:
            continue
        yield link


@dataclass
class Comparing:
    """Compares links, one at a time. ``last`` is the key of the one that was read last; ``under_way`` counts those
    that a run is working on, or was asked to a moment ago: what it is about to write is no drift.

    ``named``: a person asks for these links. Each that is under way has a row then, one that waits after an error is
    compared all the same, and dead letters are told.
    """

    access: Access
    pace: Pace
    progress: Progressing
    named: bool = False
    last: str = ""
    under_way: int = 0

    def compare(self, links: Sequence[Link]) -> list[Drift]:
        """What differs, of all of them."""
        self.progress.ahead(len(links))
        found: list[Drift] = []
        letters = waiting_letters(self.access.letters, {one.key for one in links}) if self.named else []
        for known in self.progress.each(links):
            link = self.access.links.get(known.key)  # as it is now: the survey may be an hour old
            if link is not None and not link.handed_over:
                found += [*self._one(link), *of_letters(link, letters)]
            self.last = known.key
        return found

    def _one(self, link: Link) -> list[Drift]:
        if self._is_under_way(link):
            self.under_way += 1
            return [under_way(link)] if self.named else []
        return [*self._refusal(link), *self._differences(link)]

    def _is_under_way(self, link: Link) -> bool:
        """What failed and is not tried again by itself (a dead letter) is not; nor, where a person asks, what is."""
        now = self.access.clock.now_ms()
        if link.leased(now):
            return True
        stuck = link.last_error is not None and (self.named or link.due_at is None)
        return link.wanted > link.done and now - link.updated_at < _FRESH_MS and not stuck

    def _refusal(self, link: Link) -> Iterable[Drift]:
        if link.state != "blocked":
            return ()
        label = self.access.partners[link.partner].settings["label"]
        return of_refusal(link, self.access.records(link.key), label)

    def _differences(self, link: Link) -> list[Drift]:
        partner = self.access.partners[link.partner]
        if link.deal_id is None and link.opportunity_id is None:
            return drifts_of(link, {"deal": "none"}, None, None, {}) if link.state != "closed" else []
        try:
            found = self.pace.patiently(lambda: rehearse(link, partner.stage))
        except Unauthorized:
            raise
        except CosellError as error:
            why = f"it could not be compared: {type(error).__name__}: {error}"
            unread = Drift("unread", link.partner, link.key, link.deal_id, link.opportunity_id, why)
            return [*of_work(link), unread]
        base = self.access.base.get(link.key)
        fields = base["fields"] if base else None
        return drifts_of(link, found.deal, found.plan, fields, partner.settings["status_properties"])

    def wake(self, keys: Sequence[str], window: int) -> list[tuple[str, Result]]:
        """Wake the links, a few at a time; what became of each."""
        results: list[tuple[str, Result]] = []

        def settled(woken: Woken, result: Result) -> None:
            self.progress.heard(result.state)
            results.append((woken.link, result))

        now = self.access.clock.now_ms()
        waking = Window(
            self.access.links,
            self.access.inbox,
            settled,
            WHY,
            f"reconcile-{now}",
            window,
            clock=self.access.clock,
            sleep=self.access.sleep,
        )
        for key in keys:
            waking.room()
            link = self.access.links.get(self.access.links.raise_wanted(key))
            if link is not None:
                waking.send(key, link)
        waking.drain()
        return results


def _repaired(
    work: Comparing, found: Sequence[Drift], arguments: argparse.Namespace, progress: Progressing
) -> list[Drift]:
    """What differs once the links that a run may put right were woken."""
    keys = list(dict.fromkeys(one.link for one in found if one.link is not None and one.kind in BY_A_RUN))
    results = work.wake(keys, arguments.window)
    links = work.access.links.get_many(key for key, _ in results)
    for state, number in sorted(Counter(result.state for _, result in results).items()):
        print(f"{number:7}  woken, {state}", file=sys.stderr)
    rest = [one for one in found if one.link not in keys or one.kind in ("doubled", "pointer")]
    return [*rest, *work.compare([link for link in links.values() if not link.handed_over])]


def _tell(
    found: Sequence[Drift],
    arguments: argparse.Namespace,
    progress: Progressing,
    word: str,
    *,
    to: Any = None,
) -> int:
    if to is None:
        progress.stop()
        with output(_columns(arguments), as_json=arguments.json, csv_file=arguments.csv) as out:
            _add(out, found, arguments.values)
    for kind, number in sorted(Counter(one.kind for one in found).items()):
        print(f"{number:7}  {word}: {kind}", file=sys.stderr)
    return 1 if found else 0


def _columns(arguments: argparse.Namespace) -> tuple[str, ...]:
    return (*_COLUMNS, "values") if arguments.values else _COLUMNS


def _add(out: Output, found: Iterable[Drift], values: bool) -> None:
    for one in found:
        out.add(one.as_dict(values=values))


def _moment(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; allowed: 2026-11-30, 2026-11-30T12:00Z") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def _rate(text: str) -> float:
    number = float(text)
    if not 0 < number <= 10:
        raise argparse.ArgumentTypeError("must be above 0, and 10 at most: the limits are the whole account's")
    return number
