"""Does the plan's further steps on the opportunity, one call each; what is done already counts as done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lambdas.shared.adapters.opportunities import Opportunities
from lambdas.shared.handlers.turn import Turn
from lambdas.shared.handlers.vendor_write import recorded
from lambdas.shared.runtime import Answer, Event, entry_point


@dataclass(frozen=True)
class Collaborators:
    """What the function works with."""

    opportunities: Opportunities
    links: Any
    runs: Any
    audit: Any
    turn: Turn = field(default_factory=Turn)


def complete_opportunity(event: Event, c: Collaborators) -> Answer:
    """``steps`` are the plan's. Answer ``{"done": [steps]}``; each is remembered as soon as it is done.

    What the link remembers is not sent again: a repetition has no more places in the quota than the first time.
    The first at ``at`` (epoch milliseconds), the others ``spacing_ms`` apart, as the write quota wants it.
    """
    run = event["run"]
    link = c.links.get(run["link"])
    known = link.associated if link else ()
    for number, step in enumerate(event["steps"]):
        if step in known:
            continue
        c.turn.wait(event["at"] + number * event["spacing_ms"])
        on_record = c.opportunities.step(step)
        with recorded(c.audit, c.runs, run, on_record.operation, [on_record.change]):
            c.opportunities.complete(run["opportunity_id"], step)
        c.links.add_associated(run["link"], [step])
    return {"done": list(event["steps"])}


def _collaborators() -> Collaborators:
    from lambdas.shared import wiring

    return Collaborators(wiring.room().opportunities(), wiring.links(), wiring.runs(), wiring.audit())


handler = entry_point(complete_opportunity, _collaborators)
