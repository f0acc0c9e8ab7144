"""A vault in memory whose keys are real, an audit of some days, and the days' seals."""

from __future__ import annotations

import io
from typing import Any

from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cli.audit_heads import Behind, behind
from cli.audit_seals import Seals, verifier
from cli.audit_verify import Verification
from lambdas.shared.adapters.audit_vault import AuditVault
from lambdas.shared.adapters.ledger import Audit, AuditReader
from lambdas.shared.domain.audit_chain import day_of
from lambdas.shared.handlers.seal_audit import Collaborators, seal_audit
from sandbox.fakes import FakeClock, FakeDynamoDb

KEY = "arn:aws:kms:eu-west-1:1:key/ours"
KEPT_DAYS, LOCKED_DAYS = 10, 13
DAY_SECONDS = 86_400
A, B = "link#aws#d500", "link#google#d501"


class FakeKms:
    """Keys by ARN, made when first asked for."""

    def __init__(self) -> None:
        self.keys: dict[str, ec.EllipticCurvePrivateKey] = {}

    def _key(self, name: str) -> ec.EllipticCurvePrivateKey:
        return self.keys.setdefault(name, ec.generate_private_key(ec.SECP256R1()))

    def sign(self, *, KeyId: str, Message: bytes, MessageType: str, SigningAlgorithm: str) -> dict[str, Any]:
        assert (MessageType, SigningAlgorithm, len(Message)) == ("DIGEST", "ECDSA_SHA_256", 32)
        return {"Signature": self._key(KeyId).sign(Message, ec.ECDSA(utils.Prehashed(hashes.SHA256())))}

    def get_public_key(self, *, KeyId: str) -> dict[str, Any]:
        public = self._key(KeyId).public_key()
        return {"PublicKey": public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)}


class FakeS3:
    """Objects by key, in pages of three."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def list_objects_v2(self, *, Prefix: str, ContinuationToken: str = "", **_: Any) -> dict[str, Any]:
        keys = sorted(key for key in self.objects if key.startswith(Prefix) and key > ContinuationToken)
        more = {"IsTruncated": True, "NextContinuationToken": keys[2]} if len(keys) > 3 else {"IsTruncated": False}
        return {"Contents": [{"Key": key} for key in keys[:3]], **more}

    def put_object(self, *, Key: str, Body: bytes, IfNoneMatch: str, **_: Any) -> None:
        assert IfNoneMatch == "*"
        if Key in self.objects:
            raise failure("PreconditionFailed", 412)
        self.objects[Key] = Body

    def get_object(self, *, Key: str, **_: Any) -> dict[str, Any]:
        if Key not in self.objects:
            raise failure("NoSuchKey", 404)
        return {"Body": io.BytesIO(self.objects[Key])}


def failure(code: str, status: int) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "S3")  # type: ignore[arg-type]


class VaultRoom:
    """``live(days)``: each day a record in A, every second day one in B, and a seal the morning after."""

    def __init__(self) -> None:
        self.clock, self.dynamodb = FakeClock(), FakeDynamoDb()
        self.s3, self.kms = FakeS3(), FakeKms()
        self.audit = Audit(self.dynamodb, "audit", self.clock, ledger="ledger", kept_days=KEPT_DAYS)
        self.reader = AuditReader(self.dynamodb, "audit", "ledger")
        self.vault = AuditVault(self.s3, self.kms, "vault", KEY)
        self.days = 0

    def seal(self, **options: Any) -> dict[str, Any]:
        return seal_audit({}, Collaborators(self.reader, self.vault, LOCKED_DAYS, self.clock, **options))

    def live(self, days: int, *, sealed: bool = True) -> None:
        for _ in range(days):
            for chain in (A, B)[: 2 if self.days % 2 == 0 else 1]:
                self.audit.intent(chain, f"r{self.days}", operation="UpdateDeal", deal_id="500")
            self.days += 1
            self.clock.advance(seconds=DAY_SECONDS)
            if sealed:
                self.seal()

    def behind(self) -> list[Behind]:
        seals = Seals(self.vault, verifier(self.kms, (KEY,)), self.clock.now_ms())
        with Verification(self.reader, self.clock.now_ms()) as verification:
            assert verification.sealed(seals) == []
            return list(behind(verification))

    def vault_day(self) -> str:
        return day_of(self.clock.now_ms())

    def verify(self, *keys: str) -> list[str]:
        now = self.clock.now_ms()
        seals = Seals(self.vault, verifier(self.kms, keys or (KEY,)), now)
        with Verification(self.reader, now) as verification:
            found = [*verification.sealed(seals), *verification.everything()]
            found += seals.none_at_all(verification.done.first_at)
        return [str(one) for one in found]
