"""How far the forgetting of each person is: one item each, with digests and counts, and no value.

Item: ``forget#<subject>``, ``forget``. It stays when the work is done, so that a request which comes twice is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from lambdas.shared.adapters.ledger.answers import AwsClient
from lambdas.shared.adapters.ledger.table import Refused, Table
from lambdas.shared.domain.forgetting import Person

DONE = "done"
_SORT = "forget"
_TEXTS = ("subjects", "contacts", "names", "phones")


@dataclass(frozen=True, slots=True)
class Forget:
    """One request and its progress. ``asked_at``, ``not_before`` and ``done_at`` are epoch ms.

    ``step`` counts the sweeps that are done, ``start`` is where the present one goes on (a table's key). ``links`` and
    ``chains`` hold what named the person. ``request`` is the id by which the same request is known again.
    """

    key: str
    asked_by: str
    asked_at: int
    request: str
    subjects: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    step: int = 0
    start: tuple[str, ...] = ()
    not_before: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    links: tuple[str, ...] = ()
    chains: tuple[str, ...] = ()
    state: str = "open"
    done_at: int = 0
    version: int = 0

    @property
    def person(self) -> Person:
        """Who is to be forgotten, as far as is known."""
        return Person(*(frozenset(getattr(self, name)) for name in _TEXTS))

    def about(self, person: Person) -> Forget:
        """The same with what was learned of the person."""
        return replace(self, **{name: tuple(sorted(getattr(person, name))) for name in _TEXTS})

    def counted(self, kinds: Mapping[str, int]) -> Forget:
        """The same with what was removed, by kind."""
        return replace(
            self, counts={name: self.counts.get(name, 0) + kinds.get(name, 0) for name in {*self.counts, *kinds}}
        )


class Forgets:
    """``Forgets(client, table)`` on the ledger table."""

    def __init__(self, client: AwsClient, table: str) -> None:
        self._table = Table(client, table)

    def get(self, key: str) -> Forget | None:
        """The request with this key, or None."""
        item = self._table.get(_pk(key), _SORT)
        if item is None:
            return None
        known: dict[str, Any] = {one.name: item[one.name] for one in fields(Forget) if one.name in item}
        for name, value in known.items():
            known[name] = tuple(value) if isinstance(value, list) else value
        return Forget(**known)

    def put(self, job: Forget) -> Forget | None:
        """Keep it if it still stands at its version; with the next version, or None where another was faster."""
        fresh = replace(job, version=job.version + 1)
        item = {one.name: getattr(fresh, one.name) for one in fields(Forget)}
        condition, values = "attribute_not_exists(#pk)", None
        if job.version:
            condition, values = "#version = :was", {"was": job.version}
        refused = self._table.put({"pk": _pk(job.key), "sk": _SORT, **item}, condition, values)
        return None if isinstance(refused, Refused) else fresh


def _pk(key: str) -> str:
    return f"forget#{key}"
