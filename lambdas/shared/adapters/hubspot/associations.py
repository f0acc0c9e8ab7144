"""Associations: which records belong together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lambdas.shared.adapters.hubspot.client import API_VERSION, Client, objects_path, results_of
from lambdas.shared.adapters.hubspot.failures import row_failure
from lambdas.shared.errors import NotFound, Unexpected

ASSOCIATION_BATCH_LIMIT = 1000

PRIMARY_COMPANY = 5
"""Type id deal → company, primary. https://developers.hubspot.com/docs (associations, HUBSPOT_DEFINED)"""
NOTE_TO_DEAL = 214
TASK_TO_DEAL = 216


class Associations(Client):
    """Reading and making associations between CRM records."""

    def associated(self, from_type: str, to_type: str, ids: Iterable[str]) -> dict[str, dict[str, set[int]]]:
        """For each of ``ids``: the associated ids, in HubSpot's order, each with its association type ids.

        ``from_type`` and ``to_type`` are plural object names ("deals"). A record without associations, or unknown, has
        an empty entry.
        """
        path = f"/crm/associations/{API_VERSION}/{from_type}/{to_type}/batch/read"
        what = f"to read the {to_type} of {from_type}"
        found: dict[str, dict[str, set[int]]] = {one: {} for one in ids}
        inputs: list[dict[str, str]] = [{"id": one} for one in found]
        while inputs:
            rows, errors = self.batch(path, inputs, what, limit=ASSOCIATION_BATCH_LIMIT)
            for error in errors:
                problem = row_failure(what, error)
                if not isinstance(problem, NotFound):
                    raise problem
            inputs = [cursor for row in rows if (cursor := _take(row, found, what))]
        return found

    def deals_of(self, object_type: str, ids: Iterable[str]) -> dict[str, list[str]]:
        """The deals of companies or contacts: ``{id: [deal ids]}`` (``object_type`` is "companies" or "contacts")."""
        return {one: list(deals) for one, deals in self.associated(object_type, "deals", ids).items()}

    def associate(self, from_type: str, from_id: str, to_type: str, to_id: str) -> None:
        """Tie two records with the default association; doing it again changes nothing. Types are plural names."""
        path = objects_path(from_type, from_id, "associations", "default", to_type, to_id)
        answer = self.call("PUT", path, f"to associate {from_type} with {to_type}")
        for error in answer.get("errors") or []:
            raise row_failure(f"to associate {from_type} with {to_type}", error)
        if answer:
            results_of(answer, f"to associate {from_type} with {to_type}")


def _take(row: dict[str, Any], found: dict[str, dict[str, set[int]]], what: str) -> dict[str, str] | None:
    """Note one row's associations; return the input for its next page, if there is one."""
    source = str((row.get("from") or {}).get("id") or "")
    if not source:
        raise Unexpected(f"HubSpot was asked {what} and its answer has a row without its source.")
    targets = found.setdefault(source, {})
    for target in row.get("to") or []:
        other = str(target.get("toObjectId") or target.get("id") or "")
        kinds = targets.setdefault(other, set())
        kinds.update(int(kind["typeId"]) for kind in target.get("associationTypes") or [] if "typeId" in kind)
    after = ((row.get("paging") or {}).get("next") or {}).get("after")
    return {"id": source, "after": str(after)} if after else None
