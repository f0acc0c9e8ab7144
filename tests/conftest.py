"""Options of the test run, and what every module of tests finds and leaves as it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lambdas.shared.runtime import logger


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, help="play only this seed of the interleavings")


@pytest.fixture(autouse=True, scope="module")
def _logger_as_it_was() -> Iterator[None]:
    """A world by a turned clock silences the product's logger; tests of another module may want to read it."""
    level = logger.log_level
    yield
    logger.setLevel(level)
