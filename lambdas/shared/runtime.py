"""What every Lambda entry point has in common: collaborators made once, errors scrubbed, metrics flushed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, Metrics, MetricUnit

from lambdas.shared.errors import CosellError, Unexpected
from lambdas.shared.metric_names import bounded, measure
from lambdas.shared.tracing import send_subsegment

type Event = Mapping[str, Any]
type Answer = dict[str, Any]

NO_CORRELATION = "none"
_NAMESPACE = os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "CosellSync")
_SERVICE = os.environ.get("POWERTOOLS_SERVICE_NAME", "cosell-sync")
_BOUND = ("correlation_id", "run_id", "link", "partner")

logger = Logger(service=_SERVICE)
metrics = Metrics(namespace=_NAMESPACE, service=_SERVICE)
_by_dimensions: dict[tuple[tuple[str, str], ...], Any] = {}
_bound: dict[str, Any] = {}


def count(name: str, value: int = 1, **dimensions: str) -> None:
    """Add to a metric of the product, with names and dimensions as in ``metric_names``; ValueError for others."""
    measured(name, value, **dimensions)


def measured(name: str, value: float, **dimensions: str) -> None:
    """One value of a metric that is no mere count: a time, a share, a level."""
    words = bounded(name, dimensions)
    _metrics_of(words).add_metric(name=name, unit=MetricUnit(measure(name).unit), value=value)


def take_counted() -> dict[str, float]:
    """What was counted since the last flush, summed over dimensions, and forget it: for whoever has no log to read."""
    found: dict[str, float] = {}
    for each in (metrics, *_by_dimensions.values()):
        for name, one in each.metric_set.items():
            found[name] = found.get(name, 0) + sum(one["Value"])
    metrics.clear_metrics()
    _by_dimensions.clear()
    return found


def correlation_id() -> str:
    """What this invocation, or the message in hand, belongs to; ``none`` for nothing."""
    return str(_bound.get("correlation_id") or NO_CORRELATION)


@contextmanager
def belongs_to(found: str | None) -> Generator[None]:
    """Within it every log line, call and trace belongs to ``found``: one message of a batch."""
    before, began = dict(_bound), time.time()
    _bind({**before, "correlation_id": found})
    failed = True
    try:
        yield
        failed = False
    finally:
        _trace("message", began, failed=failed)
        _bind(before)


def entry_point[C](work: Callable[[Event, C], Answer], make_collaborators: Callable[[], C]) -> Callable[..., Answer]:
    """Wrap ``work(event, collaborators)`` as a Lambda handler.

    Collaborators are made once per container: in Lambda while it initialises (that time is not billed to the
    first caller's patience), but only those of the function's own handler, since a module of work may be imported by
    another's; elsewhere at the first call. Named errors go through to the state machine as they
    are; anything else becomes ``Unexpected`` with its type and place, because its text may hold a customer's value.
    """
    collaborators = cache(make_collaborators)
    if _is_this_function(make_collaborators):
        collaborators()

    def handler(event: Event, _context: Any = None) -> Answer:
        _bind(_belongings(event))
        began, failed = time.time(), True
        try:
            answer = work(event, collaborators())
            failed = False
            return answer
        except CosellError as error:
            count(type(error).__name__)
            logger.warning("named error", extra={"error": type(error).__name__, "reason": str(error)})
            raise
        except Exception as error:
            place = place_of(error)
            count(Unexpected.__name__)
            logger.error("unexpected error", extra={"error": type(error).__name__, "place": place})
            raise Unexpected(f"{type(error).__name__} at {place}") from None
        finally:
            _trace("work", began, failed=failed)
            _flush()

    return handler


def _is_this_function(make_collaborators: Callable[[], Any]) -> bool:
    """Whether Lambda runs the handler of the module that makes these collaborators."""
    return os.environ.get("_HANDLER", "").rpartition(".")[0] == make_collaborators.__module__


def _metrics_of(words: Mapping[str, str]) -> Any:
    """Where metrics with these dimensions are kept: one line of the log holds one set of dimensions."""
    if not words:
        return metrics
    key = tuple(sorted(words.items()))
    if key not in _by_dimensions:
        _by_dimensions[key] = EphemeralMetrics(namespace=_NAMESPACE, service=_SERVICE)
        for name, word in key:
            _by_dimensions[key].add_dimension(name=name, value=word)
    return _by_dimensions[key]


def _flush() -> None:
    """Write the metrics of this invocation, one log line for each set of dimensions; none when nothing was counted."""
    for each in (metrics, *_by_dimensions.values()):
        if each.metric_set:
            each.flush_metrics()
    _by_dimensions.clear()


def _bind(belongings: Mapping[str, Any]) -> None:
    _bound.clear()
    _bound.update(belongings)
    logger.append_keys(**{name: _bound.get(name) for name in _BOUND})


def _belongings(event: Event) -> dict[str, Any]:
    """What an invocation belongs to: a run, what the event itself names (a poll), or the request of API Gateway."""
    run = event.get("run")
    named = run if isinstance(run, Mapping) else {}
    found = {name: named.get(name) or event.get(name) for name in _BOUND}
    for where, name in (("message", "correlation_id"), ("requestContext", "requestId")):
        inner = event.get(where)
        if found["correlation_id"] is None and isinstance(inner, Mapping):
            found["correlation_id"] = inner.get(name)
    return found


def _trace(what: str, began: float, *, failed: bool) -> None:
    annotations = {name: str(_bound[name]) for name in _BOUND if _bound.get(name)}
    send_subsegment(what, began, time.time(), annotations, failed=failed)


def place_of(error: BaseException) -> str:
    """Where the error was raised, as ``file:line``: with its class, all that cannot hold a customer's value."""
    place, traceback = "unknown", error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        place = f"{os.path.basename(code.co_filename)}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place
