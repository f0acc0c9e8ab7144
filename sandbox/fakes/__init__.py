"""In-memory stand-ins that several tests share."""

from __future__ import annotations

from sandbox.fakes.clock import FakeClock
from sandbox.fakes.dynamodb import FakeDynamoDb
from sandbox.fakes.secrets_manager import FakeSecretsManager
from sandbox.fakes.sqs import FakeQueue, FakeSqs

__all__ = ["FakeClock", "FakeDynamoDb", "FakeQueue", "FakeSecretsManager", "FakeSqs"]
