from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.hubspot import HubSpotAccount, Served, Switches, other_reading, serve
from tests.contract.hubspot.sim_api import Api


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture(params=["hard reading", "other reading"])
def both(request: pytest.FixtureRequest) -> Api:
    """The account under every reading of what nobody has confirmed."""
    return Api(Switches() if request.param == "hard reading" else other_reading())


@pytest.fixture(params=["hard reading", "other reading"])
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    switches = Switches() if request.param == "hard reading" else other_reading()
    running = serve(HubSpotAccount(switches=switches))
    yield running
    running.stop()
