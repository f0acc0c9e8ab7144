"""One write to a vendor, on record: the intent before it, the outcome after it, the problems where a later state
finds them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from lambdas.shared.errors import CosellError, Rejected

OURSELVES = "cosell-sync"
"""The actor of what nobody asked for in so many words: a status that we show, a note, a default of the field map."""

STATUS = "status"
"""The rule of a change that shows how the sync stands, and is no mapped field."""


@contextmanager
def recorded(
    audit: Any, runs: Any | None, run: Mapping[str, Any], operation: str, changes: Sequence[Mapping[str, Any]]
) -> Generator[Callable[..., None]]:
    """Put the write inside ``with`` on record. Yields a function that takes what the vendor answered.

    A named error is recorded as the outcome and raised on; a crash in between leaves an intent without an outcome,
    which is what the record is for. ``Rejected`` also leaves its problems, and which ``fields`` of ``changes`` were
    refused, in the run item (``rejection``), unless ``runs`` is None: then the write is none that a later state tells.
    ``run`` may name an ``actor``: the operator who asked for it.
    """
    answered: dict[str, Any] = {}
    about = about_of(run)
    intent = audit.intent(
        run["link"], run["run_id"], **about, operation=operation, actor=actor_of(run, changes), changes=changes
    )
    try:
        yield answered.update
    except CosellError as error:
        if isinstance(error, Rejected) and runs is not None:
            problems = [one.as_dict() for one in error.problems]
            fields = [change["field"] for change in changes if change.get("rule") != STATUS]
            runs.put(run["run_id"], "rejection", {"reason": str(error), "problems": problems, "fields": fields})
        audit.outcome(run["link"], run["run_id"], intent, **about, result=type(error).__name__, reason=str(error))
        raise
    audit.outcome(run["link"], run["run_id"], intent, **{**about, "result": "done", **answered})


def about_of(run: Mapping[str, Any]) -> dict[str, Any]:
    """What every record says of the run that it belongs to."""
    names = ("partner", "deal_id", "opportunity_id", "trigger", "correlation_id")
    return {name: run.get(name) for name in names}


def actor_of(run: Mapping[str, Any], changes: Sequence[Mapping[str, Any]]) -> str:
    """Who wanted the changes: the operator who asked, else whoever HubSpot's history names, the partner whose value
    won, or ourselves; several with commas between. Each change names its own too, where it is known."""
    if run.get("actor"):
        return str(run["actor"])
    return ", ".join(sorted({_actor(run, change) for change in changes})) or OURSELVES


def _actor(run: Mapping[str, Any], change: Mapping[str, Any]) -> str:
    if change.get("actor"):
        return str(change["actor"])
    return str(run["partner"]) if change.get("winner") == "opportunity" else OURSELVES
