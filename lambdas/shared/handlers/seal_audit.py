"""Seals the audit's days: where each chain of a day ended, signed and put under lock. Comes by the clock."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lambdas.shared.clock import Clock, SystemClock
from lambdas.shared.domain.audit_seal import days_to_seal, line_of, seal_of
from lambdas.shared.errors import Unexpected
from lambdas.shared.runtime import Answer, Event, count, entry_point, logger

_PART_BYTES = 8_000_000
_BEGIN_NO_MORE_MS = 300_000


@dataclass(frozen=True)
class Collaborators:
    """What the function works with. ``kept_days``: how long the vault locks what is put there."""

    reader: Any
    vault: Any
    kept_days: int
    clock: Clock = field(default_factory=SystemClock)
    part_bytes: int = _PART_BYTES


def seal_audit(_event: Event, c: Collaborators) -> Answer:
    """Answer ``{"sealed": [days], "left": number of days}``. Safe to repeat, and to run twice at once.

    All days since the last seal, oldest first, a day without a record too; what five minutes do not suffice for is left
    to the next time. The metric ``AuditSealed`` says that every day that is due has its seal.
    """
    began = c.clock.now_ms()
    last = max(c.vault.days(), default=None)
    wanted, sealed, done = days_to_seal(last, began), list[str](), 0
    before = _before(last, c)
    for day in wanted:
        if c.clock.now_ms() - began > _BEGIN_NO_MORE_MS:
            break
        seal = seal_of(day, _parts(day, c), before, sealed_at=c.clock.now_ms(), kept_days=c.kept_days)
        if c.vault.put_seal(seal):
            sealed.append(day)
            logger.info("sealed", extra={"day": day, "chains": seal["chains"], "records": seal["records"]})
        before, done = _before(day, c), done + 1
    if done == len(wanted):
        count("AuditSealed")
    return {"sealed": sealed, "left": len(wanted) - done}


def _before(day: str | None, c: Collaborators) -> Any:
    """The seal that the next one follows, as it lies there: another run of ours may have been quicker."""
    if day is None:
        return None
    found = c.vault.seal(day)
    if found is None:
        raise Unexpected(f"the seal of {day} cannot be read; see `cosell audit verify`")
    return found["seal"]


def _parts(day: str, c: Collaborators) -> Iterator[dict[str, Any]]:
    """The day's chains, in parts of some megabytes, so that a day of any size fits into the function."""
    lines, chains, records = bytearray(), 0, 0
    for found in c.reader.active(day):
        for one in found:
            lines += line_of(one.chain, one.seq, one.hash, one.expires_at)
            chains, records = chains + 1, records + one.records
            if len(lines) >= c.part_bytes:
                yield {**c.vault.put_part(day, bytes(lines)), "chains": chains, "records": records}
                lines, chains, records = bytearray(), 0, 0
    if lines:
        yield {**c.vault.put_part(day, bytes(lines)), "chains": chains, "records": records}


def _collaborators() -> Collaborators:
    from lambdas.shared import wiring
    from lambdas.shared.adapters.audit_vault import AuditVault
    from lambdas.shared.adapters.ledger import AuditReader

    environment = os.environ
    vault = AuditVault(
        wiring.client("s3"), wiring.client("kms"), environment["COSELL_AUDIT_BUCKET"], environment["COSELL_AUDIT_KEY"]
    )
    reader = AuditReader(wiring.client("dynamodb"), environment["COSELL_AUDIT_TABLE"])
    return Collaborators(reader, vault, int(environment["COSELL_AUDIT_LOCK_DAYS"]))


handler = entry_point(seal_audit, _collaborators)
