from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.google import Switches, other_reading
from tests.contract.google.sim_api import Api


@pytest.fixture
def api() -> Iterator[Api]:
    running = Api()
    yield running
    running.served.stop()


@pytest.fixture(params=["hard reading", "other reading"])
def both(request: pytest.FixtureRequest) -> Iterator[Api]:
    """The vendor under every reading of what nobody has confirmed."""
    running = Api(Switches() if request.param == "hard reading" else other_reading())
    yield running
    running.served.stop()
