"""As for the other handlers: no metrics of others, a logger that nobody silenced."""

from __future__ import annotations

from tests.unit.handlers.conftest import _a_logger_that_nobody_silenced, _no_metrics_from_others

__all__ = ["_a_logger_that_nobody_silenced", "_no_metrics_from_others"]
