"""One account on a turned clock, answered in-process, or served on a socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from sandbox.faults import FaultRules
from sandbox.partner_central.account import PartnerCentralAccount
from sandbox.partner_central.app import serve
from sandbox.partner_central.in_process import client_for
from sandbox.partner_central.switches import Quota, Switches
from tests.contract.partner_central.samples import NOW_MS


class TurnedClock:
    """Stands still until it is turned."""

    def __init__(self) -> None:
        self.ms = NOW_MS

    def now_ms(self) -> int:
        return self.ms

    def turn(self, seconds: float) -> None:
        self.ms += int(seconds * 1000)


Make = Callable[..., PartnerCentralAccount]


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def events() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def make(clock: TurnedClock, events: list[dict[str, Any]]) -> Make:
    """An account without quota, unless given; keyword ``switch_*`` sets a switch."""

    def build(**options: Any) -> PartnerCentralAccount:
        names = [name for name in options if name.startswith("switch_")]
        switches = Switches(**{name.removeprefix("switch_"): options.pop(name) for name in names})
        options.setdefault("quota", Quota(None, None, None, None))
        return PartnerCentralAccount(clock, emit=events.append, switches=switches, **options)

    return build


@pytest.fixture
def account(make: Make) -> PartnerCentralAccount:
    return make()


@pytest.fixture
def faults() -> FaultRules:
    return FaultRules()


@pytest.fixture
def client(account: PartnerCentralAccount, faults: FaultRules) -> Any:
    return client_for(account, faults)


@pytest.fixture
def served(account: PartnerCentralAccount, faults: FaultRules) -> Iterator[str]:
    """The URL of the served account."""
    server = serve(account, faults=faults)
    yield server.url
    server.stop()


@pytest.fixture
def http_client(served: str) -> Any:
    """Unmodified boto3 against the socket."""
    return boto3.client(
        "partnercentral-selling",
        region_name="us-east-1",
        endpoint_url=served,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"total_max_attempts": 1}),
    )
