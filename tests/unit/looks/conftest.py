"""What is logged and counted is looked at here: each test begins with ``heard``."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _heard(heard: None) -> None:
    """As the root's fixture says."""
