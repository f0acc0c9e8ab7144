from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from sandbox.local_cloud.ministack import Ministack
from sandbox.microsoft.switches import Switches
from tests.contract.microsoft.sim_api import Api
from tests.contract.microsoft.vault import OPTIONS, Vault


@pytest.fixture
def start() -> Iterator[Callable[..., Api]]:
    """Serves an account with these switches (by name) and, as ``account``, further arguments."""
    started: list[Api] = []

    def make(account: dict[str, Any] | None = None, **switches: Any) -> Api:
        started.append(Api(Switches(**switches), **(account or {})))
        return started[-1]

    yield make
    for api in started:
        api.http.close()
        api.server.stop()


@pytest.fixture
def api(start: Callable[..., Api]) -> Api:
    return start()


@pytest.fixture(scope="session")
def ministack() -> Iterator[Ministack]:
    running = Ministack(region="eu-central-1", account="111111111111").start()
    yield running
    running.stop()


@pytest.fixture
def vault(ministack: Ministack) -> Vault:
    return Vault(boto3.client("secretsmanager", endpoint_url=ministack.endpoint, **OPTIONS))
