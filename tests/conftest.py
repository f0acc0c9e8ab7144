"""Options of the test run, and what every module of tests finds and leaves as it was."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest

from lambdas.shared.runtime import logger, take_counted

_LEVEL = logger.log_level
# The CDK's own check of templates takes seconds to begin in every process that synthesizes. The stages and the examples
# are checked by it (`assembly` of infrastructure, `assemblies` of library, which are given no such variable).
os.environ["CDK_VALIDATION"] = "false"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, help="play only this seed of the interleavings")


def pytest_collection_finish() -> None:
    """What there is by now stays to the end. The garbage collector leaves it alone from here on, and comes seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


@pytest.fixture(autouse=True, scope="module")
def _logger_as_it_was() -> None:
    """A world by a turned clock silences the product's logger; tests of another module may want to read it."""
    logger.setLevel(_LEVEL)


@pytest.fixture
def heard() -> Iterator[None]:
    """Metrics and logger are the module's: begins with no metrics, no bound keys and a logger that speaks.

    The turned worlds of other tiers silence it, and may have run before in this process.
    """
    take_counted()
    level = logger.log_level
    logger.setLevel("INFO")
    logger.clear_state()
    yield
    logger.clear_state()
    logger.setLevel(level)
    take_counted()
