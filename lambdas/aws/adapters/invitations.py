"""Answers to invitations in one catalog: rejecting, joining for a lead, and what came of an acceptance elsewhere.

Reading invitations and accepting opportunities is ``PartnerCentral``'s. Every method raises the classes of
``lambdas.shared.errors`` and none retries.
https://docs.aws.amazon.com/partner-central/latest/APIReference/API_Operations_Partner_Central_Selling_API.html
"""

from __future__ import annotations

from typing import Any

from lambdas.aws.adapters.partner_central_calls import call_catalog


class InvitationAnswers:
    """One catalog (``AWS`` or ``Sandbox``) through one SDK client (see ``make_client``)."""

    def __init__(self, client: Any, catalog: str) -> None:
        self._client = client
        self._catalog = catalog

    def reject(self, invitation_id: str, reason: str) -> None:
        """RejectEngagementInvitation with one of AWS's reasons. ``Conflict`` when it is answered already.

        AWS takes no token with it, so a repetition after a lost answer is such a conflict: read the invitation.
        """
        what = "to reject the invitation"
        self._call("reject_engagement_invitation", what, Identifier=invitation_id, RejectionReason=reason)

    def join(self, invitation_id: str) -> None:
        """AcceptEngagementInvitation: joins a lead's engagement. ``Conflict`` as for ``reject``."""
        self._call("accept_engagement_invitation", "to accept the lead's invitation", Identifier=invitation_id)

    def opportunity_of(self, invitation_id: str) -> str | None:
        """The opportunity that an acceptance of this invitation made, whoever began it; None while AWS names none."""
        what = "to find the acceptance of the invitation"
        operation = "list_engagement_by_accepting_invitation_tasks"
        found = self._call(operation, what, EngagementInvitationIdentifier=[invitation_id]).get("TaskSummaries") or []
        named = (one.get("OpportunityId") for one in found if one.get("TaskStatus") == "COMPLETE")
        return next((str(one) for one in named if one not in (None, "", "null")), None)

    def _call(self, operation: str, what: str, **parameters: Any) -> dict[str, Any]:
        return call_catalog(self._client, self._catalog, operation, what, **parameters)
