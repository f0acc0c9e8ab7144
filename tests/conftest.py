"""Options of the test run, and what every module of tests finds and leaves as it was."""

from __future__ import annotations

import pytest

from lambdas.shared.runtime import logger

_LEVEL = logger.log_level


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, help="play only this seed of the interleavings")


@pytest.fixture(autouse=True, scope="module")
def _logger_as_it_was() -> None:
    """A world by a turned clock silences the product's logger; tests of another module may want to read it."""
    logger.setLevel(_LEVEL)
