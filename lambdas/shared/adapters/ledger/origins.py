"""Which partner wrote a property of a HubSpot record last, by a mark of what it wrote (see ``domain.origins``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lambdas.shared.adapters.ledger.answers import AwsClient
from lambdas.shared.adapters.ledger.table import Table

_SORT = "origin"
_PREFIX = "p_"

type Origin = tuple[str, tuple[str, ...]]
"""The partner, and the marks of what it wrote."""


class Origins:
    """``Origins(client, table)`` on the ledger. One item a record; runs of several partners may write at once."""

    def __init__(self, client: AwsClient, table: str) -> None:
        self._table = Table(client, table)

    def note(self, kind: str, record_id: str, partner: str, marks: Mapping[str, Sequence[str]]) -> None:
        """``partner`` wrote these properties of the record (``kind`` is ``deals``, ``companies``, ``contacts``)."""
        if not marks:
            return
        names = {f"n{number}": _PREFIX + name for number, name in enumerate(marks)}
        values = {f"v{number}": " ".join([partner, *each]) for number, each in enumerate(marks.values())}
        expression = ", ".join(f"#n{number} = :v{number}" for number in range(len(names)))
        self._table.update(_key(kind, record_id), _SORT, f"SET {expression}", values, names=names)

    def of(self, records: Iterable[tuple[str, str]]) -> dict[tuple[str, str], dict[str, Origin]]:
        """Property to origin for each of the records (kind, id) that any partner wrote to."""
        keys = {_key(kind, record_id): (kind, record_id) for kind, record_id in records}
        found = self._table.batch_get((key, _SORT) for key in keys)
        return {keys[item["pk"]]: _origins(item) for item in found}


def _key(kind: str, record_id: str) -> str:
    return f"origin#{kind}#{record_id}"


def _origins(item: Mapping[str, object]) -> dict[str, Origin]:
    origins = {}
    for name, text in item.items():
        if name.startswith(_PREFIX):
            partner, *marks = str(text).split(" ")
            origins[name.removeprefix(_PREFIX)] = (partner, tuple(marks))
    return origins
