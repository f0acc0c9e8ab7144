"""Why AWS's submission task failed, and what that asks of whom. One table; a test holds it to the service model.

https://docs.aws.amazon.com/partner-central/latest/APIReference/API_StartEngagementFromOpportunityTask.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Kind = Literal["passing", "values", "access", "engagement", "lead", "unknown"]

KINDS: Mapping[str, Kind] = {
    "RequestThrottled": "passing",
    "InternalError": "passing",
    "ServiceQuotaExceeded": "passing",
    "EngagementConflict": "passing",
    "EngagementInvitationConflict": "passing",
    "OpportunityConflict": "passing",
    "ResourceSnapshotConflict": "passing",
    "ResourceSnapshotJobConflict": "passing",
    "OpportunitySubmissionFailed": "values",
    "OpportunityValidationFailed": "values",
    "EngagementValidationFailed": "values",
    "InvitationValidationFailed": "values",
    "ResourceSnapshotValidationFailed": "values",
    "ResourceSnapshotJobValidationFailed": "values",
    "OpportunityAccessDenied": "access",
    "EngagementAccessDenied": "access",
    "InvitationAccessDenied": "access",
    "ResourceSnapshotAccessDenied": "access",
    "ResourceSnapshotJobAccessDenied": "access",
    "ContextNotFound": "engagement",
    "CustomerProjectContextNotPermitted": "engagement",
    "DisqualifiedLeadNotPermitted": "lead",
}
"""AWS's ReasonCode to what it is a matter of."""

REFUSED_AT_ONCE = "ValidationException"
"""Our reason code for a start that AWS refused without making a task."""

_SAYS: Mapping[Kind, str] = {
    "passing": "AWS failed to take the submission {attempts} times for a reason of its own ({reason}).",
    "values": "AWS did not take the submission: something on the opportunity does not hold ({reason}).",
    "access": "AWS did not let us submit the opportunity ({reason}).",
    "engagement": "The engagement that this opportunity belongs to at AWS takes no submission ({reason}).",
    "lead": "AWS has disqualified the lead that this opportunity came from, and takes no submission of it ({reason}).",
    "unknown": "AWS did not take the submission ({reason}).",
}
_DO: Mapping[Kind, str] = {
    "passing": "Try again later",
    "values": "Correct the deal: what changes at AWS is submitted again by itself. To try it again as it is",
    "access": "An administrator has to check the permissions of the role for Partner Central. Then",
    "engagement": "Ask your AWS partner manager to put the engagement right. Then",
    "lead": "Ask your AWS partner manager whether it can be qualified again, or begin a new deal. To try it again",
    "unknown": "To try it again",
}


def kind_of(reason: str | None) -> Kind:
    """What a reason code is a matter of; ``unknown`` for one that is not in the table."""
    return "values" if reason == REFUSED_AT_ONCE else KINDS.get(reason or "", "unknown")


def passes(reason: str | None) -> bool:
    """Whether a new task may succeed although nobody does anything; a new code that ends in Conflict does, too."""
    return kind_of(reason) == "passing" or (reason or "").endswith("Conflict")


def explanation(reason: str | None, attempts: int, name: str) -> str:
    """What happened and what to do, in words; ``name`` is the deal property that submits."""
    kind: Kind = "passing" if passes(reason) else kind_of(reason)
    says = _SAYS[kind].format(reason=reason or "no reason given", attempts=attempts)
    return f"{says} {_DO[kind]}: set {name!r} to No, and then to Yes."
