"""One write to a vendor, on record: the intent before it, the outcome after it, the problems where a later state
finds them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from lambdas.shared.errors import CosellError, Rejected


@contextmanager
def recorded(
    audit: Any, runs: Any | None, run: Mapping[str, Any], operation: str, changes: Sequence[Mapping[str, Any]]
) -> Iterator[Callable[..., None]]:
    """Put the write inside ``with`` on record. Yields a function that takes what the vendor answered.

    A named error is recorded as the outcome and raised on; a crash in between leaves an intent without an outcome,
    which is what the record is for. ``Rejected`` also leaves its problems, and which ``fields`` of ``changes`` were
    refused, in the run item (``rejection``), unless ``runs`` is None: then the write is none that a later state tells.
    """
    answered: dict[str, Any] = {}
    intent = audit.intent(
        run["link"],
        run["run_id"],
        operation=operation,
        partner=run["partner"],
        deal_id=run.get("deal_id"),
        opportunity_id=run.get("opportunity_id"),
        trigger=run.get("trigger"),
        correlation_id=run.get("correlation_id"),
        changes=changes,
    )
    try:
        yield answered.update
    except CosellError as error:
        if isinstance(error, Rejected) and runs is not None:
            problems = [one.as_dict() for one in error.problems]
            fields = [change["field"] for change in changes]
            runs.put(run["run_id"], "rejection", {"reason": str(error), "problems": problems, "fields": fields})
        audit.outcome(run["link"], run["run_id"], intent, result=type(error).__name__, reason=str(error))
        raise
    audit.outcome(run["link"], run["run_id"], intent, result="done", **answered)
