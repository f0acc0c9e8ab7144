"""Moving on the heads of audit chains that lie behind their records, as after the ledger was restored to an earlier
moment: only where everything fits, up to the very record that the head names and every seal, and on record itself."""

from __future__ import annotations

import getpass
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from cli.audit_verify import Verification
from lambdas.shared.domain.audit_chain import Head, Point, day_of, head_of, is_record


@dataclass(frozen=True, slots=True)
class Behind:
    """A chain whose records go on after its head (None: it has none). ``fits``: the head may be moved on."""

    chain: str
    head: Head | None
    last: Head
    fits: bool

    def __str__(self) -> str:
        at = 0 if self.head is None else self.head.seq
        return f"{self.chain}\t{at} -> {self.last.seq}\t{'fits' if self.fits else 'does not fit: see verify'}"


def behind(verification: Verification) -> Iterator[Behind]:
    """The chains whose head lies behind. ``verification`` has taken in the seals."""
    reader = verification.reader
    for chain, records in groupby(reader.everything(), key=lambda one: str(one["pk"])):
        last = None
        for record in records:
            last = head_of(record) if is_record(record) else last
        head = reader.head(chain)
        if last is not None and (head is None or last.seq > head.seq):
            named = [] if head is None else [Point(day_of(head.at), head.seq, head.hash, head.expires_at)]
            yield Behind(chain, head, last, not verification.against(chain, last, named))


def move_on(found: Behind, audit: Any, now_ms: int) -> bool:
    """Move one head on and put that on record; False where the chain moved meanwhile."""
    if not found.fits or not audit.move_head(found.chain, found.head, found.last):
        return False
    at = 0 if found.head is None else found.head.seq
    audit.decision(
        found.chain,
        f"repair-{uuid.uuid4()}",
        now_ms,
        outcome="head-moved",
        actor=f"operator {getpass.getuser()}",
        trigger="command",
        reason=f"the head stood at {at}, the records at {found.last.seq}; all of them fit",
    )
    return True
