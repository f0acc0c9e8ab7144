"""The work itself: dead letters that wait, links by state, and links that are overdue."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence

from cli.doctor_checks.check import Check, Finding, error, ok, warning
from cli.doctor_checks.deployment import Deployment, ago
from lambdas.shared.adapters.ledger import DeadLetters, Links
from lambdas.shared.adapters.ledger.survey import Survey
from lambdas.shared.domain.link import Link

AREA = "work"
_UNJUDGED_MS = 15 * 60_000
_OVERDUE_MS = 30 * 60_000
_MANY = 1000
_NAMED = 5
_STUCK = {"blocked": "blocked", "conflict": "in conflict"}
"""States that a person has to end, and what is said of a deal in them."""


def dead_letters(d: Deployment) -> Iterator[Finding]:
    """Those that wait: for a person, for their time, or for a sweep that does not come."""
    letters = DeadLetters(d.client("dynamodb"), d.place.output("LedgerTableName"))
    waiting = letters.newest("waiting", sys.maxsize)
    kinds = Counter(each.kind or "new" for each in waiting)
    show = f"cosell dlq list --state waiting --kind permanent --stage {d.name}"
    if kinds["permanent"]:
        yield error(f"{kinds['permanent']} wait for a person", "dead letters", f"{show}; then dlq show, replay or drop")
    late = [each for each in waiting if each.kind is None and d.now_ms() - each.registered_at > _UNJUDGED_MS]
    if late:
        do = "docs/operations.md#dead-letters-not-swept"
        yield warning(f"{len(late)} were not judged for a quarter of an hour", "dead letters", do)
    if not kinds["permanent"] and not late:
        woken = f"; {kinds['transient']} are woken again by themselves" if kinds["transient"] else ""
        yield ok(f"none waits for a person{woken}", "dead letters")


def overdue(d: Deployment) -> Iterator[Finding]:
    """Links whose time passed long ago: the sweep should wake them every minute."""
    links = Links(d.client("dynamodb"), d.place.output("LedgerTableName"))
    before = d.now_ms() - _OVERDUE_MS
    for partner, _ in d.partners_on():
        late = links.due(partner, before, _MANY)
        if late:
            named = ", ".join(late[:_NAMED])
            number = f"{len(late)}{' or more' if len(late) == _MANY else ''}"
            do = (
                f"see the schedule cosell-{d.name}-{partner}-due and the inbox (cosell doctor --only flow), then "
                "docs/operations.md#a-deal-does-not-sync"
            )
            yield error(f"{number} links are overdue for {ago(_OVERDUE_MS)} or longer: {named}", partner, do)
        else:
            yield ok("no link is overdue", partner)


def states(d: Deployment) -> Iterator[Finding]:
    """How the links stand, and what they were postponed for."""
    links, _ = Survey(d.client("dynamodb"), d.place.output("LedgerTableName")).everything()
    for partner, _ in d.partners_on():
        ours = [each for each in links.values() if each.partner == partner]
        counted = Counter(str(each.state) for each in ours)
        shown = ", ".join(f"{number} {state}" for state, number in counted.most_common()) or "none yet"
        yield ok(f"links: {shown}", partner)
        yield from _for_a_person(d, partner, ours)
        refused = [each.key for each in ours if (each.last_error or {}).get("kind") == "Unauthorized"]
        if refused:
            do = f"docs/operations.md#token-dead-rotation; cosell doctor --only {partner} and --only hubspot"
            yield warning(f"{len(refused)} links wait since a vendor refused our credentials", partner, do)


def _for_a_person(d: Deployment, partner: str, links: Sequence[Link]) -> Iterator[Finding]:
    """Deals that go on only once somebody has done something on them."""
    property_name = d.settings["partners"][partner]["status_properties"]["sync_message"]
    stage = "" if d.is_local else f" --stage {d.name}"
    for state, what in _STUCK.items():
        stuck = sorted((each for each in links if each.state == state and not each.handed_over), key=_since)
        if not stuck:
            continue
        named = ", ".join(each.deal_id or str(each.opportunity_id) for each in stuck[:_NAMED])
        more = f" and {len(stuck) - _NAMED} more" if len(stuck) > _NAMED else ""
        first = next((each.deal_id for each in stuck if each.deal_id), None)
        ask = f"; then cosell reconcile --deal {first} --values{stage}" if first else ""
        deals = "1 deal" if len(stuck) == 1 else f"{len(stuck)} deals"
        do = f"read {property_name} on the deal, which says what is wrong{ask}"
        yield warning(f"{deals} {what}: {named}{more}", partner, do)


def _since(link: Link) -> tuple[int, str]:
    return link.updated_at, link.key


CHECKS = [
    Check(area=AREA, name="dead letters", run=dead_letters, needs="dynamodb:Query", seconds=60),
    Check(area=AREA, name="overdue", run=overdue, needs="dynamodb:Query"),
    Check(area=AREA, name="states", run=states, needs="dynamodb:Scan", seconds=120),
]
