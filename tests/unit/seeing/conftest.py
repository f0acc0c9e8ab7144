"""Metrics and logger are the module's; each test begins with no metrics, no bound keys and a logger that speaks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lambdas.shared.runtime import logger, take_counted


@pytest.fixture(autouse=True)
def _no_metrics_from_others() -> Iterator[None]:
    take_counted()
    yield
    take_counted()


@pytest.fixture(autouse=True)
def _a_logger_that_nobody_silenced() -> Iterator[None]:
    """The turned worlds of other tiers silence it, and may have run before in this process."""
    level = logger.log_level
    logger.setLevel("INFO")
    logger.clear_state()
    yield
    logger.clear_state()
    logger.setLevel(level)
