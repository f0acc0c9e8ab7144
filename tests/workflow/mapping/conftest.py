"""A world silences the product's logger, which all tests of this process share; it gets its level back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lambdas.shared.runtime import logger


@pytest.fixture(autouse=True, scope="module")
def _logger_as_it_was() -> Iterator[None]:
    level = logger.log_level
    yield
    logger.setLevel(level)
