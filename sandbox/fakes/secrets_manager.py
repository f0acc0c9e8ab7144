"""Secrets Manager in memory: versions and their labels, as far as the product moves them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

MADE = datetime(2026, 9, 21, 12, tzinfo=UTC)
CURRENT, PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"


@dataclass(slots=True)
class _Secret:
    texts: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)


class FakeSecretsManager:
    """The calls of boto3's client that the product makes. ``calls`` are their names."""

    def __init__(self, **texts: str) -> None:
        self._secrets: dict[str, _Secret] = {}
        self.calls: list[str] = []
        for name, text in texts.items():
            self.create_secret(Name=name, SecretString=text)

    def create_secret(self, *, Name: str, SecretString: str) -> dict[str, Any]:
        """As boto3's."""
        self._secrets[Name] = _Secret()
        return self.put_secret_value(SecretId=Name, SecretString=SecretString)

    def get_secret_value(self, *, SecretId: str, VersionStage: str = CURRENT) -> dict[str, Any]:
        """As boto3's."""
        self.calls.append("get_secret_value")
        secret = self._secret(SecretId, "GetSecretValue")
        version = secret.labels.get(VersionStage)
        if version is None:
            raise _refused("ResourceNotFoundException", f"there is no {VersionStage}", "GetSecretValue")
        return {"SecretString": secret.texts[version], "VersionId": version, "CreatedDate": MADE}

    def describe_secret(self, *, SecretId: str) -> dict[str, Any]:
        """As boto3's: which versions have which labels."""
        labels = self._secret(SecretId, "DescribeSecret").labels
        return {"VersionIdsToStages": {version: [label] for label, version in labels.items()}}

    def put_secret_value(
        self, *, SecretId: str, SecretString: str, ClientRequestToken: str = "", VersionStages: list[str] | None = None
    ) -> dict[str, Any]:
        """As boto3's; the same version with another text is refused."""
        self.calls.append("put_secret_value")
        secret = self._secret(SecretId, "PutSecretValue")
        version = ClientRequestToken or str(uuid.uuid4())
        if secret.texts.setdefault(version, SecretString) != SecretString:
            raise _refused("ResourceExistsException", "the version has another text", "PutSecretValue")
        for label in VersionStages or [CURRENT]:
            _move(secret, label, version)
        return {"VersionId": version}

    def update_secret_version_stage(
        self, *, SecretId: str, VersionStage: str, MoveToVersionId: str, RemoveFromVersionId: str
    ) -> dict[str, Any]:
        """As boto3's: refused unless the label is where the caller says."""
        self.calls.append("update_secret_version_stage")
        secret = self._secret(SecretId, "UpdateSecretVersionStage")
        if secret.labels.get(VersionStage) != RemoveFromVersionId:
            raise _refused("InvalidParameterException", "the label is elsewhere", "UpdateSecretVersionStage")
        _move(secret, VersionStage, MoveToVersionId)
        return {}

    def _secret(self, name: str, operation: str) -> _Secret:
        if name not in self._secrets:
            raise _refused("ResourceNotFoundException", "there is no such secret", operation)
        return self._secrets[name]


def _move(secret: _Secret, label: str, version: str) -> None:
    if label == CURRENT and CURRENT in secret.labels and secret.labels[CURRENT] != version:
        secret.labels[PREVIOUS] = secret.labels[CURRENT]
    secret.labels[label] = version


def _refused(code: str, message: str, operation: str) -> ClientError:
    metadata: Any = {"HTTPStatusCode": 400, "RequestId": "request-1"}
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}, operation)
