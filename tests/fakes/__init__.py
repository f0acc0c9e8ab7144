"""In-memory stand-ins that several tests share."""

from __future__ import annotations

from tests.fakes.clock import FakeClock
from tests.fakes.dynamodb import FakeDynamoDb
from tests.fakes.secrets_manager import FakeSecretsManager
from tests.fakes.sqs import FakeQueue, FakeSqs

__all__ = ["FakeClock", "FakeDynamoDb", "FakeQueue", "FakeSecretsManager", "FakeSqs"]
