"""Reading the audit's seals: which days have a good one, and what these say of the chains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from lambdas.shared.domain.audit_chain import Finding, Point, day_of
from lambdas.shared.domain.audit_seal import DUE_MS, Verify, check_seal, day_before, digest, next_day, points_in
from lambdas.shared.errors import NotFound

SEALS = "seals"
_FIRST_MS = DUE_MS + 86_400_000


def verifier(kms: Any, keys: Sequence[str]) -> Verify:
    """Checks signatures with the public keys of ``keys`` (ARNs), each asked for once; a key that is none of them made
    nothing that is good."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, utils
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    @cache
    def public(key: str) -> Any:
        return load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])

    def verify(key: str, sha256: bytes, signature: bytes) -> bool:
        if key not in keys:
            return False
        try:
            public(key).verify(signature, sha256, ec.ECDSA(utils.Prehashed(hashes.SHA256())))
        except InvalidSignature:
            return False
        return True

    return verify


@dataclass
class Seals:
    """``Seals(vault, verify, now_ms)``; what it finds wrong is in ``findings`` once ``points`` has been read."""

    vault: Any
    verify: Verify
    now_ms: int
    findings: list[Finding] = field(default_factory=list)
    days: int = 0
    through: str = ""

    def points(self) -> Iterator[tuple[str, Point]]:
        """What the good seals say, chain by chain of each day, oldest day first."""
        before: Mapping[str, Any] | None = None
        expected = ""
        for day in self.vault.days():
            while expected and expected < day:
                self._wrong(expected, "missing")
                expected, before = next_day(expected), None
            found = self._found(day)
            oldest_at = None if expected else self.now_ms
            for what in check_seal(day, found, before, self.verify, oldest_at=oldest_at):
                self._wrong(day, what)
            signed = found is not None and self._is_signed(found)
            before = found["seal"] if found is not None and signed else None
            if before is not None and before["day"] == day:
                self.days, self.through = self.days + 1, max(self.through, day)
                yield from self._listed(day, before)
            expected = next_day(day)
        self._overdue(expected)

    def none_at_all(self, first_at: int | None) -> list[Finding]:
        """The finding that nothing was ever sealed, where the first record (ms) is old enough for that."""
        if self.days or first_at is None or first_at + _FIRST_MS > self.now_ms:
            return []
        return [Finding(SEALS, 0, f"there is no good seal at all, and records since {day_of(first_at)}")]

    def _is_signed(self, found: Mapping[str, Any]) -> bool:
        return not any("signature" in one for one in check_seal(found["seal"]["day"], found, None, self.verify))

    def _found(self, day: str) -> Mapping[str, Any] | None:
        try:
            return self.vault.seal(day)
        except NotFound:
            return None

    def _listed(self, day: str, seal: Mapping[str, Any]) -> Iterator[tuple[str, Point]]:
        for part in seal["parts"]:
            try:
                lines = self.vault.read(part["key"])
            except NotFound:
                self._wrong(day, f"its part {part['key']} is missing")
                continue
            if digest(lines) != part["sha256"]:
                self._wrong(day, f"its part {part['key']} was altered")
                continue
            yield from points_in(lines, day)

    def _overdue(self, expected: str) -> None:
        """Days after the last seal, whose time to be sealed is over."""
        newest = day_before(day_of(self.now_ms - DUE_MS))
        while expected and expected <= newest:
            self._wrong(expected, "missing")
            expected = next_day(expected)

    def _wrong(self, day: str, what: str) -> None:
        self.findings.append(Finding(SEALS, 0, f"{day}: {what}"))
