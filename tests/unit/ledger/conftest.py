"""Every ledger test runs twice: on the in-memory fake and on moto, so that the fake is held to the real semantics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws

from lambdas.shared.adapters.ledger import Base, Leases, Links
from sandbox.fakes import FakeClock, FakeDynamoDb

KEYS = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
INDEXES = {
    "due": ("partner", "due_at"),
    "register": ("register", "registered_at"),
    "deal": ("deal_id", "at"),
    "day": ("day", "at"),
}
TYPES = {
    **{"pk": "S", "sk": "S", "partner": "S", "due_at": "N", "register": "S", "registered_at": "N"},
    **{"deal_id": "S", "day": "S", "at": "N"},
}

PROJECTIONS = {"day": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["seq", "hash", "partner", "expires_at"]}}


class Watched:
    """A client that lets somebody else come in between: ``before(operation, hook)``, once; ``before_call(n, hook)``."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._hooks: dict[str, list[Callable[[], Any]]] = {}
        self._numbered: dict[int, Callable[[], Any]] = {}
        self.calls: list[str] = []

    def before(self, operation: str, hook: Callable[[], Any]) -> None:
        self._hooks.setdefault(operation, []).append(hook)

    def before_call(self, number: int, hook: Callable[[], Any]) -> None:
        """Before the ``number``-th call from now, counted from 0."""
        self._numbered[len(self.calls) + number] = hook

    def __getattr__(self, operation: str) -> Any:
        def call(**request: Any) -> Any:
            if numbered := self._numbered.pop(len(self.calls), None):
                numbered()
            for hook in self._hooks.pop(operation, ()):
                hook()
            self.calls.append(operation)
            return getattr(self._client, operation)(**request)

        return call


@pytest.fixture(scope="module")
def moto_client() -> Iterator[Any]:
    """Moto only for the module: it changes the environment's credentials and botocore while it is on."""
    with mock_aws():
        yield boto3.client(
            "dynamodb", region_name="eu-central-1", aws_access_key_id="testing", aws_secret_access_key="testing"
        )


@pytest.fixture(params=["fake", "moto"])
def client(request: pytest.FixtureRequest) -> Any:
    if request.param == "fake":
        return FakeDynamoDb()
    return request.getfixturevalue("moto_client")


@pytest.fixture
def table(client: Any) -> str:
    """The name of a table of its own."""
    return new_table(client)


@pytest.fixture
def heads(client: Any) -> str:
    """The name of the ledger's table beside an audit table, where its chains have their heads."""
    return new_table(client)


def new_table(client: Any) -> str:
    name = f"ledger-{uuid4()}"
    if not isinstance(client, FakeDynamoDb):
        client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=KEYS,
            AttributeDefinitions=[{"AttributeName": each, "AttributeType": kind} for each, kind in TYPES.items()],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": index,
                    "KeySchema": [
                        {"AttributeName": hash_name, "KeyType": "HASH"},
                        {"AttributeName": range_name, "KeyType": "RANGE"},
                    ],
                    "Projection": PROJECTIONS.get(index, {"ProjectionType": "KEYS_ONLY"}),
                }
                for index, (hash_name, range_name) in INDEXES.items()
            ],
        )
    return name


@pytest.fixture
def watched(client: Any) -> Watched:
    return Watched(client)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def links(client: Any, table: str, clock: FakeClock) -> Links:
    return Links(client, table, clock, sleep=lambda seconds: None)


@pytest.fixture
def watched_links(watched: Watched, table: str, clock: FakeClock) -> Links:
    """Links on the same table whose calls can be interrupted through ``watched``."""
    return Links(watched, table, clock, sleep=lambda seconds: None)


@pytest.fixture
def leases(client: Any, table: str, clock: FakeClock) -> Leases:
    return Leases(client, table, clock)


@pytest.fixture
def base(client: Any, table: str) -> Base:
    return Base(client, table)
