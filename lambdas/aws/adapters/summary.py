"""What AWS says of an opportunity of ours on its own side.

https://docs.aws.amazon.com/partner-central/latest/APIReference/API_GetAwsOpportunitySummary.html
"""

from __future__ import annotations

from typing import Any

from lambdas.aws.adapters.partner_central_calls import call_catalog
from lambdas.aws.domain.opportunity import readable


class Summaries:
    """``Summaries(client, catalog)``: one catalog through one SDK client (see ``make_client``)."""

    def __init__(self, client: Any, catalog: str) -> None:
        self._client = client
        self._catalog = catalog

    def read(self, opportunity_id: str) -> dict[str, Any]:
        """GetAwsOpportunitySummary's answer: decoded, times as ISO 8601 text, no member left out.

        Any section may be absent. ``NotFound`` when there is no such opportunity, or AWS has no side of it yet, as
        before it was submitted; else the classes of ``lambdas.shared.errors``. Nothing is retried.
        """
        what = "to read AWS's summary of the opportunity"
        operation = "get_aws_opportunity_summary"
        return readable(
            call_catalog(self._client, self._catalog, operation, what, RelatedOpportunityIdentifier=opportunity_id)
        )
