"""Poll: reads all our solutions in Partner Central into the ledger, once a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lambdas.aws.domain.solutions import STATUSES
from lambdas.shared.runtime import Answer, Event, count, entry_point


@dataclass(frozen=True)
class Collaborators:
    """What the function works with: Partner Central's ``solutions``, and the ``cache`` of them."""

    solutions: Any
    cache: Any


def list_solutions(_event: Event, c: Collaborators) -> Answer:
    """Answer ``{"more", "count"}``; never more, since half a catalogue would be worse than yesterday's.

    Inactive ones and drafts are kept too: only so can a deal that names one be told why it will not do.
    """
    found = c.solutions.list(STATUSES)
    c.cache.put(found)
    count("SolutionsListed", len(found))
    return {"more": False, "count": len(found)}


def _collaborators() -> Collaborators:
    from lambdas.aws.wiring import solution_cache, solutions

    return Collaborators(solutions(), solution_cache())


handler = entry_point(list_solutions, _collaborators)
