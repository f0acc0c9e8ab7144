"""Verifying the audit: every chain against its head and against the days' seals, with bounded memory.

What is known of chains (heads, sealed points) lies in a temporary SQLite file; records pass by once. A chain that
looks wrong is read again by itself, with its head before and after: what is appended meanwhile is no finding.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Self

from lambdas.shared.domain.audit_chain import Finding, Head, Point, check_chain

_LOOKS = 5
_TABLES = """
CREATE TABLE heads (chain TEXT PRIMARY KEY, seq INTEGER, hash TEXT, at INTEGER, ends_at INTEGER) WITHOUT ROWID;
CREATE TABLE points (chain TEXT, seq INTEGER, day TEXT, hash TEXT, ends_at INTEGER, PRIMARY KEY (chain, seq, day))
    WITHOUT ROWID;
CREATE TABLE seen (chain TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE suspects (chain TEXT PRIMARY KEY) WITHOUT ROWID;
"""


@dataclass(slots=True)
class Verified:
    """How much was looked at."""

    chains: int = 0
    records: int = 0
    seals: int = 0
    sealed_through: str = ""
    first_at: int | None = None


@dataclass
class Verification:
    """``Verification(reader, now_ms)``, used with ``with``: its file is removed at the end."""

    reader: Any
    now_ms: int
    done: Verified = field(default_factory=Verified)

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="cosell-audit-")
        self._known = sqlite3.connect(Path(self._folder.name) / "known.sqlite", isolation_level=None)
        self._known.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_TABLES}")
        return self

    def __exit__(self, *_raised: object) -> None:
        self._known.close()
        self._folder.cleanup()

    def sealed(self, seals: Any) -> list[Finding]:
        """Take in what good seals say, before anything else is checked; what is wrong with seals."""
        rows = ((chain, one.seq, one.day, one.hash, one.expires_at) for chain, one in seals.points())
        self._fill("INSERT OR REPLACE INTO points VALUES (?, ?, ?, ?, ?)", rows)
        self.done.seals, self.done.sealed_through = seals.days, seals.through
        return seals.findings

    def everything(self) -> Iterator[Finding]:
        """What is wrong with any chain."""
        heads = ((chain, one.seq, one.hash, one.at, one.expires_at) for chain, one in self.reader.heads())
        self._fill("INSERT INTO heads VALUES (?, ?, ?, ?, ?)", heads)
        for chain, records in groupby(self.reader.everything(), key=lambda one: str(one["pk"])):
            if self._known.execute("INSERT OR IGNORE INTO seen VALUES (?)", (chain,)).rowcount == 0:
                self._suspect(chain)  # not in one piece: only the chain by itself tells
                continue
            self.done.chains += 1
            if any(True for _ in self._check(chain, self._counted(records), self._head(chain))):
                self._suspect(chain)
        gone = "SELECT chain FROM heads UNION SELECT chain FROM points EXCEPT SELECT chain FROM seen"
        self._known.execute(f"INSERT OR IGNORE INTO suspects {gone}")
        for (chain,) in self._known.execute("SELECT chain FROM suspects ORDER BY chain"):
            yield from self.of_chain(chain)

    def against(self, chain: str, head: Head, further: list[Point]) -> list[Finding]:
        """What would be wrong with one chain if that were its head, and seals said ``further`` too."""
        points = sorted([*self._points(chain), *further], key=lambda one: one.seq)
        records = self.reader.chain(chain)
        return list(
            check_chain(chain, records, head, points, now_ms=self.now_ms, sealed_through=self.done.sealed_through)
        )

    def one(self, chain: str) -> list[Finding]:
        """What is wrong with one chain and no other."""
        self.done.chains += 1
        for _ in self._counted(self.reader.chain(chain)):
            pass
        return self.of_chain(chain)

    def of_chain(self, chain: str) -> list[Finding]:
        """What is wrong with one chain, as it stands now."""
        found: list[Finding] = []
        for _ in range(_LOOKS):
            head = self.reader.head(chain)
            found = list(self._check(chain, self.reader.chain(chain), head))
            if not found or self.reader.head(chain) == head:
                break
        return found

    def _check(self, chain: str, records: Iterable[Any], head: Head | None) -> Iterator[Finding]:
        return check_chain(
            chain, records, head, self._points(chain), now_ms=self.now_ms, sealed_through=self.done.sealed_through
        )

    def _counted(self, records: Iterable[Any]) -> Iterator[Any]:
        for record in records:
            self.done.records += 1
            at = record.get("at")
            if type(at) is int and (self.done.first_at is None or at < self.done.first_at):
                self.done.first_at = at
            yield record

    def _suspect(self, chain: str) -> None:
        self._known.execute("INSERT OR IGNORE INTO suspects VALUES (?)", (chain,))

    def _head(self, chain: str) -> Head | None:
        row = self._known.execute("SELECT seq, hash, at, ends_at FROM heads WHERE chain = ?", (chain,)).fetchone()
        return Head(*row) if row else None

    def _points(self, chain: str) -> list[Point]:
        query = "SELECT day, seq, hash, ends_at FROM points WHERE chain = ? ORDER BY seq, day"
        return [Point(*row) for row in self._known.execute(query, (chain,))]

    def _fill(self, insert: str, rows: Iterable[tuple[Any, ...]]) -> None:
        self._known.execute("BEGIN")
        self._known.executemany(insert, rows)
        self._known.execute("COMMIT")
