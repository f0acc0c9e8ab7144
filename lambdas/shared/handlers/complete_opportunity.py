"""Does the plan's further steps on the opportunity, one call each; what is done already counts as done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdas.shared.adapters.opportunities import Opportunities, Step
from lambdas.shared.domain.plan import REFUSED
from lambdas.shared.errors import Rejected
from lambdas.shared.handlers.turn import Turn
from lambdas.shared.handlers.vendor_write import recorded
from lambdas.shared.runtime import Answer, Event, count, entry_point


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
    An optional step that the partner refuses is remembered as refused and is none of ``done``; the document ``refused``
    of the run (step to reason) lets the write-back say so on the deal.
    """
    run = event["run"]
    link = c.links.get(run["link"])
    known = link.associated if link else ()
    refused: dict[str, str] = {}
    for number, step in enumerate(event["steps"]):
        if step in known:
            continue
        on_record = c.opportunities.step(step)
        if f"{REFUSED}{step}" in known:  # by an earlier try of this very call
            refused[step] = "refused before"
            continue
        c.turn.wait(event["at"] + number * event["spacing_ms"])
        try:
            _do(step, on_record, run, c)
        except Rejected as error:
            if not on_record.optional:
                raise
            refused[step] = str(error)
            count("StepRefused")
        _remember(run["link"], f"{REFUSED}{step}" if step in refused else step, on_record.family, c)
    if refused:
        c.runs.put(run["run_id"], "refused", refused)
    return {"done": [step for step in event["steps"] if step not in refused]}


def _do(step: str, on_record: Step, run: Mapping[str, Any], c: Collaborators) -> None:
    """One call, on record. The refusal of an optional step is none that the whole run is rejected for."""
    runs = None if on_record.optional else c.runs
    with recorded(c.audit, runs, run, on_record.operation, [on_record.change]):
        c.opportunities.complete(run["opportunity_id"], step)


def _remember(link_key: str, text: str, family: str | None, c: Collaborators) -> None:
    """What is replaced is forgotten first: a crash in between costs one more call, never one too few."""
    if family is not None:
        link = c.links.get(link_key)
        for each in link.associated if link else ():
            if each.removeprefix(REFUSED).startswith(family) and each != text:
                c.links.drop_associated(link_key, each)
    c.links.add_associated(link_key, [text])


def _collaborators() -> Collaborators:
    from lambdas.shared import wiring

    return Collaborators(wiring.room().opportunities(), wiring.links(), wiring.runs(), wiring.audit())


handler = entry_point(complete_opportunity, _collaborators)
