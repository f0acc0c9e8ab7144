"""The solutions that Partner Central has of us in one catalog.

https://docs.aws.amazon.com/partner-central/latest/APIReference/API_ListSolutions.html
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from lambdas.aws.adapters.partner_central_calls import call_catalog, every_page, having
from lambdas.aws.domain.opportunity import to_document
from lambdas.aws.domain.solutions import ACTIVE, Solution

PAGE_LIMIT = 100


class Solutions:
    """One catalog (``AWS`` or ``Sandbox``) through one SDK client (see ``make_client``)."""

    def __init__(self, client: Any, catalog: str) -> None:
        self._ask = partial(call_catalog, client, catalog)

    def list(self, statuses: Sequence[str] = (ACTIVE,)) -> builtins.list[Solution]:
        """Every solution with one of these statuses, in the order of ids; a read for each hundred.

        Raises the classes of ``lambdas.shared.errors`` and retries nothing.
        """
        what, name = "to list our solutions", "SolutionSummaries"
        asked = {"Status": list(statuses), "Sort": {"SortBy": "Identifier", "SortOrder": "ASCENDING"}}
        found = every_page(self._ask, "list_solutions", what, name, PAGE_LIMIT, **asked)
        # A solution that is added while we read may come twice.
        return list({each.solution_id: each for each in (_solution(one, what) for one in found)}.values())


def _solution(row: Mapping[str, Any], what: str) -> Solution:
    summary = to_document(having(row, what, "Id", "Name", "Status", "Category"))
    return Solution(
        solution_id=str(summary["Id"]),
        name=str(summary.get("Name") or ""),
        category=str(summary.get("Category") or ""),
        status=str(summary["Status"]),
        created_at=summary.get("CreatedDate"),
        arn=summary.get("Arn"),
        marketplace_arn=summary.get("AwsMarketplaceSolutionArn"),
    )
