"""Sends the plan's changes to the opportunity, at the version that was read."""

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
    runs: Any
    audit: Any
    turn: Turn = field(default_factory=Turn)


def update_opportunity(event: Event, c: Collaborators) -> Answer:
    """Written at ``at`` (epoch ms). Answer ``{"opportunity_id", "version"}``.

    ``Conflict``: it changed since we read it; read and plan again. ``Rejected``: also for a lock that the record as
    we read it does not explain, for then reading again changes nothing.
    """
    run = event["run"]
    documents = c.runs.get(run["run_id"], "plan", "opportunity")
    plan = documents["plan"]
    c.turn.wait(event["at"])
    with recorded(c.audit, c.runs, run, "UpdateOpportunity", plan["opportunity_changes"]) as done:
        written = c.opportunities.update(documents["opportunity"], plan)
        done(version=written.version)
    answer = {"opportunity_id": written.opportunity_id, "version": written.version}
    c.runs.put(run["run_id"], "result", answer)
    return answer


def _collaborators() -> Collaborators:
    from lambdas.shared import wiring

    return Collaborators(wiring.room().opportunities(), wiring.runs(), wiring.audit())


handler = entry_point(update_opportunity, _collaborators)
