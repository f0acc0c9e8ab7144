"""The audit's seals: signed with KMS, kept in a bucket whose objects are locked.

``seals/<day>.json`` is a day's seal with its signature, ``parts/<day>/<sha256>.jsonl`` what it lists. The bucket locks
whatever is put there, for as long as its default says, so no call of ours states a lock.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.shared.adapters.ledger.answers import AwsClient, code_of, named, named_errors
from lambdas.shared.domain.audit_chain import canonical
from lambdas.shared.domain.audit_seal import digest
from lambdas.shared.errors import NotFound, Retryable

ALGORITHM = "ECDSA_SHA_256"
_SEALS, _ENDS = "seals/", ".json"
_THERE = frozenset({"PreconditionFailed", "412"})
_AT_ONCE = frozenset({"ConditionalRequestConflict", "409"})
_MISSING = frozenset({"NoSuchKey", "404"})


class AuditVault:
    """``AuditVault(s3, kms, bucket, key)``: low-level clients, the bucket's name and the signing key's ARN."""

    def __init__(self, s3: AwsClient, kms: AwsClient, bucket: str, key: str) -> None:
        self._s3, self._kms, self._bucket, self._key = s3, kms, bucket, key

    def days(self) -> Iterator[str]:
        """The days that have a seal, oldest first."""
        request: dict[str, Any] = {"Bucket": self._bucket, "Prefix": _SEALS}
        while True:
            with named_errors("ListObjectsV2"):
                answer = self._s3.list_objects_v2(**request)
            for one in answer.get("Contents", ()):
                yield str(one["Key"]).removeprefix(_SEALS).removesuffix(_ENDS)
            if not answer.get("IsTruncated"):
                return
            request["ContinuationToken"] = answer["NextContinuationToken"]

    def put_part(self, day: str, lines: bytes) -> dict[str, str]:
        """Keep a part; ``{"key", "sha256"}``. The same lines again are the same part."""
        sha256 = digest(lines)
        key = f"parts/{day}/{sha256}.jsonl"
        self._put(key, lines, "application/jsonl")
        return {"key": key, "sha256": sha256}

    def put_seal(self, seal: Mapping[str, Any]) -> bool:
        """Sign a day's seal and keep it; False when the day has one already, which then stays."""
        sha256 = bytes.fromhex(digest(canonical(seal)))
        with named_errors("Sign"):
            answer = self._kms.sign(KeyId=self._key, Message=sha256, MessageType="DIGEST", SigningAlgorithm=ALGORITHM)
        signature = base64.b64encode(answer["Signature"]).decode()
        body = canonical({"seal": seal, "key": self._key, "algorithm": ALGORITHM, "signature": signature})
        return self._put(f"{_SEALS}{seal['day']}{_ENDS}", body, "application/json")

    def seal(self, day: str) -> dict[str, Any] | None:
        """``{"seal", "key", "signature"}`` of a day, None for what is none. NotFound where nothing is."""
        try:
            document = json.loads(self.read(f"{_SEALS}{day}{_ENDS}"))
            signature = base64.b64decode(document["signature"], validate=True)
            seal = document["seal"]
            readable = isinstance(seal, dict) and {"day", "before", "parts", "kept_until"} <= set(seal)
            return {"seal": seal, "key": str(document["key"]), "signature": signature} if readable else None
        except (ValueError, KeyError, TypeError):
            return None

    def read(self, key: str) -> bytes:
        """An object's bytes. NotFound where there is none."""
        try:
            return bytes(self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read())
        except ClientError as error:
            if code_of(error) in _MISSING:
                raise NotFound(f"no object {key}") from None
            raise named(error, "GetObject") from None
        except BotoCoreError as error:
            raise named(error, "GetObject") from None

    def _put(self, key: str, body: bytes, kind: str) -> bool:
        try:
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=kind, IfNoneMatch="*")
        except ClientError as error:
            if code_of(error) in _THERE:
                return False
            if code_of(error) in _AT_ONCE:
                raise Retryable(f"PutObject: {code_of(error)}") from None
            raise named(error, "PutObject") from None
        except BotoCoreError as error:
            raise named(error, "PutObject") from None
        return True
