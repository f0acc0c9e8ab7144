"""What every Lambda entry point has in common: collaborators made once, errors scrubbed, metrics flushed."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit, single_metric

from lambdas.shared.errors import CosellError, Unexpected

type Event = Mapping[str, Any]
type Answer = dict[str, Any]

logger = Logger(service=os.environ.get("POWERTOOLS_SERVICE_NAME", "cosell-sync"))
metrics = Metrics(
    namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "CosellSync"),
    service=os.environ.get("POWERTOOLS_SERVICE_NAME", "cosell-sync"),
)


def count(name: str, value: int = 1, dimensions: Mapping[str, str] | None = None) -> None:
    """Add to a metric of the product's namespace; its names, and the values of ``dimensions``, are few and fixed."""
    if not dimensions:
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)
        return
    with single_metric(name=name, unit=MetricUnit.Count, value=value, namespace=metrics.namespace) as one:
        one.add_dimension(name="service", value=metrics.service or "cosell-sync")
        for dimension, text in dimensions.items():
            one.add_dimension(name=dimension, value=text)


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
        _bind_correlation(event)
        try:
            return work(event, collaborators())
        except CosellError as error:
            count(type(error).__name__)
            logger.warning("named error", extra={"error": type(error).__name__, "reason": str(error)})
            raise
        except Exception as error:
            place = place_of(error)
            logger.error("unexpected error", extra={"error": type(error).__name__, "place": place})
            raise Unexpected(f"{type(error).__name__} at {place}") from None
        finally:
            _flush()

    return handler


def _is_this_function(make_collaborators: Callable[[], Any]) -> bool:
    """Whether Lambda runs the handler of the module that makes these collaborators."""
    return os.environ.get("_HANDLER", "").rpartition(".")[0] == make_collaborators.__module__


def _flush() -> None:
    """Write the metrics of this invocation as one log line; none when nothing was counted."""
    if metrics.metric_set:
        metrics.flush_metrics()


def _bind_correlation(event: Event) -> None:
    """Every line of this invocation says what it belongs to: a run, or what the event itself names (a poll)."""
    run = event.get("run")
    source = run if isinstance(run, Mapping) else event
    logger.append_keys(**{name: source.get(name) for name in ("correlation_id", "run_id", "link", "partner")})


def place_of(error: BaseException) -> str:
    """Where the error was raised, as ``file:line``: with its class, all that cannot hold a customer's value."""
    place, traceback = "unknown", error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        place = f"{os.path.basename(code.co_filename)}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place
