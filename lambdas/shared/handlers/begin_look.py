"""Begins a look: from the message's link or opportunity to the envelope that the later states pass on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.domain.link import Link, partner_of
from lambdas.shared.domain.look import GROUP, group_key, is_looked_at, waits_for_deal
from lambdas.shared.errors import Unexpected
from lambdas.shared.runtime import Answer, Event, entry_point

_MOST_HANDOVERS = 8


@dataclass(frozen=True)
class Collaborators:
    """What the function works with."""

    links: Any
    seen: Any
    clock: Clock = field(default_factory=SystemClock)


def begin_look(event: Event, c: Collaborators) -> Answer:
    """``run`` is ``{"run_id", "partner", "kind"}``, ``message`` ``{"link", "why", "correlation_id"}``, or
    ``opportunity`` or ``group`` (what the partner has the record in, noted by an earlier look) instead of ``link``.

    Answer ``{"look", "again", "busy", "run"?}``. ``look``: this run looks, nobody else of its kind does meanwhile, and
    ``run`` is the envelope with ``link``, ``deal_id``, ``opportunity_id``, ``trigger`` and ``correlation_id`` as well.
    ``again``: the link is young and has no deal yet. ``busy``: another run is looking.
    None of them: the record is none of ours, or its link is closed, paused or ignored.
    """
    run, message = event["run"], event["message"]
    link = _link_of(run["partner"], message, c)
    if link is None or not is_looked_at(link):
        again = link is not None and waits_for_deal(link, c.clock.now_ms())
        return {"look": False, "again": again, "busy": False}
    if not c.seen.take(link.key, run["kind"], run["run_id"]):
        return {"look": False, "again": False, "busy": True}
    about = {
        "link": link.key,
        "deal_id": link.deal_id,
        "opportunity_id": link.opportunity_id,
        "trigger": message.get("why", "none"),
        "correlation_id": message.get("correlation_id", "none"),
    }
    return {"look": True, "again": False, "busy": False, "run": {**run, **about}}


def _link_of(partner: str, message: Mapping[str, Any], c: Collaborators) -> Link | None:
    links, key = c.links, message.get("link")
    if key is None and message.get("group"):
        key = c.seen.get(group_key(partner, message["group"]), GROUP)[0].get("link")
        if key is None:
            return None
    if key is None and message.get("opportunity"):
        key = links.for_opportunities(partner, [message["opportunity"]]).get(message["opportunity"])
        if key is None:
            return None
    if key is None or partner_of(key) != partner:
        raise Unexpected(
            f"a look's message names {sorted(message)}; allowed: a link of {partner} (link), a record (opportunity), "
            "or what the partner has it in (group)"
        )
    for _ in range(_MOST_HANDOVERS):
        link = links.get(key)
        if link is None or link.handed_to is None:
            return link
        key = link.handed_to
    raise Unexpected(f"{key} was handed over more than {_MOST_HANDOVERS} times")


def _collaborators() -> Collaborators:
    from lambdas.shared import wiring

    return Collaborators(wiring.links(), wiring.seen())


handler = entry_point(begin_look, _collaborators)
