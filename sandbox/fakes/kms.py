"""A KMS client in memory: one key, and the encryption context counts as it does there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError


class FakeKms:
    """``encrypt`` and ``decrypt``; ``calls`` lists the operations, ``fail(code)`` makes the next call fail."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self._kept: dict[bytes, tuple[str, str, bytes]] = {}
        self._fault: str | None = None

    def fail(self, code: str) -> None:
        self._fault = code

    def encrypt(self, KeyId: str, Plaintext: bytes, EncryptionContext: Mapping[str, str]) -> dict[str, Any]:
        self._called("Encrypt")
        blob = f"blob-{len(self._kept)}".encode()
        self._kept[blob] = (KeyId, json.dumps(EncryptionContext, sort_keys=True), Plaintext)
        return {"CiphertextBlob": blob, "KeyId": KeyId}

    def decrypt(self, KeyId: str, CiphertextBlob: bytes, EncryptionContext: Mapping[str, str]) -> dict[str, Any]:
        self._called("Decrypt")
        key, context, plain = self._kept[CiphertextBlob]
        if (key, context) != (KeyId, json.dumps(EncryptionContext, sort_keys=True)):
            raise ClientError({"Error": {"Code": "InvalidCiphertextException"}}, "Decrypt")
        return {"Plaintext": plain, "KeyId": KeyId}

    def _called(self, operation: str) -> None:
        self.calls.append(operation)
        if self._fault:
            code, self._fault = self._fault, None
            raise ClientError({"Error": {"Code": code}}, operation)
